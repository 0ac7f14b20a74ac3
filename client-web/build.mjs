// Builds the pages: node client-web/build.mjs [--native build/release] [--wasm build/wasm] [--out build/pages]
//
// Every file but the two HTML templates has the first digits of its SHA-256 in its name, so that no page ever runs with
// another build's parts, and lies beside a brotli and a gzip copy of itself. Scripts and modules are named together with
// the hash that the browser holds them to. client-web/build makes what this needs first.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const here = path.dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    native: { type: 'string', default: path.join(here, '../build/release') },
    wasm: { type: 'string', default: path.join(here, '../build/wasm') },
    out: { type: 'string', default: path.join(here, '../build/pages') },
  },
});
const out = path.resolve(options.out);
const parent = path.dirname(out);
mkdirSync(parent, { recursive: true });
const work = mkdtempSync(path.join(parent, '.pages-'));

const digest = (content, hash, as) => createHash(hash).update(content).digest(as);
const files = new Map(); // "staff/page.js" -> { path, integrity }

function put(name, content) {
  const bytes = Buffer.from(content);
  const { dir, name: stem, ext } = path.posix.parse(name);
  const file = path.posix.join(dir, `${stem}-${digest(bytes, 'sha256', 'hex').slice(0, 12)}${ext}`);
  const at = path.join(work, file);
  mkdirSync(path.dirname(at), { recursive: true });
  writeFileSync(at, bytes);
  const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  writeFileSync(`${at}.br`, packed);
  writeFileSync(`${at}.gz`, gzipSync(bytes, { level: 9 }));
  files.set(name, { path: `/${file}`, integrity: `sha384-${digest(bytes, 'sha384', 'base64')}` });
  console.log(`${name.padEnd(18)} ${String(bytes.length).padStart(7)} bytes, brotli ${String(packed.length).padStart(6)}`);
}

function module(name, wasm) {
  put(name, readFileSync(path.join(options.wasm, `${wasm}.wasm`)));
}

async function bundle(name, source, define = {}) {
  const { outputFiles } = await build({
    entryPoints: [path.join(here, source)],
    bundle: true,
    minify: true,
    write: false,
    format: name.endsWith('worker.js') ? 'iife' : 'esm',
    target: ['es2022', 'chrome94', 'firefox93', 'safari15.4'],
    charset: 'utf8',
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    alias: {
      bridge: path.resolve(options.native, 'bridge.ts'),
      twin: path.resolve(options.wasm, 'letters_twin.mjs'),
    },
    define: Object.fromEntries(Object.entries(define).map(([key, value]) => [key, JSON.stringify(value)])),
    logLevel: 'warning',
  });
  put(name, outputFiles[0].contents);
}

// What of a locale file is read in these parts of the pages.
function texts(language, ...parts) {
  const all = JSON.parse(readFileSync(path.join(here, 'locales', `${language}.json`), 'utf8'));
  return Object.fromEntries(parts.map((part) => [part, all[part]]));
}

// [[page.js]]: its path. [[page.js integrity]]: what it must be. [[ja staff.title]]: a text.
function template(name) {
  const filled = readFileSync(path.join(here, 'pages', name), 'utf8').replace(/\[\[(\S+)(?: (\S+))?\]\]/g, (whole, first, second) => {
    const file = files.get(first);
    if (file !== undefined) return second === 'integrity' ? file.integrity : file.path;
    const [part, ...keys] = second?.split('.') ?? [];
    const text = keys.reduce((from, key) => from?.[key], texts(first, part)[part]);
    if (typeof text !== 'string') throw new Error(`${name}: nothing is named ${whole}`);
    return text;
  });
  writeFileSync(path.join(work, name), filled);
}

try {
  put('icon.svg', readFileSync(path.join(here, 'pages/icon.svg')));
  await bundle('page.css', 'styles/survivor.css');
  await bundle('staff/page.css', 'styles/staff.css');
  module('core.wasm', 'survivor');
  module('letters.wasm', 'letters');
  put('letters.json', JSON.stringify(Object.fromEntries(['ja', 'en'].map((language) => [language, texts(language, 'letter', 'replies')]))));
  module('staff/core.wasm', 'console');
  module('staff/vault.wasm', 'vault');
  await bundle('worker.js', 'src/survivor/worker.ts');
  await bundle('twin_worker.js', 'src/survivor/twin_worker.ts');
  await bundle('staff/worker.js', 'src/staff/worker.ts');
  await bundle('staff/vault_worker.js', 'src/staff/vault_worker.ts');
  await bundle('page.js', 'src/survivor/page.tsx', {
    core_module: files.get('core.wasm'),
    letters_module: files.get('letters.wasm'),
    letters_texts: files.get('letters.json'),
    worker_path: files.get('worker.js').path,
    twin_worker_path: files.get('twin_worker.js').path,
  });
  await bundle('staff/page.js', 'src/staff/page.tsx', {
    core_module: files.get('staff/core.wasm'),
    worker_path: files.get('staff/worker.js').path,
    vault_module: files.get('staff/vault.wasm'),
    vault_worker_path: files.get('staff/vault_worker.js').path,
  });
  template('front.html');
  template('staff.html');
  rmSync(out, { recursive: true, force: true });
  renameSync(work, out);
} catch (failed) {
  rmSync(work, { recursive: true, force: true });
  console.error(failed instanceof Error ? failed.message : failed);
  process.exitCode = 1;
}
