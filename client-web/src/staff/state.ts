// What the staff console shows, as a pure function of what it is told.
import type { CounselorEvent, ExpiryChanged, Failure, Introduced, LineChanged, VaultEvent } from 'bridge';
import type { Network, ToPage } from '../link';
import * as talk from '../parts/talk';
import * as inviting from './inviting';
import * as reading from './reading';

// Of the JSON of the signed centre file (server/plan.cpp).
export type CentrePage = {
  name: { ja: string; en: string };
  time_zone: string;
  desks: { id: string; name: { ja: string; en: string } }[];
};

export type SignInFault =
  | 'choose_file' | 'type_passphrase' | 'not_a_key_file' | 'not_letter_keys' | 'cannot_open' | 'no_memory' | 'login_refused'
  | 'signed_in_elsewhere' | 'no_network';

// Somebody from the line rings; `rings_until`: then it goes to a colleague. Milliseconds of the device's clock.
export type Call = {
  conversation: string;
  waited_seconds: number;
  rings_until: number;
  accepted: boolean;
  away: boolean; // accepted, but the survivor's connection is gone
};

// One conversation on this console. `number`: how the survivor is called here; nobody has a name.
export type Seat = {
  talk: talk.Talk;
  number: number;
  invitation: inviting.Invitation | undefined;
  introduced: Introduced | undefined; // it came to us by a colleague
  transcript_broken: boolean; // not everybody here sees the same
};

type Notice = 'away_after_call' | 'call_survivor_left' | 'could_not_end';

export type Duty = { present: boolean; free: boolean; capacity: number };

export type State = {
  screen: 'unfit' | 'sign_in' | 'signing_in' | 'desk' | 'signing_out' | 'taken_over' | 'distrusted' | 'broken';
  fault: SignInFault | undefined;
  unlocking: boolean;
  network: Network;
  centre: CentrePage | undefined; // once it is verified
  alias: string; // who is signed in
  expiry: ExpiryChanged | undefined;
  demo: boolean;
  clock_shift_hours: number;
  distrusted: Failure | undefined;
  capacity_max: number;
  duty: Duty;
  line: LineChanged | undefined;
  calls: Call[];
  seats: Seat[];
  leaving: string[]; // ended by us; the server does not know yet
  numbers: ReadonlyMap<string, number>; // of the conversations before a reload: nobody is called otherwise after it
  next_number: number;
  selected: string | undefined; // the conversation, or `letters`, shown where there is room for one; undefined: the desk
  notice: Notice | undefined;
  team: inviting.Team | undefined; // as it was asked for last
  asked: inviting.Asked[];
  reading: reading.Reading;
};

export const letters = 'letters';

export const first: State = {
  screen: 'sign_in', fault: undefined, unlocking: false, network: 'connecting', centre: undefined, alias: '', expiry: undefined, demo: false,
  clock_shift_hours: 0, distrusted: undefined, capacity_max: 1, duty: { present: false, free: false, capacity: 1 },
  line: undefined, calls: [], seats: [], leaving: [], numbers: new Map(), next_number: 1, selected: undefined, notice: undefined,
  team: undefined, asked: [], reading: reading.first,
};

// In a browser that the console does not run in.
export const unfit: State = { ...first, screen: 'unfit' };

// What the vault's worker has said, if it did not open.
export function faultOf(event: Exclude<VaultEvent, { kind: 'unlocked' }>): SignInFault {
  if (event.why === 'cannot_open') return 'cannot_open';
  return event.why === 'malformed' ? 'not_a_key_file' : 'no_memory';
}

// --- seats ---

function sit(state: State, conversation: string): State {
  if (state.seats.some((seat) => seat.talk.conversation === conversation)) return state;
  const number = state.numbers.get(conversation) ?? state.next_number;
  const seat: Seat = {
    talk: talk.begin(conversation), number, invitation: undefined, introduced: undefined, transcript_broken: false,
  };
  const seats = [...state.seats, seat].sort((one, other) => one.number - other.number);
  return { ...state, seats, next_number: Math.max(state.next_number, number + 1) };
}
export function rise(state: State, conversation: string): State {
  return {
    ...state,
    seats: state.seats.filter((seat) => seat.talk.conversation !== conversation),
    selected: state.selected === conversation ? undefined : state.selected,
  };
}
export function find(state: State, conversation: string): Seat | undefined {
  return state.seats.find((seat) => seat.talk.conversation === conversation);
}
export function change(state: State, conversation: string, to: (seat: Seat) => Seat): State {
  return { ...state, seats: state.seats.map((seat) => (seat.talk.conversation === conversation ? to(seat) : seat)) };
}
export function underWay(state: State): Seat[] {
  return state.seats.filter((seat) => seat.talk.over === undefined);
}
export function unread(seat: Seat): number {
  return talk.unconfirmed(seat.talk).length;
}

// --- events ---

export function received(state: State, message: ToPage<CounselorEvent>, at: Date, call_ms: number): State {
  switch (message.kind) {
    case 'told':
      return told(state, message.event, at, call_ms);
    case 'network': {
      if (message.now !== 'lost') return { ...state, network: message.now };
      // The server has forgotten who was asked, and given a letter back.
      return leaveLetters({ ...state, network: message.now, asked: [], reading: reading.disconnected(state.reading) });
    }
    case 'broken':
      return { ...state, screen: 'broken', calls: [], seats: [], asked: [], reading: reading.end(state.reading) };
  }
}

