// T1 between two people, as crypto/PROTOCOL.md says it ("First contact", "Ratchet and frames", "Resume"): a second
// implementation, by which that page and crypto/ are held against each other. It shares no code with crypto/, and has
// @noble's primitives. It keeps to the page: where crypto/ does otherwise, change one of those two first.
//
// `random(size)` gives the random bytes. Failures are thrown as Refused, by the names of crypto/failure.hpp.
import { concat, demand, equal, number, pad, Reader, Refused, utf8, zeros } from './bytes.mjs';
import { checkCertificate, dayKey, oneTimeKey, openObject, signObject, within } from './objects.mjs';
import { hkdfExpand, hkdfExtract, hmac, open, seal, sha256, xwing } from './primitives.mjs';

export const frameBytes = 4096;
const version = 1, kindOffer = 1, kindHello = 2;
const none16 = zeros(16), none32 = zeros(32);

export const pskId = (psk) => (psk ? sha256(psk).slice(0, 16) : none16);
export const resumeToken = (rs) => hkdfExpand(hkdfExtract(zeros(0), rs), utf8('t1/tok'), 32);

// --- first contact ---

const makeFrame = (kind, ...parts) => pad(concat(number(version, 1), number(kind, 1), ...parts), frameBytes);
function readFrame(frame, kind, sizes) {
  const from = new Reader(frame);
  demand(from.number(1) === version && from.number(1) === kind, 'malformed');
  const parts = sizes.map((size) => from.take(size));
  from.zeros(from.rest.length);
  return parts;
}

const offerSizes = [202, 1328, 1424];
const splitOffer = (offer) => readFrame(offer, kindOffer, offerSizes);

// th and what comes of it. `offer`: [certificate, day key, one-time key], the signed objects.
function derive(offer, rosterHash, conversation, nonce, psk, ctD, ssD, ctO, ssO) {
  const th = sha256(concat(utf8('t1/th'), rosterHash, ...offer, conversation, nonce, pskId(psk), ctD, ctO));
  const sk = hkdfExtract(th, concat(ssD, ssO, psk ?? none32));
  const keys = new Reader(hkdfExpand(sk, utf8('t1/root'), 96));
  return { th, rk: keys.take(32), survivorHeader: keys.take(32), counselorHeader: keys.take(32) };
}

export class Counselor {
  // `member`: { certificate, signSeed }. `now`: Unix seconds, a BigInt.
  constructor(member, now, random) {
    this.member = member;
    this.random = random;
    this.daySeed = random(32);
    const fields = { certificateHash: sha256(member.certificate), notBefore: now - 43_200n, notAfter: now + 43_200n, key: xwing.publicKey(this.daySeed) };
    this.day = signObject(dayKey, fields, member.signSeed);
  }

  makeOffer(rosterHash, conversation, nonce) {
    const onceSeed = this.random(32);
    const once = signObject(oneTimeKey, {
      certificateHash: sha256(this.member.certificate), conversation, nonce, rosterHash, dayHash: sha256(this.day), key: xwing.publicKey(onceSeed),
    }, this.member.signSeed);
    this.pending = { objects: [this.member.certificate, this.day, once], rosterHash, conversation, nonce, onceSeed };
    return makeFrame(kindOffer, ...this.pending.objects);
  }

  // `known`: the psks that this console takes.
  answerHello(hello, known, now) {
    const { objects, rosterHash, conversation, nonce, onceSeed } = this.pending;
    const [shownConversation, id, ...rest] = readFrame(hello, kindHello, [16, 16, 32, 32, 32, 32, 32, 1120, 1120]);
    const ctD = rest[5], ctO = rest[6];
    const expected = [rosterHash, ...objects.map(sha256), nonce];
    demand(equal(shownConversation, conversation) && expected.every((value, at) => equal(value, rest[at])), 'wrong_binding');
    demand(onceSeed !== undefined, 'cannot_open');
    const psk = equal(id, none16) ? undefined : known.find((one) => equal(pskId(one), id));
    demand(psk !== undefined || equal(id, none16), 'wrong_binding');
    const root = derive(objects, rosterHash, conversation, nonce, psk, ctD, xwing.decapsulate(ctD, this.daySeed), ctO, xwing.decapsulate(ctO, onceSeed));
    this.pending.onceSeed = undefined;
    return new Session('counselor', root, conversation, { mySeed: onceSeed }, now, this.random);
  }
}

