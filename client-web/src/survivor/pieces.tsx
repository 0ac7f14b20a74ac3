// What several of the survivor's screens are made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Language } from 'bridge';
import * as en from '../../locales/en.json';
import * as ja from '../../locales/ja.json';
import { fill, type Chosen } from '../parts/locale';
import { centreTime } from '../parts/times';
import type { Letter } from './letter';
import type { State } from './state';

// Only what this page needs of a locale file is built into it.
export const locales = {
  ja: { front: ja.front, talk: ja.talk, survivor: ja.survivor, invitation: ja.invitation, letters: ja.letters },
  en: { front: en.front, talk: en.talk, survivor: en.survivor, invitation: en.invitation, letters: en.letters },
} satisfies Record<Chosen, unknown>;

// What is read on the screens of letters comes with the core that writes them, not with the first view.
export type LetterTexts = Record<Chosen, Pick<typeof ja, 'letter' | 'replies'>>;

export type Actions = {
  enter(): void;
  say(text: string, written_in: Language): void;
  askForPast(): void;
  end(): void;
  clear(): void;
  answerInvitation(yes: boolean): void;
  endCompany(): void;
  letter: {
    begin(): void;
    go(step: Letter['step']): void;
    makePhrase(digits: boolean): void;
    checkPhrase(tail: string): void; // the last word or group, as typed
    dropPhrase(step: Letter['step']): void;
    keep(text: string): void;
    send(): void;
    leave(): void;
  };
  replies: {
    begin(): void;
    read(typed: string): void;
    burn(): void;
    leave(): void;
  };
  again(): void;
  exit(): void;
  choose(language: Chosen): void;
};

export type Props = { state: State; language: Chosen; actions: Actions; desk: string; letterTexts: LetterTexts | undefined };
export type LetterProps = Props & { letterTexts: LetterTexts };

// A new screen takes the focus to its heading, so that a screen reader says where we are.
export function Heading({ children }: { children: ComponentChildren }) {
  const at = useRef<HTMLHeadingElement>(null);
  useEffect(() => at.current?.focus({ preventScroll: true }), []);
  return <h1 ref={at} tabIndex={-1}>{children}</h1>;
}

export function Message({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <main class="message">
      <Heading key={title}>{title}</Heading>
      {children}
    </main>
  );
}

// `text` with its {time}: Unix seconds on the centre's clock, said in the centre's time zone.
export function sayTime({ state, language }: Props, text: string, at: number): string {
  const { centre, clock_shift_hours } = state;
  if (centre === undefined) return '';
  return fill(text, { time: centreTime(at, centreNow(clock_shift_hours), centre.time_zone, language, locales[language].survivor.today) });
}
export function centreNow(clock_shift_hours: number): number {
  return Math.floor(Date.now() / 1000) + clock_shift_hours * 3600;
}

// Said only when it has lasted: a page that blinks frightens.
const patience_ms = 2_500;

export function Connection({ state, language }: Props) {
  const [late, setLate] = useState(false);
  const there = state.network === 'connected';
  useEffect(() => {
    setLate(false);
    if (there) return;
    const waits = setTimeout(() => setLate(true), patience_ms);
    return () => clearTimeout(waits);
  }, [there]);
  if (there || !late) return null;
  const texts = locales[language].survivor;
  return <p class="offline" role="status">{state.screen === 'talk' ? texts.offline : texts.unreachable}</p>;
}

export function Telephones({ state, language }: Props) {
  const { centre } = state;
  if (centre === undefined) return null; // the server's own list stands below (front.html)
  const { front } = locales[language];
  return (
    <section class="telephones">
      <h2>{front.lines}</h2>
      <ul>
        {centre.telephones.map((each) => (
          <li key={each.id}>
            <a href={`tel:${each.number.replace(/-/g, '').replace('#', '%23')}`}>
              <span class="line-name">{each.name[language]}</span>
              <span class="number">{each.number}</span>
              <span class="quiet">{`${each.hours[language]} · ${each.cost[language]}`}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
