// What the survivor's page shows, as a pure function of what it is told. `never` at the end of the switch: an event that
// nobody handles does not compile.
import type { DoorChanged, Ending, Failure, InvitationReceived, Presence, Refusal, SurvivorEvent } from 'bridge';
import type { ToPage, Network } from '../link';
import * as talk from '../parts/talk';
import * as letters from './letter';
import * as replies from './replies';

// The JSON of the signed centre file (server/plan.cpp). Times in local minutes, Monday first.
export type ByLanguage = { ja: string; en: string } & Partial<Record<string, string>>;
export type CentrePage = {
  name: ByLanguage;
  time_zone: string;
  exit_page: string;
  telephones: { id: string; name: ByLanguage; number: string; hours: ByLanguage; cost: ByLanguage; languages: string[] }[];
  desks: { id: string; name: ByLanguage; hours: [number, number][][] }[];
};

export type Screen =
  | 'door'
  | 'entering' // asked for a place, no answer yet
  | 'returning' // the page was reloaded and looks for its place or its talk
  | 'waiting'
  | 'talk'
  | 'letter'
  | 'replies'
  | 'over' // emptied
  | 'distrusted'
  | 'broken';

export type State = {
  screen: Screen;
  network: Network;
  centre: CentrePage | undefined; // once it is verified
  root: string; // its root key; '' until then
  demo: boolean;
  clock_shift_hours: number;
  door: DoorChanged | undefined;
  turned_away: Refusal | undefined;
  ahead: number;
  peer: Presence; // while the talk that a reload has forgotten is not joined again
  talk: talk.Talk | undefined;
  invitation: InvitationReceived | undefined; // to be answered
  awaited: InvitationReceived | undefined; // answered with yes, and they are not here yet
  letter: letters.Letter;
  replies: replies.Replies;
  over: Ending | undefined;
  distrusted: Failure | undefined;
};

export function first(returning: boolean): State {
  return {
    screen: returning ? 'returning' : 'door', network: 'connecting', centre: undefined, root: '', demo: false,
    clock_shift_hours: 0, door: undefined, turned_away: undefined, ahead: 0, peer: 'here', talk: undefined, invitation: undefined,
    awaited: undefined, letter: letters.first, replies: replies.first, over: undefined, distrusted: undefined,
  };
}

export function received(state: State, message: ToPage<SurvivorEvent>, at: Date): State {
  switch (message.kind) {
    case 'told':
      return told(state, message.event, at);
    case 'network':
      return { ...state, network: message.now, letter: letters.network(state.letter, message.now) };
    case 'broken':
      return empty(state, 'broken');
  }
}

function told(state: State, event: SurvivorEvent, at: Date): State {
  switch (event.kind) {
    case 'trusted': {
      const centre = JSON.parse(event.page) as CentrePage;
      return { ...state, centre, root: event.root, demo: event.demo, clock_shift_hours: event.clock_shift_hours };
    }
    case 'distrusted':
      return { ...empty(state, 'distrusted'), distrusted: event.why };
    case 'door_changed':
      return { ...state, door: event };
    case 'place_changed':
      return { ...state, screen: 'waiting', ahead: event.ahead, turned_away: undefined };
    case 'turned_away':
      return { ...empty(state, 'door'), root: state.root, turned_away: event.why };
    case 'invitation_received':
      return { ...state, invitation: event };
    case 'invitation_withdrawn': {
      const { invitation, talk: now } = state;
      if (invitation?.number !== event.number || now === undefined) return state; // answered in the same moment
      return { ...state, invitation: undefined, talk: talk.note(now, 'withdrawn', invitation.alias) };
    }
    case 'invitation_failed':
      return { ...note(state, 'nobody_came'), awaited: undefined };
    case 'handed_over':
    case 'company_changed': {
      const came = event.kind === 'handed_over' || event.here; // who goes may be somebody else than is awaited
      const now = came ? { ...state, awaited: undefined } : state;
      return now.talk === undefined ? now : { ...now, talk: talk.told(now.talk, event, at) };
    }
    case 'letters_told':
    case 'letter_sent':
    case 'letter_not_sent':
      return { ...state, letter: letters.told(state.letter, event) };
    case 'replies_told':
    case 'reply_received':
    case 'reply_refused':
      return { ...state, replies: replies.told(state.replies, event) };
    case 'joined':
    case 'say_answered':
    case 'text_received':
    case 'text_moved':
    case 'text_recalled':
    case 'recalled':
    case 'peer_changed': {
      // Nothing but `joined` begins a talk: what comes late, after the end, has no screen any more.
      const before = state.talk ?? (event.kind === 'joined' ? talk.begin(event.conversation) : undefined);
      if (before === undefined) return event.kind === 'peer_changed' ? { ...state, peer: event.now } : state;
      const now = { ...state, talk: talk.told(before, event, at) };
      // In a new session nobody remembers what was asked in the one before.
      return event.kind === 'joined' ? { ...now, screen: 'talk', invitation: undefined } : now;
    }
    case 'ended':
      return end(state, event.why, at);
    case 'phrase_made': // of one-shot workers: page.tsx
    case 'no_phrase':
    case 'keep':
    case 'finished':
    case 'server_failed': // the worker connects again; what it means for a conversation comes as `ended`
      return state;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

// What was written here is gone too.
function empty(state: State, screen: Screen): State {
  const { centre, door, network, demo, clock_shift_hours } = state;
  return { ...first(false), screen, centre, door, network, demo, clock_shift_hours };
}

function note(state: State, what: talk.NoteKind): State {
  const who = state.awaited?.alias ?? state.invitation?.alias ?? '';
  return state.talk === undefined ? state : { ...state, talk: talk.note(state.talk, what, who) };
}

export function answerInvitation(state: State, yes: boolean): State {
  const now = yes ? { ...state, awaited: state.invitation } : note(state, 'refused');
  return { ...now, invitation: undefined };
}

// Back where one began, without a trace of what was written.
export function leave(state: State): State {
  return { ...state, screen: 'door', letter: letters.first, replies: replies.first };
}

// What the counselor said last can still be read; where we ended it, or it goes on elsewhere, the screen is emptied.
function end(state: State, why: Ending, at: Date): State {
  if (state.screen === 'distrusted' || state.screen === 'broken') return state;
  const readable = why !== 'by_us' && why !== 'taken_over' && state.talk !== undefined;
  if (!readable) return { ...empty(state, 'over'), over: why };
  const over = talk.told(state.talk as talk.Talk, { kind: 'ended', conversation: '', why }, at);
  return { ...state, talk: over, over: why, invitation: undefined, awaited: undefined };
}

// The person cleared the screen after the other side had ended.
export function clear(state: State): State {
  return { ...empty(state, 'over'), over: 'by_us' };
}
