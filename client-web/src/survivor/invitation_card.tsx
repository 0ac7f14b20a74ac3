// During a talk: the counselor asks whether somebody else may take over, or join. A card above the composer; the exit stays
// where it is.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { InvitationReceived } from 'bridge';
import { fill, htmlLanguage } from '../parts/locale';
import { locales, type Props } from './pieces';

const unready_ms = 700;

// The focus stays where it is: somebody may be in the middle of a word. A screen reader reads the question out.
export function Invitation({ state, language, actions, asked, peer }: Props & { asked: InvitationReceived; peer: string }) {
  const texts = locales[language].invitation;
  const { alias, purpose, holder, desk } = asked;
  const [ready, setReady] = useState(false); // what comes up under a thumb is not answered by it
  useEffect(() => {
    const soon = setTimeout(() => setReady(true), unready_ms);
    return () => clearTimeout(soon);
  }, []);
  const role = texts.roles[holder as keyof typeof texts.roles] ?? '';
  const place = state.centre?.desks.find(({ id }) => id === desk)?.name[language] ?? desk;
  const names = { alias, peer, role, desk: place };
  return (
    <section class="invitation" aria-label={texts[purpose].title} tabIndex={0}>
      <div role="alert">
        <h2>{texts[purpose].title}</h2>
        <p class="who">{fill(texts.who, names)}</p>
        <p>{fill(texts[purpose].what, names)}</p>
      </div>
      <h3>{fill(texts.sheet, names)}</h3>
      <p class="sheet" lang={htmlLanguage(asked.written_in)}>{asked.sheet}</p>
      <p class="quiet">{fill(texts.either, names)}</p>
      <div class="answers">
        <button type="button" class="secondary" disabled={!ready} onClick={() => actions.answerInvitation(true)}>{texts.yes}</button>
        <button type="button" class="secondary" disabled={!ready} onClick={() => actions.answerInvitation(false)}>{texts.no}</button>
      </div>
    </section>
  );
}

export function Awaited({ language, alias }: Props & { alias: string }) {
  const at = useRef<HTMLParagraphElement>(null);
  useEffect(() => at.current?.focus({ preventScroll: true }), []); // the button that was pressed is gone
  return <p class="offline" role="status" tabIndex={-1} ref={at}>{fill(locales[language].invitation.waiting, { alias })}</p>;
}

export function Company({ language, actions, alias }: Props & { alias: string }) {
  const texts = locales[language].invitation;
  return (
    <p class="company">
      <span>{fill(texts.both_read, { alias })}</span>
      <button type="button" class="quiet-button" onClick={actions.endCompany}>{fill(texts.end_company, { alias })}</button>
    </p>
  );
}
