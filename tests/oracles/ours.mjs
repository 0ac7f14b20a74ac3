// crypto/ itself, through the program of oracle.cpp; and randomness for the tests, all of it from one seed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { sha256 } from '@noble/hashes/sha2';

import { concat, fromHex, number, Refused, toHex } from './bytes.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const program = path.resolve(root, process.env.TOMOSHIBI_ORACLE ?? 'build/asan/oracle');

const seed = Number(process.env.TOMOSHIBI_SEED ?? 1);

export class Random {
  constructor(name) {
    this.key = concat(number(seed, 8), Buffer.from(name));
    this.count = 0;
  }
  bytes(size) {
    const parts = [];
    for (let have = 0; have < size; have += 32) parts.push(sha256(concat(this.key, number(this.count++, 8))));
    return concat(...parts).slice(0, size);
  }
  below(bound) {
    return Number(BigInt(`0x${toHex(this.bytes(8))}`) % BigInt(bound));
  }
  pick(list) {
    return list[this.below(list.length)];
  }
}

export class Ours {
  constructor() {
    if (!existsSync(program)) throw new Error(`${program} is not built: tests/run --only oracles builds it`);
    this.process = spawn(program, [`${seed}`], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.asked = 0;
  }

  // A byte array is said as hexadecimal, all else as it is. The answer's words come as they are.
  async ask(operation, ...words) {
    const said = words.map((word) => (word instanceof Uint8Array ? toHex(word) || '-' : `${word}`));
    this.process.stdin.write(`${[operation, ...said].join(' ')}\n`);
    this.asked++;
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`the program ended at ${operation}`);
    const [status, ...answer] = value.split(' ');
    if (status === 'refused') throw new Refused(answer[0]);
    return answer;
  }

  // The bytes of an answer's first word, or of all.
  async bytes(operation, ...words) {
    return hex((await this.ask(operation, ...words))[0]);
  }
  async list(operation, ...words) {
    return (await this.ask(operation, ...words)).map(hex);
  }

  close() {
    this.process.stdin.end();
  }
}

export const hex = (word) => (word === '-' ? new Uint8Array() : fromHex(word));

// How a call ends: 'ok', or why it was refused.
export async function outcome(call) {
  try {
    await call();
    return 'ok';
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.name;
  }
}
