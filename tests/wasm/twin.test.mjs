// The JavaScript twin where it could differ from WebAssembly. That it computes the same: core.test.mjs; that it talks, reloads
// and wipes: memory.test.mjs.
import assert from 'node:assert/strict';
import test from 'node:test';

import { instantiate, load, loadTwin } from './modules.mjs';

for (const [code, where] of [[load('letters'), 'WebAssembly'], [await loadTwin('letters'), 'JavaScript']]) {
  const begin = () => {
    const exports = instantiate(code, { env: { random() {} } });
    exports._initialize();
    return exports;
  };

  test(`what has no room in the memory ends the core, in ${where}`, () => {
    assert.ok(begin().make_room(20 * 2 ** 20) > 0);
    assert.throws(() => begin().make_room(80 * 2 ** 20));
  });

  test(`two cores of the same code share nothing, in ${where}`, () => {
    const [one, other] = [begin(), begin()];
    const room = one.make_room(100);
    assert.equal(other.make_room(100), room);
    new Uint8Array(one.memory.buffer, room, 100).fill(7);
    assert.deepEqual(new Uint8Array(other.memory.buffer, room, 100), new Uint8Array(100));
  });
}

test('the memory of the twin has its whole size from the beginning: no copy of it is ever left behind', async () => {
  const { memory, make_room, _initialize } = (await loadTwin('letters'))({ env: { random() {} } });
  const { buffer } = memory;
  _initialize();
  make_room(20 * 2 ** 20);
  assert.equal(memory.buffer, buffer);
  assert.equal(buffer.byteLength, 32 * 2 ** 20);
});
