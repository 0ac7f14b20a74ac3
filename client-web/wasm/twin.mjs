// Writes a module as JavaScript: node twin.mjs WASM2JS IN.wasm OUT.mjs
//
// wasm2js makes an ES module that is one instance. Written here is a function instead, which makes as many as are asked for,
// each with the face of WebAssembly's: exports = instantiate({ env: { random } }). No eval, so that it runs under our policy.
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

const [wasm2js, from, to] = process.argv.slice(2);
const raw = `${to}.raw`;
execFileSync(wasm2js, [from, '-O', '--deterministic', '-o', raw], { stdio: 'inherit' });
let text = readFileSync(raw, 'utf8');

function change(pattern, by) {
  const changed = text.replace(pattern, by);
  if (changed === text) throw new Error(`${raw}: ${pattern} is nowhere in what wasm2js wrote; this script knows version 108 (Debian 12).`);
  text = changed;
}

if (text.includes('__wasm_memory_grow')) throw new Error(`${from}: its memory grows; link it with --initial-memory as large as --max-memory.`);
change(/^import \{ (\w+) \} from '(\w+)';$/gm, "const { $1 } = imports['$2'];");
change(/^var retasmFunc = asmFunc\(/m, 'return asmFunc(');
change(/^export var .*$/gm, '');
writeFileSync(raw, `export function instantiate(imports) {\n${text.trimEnd()}\n}\n`);
renameSync(raw, to);
