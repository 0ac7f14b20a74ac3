// A letter, from the door until the centre has it: a pure function of what the person does and the core tells.
import type { LetterFault, LetterNotSent, LetterSent, LettersTold } from 'bridge';
import type { Network } from '../link';

// The words or the digits of a return phrase as they are shown, until the person has copied them.
export type Shown = { phrase: string; digits: boolean };

export type Fault = LetterFault | 'impossible' | 'phrase_differs' | 'no_phrase';

export type Letter = {
  step:
    | 'before' // what is to be known before writing
    | 'choose' // words or digits
    | 'making'
    | 'copy'
    | 'check' // types the end of it back
    | 'checking'
    | 'write'
    | 'review'
    | 'sending'
    | 'sent';
  told: LettersTold | undefined; // undefined: asked
  fresh: boolean; // asked on this connection; else the core would not seal it
  shown: Shown | undefined;
  answerable: boolean; // with a return phrase that the person has copied
  text: string;
  fault: Fault | undefined;
  kept_until: number; // 0: without a return phrase
};

export const first: Letter = {
  step: 'before', told: undefined, fresh: false, shown: undefined, answerable: false, text: '', fault: undefined, kept_until: 0,
};

export function go(letter: Letter, step: Letter['step'], fault?: Fault): Letter {
  return { ...letter, step, fault };
}

// Whether it is to be asked on each connection anew when a letter would be read.
export function asks(letter: Letter): boolean {
  return letter.step !== 'sent' && !letter.fresh;
}

export function network(letter: Letter, now: Network): Letter {
  return now === 'lost' ? { ...letter, fresh: false } : letter;
}

export function told(letter: Letter, event: LettersTold | LetterSent | LetterNotSent): Letter {
  switch (event.kind) {
    case 'letters_told': {
      const now = { ...letter, told: event, fresh: true };
      return letter.step === 'sending' && !event.possible ? go(now, 'review', 'impossible') : now;
    }
    case 'letter_sent':
      return { ...first, step: 'sent', told: letter.told, kept_until: event.kept_until };
    case 'letter_not_sent':
      return { ...go(letter, 'review', event.why), fresh: letter.fresh && event.why !== 'another_day' };
  }
}

// The phrase was thrown away, or none is wanted.
export function withoutPhrase(letter: Letter, step: Letter['step']): Letter {
  return { ...go(letter, step), shown: undefined, answerable: false };
}

// `tail`: what was typed for the last word, or the last group of digits.
export function withTail({ phrase }: Shown, tail: string): string {
  return phrase.slice(0, phrase.lastIndexOf(' ') + 1) + tail;
}
