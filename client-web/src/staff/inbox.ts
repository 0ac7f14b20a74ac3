// The letter keys of a member as they lie on this device and in a file: sealed by the core, which alone can open them
// (crypto/PROTOCOL.md, "Inbox keys"). Here they are only told from other files, and kept.
import { certificate_bytes } from 'bridge';
import { toHex } from '../core';
import { load, store } from '../parts/storage';

const key_file_bytes = 1 + certificate_bytes + 32 + 133; // crypto/PROTOCOL.md, "Key file"
const version = 1;
const beside_bytes = 1 + 24 + 1 + 16; // version, nonce, count, tag
const day_bytes = 4 + 32;

// Today and the 20 days after it always have a key, and so has the last staffed day before, if it had one: a member who
// has no more than these had no letter keys of use until today.
export const days_ahead = 21;

function daysOf(sealed: Uint8Array): number {
  return (sealed.length - beside_bytes) / day_bytes;
}
export function madeToday(sealed: Uint8Array): boolean {
  return daysOf(sealed) === days_ahead;
}

// --- files ---

export const file_name = 'tegami.key';

export type Given = { sealed: Uint8Array; saved: number }; // milliseconds
export type Picked = { key_file: Uint8Array; given: Given | undefined } | 'choose_file' | 'not_a_key_file' | 'not_letter_keys';

// Of the files chosen at sign-in: the key file, and perhaps one of letter keys. No number of days has the length of a key
// file.
export async function pick(files: File[]): Promise<Picked> {
  const key = files.find(({ size }) => size === key_file_bytes) ?? (files.length === 1 ? files[0] : undefined);
  if (key === undefined) return files.length === 0 ? 'choose_file' : 'not_a_key_file';
  const key_file = await bytesOf(key);
  const [other, ...more] = files.filter((file) => file !== key);
  if (other === undefined) return { key_file, given: undefined };
  const sealed = await bytesOf(other);
  const days = daysOf(sealed);
  if (more.length > 0 || sealed[0] !== version || days < 1 || !Number.isInteger(days)) return 'not_letter_keys';
  return { key_file, given: { sealed, saved: other.lastModified } };
}

async function bytesOf(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

// A download, as by a link to it.
export function save(sealed: Uint8Array) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([sealed as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' }));
  link.download = file_name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// --- this device ---

const inbox_key = 'inbox.';
const saved_key = 'inbox_saved.'; // when they were last saved to a file, if that is known: milliseconds, as digits

// Under a name that a renewed certificate keeps: the hash of its two public keys, which are those that the letter keys are
// sealed by. In a certificate they lie behind `ver1 | role1 | desk16 | serial8 | not_before8 | not_after8`.
export async function nameOf(certificate: Uint8Array): Promise<string> {
  const keys = certificate.slice(42, 42 + 2 * 32) as Uint8Array<ArrayBuffer>;
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', keys)));
}

export function kept(name: string): Given | undefined {
  const sealed = load(inbox_key + name, 'device').get('');
  if (sealed === undefined) return undefined;
  const digits = new TextDecoder().decode(load(saved_key + name, 'device').get(''));
  return { sealed, saved: Number(digits) };
}

// False: this browser keeps nothing.
export function keep(name: string, sealed: Uint8Array): boolean {
  return store(inbox_key + name, sealed, 'device');
}
export function keepSaved(name: string, at: number) {
  store(saved_key + name, new TextEncoder().encode(String(at)), 'device');
}

// Nobody can say which of two is the newer one. What was made here today by a member who had not brought the file yet is
// less than what is in the file.
export function choose(here: Given | undefined, given: Given | undefined): 'device' | 'file' | 'none' {
  if (given === undefined) return here === undefined ? 'none' : 'device';
  return here === undefined || madeToday(here.sealed) ? 'file' : 'device';
}
