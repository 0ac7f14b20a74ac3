// The signed objects of PROTOCOL.md, "Objects", "Centre file" and "What a client believes", and what a member keeps
// ("Vault", "Key file", "Resume"), written and opened as that page says. No code of crypto/ is in here.
import { compare, concat, demand, equal, number, pad, Reader, utf8, zeros } from './bytes.mjs';
import { argon2id, hkdfExpand, hkdfExtract, open, seal, sha256, sign, verify } from './primitives.mjs';

const hour = 3600n, day = 24n * hour;
const counselor = 1, drill = 6;

// --- fields ---

// A field has `write(value)` and `read(reader)`. A number of eight bytes is a BigInt.
const uint = (size) => ({ write: (value) => number(value, size), read: (from) => from.number(size) });
const block = (size) => ({ write: (value) => value, read: (from) => from.take(size) });
const constant = (value) => ({
  write: () => number(value, 1),
  read: (from) => demand(from.number(1) === value, 'malformed'),
});

function text(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    demand(false, 'malformed');
  }
}
const prefixed = (lengthSize, most) => ({
  write: (value) => concat(number(utf8(value).length, lengthSize), utf8(value)),
  read(from) {
    const size = from.number(lengthSize);
    demand(size <= most, 'malformed');
    return text(from.take(size));
  },
});
const alias = {
  write: (value) => pad(utf8(value), 32),
  read(from) {
    const padded = new Reader(from.take(32));
    const end = padded.rest.indexOf(0);
    const bytes = padded.take(end === -1 ? 32 : end);
    padded.zeros(padded.rest.length);
    demand(bytes.length > 0, 'malformed');
    return text(bytes);
  },
};
const list = (most, entry) => ({
  write: (values) => concat(number(values.length, 2), ...values.map((value) => writeFields(entry, value))),
  read(from) {
    const count = from.number(2);
    demand(count <= most, 'malformed');
    return Array.from({ length: count }, () => readFields(entry, from));
  },
});

const writeFields = (fields, values) => concat(...Object.entries(fields).map(([name, kind]) => kind.write(values[name])));
const readFields = (fields, from) => Object.fromEntries(Object.entries(fields).map(([name, kind]) => [name, kind.read(from)]));

// --- the objects: tag, fields, rules (malformed), longest life (out_of_bounds) ---

const inOrder = ({ notBefore, notAfter }) => notBefore < notAfter;
const eight = uint(8);

export const issuer = {
  tag: 't1/issuer',
  fields: { epoch: eight, notBefore: eight, notAfter: eight, key: block(32) },
  rules: inOrder,
};
export const certificate = {
  tag: 't1/cert',
  fields: {
    version: constant(1), role: uint(1), desk: block(16), serial: eight, notBefore: eight, notAfter: eight,
    signKey: block(32), agreeKey: block(32), alias,
  },
  rules: (fields) => fields.role >= counselor && fields.role <= drill && inOrder(fields),
  life: 90n * day,
};
const entry = { certificate: block(32), flags: eight };
export const roster = {
  tag: 't1/roster',
  fields: {
    centre: block(16), issuerHash: block(32), epoch: eight, previous: block(32), notBefore: eight, notAfter: eight,
    entries: list(4096, entry),
  },
  rules: (fields) =>
    inOrder(fields) &&
    fields.entries.every(({ flags }) => (flags & ~3n) === 0n) &&
    fields.entries.every((one, at) => at === 0 || compare(fields.entries[at - 1].certificate, one.certificate) < 0),
  life: 35n * day,
};
export const dayKey = {
  tag: 't1/day',
  fields: { certificateHash: block(32), notBefore: eight, notAfter: eight, key: block(1216) },
  rules: inOrder,
  life: day,
};
export const oneTimeKey = {
  tag: 't1/otk',
  fields: {
    certificateHash: block(32), conversation: block(16), nonce: block(32), rosterHash: block(32), dayHash: block(32),
    key: block(1216),
  },
  rules: () => true,
};
export const centreFile = {
  tag: 't1/centre',
  fields: {
    version: constant(1), centre: block(16), root: block(32), flags: eight, issued: eight, issuerEpochLeast: eight,
    rosterEpochLeast: eight, clockShiftHours: uint(4),
    desks: list(64, { name: prefixed(2, 32), reachable: uint(1) }),
    page: prefixed(4, 65_536),
  },
  rules: ({ flags, clockShiftHours, desks }) =>
    (flags & ~1n) === 0n &&
    (flags === 1n || clockShiftHours === 0) &&
    desks.every(({ name, reachable }) => /^[\x21-\x7e]+$/.test(name) && name !== 'drill' && reachable <= 1) &&
    new Set(desks.map(({ name }) => name)).size === desks.length,
};

export function signObject(kind, values, seed) {
  const payload = writeFields(kind.fields, values);
  return concat(payload, sign(seed, kind.tag, payload));
}

