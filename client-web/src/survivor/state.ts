// What the survivor's page shows, as a pure function of what it is told. `never` at the end of the switch: an event that
// nobody handles does not compile.
import type { DoorChanged, Ending, Failure, Presence, Refusal, SurvivorEvent } from 'bridge';
import type { ToPage, Network } from '../link';
import * as talk from '../parts/talk';

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
  | 'over' // emptied
  | 'distrusted'
  | 'broken';

export type State = {
  screen: Screen;
  network: Network;
  centre: CentrePage | undefined; // once it is verified
  demo: boolean;
  clock_shift_hours: number;
  door: DoorChanged | undefined;
  turned_away: Refusal | undefined;
  ahead: number;
  peer: Presence; // while the talk that a reload has forgotten is not joined again
  talk: talk.Talk | undefined;
  over: Ending | undefined;
  distrusted: Failure | undefined;
};

export function first(returning: boolean): State {
  return {
    screen: returning ? 'returning' : 'door', network: 'connecting', centre: undefined, demo: false, clock_shift_hours: 0,
    door: undefined, turned_away: undefined, ahead: 0, peer: 'here', talk: undefined, over: undefined, distrusted: undefined,
  };
}

export function received(state: State, message: ToPage<SurvivorEvent>, at: Date): State {
  switch (message.kind) {
    case 'told':
      return told(state, message.event, at);
    case 'network':
      return { ...state, network: message.now };
    case 'broken':
      return { ...state, screen: 'broken', talk: undefined };
  }
}

function told(state: State, event: SurvivorEvent, at: Date): State {
  switch (event.kind) {
    case 'trusted': {
      const centre = JSON.parse(event.page) as CentrePage;
      return { ...state, centre, demo: event.demo, clock_shift_hours: event.clock_shift_hours };
    }
    case 'distrusted':
      return { ...state, screen: 'distrusted', distrusted: event.why, talk: undefined };
    case 'door_changed':
      return { ...state, door: event };
    case 'place_changed':
      return { ...state, screen: 'waiting', ahead: event.ahead, turned_away: undefined };
    case 'turned_away':
      return { ...state, screen: 'door', turned_away: event.why };
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
      const now = talk.told(before, event, at);
      return { ...state, talk: now, screen: event.kind === 'joined' ? 'talk' : state.screen };
    }
    case 'ended':
      return end(state, event.why, at);
    case 'keep': // page.tsx
    case 'finished':
    case 'server_failed': // the worker connects again; what it means for a conversation comes as `ended`
      return state;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

// What the counselor said last can still be read; where we ended it, or it goes on elsewhere, the screen is emptied.
function end(state: State, why: Ending, at: Date): State {
  if (state.screen === 'distrusted' || state.screen === 'broken') return state;
  const readable = why !== 'by_us' && why !== 'taken_over' && state.talk !== undefined;
  if (!readable) return { ...state, screen: 'over', over: why, talk: undefined };
  const over = talk.told(state.talk as talk.Talk, { kind: 'ended', conversation: '', why }, at);
  return { ...state, talk: over, over: why };
}

// The person cleared the screen after the other side had ended.
export function clear(state: State): State {
  return { ...state, screen: 'over', over: 'by_us', talk: undefined };
}