// `asked`: { role, desk, conversation, nonce }. { session, hello }
export function answerOffer(offer, believed, asked, psk, now, random) {
  const objects = splitOffer(offer);
  const [certificateObject, dayObject, onceObject] = objects;
  const holder = checkCertificate(believed, certificateObject, now);
  demand(holder.role === asked.role, 'wrong_role');
  demand(equal(holder.desk, asked.desk), 'wrong_desk');
  const [certificateHash, dayHash, onceHash] = objects.map(sha256);

  const day = openObject(dayKey, dayObject, holder.signKey);
  demand(equal(day.certificateHash, certificateHash), 'wrong_binding');
  within(day.notBefore, day.notAfter, now);
  const once = openObject(oneTimeKey, onceObject, holder.signKey);
  demand(
    equal(once.certificateHash, certificateHash) && equal(once.conversation, asked.conversation) &&
      equal(once.nonce, asked.nonce) && equal(once.dayHash, dayHash),
    'wrong_binding',
  );
  demand(equal(once.rosterHash, believed.rosterHash), 'other_roster');

  const toDay = xwing.encapsulate(day.key, random(64)), toOnce = xwing.encapsulate(once.key, random(64));
  const hello = makeFrame(kindHello, asked.conversation, pskId(psk), once.rosterHash, certificateHash, dayHash, onceHash,
    asked.nonce, toDay.ciphertext, toOnce.ciphertext);
  const root = derive(objects, once.rosterHash, asked.conversation, asked.nonce, psk, toDay.ciphertext, toDay.shared, toOnce.ciphertext, toOnce.shared);
  return { hello, session: new Session('survivor', root, asked.conversation, { peerKey: once.key }, now, random) };
}

// --- ratchet and frames ---

const types = { both: [0, 1, 2, 3, 4, 5], counselor: [0x10, 0x12, 0x13, 0x14], survivor: [6, 7, 0x11, 0x20, 0x21, 0x22] };
const maySend = (side, type) => types.both.includes(type) || types[side].includes(type);
const dataMax = 1688, bodyBytes = 1691, more = 0x8000;

export class Session {
  // `first`: { peerKey } of the survivor, the one-time key; { mySeed } of the counselor, its private half.
  constructor(side, root, conversation, first, now, random) {
    const mine = side === 'survivor' ? root.survivorHeader : root.counselorHeader;
    const theirs = side === 'survivor' ? root.counselorHeader : root.survivorHeader;
    this.side = side;
    this.peer = side === 'survivor' ? 'counselor' : 'survivor';
    this.th = root.th;
    this.random = random;
    this.begun = now;
    this.failures = 0;
    this.fragments = 0; // of the message being sealed
    this.about = concat(conversation, root.th, number(version, 1));
    // All that a frame changes. Turns: of the peer, oldest first.
    this.state = { rk: root.rk, nextSendingHeader: mine, nextReceivingHeader: theirs, sending: undefined, turns: [], receivingChain: undefined, rs: undefined, rsBefore: undefined, ...first };
  }

