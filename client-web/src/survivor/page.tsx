// The survivor's page: starts the worker, keeps what a reload needs, draws what it is told, and is gone at one touch.
import type { Language, NoPhrase, PhraseMade, SurvivorCommand, SurvivorEvent } from 'bridge';
import { askOnce, compile, fetchTexts, Link, runsWebAssembly, type Module, type ToPage } from '../link';
import { preferred, type Chosen } from '../parts/locale';
import { inSight, watchSight } from '../parts/sight';
import { load, store } from '../parts/storage';
import * as talk from '../parts/talk';
import { cover, watchShift } from './exit';
import * as letters from './letter';
import type { LetterTexts } from './pieces';
import * as replies from './replies';
import { render, type Actions } from './screens';
import * as states from './state';

// Filled in by build.mjs.
declare const core_module: Module;
declare const letters_module: Module;
declare const letters_texts: Module;
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
  render({ state, language, actions, desk, letterTexts }, app);
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
  if (message.kind === 'told') goOn(message.event);
  if (isLast(message)) link.end();
}

// Nothing is left to be said after it, or nothing may be.
function isLast(message: ToPage<SurvivorEvent>): boolean {
  if (message.kind !== 'told') return message.kind === 'broken';
  const { event } = message;
  return event.kind === 'finished' || event.kind === 'distrusted' || (event.kind === 'ended' && event.why === 'taken_over');
}

const needsTwin = !runsWebAssembly();
const own_worker_path = needsTwin ? twin_worker_path : worker_path;
const makeLink = () => new Link<SurvivorCommand, SurvivorEvent>(own_worker_path, onMessage);
let link = makeLink();

function leave() {
  if (gone) return;
  gone = true;
  cover();
  dropKeys();
  link.end({ kind: 'exit' });
  location.replace(state.centre?.exit_page ?? exit); // what the root has signed, once it is proven
}

// --- letters, and what comes back (survivor/letter.ts, replies.ts) ---

// The core that can write letters is as large again, so it takes the other one's place when somebody wants to; the
// twin has all of it.
let code: Promise<WebAssembly.Module | undefined>;
let withLetters = needsTwin;
let letterTexts: LetterTexts | undefined;
let textsAsked = false;
function takeLetters() {
  if (!textsAsked) void takeTexts();
  if (withLetters) return;
  withLetters = true;
  link.end();
  link = makeLink();
  code = begin(letters_module);
}
async function takeTexts() {
  textsAsked = true;
  letterTexts = await patiently(() => fetchTexts<LetterTexts>(letters_texts));
  draw();
}

let keys: Uint8Array | undefined; // of the return phrase, while a screen needs them

function dropKeys() {
  keys?.fill(0);
  keys = undefined;
}

// What the core forgets with a connection is asked again on the next one. A letter that is sealed waits in the core.
function goOn({ kind }: SurvivorEvent) {
  const { screen, letter } = state;
  if (screen === 'letter') {
    if (kind === 'trusted' || kind === 'letter_not_sent') askWhenRead();
    if (kind === 'letters_told' && letter.step === 'sending') seal();
    if (kind === 'letter_sent') dropKeys();
  }
  if (screen === 'replies') {
    if (kind === 'trusted') fetchAgain();
    if (kind === 'replies_told' && state.replies.step !== 'shown') dropKeys();
  }
}

function askWhenRead() {
  if (letters.asks(state.letter)) link.run({ kind: 'ask_letters' });
}
function seal() {
  const { text, told } = state.letter;
  if (told?.possible) link.run({ kind: 'send_letter', written_in: language, text, keys: keys ?? new Uint8Array(keys_bytes) });
}
const keys_bytes = 128;

function fetchAgain() {
  const { step } = state.replies;
  if (step === 'shown' && !replies.allHere(state.replies)) change({ ...state, replies: { ...replies.first, step: 'fetching' } });
  else if (step !== 'fetching' && step !== 'burning') return;
  fetchReplies();
}
function fetchReplies() {
  if (keys !== undefined) link.run({ kind: 'fetch_replies', keys, burn: state.replies.step === 'burning' });
}

// Whoever left the screen meanwhile, or began anew, gets no answer.
let asked = 0;
async function askForKeys(command: SurvivorCommand, then: (event: PhraseMade | NoPhrase) => void) {
  const number = ++asked;
  let event: PhraseMade | NoPhrase;
  try {
    event = await askOnce(own_worker_path, { module: await code, command });
  } catch {
    event = { kind: 'no_phrase', memory: true };
  }
  if (number === asked && !gone) return then(event);
  if (event.kind === 'phrase_made') event.keys.fill(0);
}

