// Handing a conversation over, asking somebody in, and being asked.
import { sheet_text_bytes_max, type InvitationKind, type InvitationStage } from 'bridge';
import type { TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { fill, htmlLanguage, languages, type Chosen } from '../parts/locale';
import { underWay, type Asked } from './inviting';
import { locales, type Props } from './screen';
import type { Seat, State } from './state';
import { bytesOf, Writing } from './writing';

// --- being asked; rings like a call ---

export function AskedView({ asked, language, actions }: Props & { asked: Asked }) {
  const { staff: texts } = locales[language];
  const { conversation, alias, purpose, answered } = asked;
  return (
    <section class="call">
      <h2>{texts.asked}</h2>
      <p>{fill(texts[`asked_${purpose}`], { alias })}</p>
      {answered ? <p class="quiet">{texts.asked_waiting}</p> : (
        <>
          <button type="button" class="primary" onClick={() => actions.answerColleague(conversation, true)}>{texts.asked_yes}</button>
          <button type="button" class="secondary" onClick={() => actions.answerColleague(conversation, false)}>{texts.asked_no}</button>
        </>
      )}
    </section>
  );
}

// --- in a conversation: how it came here, who is here, and how an invitation stands ---

export function Company({ seat, language, actions }: Props & { seat: Seat }) {
  const { staff: texts } = locales[language];
  const { introduced, invitation, transcript_broken, talk } = seat;
  const live = underWay(invitation);
  return (
    <>
      {transcript_broken && <p class="alarm" role="alert">{texts.transcript_broken}</p>}
      {introduced !== undefined && (
        <details class="introduced" open>
          <summary>{fill(texts[`introduced_${introduced.purpose}`], { alias: introduced.alias })}</summary>
          <p class="sheet" lang={htmlLanguage(introduced.written_in)} tabIndex={0}>{introduced.sheet}</p>
        </details>
      )}
      {talk.company !== '' && talk.over === undefined && <p class="company">{fill(texts.company, { alias: talk.company })}</p>}
      {invitation !== undefined && talk.over === undefined && (
        <div class="invitation">
          <p role="status">{fill(stageText(invitation.purpose, invitation.now, language), { alias: invitation.alias })}</p>
          {['asked', 'offered'].includes(invitation.now) && (
            <button type="button" class="quiet-button" onClick={() => actions.withdraw(talk.conversation)}>{texts.invite_withdraw}</button>
          )}
          {!live && (
            <button type="button" class="quiet-button" onClick={() => actions.forgetInvitation(talk.conversation)}>{texts.close}</button>
          )}
        </div>
      )}
    </>
  );
}

function stageText(purpose: InvitationKind, now: InvitationStage, language: Chosen): string {
  const { staff: texts } = locales[language];
  if (now === 'accepted') return texts[`invite_accepted_${purpose}`];
  return now === 'done' ? texts[`invite_done_${purpose}`] : texts.invite_now[now];
}

// --- asking a colleague ---

// One at a time, and a third one has no place.
export function mayInvite({ talk, invitation }: Seat, { network }: State): boolean {
  return talk.joined && talk.over === undefined && network === 'connected' && talk.company === '' && !underWay(invitation);
}

// The sheet is in the survivor's own language, as far as there is one to begin with.
export function languageOf(seat: Seat, otherwise: Chosen): Chosen {
  const last = seat.talk.entries.filter((entry) => entry.kind === 'text' && !entry.ours).at(-1);
  const spoken = last?.kind === 'text' ? htmlLanguage(last.written_in) : undefined;
  return languages.find((each) => each === spoken) ?? otherwise;
}

type InviteProps = Props & {
  seat: Seat;
  sheet: string; // as it was left the last time
  sheet_language: Chosen;
  onSheet: (text: string) => void;
  onClose: () => void;
};

export function Invite(props: InviteProps) {
  const { seat, sheet, sheet_language, state, language, actions, onSheet, onClose } = props;
  const { staff: texts } = locales[language];
  const [purpose, setPurpose] = useState<InvitationKind>('take_over');
  const [chosen, setChosen] = useState<string>(); // a certificate
  const box = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    first.current?.focus();
    const composer = box.current?.closest('.seat')?.querySelector<HTMLElement>('.composer textarea');
    return () => {
      const back = before?.isConnected ? before : composer; // whoever has asked cannot ask again now
      if (back instanceof HTMLElement) back.focus();
    };
  }, []);
  // Escape also ends the choosing of a word, and is not meant for the dialog then.
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    if (event.key === 'Escape' && !event.isComposing && event.keyCode !== 229) onClose();
  };
  const whom = state.team?.colleagues.find(({ certificate }) => certificate === chosen);
  const written = sheet.trim() !== '' && sheet !== locales[sheet_language].staff.sheet_begun;
  const ready = mayInvite(seat, state) && whom?.free === true && written && bytesOf(sheet.trim()) <= sheet_text_bytes_max;
  const send = () => {
    if (!ready) return;
    actions.invite(seat.talk.conversation, whom, purpose, sheet.trim(), sheet_language);
    onClose();
  };
  return (
    <div class="invite" role="dialog" ref={box} aria-label={texts.invite} onKeyDown={onKeyDown}>
      <form onSubmit={(event) => { event.preventDefault(); send(); }}>
        <fieldset>
          <legend>{texts.invite_what}</legend>
          {(['take_over', 'join'] as const).map((each, at) => (
            <label class="option" key={each}>
              <input
                type="radio" name="purpose" ref={at === 0 ? first : null} checked={purpose === each} onChange={() => setPurpose(each)}
              />
              {texts[`invite_${each}`]}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>{texts.invite_whom}</legend>
          <Colleagues {...props} chosen={chosen} onChoice={setChosen} />
        </fieldset>
        <Writing
          label={texts.sheet} begun={sheet} bytes_max={sheet_text_bytes_max} rows={9} language={language} onText={onSheet}
        />
        <p class="quiet">{texts.sheet_what}</p>
        <div class="choices">
          <button type="button" class="secondary" onClick={onClose}>{texts.back}</button>
          <button type="submit" class="primary" disabled={!ready}>{texts.invite_send}</button>
        </div>
      </form>
    </div>
  );
}

// Whoever takes nobody right now would not be asked by the server.
function Colleagues({ state, language, chosen, onChoice }: Props & { chosen: string | undefined; onChoice: (certificate: string) => void }) {
  const { staff: texts } = locales[language];
  const { colleagues = [], complete = false } = state.team ?? {};
  if (colleagues.length === 0) return <p class="quiet" role="status">{complete ? texts.team_nobody : texts.team_asking}</p>;
  return (
    <>
      {colleagues.map((each) => (
        <label class="option" key={each.certificate}>
          <input
            type="radio" name="whom" disabled={!each.free} checked={chosen === each.certificate}
            onChange={() => onChoice(each.certificate)}
          />
          <span>
            {each.alias}{' '}
            <span class="quiet">
              {[texts.role[each.holder], deskName(each.desk, state, language), each.free ? texts.colleague_free : texts.colleague_busy].join(' ・ ')}
            </span>
          </span>
        </label>
      ))}
    </>
  );
}

function deskName(id: string, state: State, language: Chosen): string {
  return state.centre?.desks.find((each) => each.id === id)?.name[language] ?? id;
}
