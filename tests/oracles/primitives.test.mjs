// Every primitive of crypto/ against implementations by others, on random inputs.
import assert from 'node:assert/strict';
import { hkdfSync, webcrypto } from 'node:crypto';
import test, { after } from 'node:test';

import { ed25519 } from '@noble/curves/ed25519';
import { argon2id as nobleArgon2id } from '@noble/hashes/argon2';
import { blake2b } from '@noble/hashes/blake2b';
import { sha512 } from '@noble/hashes/sha2';

import { concat, equal, number, toHex, utf8 } from './bytes.mjs';
import { Ours, Random, hex, outcome } from './ours.mjs';
import * as noble from './primitives.mjs';

globalThis.crypto ??= webcrypto; // Node 18 has it under this name only, and these two look for it
const { default: sodium } = await import('libsodium-wrappers-sumo');
const { XWing } = await import('@hpke/hybridkem-x-wing');
const { HkdfSha256 } = await import('@hpke/core');
await sodium.ready;

const ours = new Ours();
after(() => {
  ours.close();
  console.log(`${ours.asked} questions to crypto/`);
});

const sizes = [0, 1, 16, 31, 32, 33, 55, 56, 63, 64, 65, 127, 128, 129, 1000, 4096];
const same = (made, expected, what) => assert.equal(toHex(made), toHex(expected), what);
function flip(bytes, random) {
  const out = Uint8Array.from(bytes);
  out[random.below(out.length)] ^= 1 << random.below(8);
  return out;
}

// A test that runs once for each size, and some.
function eachSize(name, check) {
  test(name, async () => {
    const random = new Random(name);
    for (const size of [...sizes, ...sizes.map(() => random.below(5000))]) await check(random, size);
  });
}

eachSize('SHA-256', async (random, size) => {
  const text = random.bytes(size);
  same(await ours.bytes('sha256', text), noble.sha256(text));
  same(await ours.bytes('sha256', text), sodium.crypto_hash_sha256(text));
});

eachSize('BLAKE2b with 32 bytes, with and without a key', async (random, size) => {
  const text = random.bytes(size);
  const key = random.bytes(1 + random.below(64));
  same(await ours.bytes('blake2b', text, new Uint8Array()), blake2b(text, { dkLen: 32 }));
  same(await ours.bytes('blake2b', text, key), blake2b(text, { dkLen: 32, key }));
  if (key.length >= sodium.crypto_generichash_KEYBYTES_MIN) same(await ours.bytes('blake2b', text, key), sodium.crypto_generichash(32, text, key));
});

eachSize('HMAC-SHA-256', async (random, size) => {
  const key = random.bytes(32), text = random.bytes(size);
  same(await ours.bytes('hmac', key, text), noble.hmac(key, text));
  same(await ours.bytes('hmac', key, text), sodium.crypto_auth_hmacsha256(text, key));
});

eachSize('HKDF-SHA-256', async (random, size) => {
  const salt = random.bytes(random.pick([0, 32, random.below(100)])), input = random.bytes(size), info = random.bytes(random.below(100));
  const count = 1 + random.below(random.pick([100, 8160]));
  const made = await ours.bytes('hkdf', salt, input, info, count);
  same(made, noble.hkdfExpand(noble.hkdfExtract(salt, input), info, count));
  same(made, new Uint8Array(hkdfSync('sha256', input, salt, info, count)));
  const kdf = new HkdfSha256(); // it takes salts of its own size only
  if (salt.length === 32) same(made, new Uint8Array(await kdf.expand(await kdf.extract(salt, input), info, count)));
});

test('Argon2id with one lane; and the oracle gives the answer of RFC 9106, 5.3', async () => {
  const fill = (size, value) => new Uint8Array(size).fill(value);
  const options = { t: 3, m: 32, p: 4, dkLen: 32, key: fill(8, 3), personalization: fill(12, 4) };
  same(nobleArgon2id(fill(32, 1), fill(16, 2), options), hex('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659'));
  const random = new Random('argon2id');
  for (let round = 0; round < 6; round++) {
    const password = random.bytes(random.below(80)), salt = random.bytes(16);
    const passes = 1 + random.below(3), memory = 1024 * (8 + random.below(500));
    const made = await ours.bytes('argon2id', password, salt, passes, memory);
    same(made, noble.argon2id(password, salt, passes, memory));
    same(made, sodium.crypto_pwhash(32, password, salt, passes, memory, sodium.crypto_pwhash_ALG_ARGON2ID13));
  }
});

eachSize('XChaCha20-Poly1305, sealed by each and opened by the others', async (random, size) => {
  const key = random.bytes(32), nonce = random.bytes(24), plain = random.bytes(size), about = random.bytes(random.below(200));
  const sealed = await ours.bytes('seal', key, nonce, plain, about);
  same(noble.open(key, nonce, sealed, about), plain);
  same(sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed, about, nonce, key), plain);
  same(await ours.bytes('open', key, nonce, noble.seal(key, nonce, plain, about), about), plain);
  same(await ours.bytes('open', key, nonce, sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, about, null, nonce, key), about), plain);
  assert.equal(await outcome(() => ours.ask('open', key, nonce, flip(sealed, random), about)), 'cannot_open');
});

eachSize('Ed25519 over tagged messages, both ways', async (random, size) => {
  const secret = random.bytes(32), tag = `t1/${random.below(1000)}`, message = random.bytes(size);
  const key = await ours.bytes('sign_public', secret);
  same(noble.signPublic(secret), key);
  const made = await ours.bytes('sign', secret, utf8(tag), message);
  same(noble.sign(secret, tag, message), made);
  const tagged = concat(number(tag.length, 1), utf8(tag), message);
  const long = sodium.crypto_sign_seed_keypair(secret).privateKey;
  same(sodium.crypto_sign_detached(tagged, long), made);
  assert.ok(noble.verify(key, tag, message, made));
  assert.equal(await outcome(() => ours.ask('verify', key, utf8(tag), message, made)), 'ok');
  const other = flip(made, random);
  assert.ok(!noble.verify(key, tag, message, other));
  assert.equal(await outcome(() => ours.ask('verify', key, utf8(tag), message, other)), 'wrong_signature');
});

