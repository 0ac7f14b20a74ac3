// The staff console: opens the key file in a one-shot worker, signs in, and from then on draws what its worker tells.
import {
  accept_seconds, type CounselorCommand, type CounselorEvent, type Language, type Unlocked, type VaultEvent,
} from 'bridge';
import { toHex } from '../core';
import { compile, Link, makeWorker, runsWebAssembly, type Module, type ToPage } from '../link';
import { preferred, type Chosen } from '../parts/locale';
import { inSight, watchSight } from '../parts/sight';
import { clear, load, store } from '../parts/storage';
import * as talk from '../parts/talk';
import * as inboxes from './inbox';
import * as inviting from './inviting';
import * as reading from './reading';
import type { Actions } from './screen';
import { render } from './screens';
import * as states from './state';
import type { VaultTask } from './vault_worker';

// Filled in by build.mjs.
declare const core_module: Module;
declare const worker_path: string;
declare const vault_module: Module;
declare const vault_worker_path: string;

const { root = '' } = document.body.dataset;
const app = document.getElementById('app') as HTMLElement;

// --- what survives a reload: for each conversation the way back, sealed under the vault's keys (crypto/PROTOCOL.md) ---

// Those that somebody else has left in this tab are among them: their keys are not ours, and the core lets them lie.
const resume_key = 'resume.';
const number_key = 'number.'; // how the survivor is called here, one byte

// --- what survives the tab: the letter keys (inbox.ts) ---

let inbox = { name: '', sealed: new Uint8Array() }; // of whoever is signed in
let inboxFrom: ReturnType<typeof inboxes.choose> = 'none';

function keepInbox(sealed: Uint8Array<ArrayBuffer>) {
  inbox = { ...inbox, sealed };
  if (!inboxes.keep(inbox.name, sealed)) tellOfKeys('not_kept');
  else if (inboxes.madeToday(sealed)) tellOfKeys(inboxFrom === 'file' ? 'file_useless' : 'made_anew');
}
function tellOfKeys(keys_note: reading.KeysNote) {
  change({ ...state, reading: { ...state.reading, keys_note } });
}

// --- the page ---

// There is a twin in JavaScript for survivors only: staff's keys are worth more than it can keep (crypto/PROTOCOL.md).
let state = runsWebAssembly() ? states.first : states.unfit;
let language: Chosen = preferred();
let references = 0;
let link: Link<CounselorCommand, CounselorEvent> | undefined;

function draw() {
  render({ state, language, actions, now: Date.now() }, app);
  confirm();
}
function change(to: states.State) {
  const gone = state.seats.filter(({ talk: one }) => states.find(to, one.conversation) === undefined);
  for (const { talk: one } of gone) store(number_key + one.conversation, new Uint8Array());
  for (const { talk: one, number } of to.seats) store(number_key + one.conversation, Uint8Array.of(number));
  state = to;
  draw();
}

function confirm() {
  let drawAgain = false;
  for (const { talk: one } of state.seats) {
    const { conversation } = one;
    const seat = document.querySelector(`[data-conversation="${conversation}"]`);
    for (const { id } of seat === null ? [] : inSight(talk.unconfirmed(one), seat)) {
      link?.run({ kind: 'shown', conversation, id });
      state = states.change(state, conversation, (at) => ({ ...at, talk: talk.confirm(at.talk, id) }));
      drawAgain = true;
    }
  }
  if (drawAgain) draw();
}

function onMessage(message: ToPage<CounselorEvent>) {
  if (message.kind === 'told' && message.event.kind === 'keep') {
    return void store(resume_key + message.event.conversation, message.event.kept);
  }
  if (message.kind === 'told' && message.event.kind === 'keep_inbox') {
    return keepInbox(message.event.sealed as Uint8Array<ArrayBuffer>);
  }
  const wasFree = state.duty.free;
  change(states.received(state, message, new Date(), accept_seconds * 1000));
  if (wasFree && !state.duty.free) sayDuty();
  if (message.kind === 'told' && message.event.kind === 'signed_in') {
    sayDuty();
    if (state.team?.complete === false) askTeam(); // the answer to the first question is lost
  }
  if (!['desk', 'signing_in', 'signing_out'].includes(state.screen)) hangUp();
}

