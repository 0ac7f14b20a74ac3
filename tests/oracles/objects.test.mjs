// The objects of PROTOCOL.md, made by crypto/ and by objects.mjs: the same bytes, the same fields, the same refusals.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';

import { compare, concat, demand, equal, toHex, utf8, zeros } from './bytes.mjs';
import * as objects from './objects.mjs';
import { Ours, Random, outcome } from './ours.mjs';
import { sha256, sign, signPublic } from './primitives.mjs';

const ours = new Ours();
after(() => {
  ours.close();
  console.log(`${ours.asked} questions to crypto/`);
});

const noon = 1_800_000_000n;
const day = 86_400n;

const word = (value) => (value instanceof Uint8Array ? toHex(value) || '-' : typeof value === 'string' ? toHex(utf8(value)) || '-' : `${value}`);
const number8 = (random) => random.pick([0n, 1n, 2n ** 64n - 1n, BigInt(random.below(2 ** 48))]);
const letters = ['a', 'é', 'あ', '灯', '🏮', ' ', '\u{feff}'];
function randomText(random, bytesMax) {
  let text = '';
  for (let next = ''; utf8(text + next).length <= bytesMax && next !== undefined; next = random.below(12) ? random.pick(letters) : undefined) text += next;
  return text;
}
const life = (random, most) => {
  const notBefore = noon - BigInt(random.below(10_000));
  return { notBefore, notAfter: notBefore + random.pick([1n, most, BigInt(1 + random.below(Number(most)))]) };
};

// For each kind: fields at random, and the words by which oracle.cpp says them.
const kinds = {
  issuer: {
    kind: objects.issuer,
    make: (random) => ({ epoch: number8(random), ...life(random, 400n * day), key: random.bytes(32) }),
    words: (of) => [of.epoch, of.notBefore, of.notAfter, of.key],
  },
  certificate: {
    kind: objects.certificate,
    make: (random) => ({
      role: 1 + random.below(6), desk: random.bytes(16), serial: number8(random), ...life(random, 90n * day),
      signKey: random.bytes(32), agreeKey: random.bytes(32), alias: randomText(random, 32) || 'a',
    }),
    words: (of) => [of.role, of.desk, of.serial, of.notBefore, of.notAfter, of.signKey, of.agreeKey, of.alias],
  },
  roster: {
    kind: objects.roster,
    make: (random) => ({
      centre: random.bytes(16), issuerHash: random.bytes(32), epoch: number8(random), previous: random.bytes(32), ...life(random, 35n * day),
      entries: Array.from({ length: random.below(20) }, () => ({ certificate: random.bytes(32), flags: BigInt(random.below(4)) }))
        .sort((a, b) => compare(a.certificate, b.certificate)),
    }),
    words: (of) => [of.centre, of.issuerHash, of.epoch, of.previous, of.notBefore, of.notAfter, of.entries.length,
      ...of.entries.flatMap(({ certificate, flags }) => [certificate, flags])],
  },
  day: {
    kind: objects.dayKey,
    make: (random) => ({ certificateHash: random.bytes(32), ...life(random, day), key: random.bytes(1216) }),
    words: (of) => [of.certificateHash, of.notBefore, of.notAfter, of.key],
  },
  once: {
    kind: objects.oneTimeKey,
    make: (random) => ({
      certificateHash: random.bytes(32), conversation: random.bytes(16), nonce: random.bytes(32), rosterHash: random.bytes(32),
      dayHash: random.bytes(32), key: random.bytes(1216),
    }),
    words: (of) => [of.certificateHash, of.conversation, of.nonce, of.rosterHash, of.dayHash, of.key],
  },
  centre: {
    kind: objects.centreFile,
    make: (random, root) => ({
      centre: random.bytes(16), root, flags: 1n, issued: number8(random), issuerEpochLeast: number8(random), rosterEpochLeast: number8(random),
      clockShiftHours: random.below(2 ** 32), page: randomText(random, 500),
      desks: Array.from({ length: random.below(5) }, (_, at) => ({ name: `desk-${at}`, reachable: random.below(2) })),
    }),
    words: (of) => [of.centre, of.root, of.flags, of.issued, of.issuerEpochLeast, of.rosterEpochLeast, of.clockShiftHours, of.page,
      of.desks.length, ...of.desks.flatMap(({ name, reachable }) => [name, reachable])],
    key: (root) => sha256(root), // it is opened with the root's fingerprint
  },
};

