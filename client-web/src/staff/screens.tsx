// The console's screens: signing in, and the desk with its calls, its line and its conversations side by side. What belongs
// to letters and to invitations is in letters.tsx and invitation.tsx.
import { render as renderInto, type ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Ask } from '../parts/ask';
import { count, fill, type Chosen } from '../parts/locale';
import { Composer, Log } from '../parts/log';
import { day, minutes } from '../parts/times';
import { endsSoon } from './expiry';
import { handedOver } from './inviting';
import { AskedView, Company, Invite, languageOf, mayInvite } from './invitation';
import { hasLetters, LettersView, LettersWaiting, RepliesLeft } from './letters';
import { locales, type Props } from './screen';
import { letters, underWay, unread, type Call, type Seat, type State } from './state';

export function render(props: Props, into: HTMLElement) {
  renderInto(<App {...props} />, into);
}

// Somebody waits for an answer.
function rings({ calls, asked }: State): boolean {
  return calls.length > 0 || asked.some(({ answered }) => !answered);
}

function App(props: Props) {
  const { state, language } = props;
  const { staff: texts } = locales[language];
  const waits = rings(state) || state.seats.some((seat) => unread(seat) > 0);
  useLayoutEffect(() => {
    document.documentElement.lang = language;
    document.title = `${waits ? '● ' : ''}${texts.title}`;
  }, [language, waits]);
  switch (state.screen) {
    case 'unfit':
      return <Plain {...props} title={texts.unfit}><p>{texts.unfit_what}</p></Plain>;
    case 'sign_in':
      return <Plain {...props} title={texts.sign_in}><SignIn {...props} /></Plain>;
    case 'signing_in':
      return <Plain {...props} title={texts.signing_in} />;
    case 'signing_out':
      return <Plain {...props} title={texts.signing_out} />;
    case 'taken_over':
      return (
        <Plain {...props} title={texts.taken_over}>
          <RepliesLeft {...props} />
          <Again {...props} label={texts.sign_in} />
        </Plain>
      );
    case 'distrusted':
      return (
        <Plain {...props} title={texts.distrusted}>
          <p>{texts.distrusted_what}</p>
          <p class="quiet">{`${texts.reason}: ${state.distrusted}`}</p>
          <Again {...props} label={texts.reload} />
        </Plain>
      );
    case 'broken':
      return (
        <Plain {...props} title={texts.broken_page}>
          <p>{texts.broken_page_what}</p>
          <RepliesLeft {...props} />
          <Again {...props} label={texts.reload} />
        </Plain>
      );
    case 'desk':
      return <Desk {...props} />;
  }
}

function Again({ actions, label }: Props & { label: string }) {
  return <button type="button" class="primary" onClick={actions.again}>{label}</button>;
}

function Plain(props: Props & { title: string; children?: ComponentChildren }) {
  return (
    <div class="plain">
      <Top {...props} />
      <main>
        <h1>{props.title}</h1>
        {props.children}
      </main>
    </div>
  );
}

function Top({ state, language, actions, more }: Props & { more?: ComponentChildren }) {
  const { front, staff: texts } = locales[language];
  const other: Chosen = language === 'ja' ? 'en' : 'ja';
  const clock = state.clock_shift_hours === 0 ? '' : ` ${fill(front.demo_clock, { hours: state.clock_shift_hours })}`;
  return (
    <header class="top">
      <p class="name">{state.centre?.name[language] ?? texts.title}</p>
      {state.alias !== '' && <p class="alias">{state.alias}</p>}
      {state.demo && <p class="demo">{front.demo}{clock}</p>}
      <button type="button" class="quiet-button language" lang={other} onClick={() => actions.choose(other)}>
        {texts.other_language}
      </button>
      {more}
    </header>
  );
}

function SignIn({ state, language, actions }: Props) {
  const { staff: texts } = locales[language];
  const file = useRef<HTMLInputElement>(null);
  const passphrase = useRef<HTMLInputElement>(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    actions.signIn([...(file.current?.files ?? [])], passphrase.current?.value ?? '');
  };
  return (
    <form class="sign-in" onSubmit={submit} autocomplete="off">
      {state.fault !== undefined && <p class="fault" role="alert">{texts[state.fault]}</p>}
      <label for="key-file">{texts.key_file} <span class="quiet">{texts.key_file_what}</span></label>
      <input id="key-file" ref={file} type="file" accept=".key" multiple disabled={state.unlocking} />
      <label for="passphrase">{texts.passphrase} <span class="quiet">{texts.passphrase_what}</span></label>
      <input
        id="passphrase" ref={passphrase} type="password" autocomplete="off" autocapitalize="none" spellcheck={false}
        disabled={state.unlocking}
      />
      <button type="submit" class="primary" disabled={state.unlocking}>
        {state.unlocking ? texts.unlocking : texts.unlock}
      </button>
    </form>
  );
}

