// The C++ tests of crypto and core, in WebAssembly.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';
import test from 'node:test';

import { load } from './modules.mjs';

const module = load('core_tests');

// A fresh one for each test: none sees what another left, and one that traps ends alone.
function instantiate() {
  let file = Buffer.alloc(0);
  const memory = (at, size) => new Uint8Array(instance.exports.memory.buffer, at, size);
  const env = {
    random: (at, size) => webcrypto.getRandomValues(memory(at, size)),
    open_text: (at, size) => {
      file = readFileSync(Buffer.from(memory(at, size)).toString());
      return file.length;
    },
    copy_text: (at) => memory(at, file.length).set(file),
  };
  const none = new Proxy({}, { get: () => () => 8 }); // WASI's EBADF: the C++ library's streams find no file
  const instance = new WebAssembly.Instance(module, { env, wasi_snapshot_preview1: none });
  instance.exports._initialize();
  const text = (at) => {
    const bytes = Buffer.from(instance.exports.memory.buffer, at);
    return bytes.subarray(0, bytes.indexOf(0)).toString();
  };
  return { ...instance.exports, text };
}

const { count_tests, name_test, text } = instantiate();
const count = count_tests();
test('the module has tests', () => assert.ok(count > 100, `${count}`));
for (let number = 0; number < count; number++) {
  test(text(name_test(number)), () => {
    const fresh = instantiate();
    assert.equal(fresh.text(fresh.run_test(number)), '');
  });
}
