// A whole consultation: survivor.wasm and console.wasm with the pages' own loader, and the real server between them.
import assert from 'node:assert/strict';
import test from 'node:test';

import { load } from './modules.mjs';
import { Centre, comeToTheDoor, goOnDuty, unlock, until } from './people.mjs';

const texts = ['聞いてもらえますか。今は一人です', 'はい、どうぞ。ここで聞いています', '終わりにします。ありがとうございました'];

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

  const counselors = [goOnDuty(at, 'sumire'), goOnDuty(at, 'aoi')];
  const survivor = comeToTheDoor(at);
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

  await t.test('ends for both', async () => {
    counselor.run({ kind: 'end', conversation });
    assert.equal((await survivor.sees('ended')).why, 'by_peer');
    await survivor.sees('finished');
    await counselor.sees('finished');
  });

  for (const each of [...counselors, survivor]) each.socket.cut();
});