// As openObject of a centre file takes it: the root that has this fingerprint.
const keyFor = (name, key) => (name === 'centre' ? ({ root }) => {
  demand(equal(root, key), 'wrong_signature');
  return root;
} : key);

for (const [name, { kind, make, words, key: toKey = (key) => key }] of Object.entries(kinds)) {
  test(`${name}: the same bytes from both, the same fields in both`, async () => {
    const random = new Random(name);
    for (let round = 0; round < 25; round++) {
      const secret = random.bytes(32), key = signPublic(secret);
      const fields = make(random, key);
      const made = objects.signObject(kind, fields, secret);
      assert.equal(toHex(await ours.bytes(`sign_${name}`, secret, ...words(fields).map(word))), toHex(made));
      assert.deepEqual(await ours.ask(`open_${name}`, made, toKey(key)), words(fields).map(word));
      assert.deepEqual(words(objects.openObject(kind, made, keyFor(name, key))).map(word), words(fields).map(word));
    }
  });

  // What a thief, a flaw or a false issuer could have made of it; half of it signed again, so that the rules are asked.
  test(`${name}: the same refusals`, async () => {
    const random = new Random(`${name} altered`);
    const told = new Map();
    for (let round = 0; round < 120; round++) {
      const secret = random.bytes(32), key = signPublic(secret);
      const made = objects.signObject(kind, make(random, key), secret);
      let payload = made.slice(0, -64);
      const at = random.below(payload.length);
      const change = random.below(4);
      if (change === 0) payload = payload.slice(0, at);
      else if (change === 1) payload = concat(payload, random.bytes(1 + random.below(3)));
      else payload[random.below(2) ? at : random.below(Math.min(payload.length, 130))] ^= 1 << random.below(8);
      const object = concat(payload, random.below(2) ? made.slice(-64) : sign(secret, kind.tag, payload));
      const expected = await outcome(() => objects.openObject(kind, object, keyFor(name, key)));
      assert.equal(await outcome(() => ours.ask(`open_${name}`, object, toKey(key))), expected, toHex(object));
      told.set(expected, (told.get(expected) ?? 0) + 1);
    }
    assert.ok(told.get('malformed') > 10 && told.get('wrong_signature') > 10, `${[...told]}`);
  });
}

test('a life of one second too many', async () => {
  const random = new Random('lives');
  for (const [name, most] of [['certificate', 90n * day], ['roster', 35n * day], ['day', day]]) {
    const { kind, make } = kinds[name];
    const secret = random.bytes(32);
    for (const [more, expected] of [[0n, 'ok'], [1n, 'out_of_bounds']]) {
      const made = objects.signObject(kind, { ...make(random), notBefore: noon, notAfter: noon + most + more }, secret);
      assert.equal(await outcome(() => objects.openObject(kind, made, signPublic(secret))), expected);
      assert.equal(await outcome(() => ours.ask(`open_${name}`, made, signPublic(secret))), expected);
    }
  }
});

test('desk ids, logins and tickets', async () => {
  const random = new Random('others');
  for (let round = 0; round < 20; round++) {
    const centre = random.bytes(16), secret = random.bytes(32), nonce = random.bytes(32), time = number8(random);
    assert.equal(toHex(await ours.bytes('desk_id', centre, utf8('consultation'))), toHex(objects.deskId(centre, 'consultation')));
    const login = { origin: 'https://tomoshibi.example:8443', nonce, certificateHash: random.bytes(32), time };
    assert.equal(toHex(await ours.bytes('sign_login', secret, utf8(login.origin), nonce, login.certificateHash, time)), toHex(objects.signLogin(login, secret)));
    const shown = random.bytes(202), conversation = random.bytes(16);
    assert.equal(toHex(await ours.bytes('sign_ticket', secret, shown, conversation, nonce, time)), toHex(objects.signTicket(shown, conversation, nonce, time, secret)));
  }
});

