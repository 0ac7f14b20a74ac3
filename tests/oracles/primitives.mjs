// The primitives that PROTOCOL.md names under "Notation", by @noble. X-Wing is put together from its halves as its
// draft says.
import { xchacha20poly1305 } from '@noble/ciphers/chacha';
import { ed25519, x25519 } from '@noble/curves/ed25519';
import { argon2id as nobleArgon2id } from '@noble/hashes/argon2';
import { expand, extract } from '@noble/hashes/hkdf';
import { hmac as nobleHmac } from '@noble/hashes/hmac';
import { sha256 } from '@noble/hashes/sha2';
import { sha3_256, shake256 } from '@noble/hashes/sha3';
import { ml_kem768 } from '@noble/post-quantum/ml-kem';

import { concat, demand, number, Refused, utf8 } from './bytes.mjs';

export { sha256, x25519 };
export const hmac = (key, message) => nobleHmac(sha256, key, message);
export const hkdfExtract = (salt, input) => extract(sha256, input, salt);
export const hkdfExpand = (key, info, size) => expand(sha256, key, info, size);
export const argon2id = (password, salt, passes, memoryBytes) =>
  nobleArgon2id(password, salt, { t: passes, m: Math.floor(memoryBytes / 1024), p: 1, dkLen: 32 });

export const seal = (key, nonce, plain, associated) => xchacha20poly1305(key, nonce, associated).encrypt(plain);
export function open(key, nonce, sealed, associated) {
  try {
    return xchacha20poly1305(key, nonce, associated).decrypt(sealed);
  } catch {
    throw new Refused('cannot_open');
  }
}

const tagged = (tag, message) => concat(number(tag.length, 1), utf8(tag), message);
export const signPublic = (seed) => ed25519.getPublicKey(seed);
export const sign = (seed, tag, message) => ed25519.sign(tagged(tag, message), seed);
export function verify(key, tag, message, signature) {
  try {
    const first = ed25519.ExtendedPoint.fromHex(signature.slice(0, 32)); // canonical, or it throws
    return !first.isSmallOrder() && ed25519.verify(signature, tagged(tag, message), key, { zip215: false });
  } catch {
    return false;
  }
}

// draft-connolly-cfrg-xwing-kem, section 5. The private key is the seed.
const label = utf8('\\.//^\\');
function expandXWing(seed) {
  const long = shake256(seed, { dkLen: 96 });
  const mlKem = ml_kem768.keygen(long.slice(0, 64));
  const x25519Secret = long.slice(64);
  return { mlKem, x25519Secret, x25519Public: x25519.getPublicKey(x25519Secret) };
}
// FIPS 203, 7.2: every coefficient, twelve bits each, is below q. (@noble/post-quantum 0.4.1, the last that runs on Node 18,
// does not look.)
function isMlKemKey(key) {
  for (let at = 0; at < 1152; at += 3) {
    const first = key[at] | ((key[at + 1] & 15) << 8), second = (key[at + 1] >> 4) | (key[at + 2] << 4);
    if (first >= 3329 || second >= 3329) return false;
  }
  return true;
}
const combine = (mlKem, x, ciphertext, publicKey) => sha3_256(concat(mlKem, x, ciphertext, publicKey, label));

export const xwing = {
  publicKey(seed) {
    const { mlKem, x25519Public } = expandXWing(seed);
    return concat(mlKem.publicKey, x25519Public);
  },
  // `random64`: 32 bytes for ML-KEM, 32 for X25519.
  encapsulate(publicKey, random64) {
    demand(isMlKemKey(publicKey), 'malformed');
    try {
      const theirs = publicKey.slice(1184), mine = random64.slice(32);
      const mlKem = ml_kem768.encapsulate(publicKey.slice(0, 1184), random64.slice(0, 32));
      const x25519Ciphertext = x25519.getPublicKey(mine);
      const shared = combine(mlKem.sharedSecret, x25519.getSharedSecret(mine, theirs), x25519Ciphertext, theirs);
      return { ciphertext: concat(mlKem.cipherText, x25519Ciphertext), shared };
    } catch {
      throw new Refused('malformed');
    }
  },
  decapsulate(ciphertext, seed) {
    const { mlKem, x25519Secret, x25519Public } = expandXWing(seed);
    const x25519Ciphertext = ciphertext.slice(1088);
    try {
      const shared = ml_kem768.decapsulate(ciphertext.slice(0, 1088), mlKem.secretKey);
      return combine(shared, x25519.getSharedSecret(x25519Secret, x25519Ciphertext), x25519Ciphertext, x25519Public);
    } catch {
      throw new Refused('cannot_open');
    }
  },
};
