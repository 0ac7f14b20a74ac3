// The survivor's screens: one question answered on each, the way out always in reach.
import { render as renderInto } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import * as en from '../../locales/en.json';
import * as ja from '../../locales/ja.json';
import { Ask } from '../parts/ask';
import { count, fill, type Chosen } from '../parts/locale';
import { Composer, Log } from '../parts/log';
import { Awaited, Company, Invitation } from './invitation_card';
import { LetterScreen } from './letter_screens';
import { Connection, Heading, locales, Message, sayTime, Telephones, type Actions, type Props } from './pieces';
import { RepliesScreen } from './replies_screen';
import type { CentrePage } from './state';

export type { Actions };

export function render(props: Props, into: HTMLElement) {
  renderInto(<App {...props} />, into);
}

function App(props: Props) {
  const { state, language, actions } = props;
  const texts = locales[language].survivor;
  useLayoutEffect(() => {
    document.documentElement.lang = language;
    document.title = texts.title;
  }, [language]);
  return (
    <div class={`page ${state.screen} ${state.centre === undefined ? 'bare' : ''}`}>
      <header class="top">
        {state.demo && <p class="demo">{demoNote(props)}</p>}
        {state.screen !== 'talk' && <LanguageSwitch {...props} />}
      </header>
      <Screen {...props} />
      <footer class="exit-bar">
        <button type="button" class="exit" onClick={actions.exit}>{texts.exit}</button>
      </footer>
    </div>
  );
}

function LanguageSwitch({ language, actions }: Props) {
  const other: Chosen = language === 'ja' ? 'en' : 'ja';
  return (
    <button type="button" class="quiet-button language" lang={other} onClick={() => actions.choose(other)}>
      {locales[language].survivor.other_language}
    </button>
  );
}

function demoNote({ state, language }: Props): string {
  const { demo, demo_clock } = locales[language].front;
  return state.clock_shift_hours === 0 ? demo : `${demo} ${fill(demo_clock, { hours: state.clock_shift_hours })}`;
}

function Screen(props: Props) {
  const { state, language, actions } = props;
  const texts = locales[language].survivor;
  switch (state.screen) {
    case 'door':
    case 'entering':
      return <Door {...props} />;
    case 'returning':
      return (
        <Message title={texts.returning}>
          <Connection {...props} />
          {state.peer === 'away' && <p class="offline" role="status">{texts.peer_away_returning}</p>}
          <button type="button" class="secondary" onClick={actions.end}>{texts.give_up}</button>
          <Telephones {...props} />
        </Message>
      );
    case 'waiting':
      return <Waiting {...props} />;
    case 'talk':
      return <Talk {...props} />;
    case 'letter':
    case 'replies':
      return <LetterOrReplies {...props} />;
    case 'over':
      return (
        <Message title={over(props).title}>
          <p>{over(props).what}</p>
          {state.over !== 'taken_over' && <button type="button" class="primary" onClick={actions.again}>{texts.again}</button>}
          {state.over !== 'by_us' && state.over !== 'taken_over' && <Telephones {...props} />}
        </Message>
      );
    case 'distrusted': {
      const clock = state.distrusted === 'expired' || state.distrusted === 'not_yet_valid';
      return (
        <Message title={texts.distrusted}>
          <p>{clock ? texts.distrusted_clock : texts.distrusted_other}</p>
          <p class="quiet">{`${texts.reason}: ${state.distrusted}`}</p>
          <button type="button" class="primary" onClick={actions.again}>{texts.reload}</button>
          <Telephones {...props} />
        </Message>
      );
    }
    case 'broken':
      return (
        <Message title={texts.broken_page}>
          <p>{texts.broken_page_what}</p>
          <button type="button" class="primary" onClick={actions.again}>{texts.reload}</button>
          <Telephones {...props} />
        </Message>
      );
  }
}

function over({ state, language }: Props): { title: string; what: string } {
  const texts = locales[language].survivor;
  switch (state.over) {
    case 'taken_over':
      return { title: texts.over_taken_over, what: texts.over_taken_over_what };
    case 'lost':
      return { title: texts.over_lost, what: texts.over_lost_what };
    case 'broken':
      return { title: texts.over_broken, what: texts.over_broken_what };
    case 'by_us':
    case 'by_peer':
    case undefined:
      return { title: texts.over_by_us, what: texts.over_by_us_what };
  }
}

// --- the door ---

function Door(props: Props) {
  const { state, language, actions } = props;
  const { front, survivor: texts } = locales[language];
  const { door, centre } = state;
  const open = door?.intake ?? false;
  return (
    <main class="door">
      <p class="name">{centre?.name[language]}</p>
      {state.turned_away !== undefined && (
        <p class="fault" role="alert">{state.turned_away === 'closed' ? texts.turned_closed : texts.turned_other}</p>
      )}
      <Heading>
        <span class={`lamp ${open ? 'open' : ''}`} aria-hidden="true" />
        {doorTitle(props)}
      </Heading>
      {door !== undefined && <p class="until">{doorTime(props)}</p>}
      {open && (
        <>
          <p>{texts.open_what} {texts.private}</p>
          {door !== undefined && door.waiting > 0 && <p class="quiet">{fill(texts.waiting_now, { count: door.waiting })}</p>}
          <button type="button" class="primary" onClick={actions.enter} disabled={state.screen === 'entering'}>
            {state.screen === 'entering' ? texts.entering : texts.enter}
          </button>
        </>
      )}
      <Connection {...props} />
      <p class="danger">{front.danger}</p>
      <Telephones {...props} />
      {state.screen === 'door' && centre !== undefined && <Letters {...props} offered={door !== undefined && !open} />}
      <section class="about">
        <h2>{texts.exit_about}</h2>
        <p>{texts.exit_what} {texts.exit_hint}</p>
        <p>{texts.exit_left}</p>
        <p>{texts.exit_back}</p>
      </section>
      {centre !== undefined && <Hours centre={centre} language={language} desk={props.desk} />}
    </main>
  );
}

