// What every screen of the console is given: the state, its texts, and what a person can do.
import type { ColleagueTold, InvitationKind, Language } from 'bridge';
import * as en from '../../locales/en.json';
import * as ja from '../../locales/ja.json';
import type { Chosen } from '../parts/locale';
import type { Duty, State } from './state';

export const locales = {
  ja: { front: ja.front, talk: ja.talk, staff: ja.staff },
  en: { front: en.front, talk: en.talk, staff: en.staff },
} satisfies Record<Chosen, unknown>;

export type Actions = {
  signIn(files: File[], passphrase: string): void;
  setDuty(duty: Duty): void;
  accept(conversation: string): void;
  say(conversation: string, text: string, written_in: Language): void;
  askForPast(conversation: string): void;
  end(conversation: string): void;
  close(conversation: string): void;
  select(conversation: string | undefined): void;
  askTeam(): void;
  invite(conversation: string, whom: ColleagueTold, purpose: InvitationKind, sheet: string, written_in: Language): void;
  withdraw(conversation: string): void;
  forgetInvitation(conversation: string): void;
  answerColleague(conversation: string, yes: boolean): void; // theirs
  takeLetter(): void;
  writeReply(letter: string, text: string): void;
  forgetReply(letter: string): void;
  answerLetter(letter: string, text: string, written_in: Language): void;
  putLetter(letter: string, read: boolean): void;
  saveKeys(): void;
  signOut(): void;
  again(): void;
  choose(language: Chosen): void;
};

// `now`: the device's clock in milliseconds.
export type Props = { state: State; language: Chosen; actions: Actions; now: number };
