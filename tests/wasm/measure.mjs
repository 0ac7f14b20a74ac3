// Prints what the WebAssembly build costs: sizes, and times beside the native build's (medians of interleaved rounds); and what its
// twin in JavaScript takes, compiled by the browser and only interpreted.
//   node tests/wasm/measure.mjs
import { execFileSync } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

import { nativeFolder } from '../support/centre.mjs';
import { load, wasmFolder } from './modules.mjs';

for (const name of ['survivor', 'console', 'vault']) {
  const bytes = readFileSync(path.join(wasmFolder, `${name}.wasm`));
  console.log(`${name}.wasm: ${bytes.length} bytes, brotli ${zlib.brotliCompressSync(bytes).length}`);
}

const module = load('measure');
function instantiate() {
  const random = (at, size) => webcrypto.getRandomValues(new Uint8Array(instance.exports.memory.buffer, at, size));
  const instance = new WebAssembly.Instance(module, { env: { random } });
  instance.exports._initialize();
  return instance.exports;
}
const { handshake, frame } = instantiate();
const works = {
  handshake: [200, handshake],
  frame: [200, frame],
  argon2id: [1, (times) => instantiate().argon2id(times)], // its memory is given back with the instance
};

// In a process of its own: `flags` are for the whole of it.
function twin(work, flags) {
  const script = fileURLToPath(new URL('measure_twin.mjs', import.meta.url));
  return Number(execFileSync(process.execPath, [...flags, script, work, '10'], { stdio: ['ignore', 'pipe', 'ignore'] }));
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
for (const [name, [times, work]] of Object.entries(works)) {
  work(times); // until it is compiled in full
  const here = [];
  const native = [];
  for (let round = 0; round < 5; round++) {
    const begun = performance.now();
    work(times);
    here.push((performance.now() - begun) / times);
    native.push(Number(execFileSync(path.join(nativeFolder, 'measure'), [name, String(times)])));
  }
  const [a, b] = [median(here), median(native)];
  console.log(`${name}: ${a.toFixed(3)} ms, native ${b.toFixed(3)} ms, ratio ${(a / b).toFixed(2)}`);
  if (name === 'argon2id') continue; // staff's only: it has no room in a twin
  for (const [flags, how] of [[[], 'compiled'], [['--jitless'], 'interpreted']]) {
    const c = median([1, 2, 3].map(() => twin(name, flags)));
    console.log(`${name}, twin ${how}: ${c.toFixed(0)} ms, ratio to WebAssembly ${(c / a).toFixed(0)}`);
  }
}
