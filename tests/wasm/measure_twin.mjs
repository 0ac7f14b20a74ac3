// node [--jitless] tests/wasm/measure_twin.mjs WORK TIMES: prints the milliseconds that one took (measure.mjs).
import { webcrypto } from 'node:crypto';

import { loadTwin } from './modules.mjs';

const [work, times] = process.argv.slice(2);
const random = (at, size) => webcrypto.getRandomValues(new Uint8Array(exports.memory.buffer, at, size));
const exports = (await loadTwin('measure'))({ env: { random } });
exports._initialize();
exports[work](2); // what is made once
const begun = performance.now();
exports[work](Number(times));
console.log((performance.now() - begun) / Number(times));
