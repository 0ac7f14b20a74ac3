// A centre that is served by the program itself, for tests in Node: made in a temporary folder, on a free port, with the
// built pages. Or one that runs already: TOMOSHIBI_RUNNING=PORT:FOLDER.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const nativeFolder = path.resolve(root, process.env.TOMOSHIBI_NATIVE ?? 'build/release');

const program = path.join(nativeFolder, 'tomoshibi');
const pages = path.join(root, 'build/pages');
const configuration = path.join(root, 'deploy/demo/centre.toml');

export class Centre {
  // `change`: makes another configuration of the demo's text.
  static async open(change = (text) => text) {
    const at = new Centre();
    const running = /^(\d+):(.+)$/.exec(process.env.TOMOSHIBI_RUNNING ?? '');
    if (running !== null) at.#find(Number(running[1]), path.resolve(root, running[2]));
    else await at.#start(change(readFileSync(configuration, 'utf8')));
    return at;
  }

  #find(port, folder) {
    this.port = port;
    this.base = folder;
  }

  async #start(config) {
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'tomoshibi-'));
    this.base = path.join(this.folder, 'centre');
    const configFile = path.join(this.folder, 'centre.toml');
    const portFile = path.join(this.folder, 'port');
    writeFileSync(configFile, config);
    this.keys = path.join(this.folder, 'keys');
    execFileSync(program, ['init', '--config', configFile, '--out', this.base, '--keys', this.keys], { stdio: 'pipe' });
    await this.serve(['--port', '0', '--port-file', portFile]);
    await until(() => existsSync(portFile) && readFileSync(portFile).length > 0, 'the server listens');
    this.port = Number(readFileSync(portFile, 'utf8'));
  }
  async serve(where) {
    this.server = spawn(program, ['serve', '--centre', this.base, '--pages', pages, ...where], { stdio: 'ignore' });
  }

  get origin() {
    return `https://localhost:${this.port}`;
  }
  get ca() {
    return readFileSync(this.path('tls/certificate.pem'));
  }
  get fingerprint() {
    return readFileSync(this.path('fingerprint'), 'utf8').trim();
  }
  path(name) {
    return path.join(this.base, name);
  }
  // A demo's invented staff, and whom `enrol` has added.
  keyFile(member) {
    return this.enrolled.has(member) ? path.join(this.folder, `${member}.key`) : this.path(`staff/${member}/${member}.key`);
  }
  passphrase(member) {
    return this.enrolled.get(member) ?? readFileSync(this.path(`staff/${member}/passphrase`), 'utf8').trim();
  }
  enrolled = new Map(); // passphrases
  enrol(id, alias, ...more) {
    const said = execFileSync(program, ['staff', 'add', '--centre', this.base, '--keys', this.keys, '--id', id, '--alias', alias,
      '--desk', 'centre', '--out', this.folder, ...more], { encoding: 'utf8' });
    const [passphrase] = /^(?:[a-z]+ ){5}[a-z]+$/m.exec(said.replace(/^ +/gm, ''));
    this.enrolled.set(id, passphrase);
  }

  async close() {
    if (this.server === undefined) return;
    const ended = once(this.server, 'exit');
    this.server.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true });
  }

  // { status, headers, body }
  get(name, headers = {}) {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, path: name, ca: this.ca, servername: 'localhost', agent: false };
      https.get({ ...options, headers: { host: `localhost:${this.port}`, ...headers } }, async (answer) => {
        const parts = [];
        for await (const part of answer) parts.push(part);
        resolve({ status: answer.statusCode, headers: answer.headers, body: new Uint8Array(Buffer.concat(parts)) });
      }).on('error', reject);
    });
  }
}

// For Centre.open: outside its hours all day. Not a demo, whose clock would be put to where it is open, so nobody is invented.
export function closedToday(text) {
  const today = new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'Asia/Tokyo' }).format(new Date()).toLowerCase();
  const other = today === 'mon' ? 'tue' : 'mon';
  return text
    .replace('demo = true', 'demo = false')
    .replace(/^\[\[staff\]\]$[\s\S]*/m, '')
    .replace(/^\[desk\.hours\]\n(?:\w+ = .*\n)+/m, `[desk.hours]\n${other} = ["09:30-16:30"]\n`);
}

export async function until(holds, what) {
  for (const end = Date.now() + 20_000; !holds(); ) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
