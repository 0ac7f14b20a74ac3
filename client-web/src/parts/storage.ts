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

// Of each key that begins so.
export function load(prefix: string): Uint8Array[] {
  try {
    return Object.keys(sessionStorage)
      .filter((key) => key.startsWith(prefix))
      .map((key) => fromHex(sessionStorage.getItem(key) ?? ''));
  } catch {
    return [];
  }
}

export function clear() {
  try {
    sessionStorage.clear();
  } catch {
    // See above.
  }
}