// `keyOf`: who must have signed it; for a centre file, that is told by its fields.
export function openObject(kind, object, keyOf) {
  demand(object.length >= 64, 'malformed');
  const payload = object.slice(0, -64), from = new Reader(payload);
  const fields = readFields(kind.fields, from);
  from.end();
  demand(kind.rules(fields), 'malformed');
  const key = keyOf instanceof Uint8Array ? keyOf : keyOf(fields);
  demand(verify(key, kind.tag, payload, object.slice(-64)), 'wrong_signature');
  if (kind.life !== undefined) demand(fields.notAfter - fields.notBefore <= kind.life, 'out_of_bounds');
  return fields;
}

export const deskId = (centre, name) => sha256(concat(utf8('t1/desk'), centre, utf8(name))).slice(0, 16);

// --- other signatures ---

export const signLogin = ({ origin, nonce, certificateHash, time }, seed) =>
  sign(seed, 't1/login', concat(prefixed(2, 65_535).write(origin), nonce, certificateHash, number(time, 8)));
export const signTicket = (signedCertificate, conversation, nonce, time, seed) =>
  concat(signedCertificate, number(time, 8),
    sign(seed, 't1/ticket', concat(sha256(signedCertificate), conversation, nonce, number(time, 8))));

// --- what a client believes ---

export function within(from, to, now, slack = 0n) {
  demand(now + slack >= from, 'not_yet_valid');
  demand(now <= to + slack, 'expired');
}

export function verifyTrust(centreObject, issuerObject, rosterObject, fingerprint, clock) {
  const centre = openObject(centreFile, centreObject, ({ root }) => {
    demand(equal(sha256(root), fingerprint), 'wrong_signature');
    return root;
  });
  const issuedBy = openObject(issuer, issuerObject, centre.root);
  const listed = openObject(roster, rosterObject, issuedBy.key);
  demand(issuedBy.epoch >= centre.issuerEpochLeast, 'rolled_back');
  demand(equal(listed.centre, centre.centre) && equal(listed.issuerHash, sha256(issuerObject)), 'wrong_binding');
  demand(listed.epoch >= centre.rosterEpochLeast, 'rolled_back');
  const now = clock + BigInt(centre.clockShiftHours) * hour;
  within(listed.notBefore, listed.notAfter, now, 12n * hour);
  within(issuedBy.notBefore, issuedBy.notAfter, now, 12n * hour);
  return { centre, issuedBy, listed, rosterHash: sha256(rosterObject) };
}

export function checkCertificate(believed, object, now) {
  const shown = openObject(certificate, object, believed.issuedBy.key);
  demand(shown.notAfter <= believed.issuedBy.notAfter, 'out_of_bounds');
  within(believed.listed.notBefore, believed.listed.notAfter, now, 12n * hour);
  const hash = sha256(object);
  const found = believed.listed.entries.find((one) => equal(one.certificate, hash));
  demand(found !== undefined && (found.flags & 1n) === 0n, 'not_listed');
  within(shown.notBefore, shown.notAfter, now);
  return shown;
}

// --- what a member keeps ---

const vaultKey = (passphrase, salt, passes, memory, device, prf) =>
  hkdfExpand(hkdfExtract(salt, concat(argon2id(passphrase, salt, passes, memory), device, prf)), utf8('t1/vault'), 32);

export function sealVault({ signSeed, agreeSeed }, passphrase, device, prf, passes, memory, salt, nonce) {
  const head = concat(number(1, 1), number(passes, 4), number(memory, 8), salt, nonce);
  return concat(head, seal(vaultKey(passphrase, salt, passes, memory, device, prf), nonce, concat(signSeed, agreeSeed), head));
}

export function openVault(vault, passphrase, device, prf) {
  demand(vault.length === 133 && vault[0] === 1, 'malformed');
  const from = new Reader(vault.slice(1));
  const passes = from.number(4), memory = Number(from.number(8)), salt = from.take(16), nonce = from.take(24);
  demand(passes >= 1 && passes <= 6 && memory >= 8192 && memory <= 2 * (256 << 20), 'out_of_bounds');
  const plain = open(vaultKey(passphrase, salt, passes, memory, device, prf), nonce, from.rest, vault.slice(0, 53));
  return { signSeed: plain.slice(0, 32), agreeSeed: plain.slice(32) };
}

export const keyFile = (signedCertificate, device, vault) => concat(number(1, 1), signedCertificate, device, vault);

const keptKey = ({ signSeed, agreeSeed }) => hkdfExpand(hkdfExtract(zeros(0), concat(signSeed, agreeSeed)), utf8('t1/kept'), 32);
export const sealKept = (seeds, plain, nonce) => concat(number(1, 1), nonce, seal(keptKey(seeds), nonce, plain, number(1, 1)));
export const openKept = (seeds, kept) => open(keptKey(seeds), kept.slice(1, 25), kept.slice(25), kept.slice(0, 1));