  #step(state, whose, shared) {
    const keys = new Reader(hkdfExpand(hkdfExtract(state.rk, shared), utf8('t1/rk'), 128));
    state.rk = keys.take(32);
    const step = { chain: keys.take(32), nextHeader: keys.take(32) };
    if (whose === 'counselor') [state.rsBefore, state.rs] = [state.rs, keys.take(32)];
    return step;
  }

  // `forge`: what a dishonest peer does to header and body before they are sealed.
  seal(type, data, moreFollows, now, forge = {}) {
    const { header: forgeHeader = (header) => header, body: forgeBody = (body) => body } = forge;
    demand(now - this.begun <= 86_400n && this.failures < 16 && maySend(this.side, type), 'may_not_send');
    demand(data.length <= dataMax && !(moreFollows && this.fragments + 1 >= 32), 'out_of_bounds');
    const state = this.state;
    demand(state.sending !== undefined || state.peerKey !== undefined, 'may_not_send');
    if (state.peerKey !== undefined) this.#beginTurn(state);
    const { sending } = state;
    const nonce = this.random(24);
    const header = concat(zeros(4), number(sending.n, 4), number(sending.pn, 4), sending.pk, sending.ct);
    const sealedHeader = seal(sending.headerKey, nonce, forgeHeader(header), this.about);
    const body = forgeBody(pad(concat(number(type, 1), number(data.length | (moreFollows ? more : 0), 2), data), bodyBytes));
    const mk = hmac(sending.chain, number(1, 1));
    sending.chain = hmac(sending.chain, number(2, 1));
    sending.n++;
    this.fragments = moreFollows ? this.fragments + 1 : 0;
    const { key, bodyNonce } = this.#bodyKey(mk, nonce);
    return concat(number(version, 1), nonce, sealedHeader, seal(key, bodyNonce, body, concat(this.about, nonce, sealedHeader)));
  }

  #beginTurn(state) {
    const { ciphertext, shared } = xwing.encapsulate(state.peerKey, this.random(64));
    const { chain, nextHeader } = this.#step(state, this.side, shared);
    state.mySeed = this.random(32);
    state.peerKey = undefined;
    state.sending = { headerKey: state.nextSendingHeader, chain, n: 0, pn: state.sending?.n ?? 0, pk: xwing.publicKey(state.mySeed), ct: ciphertext };
    state.nextSendingHeader = nextHeader;
  }

  #bodyKey(mk, nonce) {
    const both = hkdfExpand(mk, concat(utf8('t1/msg'), nonce), 56);
    return { key: both.slice(0, 32), bodyNonce: both.slice(32) };
  }

  // { number, duplicate, stepped, type, more, data }
  open(frame, now) {
    demand(this.failures < 16, 'cannot_open');
    demand(now - this.begun <= 87_000n, 'out_of_bounds');
    this.#forget(now);
    const next = structuredClone(this.state);
    try {
      const out = this.#openIn(next, frame, now);
      if (!out.duplicate) this.state = next;
      return out;
    } catch (error) {
      if (error instanceof Refused) this.failures++;
      throw error;
    }
  }

  #forget(now) {
    const { turns } = this.state;
    for (const turn of turns) for (const [n, kept] of turn.skipped) if (now - kept.since > 600n) turn.skipped.delete(n);
    this.state.turns = turns.filter((turn) => turn === turns.at(-1) || now - turn.overSince <= 600n);
  }

  #openHeader(frame, key) {
    let header;
    try {
      header = new Reader(open(key, frame.slice(1, 25), frame.slice(25, 2389), this.about));
    } catch {
      return undefined;
    }
    const reserved = header.take(4);
    demand(equal(reserved, zeros(4)), 'cannot_open');
    return { n: header.number(4), pn: header.number(4), pk: header.take(1216), ct: header.take(1120) };
  }

  #openIn(state, frame, now) {
    demand(frame[0] === version, 'cannot_open');
    let turn, header;
    for (turn of state.turns.slice().reverse()) if ((header = this.#openHeader(frame, turn.headerKey))) break;
    let stepped = false;
    if (header) {
      demand(header.pn === turn.pn && equal(header.pk, turn.pk) && equal(header.ct, turn.ct), 'cannot_open');
    } else {
      header = state.mySeed && this.#openHeader(frame, state.nextReceivingHeader);
      demand(header, 'cannot_open');
      turn = this.#hearTurn(state, header, now);
      stepped = true;
    }
    const place = turn.first + header.n;
    const current = turn === state.turns.at(-1);
    demand(current || header.n < turn.next, 'cannot_open');
    let mk;
    if (header.n >= turn.next) {
      this.#skip(state, turn, header.n, now);
      mk = this.#nextKey(state, turn);
    } else {
      mk = turn.skipped.get(header.n)?.mk;
      if (mk === undefined) return { number: place, duplicate: true, stepped: false };
      turn.skipped.delete(header.n);
    }
    return { number: place, duplicate: false, stepped, ...this.#openBody(frame, mk) };
  }

  #nextKey(state, turn) {
    const mk = hmac(state.receivingChain, number(1, 1));
    state.receivingChain = hmac(state.receivingChain, number(2, 1));
    turn.next++;
    return mk;
  }

  // Keeps the keys of the current turn's frames up to n, which are not there yet.
  #skip(state, turn, n, now) {
    const missing = n - turn.next;
    const inAll = state.turns.reduce((sum, one) => sum + one.skipped.size, 0);
    demand(missing + turn.skipped.size <= 64 && missing + inAll <= 256, 'out_of_bounds');
    while (turn.next < n) turn.skipped.set(turn.next, { mk: this.#nextKey(state, turn), since: now });
  }

  #hearTurn(state, { pn, pk, ct }, now) {
    const before = state.turns.at(-1);
    demand(before ? pn >= before.next : pn === 0, 'cannot_open');
    if (before) {
      this.#skip(state, before, pn, now);
      before.overSince = now;
    }
    const { chain, nextHeader } = this.#step(state, this.peer, xwing.decapsulate(ct, state.mySeed));
    const turn = { headerKey: state.nextReceivingHeader, pn, pk, ct, first: before ? before.first + pn : 0, next: 0, skipped: new Map() };
    state.turns = [...state.turns.slice(-4), turn];
    Object.assign(state, { nextReceivingHeader: nextHeader, receivingChain: chain, mySeed: undefined, peerKey: pk });
    return turn;
  }

  #openBody(frame, mk) {
    const nonce = frame.slice(1, 25);
    const { key, bodyNonce } = this.#bodyKey(mk, nonce);
    const from = new Reader(open(key, bodyNonce, frame.slice(2389), concat(this.about, frame.slice(1, 2389))));
    try {
      const type = from.number(1), length = from.number(2);
      const data = from.take(length & ~more);
      from.zeros(from.rest.length);
      demand(maySend(this.peer, type), 'malformed');
      return { type, more: (length & more) !== 0, data };
    } catch {
      throw new Refused('cannot_open');
    }
  }
}
