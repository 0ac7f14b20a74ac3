// The C++ tests of crypto and core, in WebAssembly and in its JavaScript twin.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';
import test from 'node:test';

import { instantiate, load, loadTwin } from './modules.mjs';

// A fresh one for each test: none sees what another left, and one that traps ends alone.
function begin(code) {
  let file = Buffer.alloc(0);
  const memory = (at, size) => new Uint8Array(exports.memory.buffer, at, size);
  const env = {
    random: (at, size) => webcrypto.getRandomValues(memory(at, size)),
    open_text: (at, size) => {
      file = readFileSync(Buffer.from(memory(at, size)).toString());
      return file.length;
    },
    copy_text: (at) => memory(at, file.length).set(file),
  };
  const none = new Proxy({}, { get: () => () => 8 }); // WASI's EBADF: the C++ library's streams find no file
  const exports = instantiate(code, { env, wasi_snapshot_preview1: none });
  exports._initialize();
  const text = (at) => {
    const bytes = Buffer.from(exports.memory.buffer, at);
    return bytes.subarray(0, bytes.indexOf(0)).toString();
  };
  return { ...exports, text };
}

// Minutes long in JavaScript, and logic: whether it computes the same is told by the others.
const slow = /^(ratchet|session)\.|_any_byte_/

for (const [code, where, without] of [[load('core_tests'), 'WebAssembly'], [await loadTwin('core_tests'), 'JavaScript', slow]]) {
  const { count_tests, name_test, text } = begin(code);
  const names = Array.from({ length: count_tests() }, (_, number) => text(name_test(number)));
  test(`the module has tests, in ${where}`, () => assert.ok(names.length > 100, `${names}`));
  for (const [number, name] of names.entries()) {
    if (without?.test(name)) continue;
    test(`${name} in ${where}`, () => {
      const fresh = begin(code);
      assert.equal(fresh.text(fresh.run_test(number)), '');
    });
  }
}
