// What the console's papers are worth for how long: said two weeks ahead, while the administrator can still renew them.
import type { ExpiryChanged } from 'bridge';

const notice_seconds = 14 * 24 * 3600;

export type Ending = { what: 'certificate' | 'roster' | 'issuer'; until: number };

// What ends first, if it does so soon. `now`: Unix seconds on the centre's clock. Of two that end together the one is
// told that the other hangs on.
export function endsSoon(expiry: ExpiryChanged | undefined, now: number): Ending | undefined {
  if (expiry === undefined) return undefined;
  const all: Ending[] = [
    { what: 'issuer', until: expiry.issuer_until },
    { what: 'roster', until: expiry.roster_until },
    { what: 'certificate', until: expiry.certificate_until },
  ];
  const next = all.reduce((one, other) => (other.until < one.until ? other : one));
  return next.until - now <= notice_seconds ? next : undefined;
}
