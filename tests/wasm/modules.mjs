// The built modules for the tests in Node: TOMOSHIBI_WASM is the build folder (build/wasm), TOMOSHIBI_NATIVE the one with
// bridge.ts and the program (build/release).
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { nativeFolder, root } from '../support/centre.mjs';

export const wasmFolder = path.resolve(root, process.env.TOMOSHIBI_WASM ?? 'build/wasm');

globalThis.crypto ??= webcrypto; // Node 18 has it under this name only

export function load(name) {
  return new WebAssembly.Module(readFileSync(path.join(wasmFolder, `${name}.wasm`)));
}

// The same as JavaScript (client-web/wasm/twin.mjs).
export async function loadTwin(name) {
  return (await import(pathToFileURL(path.join(wasmFolder, `${name}_twin.mjs`)))).instantiate;
}

// As client-web/src/core.ts does it: `code` is what load or loadTwin gave.
export function instantiate(code, imports) {
  return typeof code === 'function' ? code(imports) : new WebAssembly.Instance(code, imports).exports;
}

// The pages' own TypeScript, as JavaScript.
export async function translate(file) {
  const name = path.basename(file, '.ts');
  const outfile = path.join(wasmFolder, 'script', `${process.pid}`, `${name}.mjs`);
  execFileSync(path.join(root, 'client-web/node_modules/.bin/esbuild'), [file, '--format=esm', '--target=es2022', '--log-level=warning', `--outfile=${outfile}`]);
  return import(pathToFileURL(outfile));
}

export const { Core } = await translate(path.join(root, 'client-web/src/core.ts'));
export const bridge = await translate(path.join(nativeFolder, 'bridge.ts'));
