// After a conversation is closed, no 8 bytes of its texts and keys are left in a core's memory.
import assert from 'node:assert/strict';
import { hkdfSync } from 'node:crypto';
import test from 'node:test';

import { Centre, until } from '../support/centre.mjs';
import { instantiate, load, loadTwin } from './modules.mjs';
import { comeToTheDoor, goOnDuty } from './people.mjs';

const words = ['待っているあいだに書いた最初のことば', '相談員のへんじ：ここは安全です', 'さいごのことば、もう大丈夫です'];
const fragment = 8;
const inbox_days_ahead = 21; // crypto/inbox.hpp

// A person whose core shows what it draws at random and what it wipes. `make`: makes them, of the code that it is given.
function watched(code, make) {
  const seen = { secrets: [], drawn: [] };
  const person = make(({ env }) => {
    const copy = (at, size) => new Uint8Array(seen.memory.buffer, at, size).slice();
    const random = (at, size) => {
      env.random(at, size);
      seen.drawn.push(copy(at, size));
    };
    const wiping = (at, size) => seen.secrets.push(copy(at, size));
    const exports = instantiate(code, { env: { ...env, random, wiping } });
    seen.memory = exports.memory;
    return exports;
  });
  person.seen = seen;
  person.atFirst = fragmentsOf([new Uint8Array(seen.memory.buffer)]);
  return person;
}

// All runs of 8 bytes that do not begin with a zero, as strings of 8 characters.
function fragmentsOf(pieces) {
  const out = new Set();
  for (const piece of pieces) {
    const all = Buffer.from(piece).toString('latin1');
    for (let at = 0; at + fragment <= piece.length; at++) if (piece[at] !== 0) out.add(all.slice(at, at + fragment));
  }
  return out;
}

// What lies between zeros is a length, a time, an address, or the end of something else. A key of 32 bytes that stays
// has other pieces.
function tellsNothing(piece) {
  return piece.startsWith('\0') || piece.endsWith('\0') || piece.split('\0').length > 3;
}

// Where in its memory pieces of these secrets are: "address + size: of the secret of N bytes".
function leftOf(person, secrets) {
  const wanted = new Map();
  for (const secret of secrets) for (const piece of fragmentsOf([secret])) wanted.set(piece, secret.length);
  const memory = Buffer.from(person.seen.memory.buffer);
  const all = memory.toString('latin1');
  const open = fragmentsOf(person.open);
  const out = [];
  for (let at = 0, next = 0; at + fragment <= all.length; at++) {
    if (memory[at] === 0) continue; // most of it; see tellsNothing
    const piece = all.slice(at, at + fragment);
    if (!wanted.has(piece) || tellsNothing(piece) || open.has(piece) || person.atFirst.has(piece)) continue;
    if (at > next || out.length === 0) out.push([at, fragment, wanted.get(piece)]);
    else out.at(-1)[1]++;
    next = at + 1;
  }
  const hex = (where, size) => Buffer.from(all.slice(where, where + Math.min(size, 32)), 'latin1').toString('hex');
  return out.map(([where, size, of]) => `${where} + ${size}: of a secret of ${of} bytes: ${hex(where, size)}`);
}

const utf8 = (text) => new TextEncoder().encode(text);

