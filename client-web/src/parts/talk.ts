// One conversation as a screen holds it, on either side: a pure function from what the core tells to what is shown.
import type {
  CompanyChanged, Ended, Ending, HandedOver, Joined, Language, PeerChanged, Presence, Recalled, Said, SayAnswered,
  TextMoved, TextProgress, TextReceived, TextRecalled,
} from 'bridge';

export type Text = {
  kind: 'text';
  key: number; // on this screen
  reference: number; // of `say`, until it is answered; 0: not ours
  id: string; // '' until the core has named it
  ours: boolean;
  by: string; // who wrote it, if that is neither us nor whom this talk is with; else ''
  written_in: Language;
  text: string;
  at: Date | undefined; // undefined: recalled, nobody knows when
  // Ours: how far it came. The peer's: arrived, and whether the core knows that it was shown.
  now: 'sending' | TextProgress | Exclude<Said, 'yes'> | 'arrived' | 'shown' | 'recalled';
};

// What happened beside the texts. The names are keys of the locale files. `who`: the pseudonym it is about, or ''.
export type Note = { kind: 'note'; key: number; what: NoteKind; who: string };
export type NoteKind =
  | 'peer_forgot' | 'both_forgot' | 'somebody_new' | 'peer_left_by_exit' | 'peer_left' | 'lost' | 'broken'
  | 'refused' | 'withdrawn' | 'nobody_came' | 'handed_over' | 'company_came' | 'company_left';

export type Entry = Text | Note;

export type Talk = {
  conversation: string;
  alias: string;
  company: string; // the pseudonym of somebody who has joined the two; else ''
  joined: boolean;
  peer: Presence;
  entries: Entry[];
  next_key: number;
  // What was said before this screen forgot it: shown only after a tap.
  past: 'none' | 'offered' | 'asked' | 'here';
  over: Ending | undefined;
};

export type TalkEvent =
  | Joined | SayAnswered | TextReceived | TextMoved | TextRecalled | Recalled | PeerChanged | Ended | HandedOver | CompanyChanged
  | { kind: 'peer_left_by_exit'; conversation: string };

export function begin(conversation: string): Talk {
  return {
    conversation, alias: '', company: '', joined: false, peer: 'here', entries: [], next_key: 1, past: 'none', over: undefined,
  };
}

type NewEntry = Omit<Text, 'key'> | Omit<Note, 'key'>;

function add(talk: Talk, ...entries: NewEntry[]): Talk {
  const numbered = entries.map((entry, at) => ({ ...entry, key: talk.next_key + at }) as Entry);
  return { ...talk, entries: [...talk.entries, ...numbered], next_key: talk.next_key + entries.length };
}
export function note(talk: Talk, what: NoteKind, who = ''): Talk {
  return add(talk, { kind: 'note', what, who });
}
function change(talk: Talk, which: (text: Text) => boolean, to: Partial<Text>): Talk {
  return {
    ...talk,
    entries: talk.entries.map((entry) => (entry.kind === 'text' && which(entry) ? { ...entry, ...to } : entry)),
  };
}

export function say(talk: Talk, reference: number, text: string, written_in: Language, at: Date): Talk {
  return add(talk, { kind: 'text', reference, id: '', ours: true, by: '', written_in, text, at, now: 'sending' });
}

// The peer's texts that the core does not know to be on the screen yet.
export function unconfirmed(talk: Talk): Text[] {
  return talk.entries.filter((entry): entry is Text => entry.kind === 'text' && entry.now === 'arrived');
}
export function confirm(talk: Talk, id: string): Talk {
  return change(talk, (text) => text.id === id && text.now === 'arrived', { now: 'shown' });
}

export function askForPast(talk: Talk): Talk {
  return { ...talk, past: 'asked' };
}

export function told(talk: Talk, event: TalkEvent, at: Date): Talk {
  switch (event.kind) {
    case 'joined':
      return join(talk, event);
    case 'say_answered':
      return change(talk, (text) => text.reference === event.reference, {
        id: event.id,
        ...(event.answer !== 'yes' && { now: event.answer }),
      });
    case 'text_received': {
      const { id, by, written_in, text } = event;
      return add(talk, { kind: 'text', reference: 0, id, ours: false, by, written_in, text, at, now: 'arrived' });
    }
    case 'text_moved':
      if (talk.over !== undefined && event.now === 'stored') return talk; // the server has it, and nobody will ask for it
      return change(talk, (text) => text.ours && text.id === event.id, { now: event.now });
    case 'text_recalled':
      return recall(talk, event);
    case 'recalled':
      return { ...talk, past: 'here' };
    case 'peer_changed':
      return { ...talk, peer: event.now };
    case 'peer_left_by_exit':
      return note(talk, 'peer_left_by_exit');
    case 'handed_over': {
      // What was said before keeps the name of whoever said it.
      const before = change(talk, (text) => !text.ours && text.by === '', { by: talk.alias });
      const { conversation, alias } = event;
      return note({ ...before, conversation, alias, company: '', peer: 'here' }, 'handed_over', alias);
    }
    case 'company_changed':
      return note({ ...talk, company: event.here ? event.alias : '' }, event.here ? 'company_came' : 'company_left', event.alias);
    case 'ended':
      return end(talk, event.why);
  }
}

// What nobody has confirmed by then will hardly be read any more.
function end(talk: Talk, why: Ending): Talk {
  const over = { ...change(talk, ({ now }) => now === 'sending' || now === 'stored', { now: 'dropped' }), over: why };
  const left = talk.entries.some((entry) => entry.kind === 'note' && entry.what === 'peer_left_by_exit');
  switch (why) {
    case 'by_peer':
      return left ? over : note(over, 'peer_left');
    case 'lost':
    case 'broken':
      return note(over, why);
    case 'by_us':
    case 'taken_over':
      return over; // no screen shows it any more
  }
}

function join(talk: Talk, event: Joined): Talk {
  const here = { ...talk, joined: true, alias: event.alias || talk.alias, peer: 'here' as const, past: 'none' as const };
  const first = !talk.joined && !event.we_forgot;
  if (first) return here;
  // Without proof it may be anybody: that goes before all that may be said of somebody known.
  if (!event.same_tab) return note(here, 'somebody_new');
  if (event.we_forgot && event.peer_forgot) return note(here, 'both_forgot');
  if (event.we_forgot) return { ...here, past: 'offered' };
  return event.peer_forgot ? note({ ...here, past: talk.past }, 'peer_forgot') : { ...here, past: talk.past };
}

// The past goes before everything that this screen has seen itself.
function recall(talk: Talk, event: TextRecalled): Talk {
  const { id, ours, written_in, text } = event;
  if (talk.entries.some((entry) => entry.kind === 'text' && entry.id === id)) return talk;
  const recalled: Text = {
    kind: 'text', key: talk.next_key, reference: 0, id, ours, by: '', written_in, text, at: undefined, now: 'recalled',
  };
  const seen = talk.entries.findIndex((entry) => entry.kind === 'note' || entry.now !== 'recalled');
  const before = seen < 0 ? talk.entries.length : seen;
  const entries = [...talk.entries.slice(0, before), recalled, ...talk.entries.slice(before)];
  return { ...talk, entries, next_key: talk.next_key + 1 };
}
