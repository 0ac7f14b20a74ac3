// A whole consultation: survivor.wasm and console.wasm with the pages' own loader, and the real server between them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { Core, bridge, load } from './modules.mjs';
import { Centre, comeToTheDoor, goOnDuty, unlock, until } from './people.mjs';

const texts = [
  '聞いてもらえますか。今は一人です', 'はい、どうぞ。ここで聞いています', '画面を閉じてしまいました', 'おかえりなさい',
  'まだそこにいますか', 'はい、います',
];

test('a module asks for nothing but randomness', () => {
  for (const name of ['survivor', 'console', 'vault']) {
    assert.deepEqual(WebAssembly.Module.imports(load(name)), [{ module: 'env', name: 'random', kind: 'function' }]);
  }
});

test('a consultation', async (t) => {
  const at = await Centre.open();
  t.after(() => at.close());

  await t.test('a wrong passphrase opens no vault', () => {
    assert.deepEqual(unlock(at, 'sumire', 'ka ki ku ke ko sa'), { kind: 'not_unlocked', why: 'cannot_open' });
  });

  await t.test('nor does another file, and a passphrase may be typed on any keyboard', () => {
    const vault = new Core(bridge.vault, load('vault'));
    const no = { kind: 'unlock', key_file: new Uint8Array(400), passphrase: 'ka', prf: new Uint8Array(32) };
    assert.deepEqual(vault.run(no).events, [{ kind: 'not_unlocked', why: 'malformed' }]);
    const made = readFileSync(at.path('staff/sumire/passphrase'), 'utf8').trim();
    const wide = made.replace(/ /g, '　').replace(/[a-m]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
    assert.equal(unlock(at, 'sumire', ` ${wide.toUpperCase()}\n`).kind, 'unlocked');
  });

  const counselors = [goOnDuty(at, 'sumire'), goOnDuty(at, 'aoi')];
  let survivor = comeToTheDoor(at);
  let counselor;
  let conversation;

  await t.test('begins at an open door', async () => {
    for (const each of counselors) await each.sees('signed_in');
    await survivor.sees('door_changed', (door) => door.intake);
    survivor.run({ kind: 'enter' });
    await until(() => counselors.some((each) => each.all('called').length > 0), 'somebody is called');
    counselor = counselors.find((each) => each.all('called').length > 0);
    conversation = counselor.all('called')[0].conversation;
    counselor.run({ kind: 'accept', conversation });
    assert.match((await survivor.sees('joined')).alias, /./);
    await counselor.sees('joined');
  });

  await t.test('carries texts both ways until they are delivered', async () => {
    survivor.run({ kind: 'say', reference: 1, written_in: 'ja', text: texts[0] });
    const { id, answer } = await survivor.sees('say_answered', (said) => said.reference === 1);
    assert.equal(answer, 'yes');
    await survivor.sees('text_moved', (text) => text.id === id && text.now === 'delivered');
    counselor.run({ kind: 'say', conversation, reference: 1, written_in: 'ja', text: texts[1] });
    await counselor.sees('text_moved', (text) => text.now === 'delivered');
    survivor.run({ kind: 'say', reference: 2, written_in: 'ja', text: texts[2] });
    await survivor.sees('text_moved', (text) => text.id !== id && text.now === 'delivered');
    assert.deepEqual(counselor.texts(), [texts[0], texts[2]]);
    assert.deepEqual(survivor.texts(), [texts[1]]);
  });

  await t.test('goes on after the survivor reloads, and gives back what was said', async () => {
    survivor = comeToTheDoor(at, load('survivor'), survivor.leave());
    const { we_forgot, same_tab, peer_forgot } = await survivor.sees('joined');
    assert.deepEqual({ we_forgot, same_tab, peer_forgot }, { we_forgot: true, same_tab: true, peer_forgot: false });
    survivor.run({ kind: 'recall' });
    await survivor.sees('recalled');
    assert.deepEqual(survivor.recalled(), [`ours: ${texts[0]}`, `theirs: ${texts[1]}`, `ours: ${texts[2]}`]);
    counselor.run({ kind: 'say', conversation, reference: 2, written_in: 'ja', text: texts[3] });
    await survivor.sees('text_received');
    assert.deepEqual(survivor.texts(), [texts[3]]);
    const { id } = counselor.all('say_answered')[1];
    await counselor.sees('text_moved', (text) => text.id === id && text.now === 'delivered');
  });

  await t.test('goes on after the counselor reloads with what the console kept sealed', async () => {
    const kept = counselor.leave();
    assert.deepEqual(kept.map((bytes) => bytes.length), [155]);
    counselor = goOnDuty(at, counselor.member, load('console'), kept);
    counselors.push(counselor);
    const { we_forgot, same_tab, peer_forgot } = await counselor.sees('joined');
    assert.deepEqual({ we_forgot, same_tab, peer_forgot }, { we_forgot: true, same_tab: true, peer_forgot: false });
    counselor.run({ kind: 'recall', conversation });
    await counselor.sees('recalled');
    assert.deepEqual(counselor.recalled(), [
      `theirs: ${texts[0]}`, `ours: ${texts[1]}`, `theirs: ${texts[2]}`, `ours: ${texts[3]}`,
    ]);
    survivor.run({ kind: 'say', reference: 3, written_in: 'ja', text: texts[4] });
    await counselor.sees('text_received', (text) => text.text === texts[4]);
    counselor.run({ kind: 'say', conversation, reference: 3, written_in: 'ja', text: texts[5] });
    await survivor.sees('text_received', (text) => text.text === texts[5]);
  });

  await t.test('ends for both', async () => {
    counselor.run({ kind: 'end', conversation });
    assert.equal((await survivor.sees('ended')).why, 'by_peer');
    await survivor.sees('finished');
    await counselor.sees('finished');
  });

  for (const each of [...counselors, survivor]) each.socket.cut();
});
