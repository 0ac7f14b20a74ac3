// When a console says that its papers end (client-web/src/staff/expiry.ts).
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';

import { root } from '../support/centre.mjs';
import { translate } from './modules.mjs';

const { endsSoon } = await translate(path.join(root, 'client-web/src/staff/expiry.ts'));
const day = 24 * 3600;
const papers = (ends) => ({ kind: 'expiry_changed', certificate_until: 100 * day, roster_until: 100 * day, issuer_until: 100 * day, ...ends });

test('nothing is said before sign-in, and nothing while two weeks and more are left', () => {
  assert.equal(endsSoon(undefined, 0), undefined);
  assert.equal(endsSoon(papers({ roster_until: 20 * day }), 6 * day - 1), undefined);
});

test('from fourteen days ahead on, what ends first is told, also when it has ended', () => {
  for (const what of ['certificate', 'roster', 'issuer']) {
    const until = 20 * day;
    const now = papers({ [`${what}_until`]: until });
    assert.deepEqual(endsSoon(now, 6 * day), { what, until });
    assert.deepEqual(endsSoon(now, 30 * day), { what, until });
  }
  const both = papers({ certificate_until: 15 * day, roster_until: 14 * day });
  assert.deepEqual(endsSoon(both, 10 * day), { what: 'roster', until: 14 * day });
});

test('a certificate that ends with its issuer cannot be renewed alone', () => {
  assert.equal(endsSoon(papers({}), 90 * day).what, 'issuer');
});
