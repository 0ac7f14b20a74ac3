// One core: bytes of a command in, bytes of an output out (client-web/core/bridge.hpp). A core that is
// told a wrong command, or that fails, is never used again: what it was doing is unknown.
import type { Field, Row, Side } from 'bridge';

export type Output<Event> = {
  messages: Uint8Array[]; // for the socket, in order
  wanted: string[]; // hashes: GET /signed/HASH, then `fetched`
  events: Event[];
};

type Exports = {
  memory: WebAssembly.Memory;
  _initialize(): void;
  make_room(size: number): number; // for a command; where it is to be written
  carry_out(): number; // the size of the output, or 0: not a command of this build
  find_output(): number;
  forget(): void; // wipes command and output
};

// What makes a core: WebAssembly, or its twin in JavaScript (client-web/wasm/twin.mjs).
export type Code = WebAssembly.Module | ((imports: WebAssembly.Imports) => WebAssembly.Exports);

export class Core<Command extends { kind: string }, Event> {
  readonly #side: Side<Command, Event>;
  readonly #exports: Exports;

  constructor(side: Side<Command, Event>, code: Code) {
    this.#side = side;
    const random = (at: number, size: number) => {
      crypto.getRandomValues(new Uint8Array(this.#exports.memory.buffer, at, size));
    };
    const imports = { env: { random } };
    const exports = typeof code === 'function' ? code(imports) : new WebAssembly.Instance(code, imports).exports;
    this.#exports = exports as unknown as Exports;
    this.#exports._initialize();
  }

  // `clock`: Unix seconds.
  run(command: Command, clock: number = Math.floor(Date.now() / 1000)): Output<Event> {
    const bytes = encode(this.#side.commands, command, clock);
    const { make_room, carry_out, find_output, forget, memory } = this.#exports;
    const room = make_room(bytes.length);
    // The memory's buffer is another one after each call in which it grew.
    new Uint8Array(memory.buffer, room, bytes.length).set(bytes);
    bytes.fill(0);
    const size = carry_out();
    if (size === 0) throw new Error(`the core does not know the command "${command.kind}"`);
    const output = decode<Event>(this.#side.events, new Uint8Array(memory.buffer, find_output(), size));
    forget();
    return output;
  }
}

// --- commands to bytes ---

type Values = Record<string, unknown>;

function encode(table: readonly Row[], command: { kind: string }, clock: number): Uint8Array {
  const code = table.findIndex((row) => row[0] === command.kind);
  const row = table[code];
  if (row === undefined) throw new Error(`there is no command "${command.kind}"`);
  const [, ...fields] = row;
  const parts = [encodeNumber(clock, 8), encodeNumber(code, 1)];
  for (const field of fields) parts.push(...encodeField(field, (command as Values)[field[0]]));
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function encodeField(field: Field, value: unknown): Uint8Array[] {
  switch (field[1]) {
    case 'flag':
      return [encodeNumber(value === true ? 1 : 0, 1)];
    case 'number':
      return [encodeNumber(value as number, field[2])];
    case 'choice':
      return [encodeNumber(field[2].indexOf(value as string), 1)];
    case 'hex':
      return [sized(field, fromHex(value as string), field[2])];
    case 'block':
      return [sized(field, value as Uint8Array, field[2])];
    case 'text': {
      const bytes = new TextEncoder().encode(value as string);
      return [encodeNumber(bytes.length, 4), bytes];
    }
    case 'bytes':
      return [encodeNumber((value as Uint8Array).length, 4), value as Uint8Array];
  }
}

function sized(field: Field, bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length !== size) throw new Error(`"${field[0]}" has ${bytes.length} bytes, not ${size}`);
  return bytes;
}

function encodeNumber(value: number, size: number): Uint8Array {
  const out = new Uint8Array(size);
  for (let at = size - 1, rest = value; at >= 0; at--) {
    out[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return out;
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => parseInt(digits, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// --- bytes to outputs; everything is copied out of the core's memory ---

class Reader {
  #in: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#in = bytes;
  }

  view(size: number): Uint8Array {
    this.#at += size;
    return this.#in.subarray(this.#at - size, this.#at);
  }
  number(size: number): number {
    return this.view(size).reduce((sum, byte) => sum * 256 + byte, 0);
  }
  list<Item>(take: () => Item): Item[] {
    return Array.from({ length: this.number(4) }, take);
  }
  value(field: Field): unknown {
    switch (field[1]) {
      case 'flag':
        return this.number(1) === 1;
      case 'number':
        return this.number(field[2]);
      case 'choice':
        return field[2][this.number(1)];
      case 'hex':
        return toHex(this.view(field[2]));
      case 'block':
        return this.view(field[2]).slice();
      case 'text':
        return new TextDecoder().decode(this.view(this.number(4)));
      case 'bytes':
        return this.view(this.number(4)).slice();
    }
  }
}

function decode<Event>(table: readonly Row[], bytes: Uint8Array): Output<Event> {
  const from = new Reader(bytes);
  return {
    messages: from.list(() => from.view(from.number(4)).slice()),
    wanted: from.list(() => toHex(from.view(32))),
    events: from.list(() => {
      const [kind, ...fields] = table[from.number(1)] as Row;
      const event: Values = { kind };
      for (const field of fields) event[field[0]] = from.value(field);
      return event as Event;
    }),
  };
}