// `page`, `console_`: the code on both sides. `reloads`: both are loaded anew in between, one after the other, and ask for what
// was said.
async function holdAndSearch(at, page, console_, reloads) {
  const counselors = ['sumire', 'aoi'].map((member) => watched(console_, (code) => goOnDuty(at, member, code)));
  let survivor = watched(page, (code) => comeToTheDoor(at, code));
  await survivor.sees('door_changed', (door) => door.intake);
  survivor.run({ kind: 'enter' });
  survivor.run({ kind: 'say', reference: 1, written_in: 'ja', text: words[0] });
  await until(() => counselors.some((each) => each.all('called').length > 0), 'somebody is called');
  let counselor = counselors.find((each) => each.all('called').length > 0);
  const { conversation } = counselor.all('called')[0];
  assert.notDeepEqual(leftOf(survivor, [utf8(words[0])]), [], 'the control: a text that waits is found');

  counselor.run({ kind: 'accept', conversation });
  await counselor.sees('text_received');
  counselor.run({ kind: 'say', conversation, reference: 1, written_in: 'ja', text: words[1] });
  await survivor.sees('text_received');
  survivor.run({ kind: 'say', reference: 2, written_in: 'ja', text: words[2] });
  await survivor.sees('text_moved', (text) => text.id === survivor.all('say_answered')[1].id && text.now === 'delivered');

  const keptBefore = [];
  if (reloads) {
    keptBefore.push(...survivor.all('keep').map((event) => event.kept));
    survivor = watched(page, (code) => comeToTheDoor(at, code, survivor.leave()));
    await survivor.sees('joined');
    survivor.run({ kind: 'recall' });
    await survivor.sees('recalled');
    assert.deepEqual(survivor.recalled(), [`ours: ${words[0]}`, `theirs: ${words[1]}`, `ours: ${words[2]}`]);
    counselor = watched(console_, (code) => goOnDuty(at, counselor.member, code, counselor.leave()));
    counselors.push(counselor);
    await counselor.sees('joined');
    counselor.run({ kind: 'recall', conversation });
    await counselor.sees('recalled');
    assert.deepEqual(counselor.recalled(), [`theirs: ${words[0]}`, `ours: ${words[1]}`, `theirs: ${words[2]}`]);
  }
  for (const person of [survivor, counselor]) {
    assert.notDeepEqual(leftOf(person, words.map(utf8)), [], 'the control: what is kept for a peer that forgets is found');
  }

  // The resume secrets are the same on both sides; the console hands them out sealed.
  const kept = [...keptBefore, ...survivor.all('keep').map((event) => event.kept)];
  const secretsOf = (person) => [
    ...words.map(utf8),
    ...kept,
    ...person.all('keep').map((event) => event.kept),
    ...person.seen.drawn,
    ...person.seen.secrets,
  ];
  for (const person of [survivor, counselor]) {
    assert.notDeepEqual(leftOf(person, kept), [], 'the control: a resume secret is found');
    assert.notDeepEqual(leftOf(person, person.seen.drawn), [], 'the control: a private key is found');
  }

  survivor.run({ kind: 'end' });
  await survivor.sees('finished');
  await counselor.sees('finished');
  assert.deepEqual(leftOf(survivor, secretsOf(survivor)), []);

  // The counselor's own keys stay for the next conversation and for letters. A console draws them first of all.
  const keptKey = new Uint8Array(hkdfSync('sha256', Buffer.concat(counselor.seeds), '', 't1/kept', 32));
  const inboxAndDayKeys = counselor.seen.drawn.filter((drawn) => drawn.length === 32).slice(0, inbox_days_ahead + 1);
  for (const own of [...inboxAndDayKeys, keptKey, ...counselor.seeds]) counselor.open.add(own);
  assert.deepEqual(leftOf(counselor, secretsOf(counselor)), []);
  for (const each of [...counselors, survivor]) each.socket.cut();
}

test('after a conversation', async (t) => {
  const at = await Centre.open();
  t.after(() => at.close());
  for (const reloads of [false, true]) {
    for (const [loadPage, plain, where] of [[load, 'survivor', ''], [loadTwin, 'letters', " of the survivor's twin in JavaScript"]]) {
      const hold = async (kind) =>
        holdAndSearch(at, await loadPage(kind === '' ? plain : `survivor${kind}`), load(`console${kind}`), reloads);
      const when = reloads ? ', after both have reloaded' : '';
      await t.test(`no fragment stays in the memory${where}${when}`, () => hold(''));
      await t.test(`nor of any secret that was ever wiped${where}${when}`, () => hold('_watched'));
    }
  }
});
