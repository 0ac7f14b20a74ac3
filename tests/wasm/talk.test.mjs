// What a screen says of who is there after each way of coming back (client-web/src/parts/talk.ts).
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';

import { root } from '../support/centre.mjs';
import { translate } from './modules.mjs';

const { begin, say, told } = await translate(path.join(root, 'client-web/src/parts/talk.ts'));
const at = new Date(0);

function joined(before, flags) {
  const event = { kind: 'joined', conversation: 'c', alias: '', same_tab: false, we_forgot: false, peer_forgot: false, ...flags };
  const now = told(before, event, at);
  const notes = now.entries.filter((entry) => entry.kind === 'note').map((entry) => entry.what);
  return { notes, past: now.past };
}
const met = { ...begin('c'), joined: true };

test('a first contact is nobody new', () => {
  assert.deepEqual(joined(begin('c'), {}), { notes: [], past: 'none' });
  assert.deepEqual(joined(begin('c'), { peer_forgot: true }), { notes: [], past: 'none' });
});

test('without proof it may be somebody else, whoever forgot, and nothing of before is offered', () => {
  for (const we_forgot of [false, true]) {
    for (const peer_forgot of [false, true]) {
      for (const before of we_forgot ? [begin('c'), met] : [met]) {
        assert.deepEqual(joined(before, { we_forgot, peer_forgot }), { notes: ['somebody_new'], past: 'none' });
      }
    }
  }
});

test('with proof each side is told who forgot, and only who forgot alone is offered the past', () => {
  const proven = (flags) => joined(met, { same_tab: true, ...flags });
  assert.deepEqual(proven({}), { notes: [], past: 'none' });
  assert.deepEqual(proven({ peer_forgot: true }), { notes: ['peer_forgot'], past: 'none' });
  assert.deepEqual(proven({ we_forgot: true }), { notes: [], past: 'offered' });
  assert.deepEqual(proven({ we_forgot: true, peer_forgot: true }), { notes: ['both_forgot'], past: 'none' });
});

test('recalled texts stand before what was seen, each once', () => {
  let now = joined(met, {}) && told(met, { kind: 'text_received', conversation: 'c', id: 'b', written_in: 'ja', text: 'later', by: '' }, at);
  for (const id of ['a1', 'a2', 'a2', 'b']) {
    now = told(now, { kind: 'text_recalled', conversation: 'c', id, ours: false, written_in: 'ja', text: id }, at);
  }
  assert.deepEqual(now.entries.map((entry) => entry.text), ['a1', 'a2', 'later']);
});

test('what was not sent when it ended says that it was not delivered', () => {
  const now = told(say(met, 1, 'too late', 'ja', at), { kind: 'ended', conversation: 'c', why: 'by_peer' }, at);
  assert.deepEqual(now.entries.map((entry) => entry.now ?? entry.what), ['dropped', 'peer_left']);
});

test('after a hand-over each word keeps the name of whoever said it', () => {
  const receive = (before, text, by = '') =>
    told(before, { kind: 'text_received', conversation: 'c', id: text, written_in: 'ja', text, by }, at);
  let now = receive({ ...met, alias: 'A' }, 'one');
  now = told(now, { kind: 'company_changed', conversation: 'c', alias: 'C', here: true }, at);
  assert.equal(now.company, 'C');
  now = receive(now, 'two', 'C');
  now = told(now, { kind: 'handed_over', before: 'c', conversation: 'd', alias: 'B' }, at);
  now = receive(say(now, 1, 'mine', 'ja', at), 'three');
  assert.deepEqual([now.alias, now.company, now.conversation], ['B', '', 'd']);
  assert.deepEqual(now.entries.map((entry) => (entry.kind === 'note' ? `${entry.what} ${entry.who}` : `${entry.text} ${entry.by}`)), [
    'one A', 'company_came C', 'two C', 'handed_over B', 'mine ', 'three ',
  ]);
});
