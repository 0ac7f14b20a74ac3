// The letters of survivors at this console: how many wait, the one that is being read, and what was written in reply. A
// pure function of what the core tells, as state.ts, whose part it is.
import type { LetterClosed, LetterOpened, LettersChanged, NoLetter } from 'bridge';

export type Answer = 'answered' | 'read' | 'put_back';

export type Letter = LetterOpened & { sent: Answer | undefined }; // sent: what the server has not confirmed yet

// What became of the last letter, or of asking for one. The names are keys of the locale files.
export type Outcome = Answer | 'none' | 'unreadable' | 'gone' | 'lost' | 'unsure';

// Of the letter keys (inbox.ts), to be told after signing in.
export type KeysNote = 'made_anew' | 'file_useless' | 'file_unused' | 'not_kept';

export type Reading = {
  mine: boolean; // this member reads letters
  waiting: number;
  oldest: number; // seconds on the centre's clock
  asked: boolean; // for the oldest; no answer yet
  letter: Letter | undefined;
  // Replies that are not sent, by letter. In memory only, but until they are sent or thrown away: a letter that was lost
  // with the connection can be taken again, and its reply goes on where it was.
  drafts: ReadonlyMap<string, string>;
  outcome: Outcome | undefined;
  saved: number; // when the letter keys were saved to a file, milliseconds; 0: nobody knows
  keys_note: KeysNote | undefined;
};

export const first: Reading = {
  mine: false, waiting: 0, oldest: 0, asked: false, letter: undefined, drafts: new Map(), outcome: undefined, saved: 0,
  keys_note: undefined,
};

export function told(reading: Reading, event: LettersChanged | LetterOpened | NoLetter | LetterClosed): Reading {
  switch (event.kind) {
    case 'letters_changed':
      return { ...reading, mine: true, waiting: event.waiting, oldest: event.oldest };
    case 'letter_opened':
      return { ...reading, asked: false, letter: { ...event, sent: undefined }, outcome: undefined };
    case 'no_letter':
      return { ...reading, asked: false, outcome: event.unreadable ? 'unreadable' : 'none' };
    case 'letter_closed':
      return close(reading, event);
  }
}

function close(reading: Reading, { letter, done }: LetterClosed): Reading {
  const now = reading.letter;
  if (now?.letter !== letter) return reading;
  const outcome = done ? (now.sent ?? 'put_back') : 'gone';
  const over: Reading = { ...reading, letter: undefined, outcome };
  return outcome === 'answered' || outcome === 'read' ? write(over, letter, '') : over;
}

// The server has given the letter back to those that wait. Whether it still took what was sent, nobody knows.
export function disconnected(reading: Reading): Reading {
  const { letter } = reading;
  const outcome = letter === undefined ? reading.outcome : letter.sent === 'answered' ? 'unsure' : 'lost';
  return { ...reading, asked: false, letter: undefined, outcome };
}

// This console is over: what was written can still be copied.
export function end({ drafts }: Reading): Reading {
  return { ...first, drafts };
}

export function ask(reading: Reading): Reading {
  return { ...reading, asked: true, outcome: undefined };
}
export function send(reading: Reading, sent: Answer): Reading {
  return { ...reading, letter: reading.letter && { ...reading.letter, sent } };
}
export function write(reading: Reading, letter: string, text: string): Reading {
  const drafts = new Map(reading.drafts);
  if (text.trim() === '') drafts.delete(letter);
  else drafts.set(letter, text);
  return { ...reading, drafts };
}

// Replies whose letter is not on this screen.
export function leftOver({ letter, drafts }: Reading): [letter: string, text: string][] {
  return [...drafts].filter(([of]) => of !== letter?.letter);
}
