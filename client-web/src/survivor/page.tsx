// The survivor's page: starts the worker, keeps what a reload needs, draws what it is told, and is gone at one touch.
import { type Language, type SurvivorCommand, type SurvivorEvent } from 'bridge';
import { compile, Link, runsWebAssembly, type Module, type ToPage } from '../link';
import { preferred, type Chosen } from '../parts/locale';
import { inSight, watchSight } from '../parts/sight';
import { load, store } from '../parts/storage';
import * as talk from '../parts/talk';
import { cover, watchShift } from './exit';
import { render, type Actions } from './screens';
import * as states from './state';

// Filled in by build.mjs.
declare const core_module: Module;
declare const worker_path: string;
declare const twin_worker_path: string;

const { root = '', desk = '', exit = '/' } = document.body.dataset;
const app = document.getElementById('app') as HTMLElement;
const drawn = document.getElementById('drawn'); // by the server, for the first moments and for a page that cannot go on

// --- what survives a reload, and nothing else: the way back to the place in the line or to the talk ---

const resume_key = 'resume';

// --- the page ---

const kept = load(resume_key).get('') ?? new Uint8Array();
let state = states.first(kept.length > 0);
let language: Chosen = preferred();
let references = 0;
let gone = false;

function draw() {
  if (gone) return;
  // Until there is something to say, what the server has drawn stays.
  if (state.screen === 'door' && state.door === undefined && !late) return;
  render({ state, language, actions, desk }, app);
  if (drawn !== null) {
    drawn.hidden = state.centre !== undefined;
    drawn.setAttribute('role', 'complementary'); // the main part is ours now
  }
  confirm();
}
function change(to: states.State) {
  state = to;
  draw();
}

function confirm() {
  if (state.talk === undefined || state.screen !== 'talk') return;
  let shown = state.talk;
  for (const { id } of inSight(talk.unconfirmed(shown), app)) {
    link.run({ kind: 'shown', id });
    shown = talk.confirm(shown, id);
  }
  state = { ...state, talk: shown };
}

function onMessage(message: ToPage<SurvivorEvent>) {
  if (gone) return;
  if (message.kind === 'told' && message.event.kind === 'keep') return store(resume_key, message.event.kept);
  change(states.received(state, message, new Date()));
  if (isLast(message)) link.end();
}

// Nothing is left to be said after it, or nothing may be.
function isLast(message: ToPage<SurvivorEvent>): boolean {
  if (message.kind !== 'told') return message.kind === 'broken';
  const { event } = message;
  return event.kind === 'finished' || event.kind === 'distrusted' || (event.kind === 'ended' && event.why === 'taken_over');
}

const needsTwin = !runsWebAssembly();
const link = new Link<SurvivorCommand, SurvivorEvent>(needsTwin ? twin_worker_path : worker_path, onMessage);

function leave() {
  if (gone) return;
  gone = true;
  cover();
  link.end({ kind: 'exit' });
  location.replace(state.centre?.exit_page ?? exit); // what the root has signed, once it is proven
}

const actions: Actions = {
  enter() {
    change({ ...state, screen: 'entering', turned_away: undefined });
    link.run({ kind: 'enter' });
  },
  say(text: string, written_in: Language) {
    if (state.talk === undefined) return;
    const reference = ++references;
    change({ ...state, talk: talk.say(state.talk, reference, text, written_in, new Date()) });
    link.run({ kind: 'say', reference, written_in, text });
  },
  askForPast() {
    if (state.talk === undefined) return;
    change({ ...state, talk: talk.askForPast(state.talk) });
    link.run({ kind: 'recall' });
  },
  end() {
    link.run({ kind: 'end' });
  },
  clear() {
    link.run({ kind: 'end' });
    change(states.clear(state));
  },
  again() {
    location.reload();
  },
  exit: leave,
  choose(chosen: Chosen) {
    language = chosen;
    draw();
  },
};

// --- the browser ---

watchShift(leave);
document.addEventListener('click', (event) => {
  if (!(event.target as Element).closest('a.exit')) return; // of the part that the server has drawn
  event.preventDefault();
  leave();
});
watchSight(confirm);
// A page that is left by other ways than the exit stays in no cache of pages: coming back begins with a reload.
window.addEventListener('pagehide', () => {
  gone = true;
  document.body.replaceChildren();
});
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
// On a phone the keyboard covers the page instead of making it smaller.
function measure() {
  const { height, scale } = window.visualViewport ?? { height: window.innerHeight, scale: 1 };
  document.documentElement.style.setProperty('--seen', `${height * scale}px`); // who zooms in still has the whole page
}
measure();
(window.visualViewport ?? window).addEventListener('resize', measure);

// Without an answer by then, the page says so, above what the server has drawn.
const patience_ms = 4_000;
let late = false;
setTimeout(() => {
  late = true;
  draw();
}, patience_ms);

// A weak signal loses a download now and then.
const attempts_ms = [1_000, 3_000, 6_000];

async function begin() {
  draw();
  for (const pause of [...attempts_ms, 0]) {
    try {
      link.begin(needsTwin ? undefined : await compile(core_module), { kind: 'begin', root_fingerprint: root, desk, kept });
      return kept.fill(0);
    } catch (failed) {
      // Not what was built, or no memory for it.
      if (pause === 0 || !(failed instanceof TypeError)) return onMessage({ kind: 'broken' });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
void begin();