// Whose letter is gone, and who has nothing written that is left, has nothing to look at there.
export function leaveLetters(state: State): State {
  const empty = state.reading.letter === undefined && state.reading.drafts.size === 0;
  return empty && state.selected === letters ? { ...state, selected: undefined } : state;
}

function told(state: State, event: CounselorEvent, at: Date, call_ms: number): State {
  switch (event.kind) {
    case 'trusted': {
      const centre = JSON.parse(event.page) as CentrePage;
      return { ...state, centre, demo: event.demo, clock_shift_hours: event.clock_shift_hours };
    }
    case 'distrusted':
      return { ...state, screen: 'distrusted', distrusted: event.why };
    case 'signed_in': {
      const capacity = state.screen === 'desk' ? Math.min(state.duty.capacity, event.capacity_max) : event.capacity_max;
      return {
        ...state, screen: 'desk', alias: event.alias, capacity_max: event.capacity_max, calls: [], duty: { ...state.duty, capacity },
        reading: { ...state.reading, asked: false },
      };
    }
    case 'expiry_changed':
      return { ...state, expiry: event };
    case 'line_changed':
      return { ...state, line: event };
    case 'called': {
      const { conversation, waited_seconds } = event;
      const others = state.calls.filter((call) => call.conversation !== conversation);
      const call = { conversation, waited_seconds, rings_until: at.getTime() + call_ms, accepted: false, away: false };
      return { ...state, calls: [...others, call], notice: undefined };
    }
    case 'call_withdrawn': {
      const calls = state.calls.filter((call) => call.conversation !== event.conversation);
      if (event.why === 'survivor_left') return { ...state, calls, notice: 'call_survivor_left' };
      // The server calls this console no more until it says that it is free again.
      return { ...state, calls, notice: 'away_after_call', duty: { ...state.duty, free: false } };
    }
    case 'restored': // whoever comes back in the middle of a conversation is on duty still
      return sit({ ...state, duty: { ...state.duty, present: true } }, event.conversation);
    case 'joined': {
      const calls = state.calls.filter((call) => call.conversation !== event.conversation);
      const chosen = state.selected ?? event.conversation;
      return talkTold({ ...sit({ ...state, calls }, event.conversation), selected: chosen }, event, at);
    }
    case 'peer_changed': {
      // Before the encrypted conversation stands there is only the call; after we have ended it there is nothing.
      const away = event.now === 'away';
      const calls = state.calls.map((call) => (call.conversation === event.conversation ? { ...call, away } : call));
      return talkTold({ ...state, calls }, event, at);
    }
    case 'say_answered':
      return state.seats.reduce(
        (now, seat) => change(now, seat.talk.conversation, (one) => ({ ...one, talk: talk.told(one.talk, event, at) })), state,
      );
    case 'text_received':
    case 'text_moved':
    case 'text_recalled':
    case 'recalled':
    case 'peer_left_by_exit':
      return talkTold(state, event, at);
    case 'ended': {
      const calls = state.calls.filter((call) => call.conversation !== event.conversation);
      const now = { ...state, calls };
      // What we ended ourselves is gone from the screen at once.
      if (event.why !== 'by_us') return talkTold(now, event, at);
      return { ...rise(now, event.conversation), leaving: [...now.leaving, event.conversation] };
    }
    case 'colleague_told':
      return { ...state, team: inviting.told(state.team ?? inviting.unknown, event) };
    case 'invitation_moved':
      return change(state, event.conversation, (seat) => ({
        ...seat, invitation: seat.invitation && { ...seat.invitation, now: event.now },
      }));
    case 'invited':
      return { ...state, asked: inviting.ring(state.asked, event) };
    case 'invited_over':
      return { ...state, asked: inviting.withdraw(state.asked, event.conversation) };
    case 'introduced':
      return change(sit(state, event.conversation), event.conversation, (seat) => ({ ...seat, introduced: event }));
    case 'company_changed':
      return talkTold(change(state, event.conversation, inviting.arrived), event, at);
    case 'transcript_broken':
      return change(state, event.conversation, (seat) => ({ ...seat, transcript_broken: true }));
    case 'letters_changed':
    case 'no_letter':
      return { ...state, reading: reading.told(state.reading, event) };
    case 'letter_opened':
      return { ...state, reading: reading.told(state.reading, event), selected: letters };
    case 'letter_closed':
      return leaveLetters({ ...state, reading: reading.told(state.reading, event) });
    case 'finished':
      return { ...state, leaving: state.leaving.filter((each) => each !== event.conversation) };
    case 'server_failed':
      if (event.why === 'login_refused') return { ...first, fault: 'login_refused' };
      return event.why === 'taken_over' ? { ...first, screen: 'taken_over', reading: reading.end(state.reading) } : state;
    case 'keep': // page.tsx
    case 'keep_inbox':
      return state;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

function talkTold(state: State, event: talk.TalkEvent & { conversation: string }, at: Date): State {
  return change(state, event.conversation, (seat) => ({ ...seat, talk: talk.told(seat.talk, event, at) }));
}