// --- the desk ---

function Desk(props: Props) {
  const { state, language, actions } = props;
  const { staff: texts } = locales[language];
  const [asking, setAsking] = useState(false);
  const lost = [underWay(state).length > 0 && texts.sign_out_ask, state.reading.drafts.size > 0 && texts.sign_out_ask_reply];
  const question = lost.filter((each) => each !== false).join(' ');
  const leave = () => (question !== '' ? setAsking(true) : actions.signOut());
  return (
    <div class={`console ${state.selected === undefined ? 'at-desk' : 'in-talk'}`}>
      <Top {...props} more={<button type="button" class="quiet-button" onClick={leave}>{texts.sign_out}</button>} />
      {asking && (
        <Ask
          title={texts.sign_out} question={question} no={texts.back} yes={texts.sign_out_yes}
          onNo={() => setAsking(false)} onYes={actions.signOut}
        />
      )}
      {state.network !== 'connected' && <p class="offline" role="status">{texts.offline}</p>}
      <Tabs {...props} />
      <main>
        <h1 class="unseen">{texts.title}</h1>
        <section class="side" aria-label={texts.duty}>
          <Calls {...props} />
          {state.notice !== undefined && <p class="notice" role="status">{texts[state.notice]}</p>}
          <Expiry {...props} />
          <DutySwitches {...props} />
          <LineState {...props} />
          <LettersWaiting {...props} />
        </section>
        <section class="talks" aria-label={texts.talks}>
          {hasLetters(state.reading) && <LettersView {...props} />}
          {state.seats.length === 0 && !hasLetters(state.reading) && <p class="empty">{state.duty.present ? texts.no_talks : texts.pick}</p>}
          {state.seats.map((seat) => <SeatView key={seat.talk.conversation} {...props} seat={seat} />)}
        </section>
      </main>
    </div>
  );
}

function Expiry({ state, language, now }: Props) {
  const { staff: texts } = locales[language];
  const next = endsSoon(state.expiry, now / 1000 + state.clock_shift_hours * 3600);
  return next && <p class="notice" role="status">{fill(texts[`ends_${next.what}`], { date: day(next.until, language) })}</p>;
}

// Where there is room for one thing at a time (staff.css hides them elsewhere).
function Tabs({ state, language, actions }: Props) {
  const { staff: texts } = locales[language];
  return (
    <nav class="tabs" aria-label={texts.talks}>
      <button type="button" aria-pressed={state.selected === undefined} onClick={() => actions.select(undefined)}>
        {texts.duty}{rings(state) && ' ●'}
      </button>
      {hasLetters(state.reading) && (
        <button type="button" aria-pressed={state.selected === letters} onClick={() => actions.select(letters)}>{texts.letter}</button>
      )}
      {state.seats.map((seat) => (
        <button
          key={seat.talk.conversation} type="button" aria-pressed={state.selected === seat.talk.conversation}
          onClick={() => actions.select(seat.talk.conversation)}
        >
          {fill(texts.visitor, { number: seat.number })}
          {unread(seat) > 0 && <span class="unread">{count(texts.unread, unread(seat), language)}</span>}
        </button>
      ))}
    </nav>
  );
}

function Calls(props: Props) {
  return (
    <div class="calls" role="alert">
      {props.state.calls.map((call) => <CallView key={call.conversation} {...props} call={call} />)}
      {props.state.asked.map((asked) => <AskedView key={asked.conversation} {...props} asked={asked} />)}
    </div>
  );
}

function CallView({ call, language, actions, now }: Props & { call: Call }) {
  const { staff: texts } = locales[language];
  const waited = minutes(call.waited_seconds);
  const left = Math.max(0, Math.ceil((call.rings_until - now) / 1000));
  return (
    <section class="call">
      <h2>{texts.calling}</h2>
      <p>{waited === 0 ? texts.calling_waited_new : fill(texts.calling_waited, { minutes: waited })}</p>
      <button type="button" class="primary" disabled={call.accepted} onClick={() => actions.accept(call.conversation)}>
        {call.accepted ? texts.accepting : texts.accept}
      </button>
      {call.accepted && call.away && (
        <>
          <p>{texts.call_away}</p>
          <button type="button" class="secondary" onClick={() => actions.end(call.conversation)}>{texts.end}</button>
        </>
      )}
      {!call.accepted && <p class="quiet" aria-live="off">{fill(texts.seconds_left, { seconds: left })}</p>}
    </section>
  );
}