test('what a client believes: the same outcome, whatever is wrong with it', async () => {
  const random = new Random('trust');
  const told = new Set();
  for (let round = 0; round < 120; round++) {
    const root = random.bytes(32), issuerSeed = random.bytes(32), wrong = random.below(9);
    const centre = objects.signObject(objects.centreFile, {
      centre: zeros(16), root: signPublic(root), flags: 1n, issued: noon, issuerEpochLeast: wrong === 1 ? 6n : 5n, rosterEpochLeast: wrong === 2 ? 9n : 8n,
      clockShiftHours: 2, desks: [], page: '{}',
    }, root);
    const issuer = objects.signObject(objects.issuer, { epoch: 5n, notBefore: noon - 90n * day, notAfter: wrong === 3 ? noon : noon + 90n * day, key: signPublic(issuerSeed) }, wrong === 4 ? issuerSeed : root);
    const roster = objects.signObject(objects.roster, {
      centre: wrong === 5 ? random.bytes(16) : zeros(16), issuerHash: wrong === 6 ? random.bytes(32) : sha256(issuer), epoch: 8n, previous: zeros(32), notBefore: noon - day, notAfter: noon + day, entries: [],
    }, issuerSeed);
    const fingerprint = wrong === 7 ? random.bytes(32) : sha256(signPublic(root));
    const clock = noon - 7_200n + random.pick([0n, -day - 43_200n, -day - 43_201n, 43_200n, 43_201n, day + 43_200n, day + 43_201n]);
    const expected = await outcome(() => objects.verifyTrust(centre, issuer, roster, fingerprint, clock));
    assert.equal(await outcome(() => ours.ask('believe', centre, issuer, roster, fingerprint, clock)), expected);
    told.add(expected);
  }
  assert.deepEqual([...told].sort(), ['expired', 'not_yet_valid', 'ok', 'rolled_back', 'wrong_binding', 'wrong_signature']);
});

test('vaults and key files, sealed by each and opened by the other', async () => {
  const random = new Random('vault');
  for (let round = 0; round < 5; round++) {
    const seeds = { signSeed: random.bytes(32), agreeSeed: random.bytes(32) };
    const passphrase = utf8(randomText(random, 60) || 'a'), device = random.bytes(32), prf = round === 0 ? zeros(32) : random.bytes(32);
    const passes = 1 + random.below(2), memory = 8192 + random.below(100_000); // no round figure: Argon2id takes whole KiB
    const byUs = await ours.bytes('seal_vault', seeds.signSeed, seeds.agreeSeed, passphrase, device, prf, passes, memory);
    assert.deepEqual(objects.openVault(byUs, passphrase, device, prf), seeds);
    const byThem = objects.sealVault(seeds, passphrase, device, prf, passes, memory, random.bytes(16), random.bytes(24));
    assert.deepEqual(await ours.list('open_vault', byThem, passphrase, device, prf), [seeds.signSeed, seeds.agreeSeed]);
    const certificate = random.bytes(202);
    assert.deepEqual(await ours.list('open_key_file', objects.keyFile(certificate, device, byThem), passphrase, prf), [certificate, seeds.signSeed, seeds.agreeSeed]);

    const altered = Uint8Array.from(byThem);
    altered[random.below(133)] ^= 1;
    const expected = await outcome(() => objects.openVault(altered, passphrase, device, prf));
    assert.notEqual(expected, 'ok');
    assert.equal(await outcome(() => ours.ask('open_vault', altered, passphrase, device, prf)), expected);
  }
});

test('what a console keeps, sealed by each and opened by the other', async () => {
  const random = new Random('kept');
  const seeds = { signSeed: random.bytes(32), agreeSeed: random.bytes(32) };
  const plain = random.bytes(114);
  const byUs = await ours.bytes('seal_kept', seeds.signSeed, seeds.agreeSeed, plain);
  assert.equal(byUs.length, 155);
  assert.deepEqual(objects.openKept(seeds, byUs), plain);
  assert.deepEqual(await ours.bytes('open_kept', seeds.signSeed, seeds.agreeSeed, objects.sealKept(seeds, plain, random.bytes(24))), plain);
});
