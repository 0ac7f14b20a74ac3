// Session storage: it lives as long as its tab. A browser that keeps nothing is no fault: then a reload begins anew.
import { fromHex, toHex } from '../core';

export function store(key: string, bytes: Uint8Array) {
  try {
    if (bytes.length === 0) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, toHex(bytes));
  } catch {
    // See above.
  }
}

// What is stored under each key that begins so, by the rest of the key.
export function load(prefix: string): Map<string, Uint8Array> {
  try {
    const keys = Object.keys(sessionStorage).filter((key) => key.startsWith(prefix));
    return new Map(keys.map((key) => [key.slice(prefix.length), fromHex(sessionStorage.getItem(key) ?? '')]));
  } catch {
    return new Map();
  }
}

export function clear() {
  try {
    sessionStorage.clear();
  } catch {
    // See above.
  }
}