function DutySwitches({ state, language, actions }: Props) {
  const { staff: texts } = locales[language];
  const { duty } = state;
  return (
    <section class="duty">
      <h2>{texts.duty}</h2>
      <label class="switch">
        <input
          type="checkbox" role="switch" checked={duty.present}
          onChange={({ currentTarget: { checked } }) => actions.setDuty({ ...duty, present: checked, free: checked })}
        />
        {texts.on_duty}
      </label>
      <label class="switch">
        <input
          type="checkbox" role="switch" checked={duty.present && duty.free} disabled={!duty.present}
          onChange={({ currentTarget: { checked } }) => actions.setDuty({ ...duty, free: checked })}
        />
        {texts.take}
      </label>
      <label class="capacity">
        {texts.capacity}
        <select
          value={duty.capacity}
          onChange={({ currentTarget: { value } }) => actions.setDuty({ ...duty, capacity: Number(value) })}
        >
          {Array.from({ length: state.capacity_max }, (_, at) => <option key={at} value={at + 1}>{at + 1}</option>)}
        </select>
      </label>
    </section>
  );
}

function LineState({ state, language }: Props) {
  const { staff: texts } = locales[language];
  const { line } = state;
  if (line === undefined || !state.duty.present) return null;
  return (
    <section class="line-state">
      <h2>{texts.line}</h2>
      <p class="big">{line.waiting === 0 ? texts.nobody : count(texts.waiting, line.waiting, language)}</p>
      {line.waiting > 0 && <p>{fill(texts.longest, { minutes: minutes(line.longest_wait) })}</p>}
      <p class="quiet">{fill(texts.team, { present: line.present, free: line.free })}</p>
      <p class={line.intake ? 'open' : 'quiet'}>{texts[`door_${line.why}`]}</p>
    </section>
  );
}

// --- one conversation ---

function SeatView(props: Props & { seat: Seat }) {
  const { seat, state, language, actions } = props;
  const { talk: parts, staff: texts } = locales[language];
  const [asking, setAsking] = useState(false);
  const [inviting, setInviting] = useState(false);
  const [sheet, setSheet] = useState<{ text: string; language: Chosen }>(); // kept while its dialog is closed
  const { talk } = seat;
  const { conversation } = talk;
  const ended = talk.over !== undefined;
  const name = fill(texts.visitor, { number: seat.number });
  const restoring = !talk.joined && !ended;
  const peer_left = handedOver(seat.invitation) ? fill(texts.handed_over, { alias: seat.invitation?.alias ?? '' }) : texts.peer_left;
  const invite = () => {
    const spoken = languageOf(seat, language);
    if (sheet === undefined) setSheet({ text: locales[spoken].staff.sheet_begun, language: spoken });
    setInviting(true);
    actions.askTeam();
  };
  const peer = restoring ? texts.restoring : { here: texts.peer_here, away: texts.peer_away, left: texts.peer_left_now }[talk.peer];
  return (
    <section
      class={`seat ${state.selected === conversation ? 'selected' : ''}`} data-conversation={conversation} aria-label={name}
    >
      <header class="seat-head">
        <h2>{name}</h2>
        {!ended && <p class={`peer ${talk.peer}`}>{peer}</p>}
        {unread(seat) > 0 && <span class="unread">{count(texts.unread, unread(seat), language)}</span>}
        {ended
          ? <button type="button" class="quiet-button" onClick={() => actions.close(conversation)}>{texts.close}</button>
          : (
            <div class="seat-actions">
              {mayInvite(seat, state) && <button type="button" class="quiet-button" onClick={invite}>{texts.invite}</button>}
              <button type="button" class="quiet-button" onClick={() => setAsking(true)}>{texts.end}</button>
            </div>
          )}
      </header>
      <Company {...props} />
      {asking && !ended && (
        <Ask
          title={texts.end} question={texts.end_ask} no={texts.end_no} yes={texts.end_yes}
          onNo={() => setAsking(false)} onYes={() => actions.end(conversation)}
        />
      )}
      {inviting && sheet !== undefined && !ended && (
        <Invite
          {...props} sheet={sheet.text} sheet_language={sheet.language} onSheet={(text) => setSheet({ ...sheet, text })}
          onClose={() => setInviting(false)}
        />
      )}
      <Log
        talk={talk} texts={parts} notes={{ ...texts, both_forgot: parts.both_forgot, peer_left }} language={language} peer={name}
        beginning={texts.begun} online={state.network === 'connected'} askForPast={() => actions.askForPast(conversation)}
      />
      {!ended && (
        <Composer texts={parts} language={language} say={(text, written_in) => actions.say(conversation, text, written_in)} />
      )}
    </section>
  );
}
