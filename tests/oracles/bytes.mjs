// Bytes as PROTOCOL.md writes them: big-endian numbers, parts one after the other, fixed layouts.
export const toHex = (bytes) => Buffer.from(bytes).toString('hex');
export const fromHex = (text) => new Uint8Array(Buffer.from(text, 'hex'));
export const utf8 = (text) => new TextEncoder().encode(text);
export const zeros = (count) => new Uint8Array(count);
export const equal = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
export const concat = (...parts) => new Uint8Array(Buffer.concat(parts));
export const pad = (bytes, size) => concat(bytes, zeros(size - bytes.length));
export const compare = (a, b) => Buffer.compare(a, b);

// `size` bytes of a number, which is a BigInt where eight bytes are.
export function number(value, size) {
  const out = zeros(size);
  for (let at = size - 1, rest = BigInt(value); at >= 0; at--, rest >>= 8n) out[at] = Number(rest & 255n);
  return out;
}

// What a protocol refuses; `name` as crypto/failure.hpp has it.
export class Refused extends Error {
  constructor(name) {
    super(`refused: ${name}`);
    this.name = name;
  }
}
export function demand(holds, name) {
  if (!holds) throw new Refused(name);
}

// Takes values off the front; what is not there is malformed.
export class Reader {
  constructor(bytes) {
    this.rest = bytes;
  }
  take(count) {
    demand(this.rest.length >= count, 'malformed');
    const out = this.rest.slice(0, count);
    this.rest = this.rest.slice(count);
    return out;
  }
  number(size) {
    const value = this.take(size).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return size < 8 ? Number(value) : value;
  }
  zeros(count) {
    demand(this.take(count).every((byte) => byte === 0), 'malformed');
  }
  end() {
    demand(this.rest.length === 0, 'malformed');
  }
}