// PROTOCOL.md, "Notation": points of small order, as a key and as R with S = 0. The
// equation holds for some of them, whatever the message.
test('Ed25519 takes no key and no signature of small order', async () => {
  const small = ['0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'].map(hex);
  const random = new Random('small order');
  const honest = noble.signPublic(random.bytes(32));
  for (const point of small) {
    for (const [key, first] of [[point, point], [point, honest], [honest, point]]) {
      const made = concat(first, new Uint8Array(32));
      for (let round = 0; round < 8; round++) {
        const message = random.bytes(8);
        assert.ok(!noble.verify(key, 't1/day', message, made));
        assert.equal(await outcome(() => ours.ask('verify', key, utf8('t1/day'), message, made)), 'wrong_signature');
      }
    }
  }
});

// Only the key's owner can make these: R is a point of small order, S fits. The equation holds; RFC 8032 alone would take
// them.
test('Ed25519 takes no R of small order from the owner of the key either', async () => {
  const random = new Random('small R');
  const little = (bytes) => BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`);
  for (let round = 0; round < 8; round++) {
    const secret = random.bytes(32), message = random.bytes(20), key = noble.signPublic(secret);
    const { scalar } = ed25519.utils.getExtendedPublicKey(secret);
    const first = ed25519.ExtendedPoint.ZERO.toRawBytes();
    const tagged = concat(number(6, 1), utf8('t1/day'), message);
    const S = (little(sha512(concat(first, key, tagged))) * scalar) % ed25519.CURVE.n;
    const made = concat(first, number(S, 32).reverse());
    assert.ok(ed25519.verify(made, tagged, key));
    assert.ok(!noble.verify(key, 't1/day', message, made));
    assert.equal(await outcome(() => ours.ask('verify', key, utf8('t1/day'), message, made)), 'wrong_signature');
  }
});

test('X25519 public keys', async () => {
  const random = new Random('x25519');
  for (let round = 0; round < 40; round++) {
    const secret = random.bytes(32);
    const made = await ours.bytes('x25519_public', secret);
    same(made, noble.x25519.getPublicKey(secret));
    same(made, sodium.crypto_scalarmult_base(secret));
  }
});

test('X-Wing: keys, and encapsulation by each opened by the others', async () => {
  const random = new Random('xwing');
  const hpke = new XWing();
  const encapsulateWithHpke = async (key, random64) => {
    const { sharedSecret, enc } = await hpke.encap({ recipientPublicKey: await hpke.importKey('raw', key, true), ekm: random64 });
    return { ciphertext: new Uint8Array(enc), shared: new Uint8Array(sharedSecret) };
  };
  for (let round = 0; round < 20; round++) {
    const secret = random.bytes(32), random64 = random.bytes(64);
    const key = await ours.bytes('xwing_public', secret);
    const pair = await hpke.generateKeyPairDerand(secret);
    same(noble.xwing.publicKey(secret), key);
    same(new Uint8Array(await hpke.serializePublicKey(pair.publicKey)), key);
    same(sodium.crypto_kem_xwing_seed_keypair(secret).publicKey, key);

    const [ciphertext, shared] = await ours.list('xwing_encapsulate', key, random64);
    const byNoble = noble.xwing.encapsulate(key, random64), byHpke = await encapsulateWithHpke(key, random64);
    const bySodium = sodium.crypto_kem_xwing_enc_deterministic(key, random64);
    for (const made of [byNoble, byHpke, { ciphertext: bySodium.ciphertext, shared: bySodium.sharedSecret }]) {
      same(made.ciphertext, ciphertext);
      same(made.shared, shared);
    }
    const mine = await hpke.importKey('raw', secret, false);
    for (const shown of [ciphertext, flip(ciphertext, random)]) {
      const found = await ours.bytes('xwing_decapsulate', shown, secret);
      assert.equal(equal(found, shared), shown === ciphertext);
      same(noble.xwing.decapsulate(shown, secret), found);
      same(new Uint8Array(await hpke.decap({ recipientKey: mine, enc: shown })), found);
      same(sodium.crypto_kem_xwing_dec(shown, secret), found);
    }
  }
});

// FIPS 203, 7.2, and RFC 7748, 6.1: a coefficient that is none, an X25519 half of small order.
test('X-Wing: what is no public key or ciphertext', async () => {
  const random = new Random('xwing refuses');
  const secret = random.bytes(32), random64 = random.bytes(64);
  const key = noble.xwing.publicKey(secret);
  const tooLarge = concat(new Uint8Array(3).fill(255), key.slice(3)), smallOrder = concat(key.slice(0, 1184), new Uint8Array(32));
  for (const bad of [tooLarge, smallOrder]) {
    assert.equal(await outcome(() => ours.ask('xwing_encapsulate', bad, random64)), 'malformed');
    assert.equal(await outcome(() => noble.xwing.encapsulate(bad, random64)), 'malformed');
  }
  const { ciphertext } = noble.xwing.encapsulate(key, random64);
  const bad = concat(ciphertext.slice(0, 1088), new Uint8Array(32));
  assert.equal(await outcome(() => ours.ask('xwing_decapsulate', bad, secret)), 'cannot_open');
  assert.equal(await outcome(() => noble.xwing.decapsulate(bad, secret)), 'cannot_open');
});
