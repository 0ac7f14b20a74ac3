// What the centre keeps under a return phrase, as a pure function of what the person does and the core tells.
import type { RepliesTold, ReplyReceived, ReplyRefused } from 'bridge';

export type Replies = {
  step:
    | 'typing'
    | 'reading' // keys are made of what was typed
    | 'fetching'
    | 'shown'
    | 'burning'
    | 'burnt';
  fault: 'not_a_phrase' | 'no_phrase' | 'unknown' | undefined;
  told: RepliesTold | undefined;
  arrived: (ReplyReceived | ReplyRefused)[];
};

export const first: Replies = { step: 'typing', fault: undefined, told: undefined, arrived: [] };

export function told(replies: Replies, event: RepliesTold | ReplyReceived | ReplyRefused): Replies {
  switch (event.kind) {
    case 'replies_told':
      // Where an answer was lost, what had been found before and is not any more is burnt.
      if (replies.step === 'burning') return { ...first, step: 'burnt' };
      if (replies.step !== 'fetching') return replies;
      return event.found ? { ...first, step: 'shown', told: event } : { ...first, fault: 'unknown' };
    case 'reply_received':
    case 'reply_refused':
      return replies.step === 'shown' ? { ...replies, arrived: [...replies.arrived, event] } : replies;
  }
}

export function allHere({ told, arrived }: Replies): boolean {
  return told !== undefined && arrived.length >= told.replies;
}
