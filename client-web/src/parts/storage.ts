// What a browser keeps for its page: session storage, which lives as long as its tab, or the device's, which lives until
// somebody erases it. A browser that keeps nothing is no fault: then a reload begins anew.
import { fromHex, toHex } from '../core';

export type Place = 'tab' | 'device';

const storageOf = (place: Place) => (place === 'tab' ? sessionStorage : localStorage);

// False: this browser keeps nothing there.
export function store(key: string, bytes: Uint8Array, place: Place = 'tab'): boolean {
  try {
    if (bytes.length === 0) storageOf(place).removeItem(key);
    else storageOf(place).setItem(key, toHex(bytes));
    return true;
  } catch {
    return false;
  }
}

// What is stored under each key that begins so, by the rest of the key.
export function load(prefix: string, place: Place = 'tab'): Map<string, Uint8Array> {
  try {
    const storage = storageOf(place);
    const keys = Object.keys(storage).filter((key) => key.startsWith(prefix));
    return new Map(keys.map((key) => [key.slice(prefix.length), fromHex(storage.getItem(key) ?? '')]));
  } catch {
    return new Map();
  }
}

// Of the tab's.
export function clear() {
  try {
    sessionStorage.clear();
  } catch {
    // See above.
  }
}
