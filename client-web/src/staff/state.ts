// What the staff console shows, as a pure function of what it is told.
import type { CounselorEvent, ExpiryChanged, Failure, LineChanged, VaultEvent } from 'bridge';
import type { Network, ToPage } from '../link';
import * as talk from '../parts/talk';

export type SignInFault =
  | 'choose_file' | 'type_passphrase' | 'not_a_key_file' | 'cannot_open' | 'no_memory' | 'login_refused'
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
export type Seat = { talk: talk.Talk; number: number };

type Notice = 'away_after_call' | 'call_survivor_left' | 'could_not_end';

export type Duty = { present: boolean; free: boolean; capacity: number };

export type State = {
  screen: 'unfit' | 'sign_in' | 'signing_in' | 'desk' | 'signing_out' | 'taken_over' | 'distrusted' | 'broken';
  fault: SignInFault | undefined;
  unlocking: boolean;
  network: Network;
  centre_name: { ja: string; en: string } | undefined;
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
  selected: string | undefined; // the conversation shown where there is room for one; undefined: the desk
  notice: Notice | undefined;
};

export const first: State = {
  screen: 'sign_in', fault: undefined, unlocking: false, network: 'connecting', centre_name: undefined, alias: '', expiry: undefined, demo: false,
  clock_shift_hours: 0, distrusted: undefined, capacity_max: 1, duty: { present: false, free: false, capacity: 1 },
  line: undefined, calls: [], seats: [], leaving: [], numbers: new Map(), next_number: 1, selected: undefined, notice: undefined,
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
  const seats = [...state.seats, { talk: talk.begin(conversation), number }].sort((one, other) => one.number - other.number);
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
    case 'network':
      return { ...state, network: message.now };
    case 'broken':
      return { ...state, screen: 'broken', calls: [], seats: [] };
  }
}

function told(state: State, event: CounselorEvent, at: Date, call_ms: number): State {
  switch (event.kind) {
    case 'trusted': {
      const { name } = JSON.parse(event.page) as { name: { ja: string; en: string } };
      return { ...state, centre_name: name, demo: event.demo, clock_shift_hours: event.clock_shift_hours };
    }
    case 'distrusted':
      return { ...state, screen: 'distrusted', distrusted: event.why };
    case 'signed_in': {
      const capacity = state.screen === 'desk' ? Math.min(state.duty.capacity, event.capacity_max) : event.capacity_max;
      return {
        ...state, screen: 'desk', alias: event.alias, capacity_max: event.capacity_max, calls: [], duty: { ...state.duty, capacity },
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
    case 'finished':
      return { ...state, leaving: state.leaving.filter((each) => each !== event.conversation) };
    case 'server_failed':
      if (event.why === 'login_refused') return { ...first, fault: 'login_refused' };
      return event.why === 'taken_over' ? { ...first, screen: 'taken_over' } : state;
    case 'keep': // page.tsx
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