function doorTitle({ state, language }: Props): string {
  const { front, survivor: texts } = locales[language];
  if (state.door === undefined) return texts.connecting;
  switch (state.door.why) {
    case 'open':
      return front.open;
    case 'outside_hours':
      return front.closed_hours;
    case 'past_last_intake':
      return front.closed_last_intake;
    case 'too_few_on_duty':
      return front.closed_few;
    case 'line_full':
      return front.closed_full;
  }
}

// Within hours it may open again any minute, so no time is told then.
function doorTime(props: Props): string {
  const { state, language } = props;
  const { front } = locales[language];
  const { door } = state;
  if (door === undefined) return '';
  const say = (text: string, at: number) => (at === 0 ? '' : sayTime(props, text, at));
  if (door.intake) return say(front.open_until, door.until);
  return door.why === 'outside_hours' || door.why === 'past_last_intake' ? say(front.next, door.next) : '';
}

function Hours({ centre, language, desk }: { centre: CentrePage; language: Chosen; desk: string }) {
  const weekdays = language === 'ja' ? ja.weekdays : en.weekdays;
  const time = (minute: number) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
  const hours = centre.desks.find(({ id }) => id === desk)?.hours;
  return (
    <section class="hours">
      <h2>{locales[language].front.hours}</h2>
      <table>
        <tbody>
          {hours?.map((spans, day) => (
            <tr key={day}>
              <th scope="row">{weekdays[day]}</th>
              <td>{spans.map(([from, to]) => `${time(from)}–${time(to)}`).join(', ') || '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

// Where nobody can be talked with now, a letter can be left; its replies are fetched at any hour.
function Letters({ language, actions, offered }: Props & { offered: boolean }) {
  const texts = locales[language].letters;
  return (
    <section class="letters">
      <h2>{texts.section}</h2>
      {offered && (
        <>
          <p>{texts.offer}</p>
          <button type="button" class="secondary" onClick={actions.letter.begin}>{texts.write}</button>
        </>
      )}
      <button type="button" class={offered ? 'quiet-button' : 'secondary'} onClick={actions.replies.begin}>{texts.replies}</button>
    </section>
  );
}

function LetterOrReplies(props: Props) {
  const { state, language, actions, letterTexts } = props;
  if (letterTexts !== undefined) {
    return state.screen === 'letter' ? <LetterScreen {...props} letterTexts={letterTexts} /> : <RepliesScreen {...props} letterTexts={letterTexts} />;
  }
  const { letters, survivor } = locales[language];
  return (
    <Message title={state.screen === 'letter' ? letters.write : letters.replies}>
      <p role="status">{survivor.connecting}</p>
      <Connection {...props} />
      <button type="button" class="quiet-button" onClick={actions.letter.leave}>{letters.leave}</button>
    </Message>
  );
}

// --- the line and the talk ---

function Waiting(props: Props) {
  const { state, language, actions } = props;
  const texts = locales[language].survivor;
  return (
    <main class="message waiting">
      <Heading>{texts.waiting}</Heading>
      <p class="place" role="status">{state.ahead === 0 ? texts.next_is_you : count(texts.ahead, state.ahead, language)}</p>
      <Connection {...props} />
      <p>{texts.waiting_how}</p>
      <p>{texts.waiting_kept}</p>
      <p class="danger">{locales[language].front.danger}</p>
      <button type="button" class="secondary" onClick={actions.end}>{texts.stop_waiting}</button>
    </main>
  );
}

function Talk(props: Props) {
  const { state, language, actions } = props;
  const [asking, setAsking] = useState(false);
  const { talk } = state;
  if (talk === undefined) return null;
  const { talk: parts, survivor: texts, invitation } = locales[language];
  const ended = talk.over !== undefined;
  const away = !ended && talk.peer === 'away';
  return (
    <main class="talk">
      <header class="talk-head">
        <Heading>
          {talk.company === '' ? talk.alias : fill(invitation.both, { alias: talk.alias, other: talk.company })}{' '}
          {!ended && <span class="quiet">{talk.company === '' ? texts.with_here : invitation.with_both}</span>}
        </Heading>
        <LanguageSwitch {...props} />
        {!ended && <button type="button" class="quiet-button" onClick={() => setAsking(true)}>{texts.end}</button>}
      </header>
      {asking && !ended && (
        <Ask
          title={texts.end} question={texts.end_ask} no={texts.end_no} yes={texts.end_yes}
          onNo={() => setAsking(false)} onYes={actions.end}
        />
      )}
      {!ended && <Connection {...props} />}
      {away && <p class="offline" role="status">{texts.peer_away}</p>}
      {!ended && talk.company !== '' && <Company {...props} alias={talk.company} />}
      <Log
        talk={talk} texts={parts} notes={{ ...texts, ...invitation.notes, both_forgot: parts.both_forgot }} language={language} peer={talk.alias}
        beginning={texts.begun} online={state.network === 'connected'} askForPast={actions.askForPast}
      />
      {state.awaited !== undefined && <Awaited {...props} alias={state.awaited.alias} />}
      {state.invitation !== undefined && <Invitation key={state.invitation.number} {...props} asked={state.invitation} peer={talk.alias} />}
      {ended ? (
        <button type="button" class="primary clear" onClick={actions.clear}>{texts.clear}</button>
      ) : (
        <Composer texts={parts} language={language} say={actions.say} />
      )}
    </main>
  );
}