function changeLetter(letter: letters.Letter) {
  change({ ...state, letter });
}
function makePhrase(digits: boolean) {
  changeLetter(letters.go(state.letter, 'making'));
  void askForKeys({ kind: 'make_phrase', root: state.root, digits, kana: language === 'ja' }, (made) => {
    if (made.kind === 'no_phrase') return changeLetter(letters.go(state.letter, 'choose', 'no_phrase'));
    dropKeys();
    keys = made.keys;
    changeLetter({ ...letters.go(state.letter, 'copy'), shown: { phrase: made.shown, digits } });
  });
}
// Read as it will be when the reply is fetched: what was copied wrongly would open nothing.
function checkPhrase(tail: string) {
  const { shown } = state.letter;
  if (shown === undefined) return;
  changeLetter(letters.go(state.letter, 'checking'));
  void askForKeys({ kind: 'read_phrase', root: state.root, typed: letters.withTail(shown, tail) }, (read) => {
    const same = read.kind === 'phrase_made' && read.keys.every((byte, at) => byte === keys?.[at]);
    if (read.kind === 'phrase_made') read.keys.fill(0);
    if (same) return changeLetter({ ...letters.withoutPhrase(state.letter, 'write'), answerable: true });
    const memory = read.kind === 'no_phrase' && read.memory;
    changeLetter(letters.go(state.letter, 'check', memory ? 'no_phrase' : 'phrase_differs'));
  });
}
function readPhrase(typed: string) {
  change({ ...state, replies: { ...replies.first, step: 'reading' } });
  void askForKeys({ kind: 'read_phrase', root: state.root, typed }, (read) => {
    if (read.kind === 'no_phrase') {
      return change({ ...state, replies: { ...replies.first, fault: read.memory ? 'no_phrase' : 'not_a_phrase' } });
    }
    keys = read.keys;
    change({ ...state, replies: { ...replies.first, step: 'fetching' } });
    fetchReplies();
  });
}
function leaveLetters() {
  asked++;
  dropKeys();
  change(states.leave(state));
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
  answerInvitation(yes: boolean) {
    const number = state.invitation?.number;
    if (number === undefined) return;
    change(states.answerInvitation(state, yes));
    link.run({ kind: 'answer_invitation', number, yes });
  },
  endCompany() {
    link.run({ kind: 'end_company' });
  },
  letter: {
    begin() {
      takeLetters();
      change({ ...states.leave(state), screen: 'letter' });
      askWhenRead();
    },
    go(step) {
      changeLetter(letters.go(state.letter, step));
    },
    makePhrase,
    checkPhrase,
    dropPhrase(step) {
      asked++;
      dropKeys();
      changeLetter(letters.withoutPhrase(state.letter, step));
    },
    keep(text) {
      state = { ...state, letter: { ...state.letter, text } }; // as it is typed: nothing is to be drawn anew
    },
    send() {
      const { fresh, told } = state.letter;
      changeLetter(letters.go(state.letter, 'sending'));
      if (fresh && told?.possible === true) return seal();
      changeLetter({ ...state.letter, fresh: false });
      askWhenRead(); // the answer sends it, or says that it cannot be
    },
    leave: leaveLetters,
  },
  replies: {
    begin() {
      takeLetters();
      change({ ...states.leave(state), screen: 'replies' });
    },
    read: readPhrase,
    burn() {
      change({ ...state, replies: { ...state.replies, step: 'burning' } });
      fetchReplies();
    },
    leave: leaveLetters,
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
  dropKeys();
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

// None: it is not what was built, there is no memory for it, the network stayed away, or nobody wants it any more.
async function patiently<Got>(attempt: () => Promise<Got>, wanted = () => true): Promise<Got | undefined> {
  for (const pause of [...attempts_ms, 0]) {
    try {
      return await attempt();
    } catch (failed) {
      if (!wanted()) break;
      if (pause === 0 || !(failed instanceof TypeError)) {
        onMessage({ kind: 'broken' });
        break;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return undefined;
}

async function begin(from: Module): Promise<WebAssembly.Module | undefined> {
  const own = link;
  const here = () => own === link; // else another core has taken its place
  const module = needsTwin ? undefined : await patiently(() => compile(from), here);
  if (!here() || (module === undefined && !needsTwin)) return module;
  own.begin(module, { kind: 'begin', root_fingerprint: root, desk, kept: from === core_module ? kept : new Uint8Array() });
  kept.fill(0);
  return module;
}
draw();
code = begin(core_module);