function sayDuty() {
  const { present, free, capacity } = state.duty;
  link?.run({ kind: 'set_duty', present, free: present && free, capacity });
}
function askTeam() {
  state = { ...state, team: inviting.unknown };
  link?.run({ kind: 'ask_team' });
}
function hangUp() {
  link?.end();
  link = undefined;
  release?.();
  release = undefined;
}

// --- signing in ---

async function unlock(module: WebAssembly.Module, key_file: Uint8Array, passphrase: string): Promise<VaultEvent> {
  const worker = makeWorker(vault_worker_path);
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<VaultEvent>) => resolve(data);
      worker.onerror = reject;
      const task: VaultTask = { module, command: { kind: 'unlock', key_file, passphrase, prf: new Uint8Array(32) } };
      worker.postMessage(task);
    });
  } finally {
    worker.terminate();
  }
}

// The console runs in one tab for each certificate: two would seal different things under the same keys.
let release: (() => void) | undefined;
async function lock(certificate: Uint8Array): Promise<boolean> {
  const name = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', certificate as Uint8Array<ArrayBuffer>)));
  return new Promise((resolve) => {
    void navigator.locks.request(name, { ifAvailable: true }, (held) => {
      resolve(held !== null);
      return held === null ? undefined : new Promise<void>((done) => { release = done; });
    });
  });
}

async function signIn(files: File[], passphrase: string) {
  const picked = await inboxes.pick(files);
  if (typeof picked === 'string') return change({ ...state, fault: picked });
  if (passphrase.trim() === '') return change({ ...state, fault: 'type_passphrase' });
  const refuse = (fault: states.SignInFault) => change({ ...state, unlocking: false, fault });
  change({ ...state, unlocking: true, fault: undefined });
  let modules: WebAssembly.Module[];
  try {
    modules = await Promise.all([compile(vault_module), compile(core_module)]);
  } catch {
    return refuse('no_network');
  }
  let opened: VaultEvent;
  try {
    opened = await unlock(modules[0] as WebAssembly.Module, picked.key_file, passphrase);
  } catch {
    return refuse('no_memory');
  }
  if (opened.kind !== 'unlocked') return refuse(states.faultOf(opened));
  if (!(await lock(opened.certificate))) return refuse('signed_in_elsewhere');
  const name = await inboxes.nameOf(opened.certificate);
  begin(modules[1] as WebAssembly.Module, opened, beginReading(name, picked.given));
}

// What the core is given of the letter keys, and what there is to be said about them.
function beginReading(name: string, given: inboxes.Given | undefined): reading.Reading {
  const here = inboxes.kept(name);
  inboxFrom = inboxes.choose(here, given);
  const taken = inboxFrom === 'file' ? given : here;
  inbox = { name, sealed: (taken?.sealed ?? new Uint8Array()) as Uint8Array<ArrayBuffer> };
  if (inboxFrom === 'file' && given !== undefined) {
    inboxes.keep(name, given.sealed);
    inboxes.keepSaved(name, given.saved);
  }
  const unused = inboxFrom === 'device' && given !== undefined && toHex(given.sealed) !== toHex(inbox.sealed);
  return { ...reading.first, saved: taken?.saved ?? 0, keys_note: unused ? 'file_unused' : undefined };
}

function begin(module: WebAssembly.Module, { certificate, sign_seed, agree_seed }: Unlocked, letters: reading.Reading) {
  link = new Link(worker_path, onMessage);
  link.begin(
    module,
    { kind: 'begin', root_fingerprint: root, origin: location.origin, certificate, sign_seed, agree_seed, inbox: inbox.sealed },
    ...[...load(resume_key).values()].map((kept): CounselorCommand => ({ kind: 'restore', kept })),
  );
  sign_seed.fill(0);
  agree_seed.fill(0);
  const numbers = new Map([...load(number_key)].map(([conversation, [number = 0]]) => [conversation, number]));
  const next_number = Math.max(0, ...numbers.values()) + 1;
  change({ ...states.first, screen: 'signing_in', numbers, next_number, reading: letters });
}

// Conversations under way are ended first, and the server has to know of it: else survivors would go on waiting.
const goodbye_ms = 8_000; // longer than a core waits for its peer's close

async function signOut() {
  const signingOut = { present: false, free: false, capacity: state.duty.capacity };
  for (const { talk: one } of states.underWay(state)) link?.run({ kind: 'end', conversation: one.conversation });
  change({ ...state, screen: 'signing_out', duty: signingOut });
  sayDuty();
  const done = () => states.underWay(state).length === 0 && state.leaving.length === 0;
  for (const until = Date.now() + goodbye_ms; Date.now() < until && !done(); ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (!done()) return change({ ...state, screen: 'desk', notice: 'could_not_end' });
  hangUp();
  clear();
  state = states.first;
  location.reload();
}

// --- the person ---

const actions: Actions = {
  signIn: (files, passphrase) => void signIn(files, passphrase),
  setDuty(duty) {
    change({ ...state, duty, notice: undefined });
    sayDuty();
  },
  accept(conversation) {
    const calls = state.calls.map((call) => (call.conversation === conversation ? { ...call, accepted: true } : call));
    change({ ...state, calls });
    link?.run({ kind: 'accept', conversation });
  },
  say(conversation: string, text: string, written_in: Language) {
    const seat = states.find(state, conversation);
    if (seat === undefined) return;
    const reference = ++references;
    const said = talk.say(seat.talk, reference, text, written_in, new Date());
    change(states.change(state, conversation, (at) => ({ ...at, talk: said })));
    link?.run({ kind: 'say', conversation, reference, written_in, text });
  },
  askForPast(conversation) {
    change(states.change(state, conversation, (at) => ({ ...at, talk: talk.askForPast(at.talk) })));
    link?.run({ kind: 'recall', conversation });
  },
  end(conversation) {
    link?.run({ kind: 'end', conversation });
  },
  close(conversation) {
    link?.run({ kind: 'end', conversation });
    change(states.rise(state, conversation));
  },
  select(conversation) {
    change({ ...state, selected: conversation });
  },
  askTeam() {
    askTeam();
    draw();
  },
  invite(conversation, { certificate, alias }, purpose, sheet, written_in) {
    change(states.change(state, conversation, (seat) => ({ ...seat, invitation: { purpose, alias, now: 'asked' } })));
    link?.run({ kind: 'invite', conversation, colleague: certificate, purpose, written_in, sheet });
  },
  withdraw(conversation) {
    link?.run({ kind: 'withdraw_invitation', conversation });
  },
  forgetInvitation(conversation) {
    change(states.change(state, conversation, (seat) => ({ ...seat, invitation: undefined })));
  },
  answerColleague(conversation, yes) {
    const asked = yes ? inviting.answer(state.asked, conversation) : inviting.withdraw(state.asked, conversation);
    change({ ...state, asked });
    link?.run({ kind: 'answer_colleague', conversation, yes });
  },
  takeLetter() {
    change({ ...state, reading: reading.ask(state.reading) });
    link?.run({ kind: 'take_letter' });
  },
  // Not drawn: the field shows it already.
  writeReply(letter, text) {
    state = { ...state, reading: reading.write(state.reading, letter, text) };
  },
  forgetReply(letter) {
    change(states.leaveLetters({ ...state, reading: reading.write(state.reading, letter, '') }));
  },
  answerLetter(letter, text, written_in) {
    change({ ...state, reading: reading.send(state.reading, 'answered') });
    link?.run({ kind: 'answer_letter', letter, written_in, text });
  },
  putLetter(letter, read) {
    change({ ...state, reading: reading.send(state.reading, read ? 'read' : 'put_back') });
    link?.run({ kind: 'put_letter', letter, read });
  },
  saveKeys() {
    const saved = Date.now();
    inboxes.save(inbox.sealed);
    inboxes.keepSaved(inbox.name, saved);
    change({ ...state, reading: { ...state.reading, saved, keys_note: undefined } });
  },
  signOut: () => void signOut(),
  again() {
    location.reload();
  },
  choose(chosen) {
    language = chosen;
    draw();
  },
};

// A reply that is being written lies nowhere else.
window.addEventListener('beforeunload', (event) => {
  if (state.reading.drafts.size > 0) event.preventDefault();
});
watchSight(confirm);
setInterval(() => {
  if (state.calls.length > 0) draw(); // the seconds that are left
}, 1000);
draw();
