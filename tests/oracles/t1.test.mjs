// crypto/ and t1.mjs talk with each other: whole conversations, and what each refuses.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';

import { toHex, utf8, zeros } from './bytes.mjs';
import { Centre, day, noon, offerOf } from './centre.mjs';
import * as objects from './objects.mjs';
import { Ours, Random, hex, outcome } from './ours.mjs';
import { sha256, xwing } from './primitives.mjs';
import { Counselor, answerOffer, resumeToken } from './t1.mjs';

const ours = new Ours();
after(() => {
  ours.close();
  console.log(`${ours.asked} questions to crypto/`);
});

// --- the two implementations of each side, with one face ---

// A session: say(type, data, more, now), hear(frame, now), secrets() = [RS, RS before, token].
class OurSession {
  say(type, data, more, now) {
    return ours.bytes('say', type, data, more ? 1 : 0, now);
  }
  async hear(frame, now) {
    const [place, duplicate, stepped, type, more, data] = await ours.ask('hear', frame, now);
    const about = { number: Number(place), duplicate: duplicate === '1', stepped: stepped === '1' };
    return about.duplicate ? about : { ...about, type: Number(type), more: more === '1', data: hex(data) };
  }
  secrets() {
    return ours.list('resume_secrets');
  }
}
class TheirSession {
  constructor(session) {
    this.session = session;
  }
  async say(...words) {
    return this.session.seal(...words);
  }
  async hear(frame, now) {
    return this.session.open(frame, now);
  }
  async secrets() {
    const { rs = zeros(32), rsBefore = zeros(32) } = this.session.state;
    return [rs, rsBefore, resumeToken(rs)];
  }
}

// A counselor: offer(...) and then meet(hello, psks, now) = { th, session }.
class OurCounselor {
  async begin(member, now) {
    this.member = member;
    [this.day, this.daySeed] = await ours.list('make_day', member.certificate, member.signSeed, now);
  }
  offer(rosterHash, conversation, nonce) {
    return ours.bytes('make_offer', this.member.certificate, this.member.signSeed, this.day, this.daySeed, rosterHash, conversation, nonce);
  }
  async meet(hello, psk, now) {
    const [, th] = await ours.list('answer_hello', hello, psk ?? new Uint8Array(), now);
    return { th, session: new OurSession() };
  }
}
class TheirCounselor {
  constructor(random) {
    this.random = random;
  }
  async begin(member, now) {
    this.counselor = new Counselor(member, now, (size) => this.random.bytes(size));
  }
  async offer(...words) {
    return this.counselor.makeOffer(...words);
  }
  async meet(hello, psk, now) {
    const session = this.counselor.answerHello(hello, psk ? [psk] : [], now);
    return { th: session.th, session: new TheirSession(session) };
  }
}

// A survivor: answer(offer, asked, psk, now) = { hello, th, session }.
class OurSurvivor {
  believe(centre) {
    return ours.ask('believe', ...centre.shown);
  }
  async answer(offer, { role, desk, conversation, nonce }, psk, now) {
    const [hello, th] = await ours.list('answer_offer', offer, role, desk, conversation, nonce, psk ?? new Uint8Array(), now);
    return { hello, th, session: new OurSession() };
  }
}
class TheirSurvivor {
  constructor(random) {
    this.random = random;
  }
  async believe(centre) {
    this.believed = centre.believed;
  }
  async answer(offer, asked, psk, now) {
    const { hello, session } = answerOffer(offer, this.believed, asked, psk, now, (size) => this.random.bytes(size));
    return { hello, th: session.th, session: new TheirSession(session) };
  }
}

const pairs = {
  'a survivor of ours with a counselor of theirs': (random) => [new OurSurvivor(), new TheirCounselor(random)],
  'a survivor of theirs with a counselor of ours': (random) => [new TheirSurvivor(random), new OurCounselor()],
};

// --- a first contact ---

async function meet([survivor, counselor], random, centre = new Centre(random)) {
  const member = centre.enrol();
  centre.publish();
  await survivor.believe(centre);
  await counselor.begin(member, noon);
  const at = { survivor, counselor, centre, asked: { role: 1, desk: centre.desk, conversation: random.bytes(16), nonce: random.bytes(32) } };
  return { ...at, ...(await greet(at)) };
}
async function greet({ survivor, counselor, centre, asked }, psk) {
  const offer = await counselor.offer(centre.rosterHash, asked.conversation, asked.nonce);
  const met = await survivor.answer(offer, asked, psk, noon);
  const taken = await counselor.meet(met.hello, psk, noon);
  assert.equal(toHex(taken.th), toHex(met.th));
  return { hello: met.hello, sides: { survivor: met.session, counselor: taken.session } };
}

// --- a conversation over a network that loses, reorders and repeats ---

const typesOf = { survivor: [0, 1, 2, 3, 4, 5, 6, 7, 0x11, 0x20, 0x21, 0x22], counselor: [0, 1, 2, 3, 4, 5, 0x10, 0x12, 0x13, 0x14] };
const other = { survivor: 'counselor', counselor: 'survivor' };

class Talk {
  constructor(sides, random) {
    this.sides = sides;
    this.random = random;
    this.sent = { survivor: [], counselor: [] };
    this.heardTurns = { survivor: 0, counselor: 0 };
    this.opened = 0;
  }

  async say(from) {
    const turn = this.heardTurns[from] + (from === 'survivor' ? 1 : 0);
    const type = this.random.pick(typesOf[from]), data = this.random.bytes(this.random.pick([0, 1, 1687, 1688, this.random.below(1689)]));
    const more = this.random.below(4) === 0;
    const frame = await this.sides[from].say(type, data, more, noon);
    this.sent[from].push({ frame, turn, type, data, more, number: this.sent[from].length, heard: false });
  }

  async hear(to, one) {
    const got = await this.sides[to].hear(one.frame, noon);
    assert.deepEqual([got.number, got.duplicate], [one.number, one.heard]);
    assert.equal(got.stepped, one.turn > this.heardTurns[to]);
    if (!one.heard) assert.deepEqual([got.type, got.more, got.data], [one.type, one.more, one.data]);
    if (got.stepped) this.heardTurns[to]++;
    this.opened += one.heard ? 0 : 1;
    one.heard = true;
  }

  async hearAny(to) {
    const there = this.sent[other[to]].filter(({ turn }) => turn >= this.heardTurns[to] - 4).slice(-30);
    if (there.length > 0) await this.hear(to, this.random.pick(there));
  }

  async step() {
    const who = this.random.pick(['survivor', 'counselor']);
    const speaks = who === 'survivor' || this.heardTurns.counselor > 0;
    if (speaks && this.random.below(5) < 2) await this.say(who);
    else await this.hearAny(who);
  }
}

async function expectSameSecrets({ survivor, counselor }) {
  const [mine, theirs] = [await survivor.secrets(), await counselor.secrets()];
  assert.deepEqual(mine.map(toHex), theirs.map(toHex));
  return mine[0];
}

for (const [name, make] of Object.entries(pairs)) {
  test(`${name}: a conversation, a resume, another conversation`, async () => {
    const random = new Random(name);
    for (let round = 0; round < 3; round++) {
      const at = await meet(make(random), random);
      const talk = new Talk(at.sides, random);
      for (let step = 0; step < 120; step++) await talk.step();
      for (const from of ['survivor', 'counselor', 'survivor', 'counselor']) {
        await talk.say(from);
        await talk.hear(other[from], talk.sent[from].at(-1));
      }
      assert.ok(talk.opened > 20 && talk.heardTurns.survivor > 2, `${talk.opened} frames, ${talk.heardTurns.survivor} turns`);
      const rs = await expectSameSecrets(at.sides);

      at.asked.nonce = random.bytes(32);
      const again = new Talk((await greet(at, rs)).sides, random);
      for (let step = 0; step < 60; step++) await again.step();
    }
  });

  test(`${name}: a psk that is not known, a HELLO twice, an altered HELLO`, async () => {
    const random = new Random(`${name} hello`);
    const at = await meet(make(random), random);
    assert.equal(await outcome(() => at.counselor.meet(at.hello, undefined, noon)), 'cannot_open');
    const unknown = Uint8Array.from(at.hello);
    unknown[18] ^= 1;
    assert.equal(await outcome(() => at.counselor.meet(unknown, undefined, noon)), 'cannot_open');
    const told = new Set();
    for (let round = 0; round < 40; round++) {
      at.asked.nonce = random.bytes(32);
      const offer = await at.counselor.offer(at.centre.rosterHash, at.asked.conversation, at.asked.nonce);
      const { hello } = await at.survivor.answer(offer, at.asked, round % 4 === 0 ? random.bytes(32) : undefined, noon);
      const place = round % 4 === 0 ? -1 : random.pick([0, 1, random.below(194), 2434 + random.below(1662)]);
      if (place >= 0) hello[place] ^= 1 << random.below(8);
      const expected = place >= 2 && place < 2434 || place === -1 ? 'wrong_binding' : 'malformed';
      assert.equal(await outcome(() => at.counselor.meet(hello, undefined, noon)), expected, `byte ${place}`);
      told.add(expected);
    }
    assert.equal(told.size, 2);
  });

  // Nothing in it is signed: what tells is that the two have different keys.
  test(`${name}: a HELLO with another ciphertext`, async () => {
    const random = new Random(`${name} ciphertext`);
    const at = await meet(make(random), random);
    for (const place of [194, 194 + 1120, 194 + 2239]) {
      at.asked.nonce = random.bytes(32);
      const offer = await at.counselor.offer(at.centre.rosterHash, at.asked.conversation, at.asked.nonce);
      const met = await at.survivor.answer(offer, at.asked, undefined, noon);
      met.hello[place] ^= 1;
      const taken = await at.counselor.meet(met.hello, undefined, noon);
      assert.notEqual(toHex(taken.th), toHex(met.th));
      const frame = await met.session.say(1, utf8('text'), false, noon);
      assert.equal(await outcome(() => taken.session.hear(frame, noon)), 'cannot_open');
    }
  });

  test(`${name}: altered frames, and a session that breaks at the sixteenth`, async () => {
    const random = new Random(`${name} frames`);
    const { sides } = await meet(make(random), random);
    const frame = await sides.survivor.say(1, utf8('text'), false, noon);
    for (let round = 0; round < 15; round++) {
      const altered = Uint8Array.from(frame);
      altered[random.below(4096)] ^= 1 << random.below(8);
      assert.equal(await outcome(() => sides.counselor.hear(altered, noon)), 'cannot_open');
    }
    assert.equal((await sides.counselor.hear(frame, noon)).number, 0);
    assert.equal(await outcome(() => sides.counselor.hear(random.bytes(4096), noon)), 'cannot_open');
    const next = await sides.survivor.say(1, utf8('more'), false, noon);
    assert.equal(await outcome(() => sides.counselor.hear(next, noon)), 'cannot_open');
    assert.equal(await outcome(() => sides.counselor.say(1, utf8('answer'), false, noon)), 'may_not_send');
  });

  test(`${name}: as many missing frames as are allowed, and one more`, async () => {
    const random = new Random(`${name} bounds`);
    const { sides } = await meet(make(random), random);
    const frames = [];
    for (let count = 0; count < 66; count++) frames.push(await sides.survivor.say(0, new Uint8Array(), false, noon));
    assert.equal(await outcome(() => sides.counselor.hear(frames[65], noon)), 'out_of_bounds');
    assert.equal((await sides.counselor.hear(frames[64], noon)).number, 64);
    assert.equal((await sides.counselor.hear(frames[0], noon + 600n)).duplicate, false);
    assert.equal((await sides.counselor.hear(frames[1], noon + 601n)).duplicate, true);
  });

  test(`${name}: a frame of the fourth turn that is over, and of the fifth`, async () => {
    const random = new Random(`${name} old turns`);
    for (const [turns, expected] of [[4, 'ok'], [5, 'cannot_open']]) {
      const { sides } = await meet(make(random), random);
      const late = await sides.survivor.say(1, utf8('late'), false, noon);
      const lateAnswers = [];
      for (let turn = 0; turn <= turns; turn++) {
        await sides.counselor.hear(await sides.survivor.say(1, utf8('now'), false, noon), noon);
        lateAnswers.push(await sides.counselor.say(1, utf8('late'), false, noon));
        await sides.survivor.hear(await sides.counselor.say(1, utf8('now'), false, noon), noon);
      }
      assert.equal(await outcome(() => sides.counselor.hear(late, noon)), expected);
      assert.equal(await outcome(() => sides.survivor.hear(lateAnswers[0], noon)), expected);
    }
  });

  test(`${name}: types, sizes, fragments and ages`, async () => {
    const random = new Random(`${name} limits`);
    const { sides } = await meet(make(random), random);
    assert.equal(await outcome(() => sides.counselor.say(0, new Uint8Array(), false, noon)), 'may_not_send');
    assert.equal(await outcome(() => sides.survivor.say(1, zeros(1689), false, noon)), 'out_of_bounds');
    for (let type = 0; type < 256; type++) {
      const expected = typesOf.survivor.includes(type) ? 'ok' : 'may_not_send';
      assert.equal(await outcome(() => sides.survivor.say(type, new Uint8Array(), false, noon)), expected, `type ${type}`);
    }
    for (let count = 1; count < 32; count++) await sides.survivor.say(1, zeros(1688), true, noon);
    assert.equal(await outcome(() => sides.survivor.say(1, zeros(1688), true, noon)), 'out_of_bounds');
    const last = await sides.survivor.say(1, zeros(1688), false, noon + day);
    assert.equal(await outcome(() => sides.survivor.say(1, zeros(1), false, noon + day + 1n)), 'may_not_send');
    assert.equal(await outcome(() => sides.counselor.hear(last, noon + day + 600n)), 'ok');
    assert.equal(await outcome(() => sides.counselor.hear(last, noon + day + 601n)), 'out_of_bounds');
  });
}

// --- OFFERs that are wrong in one way or two: the first failure is told, and it is the same ---

// Each makes one thing wrong. `of`: what the OFFER is made from.
const wrongs = {
  role: (of) => (of.member.role = 2),
  desk: (of, random) => (of.member.desk = random.bytes(16)),
  unlisted: (of) => (of.member.unlisted = true),
  disabled: (of) => (of.member.disabled = true),
  forged: (of) => (of.member.forged = true),
  certificateExpired: (of) => (of.member.notAfter = noon - 1n),
  certificateNotYet: (of) => (of.member.notBefore = noon + 1n),
  certificateLongerThanIssuer: (of) => Object.assign(of.member, { notBefore: noon + 150n * day, notAfter: noon + 201n * day }),
  dayExpired: (of) => Object.assign(of.day, { notBefore: noon - day - 1n, notAfter: noon - 1n }),
  dayNotYet: (of) => Object.assign(of.day, { notBefore: noon + 1n, notAfter: noon + 2n }),
  dayTooLong: (of) => Object.assign(of.day, { notBefore: noon - day, notAfter: noon + 1n }),
  dayOfAnother: (of, random) => (of.day.certificateHash = random.bytes(32)),
  dayKeyIsNone: (of) => of.day.key.fill(255, 0, 3),
  dayForged: (of, random) => (of.daySigner = random.bytes(32)),
  onceOfAnother: (of, random) => (of.once.certificateHash = random.bytes(32)),
  onceConversation: (of, random) => (of.once.conversation = random.bytes(16)),
  onceNonce: (of, random) => (of.once.nonce = random.bytes(32)),
  onceRoster: (of, random) => (of.once.rosterHash = random.bytes(32)),
  onceDay: (of, random) => (of.once.dayHash = random.bytes(32)),
  onceKeyIsNone: (of) => of.once.key.fill(0, 1184),
  onceForged: (of, random) => (of.onceSigner = random.bytes(32)),
  version: (of) => (of.flip = 0),
  kind: (of) => (of.flip = 1),
  padding: (of) => (of.flip = 4095),
};

function makeWrongOffer(names, key, asked, centre, random) {
  const of = {
    member: {},
    day: { notBefore: noon - 43_200n, notAfter: noon + 43_200n, key: Uint8Array.from(key) },
    once: { conversation: asked.conversation, nonce: asked.nonce, key: Uint8Array.from(key) },
  };
  for (const name of names) wrongs[name](of, random);
  const member = centre.enrol(of.member);
  centre.publish();
  const certificateHash = sha256(member.certificate);
  const dayObject = objects.signObject(objects.dayKey, { certificateHash, ...of.day }, of.daySigner ?? member.signSeed);
  const once = { certificateHash, rosterHash: centre.rosterHash, dayHash: sha256(dayObject), ...of.once };
  const offer = offerOf(member.certificate, dayObject, objects.signObject(objects.oneTimeKey, once, of.onceSigner ?? member.signSeed));
  if (of.flip !== undefined) offer[of.flip] ^= 1;
  return offer;
}

test('OFFERs that are wrong in one way or two are refused alike', async () => {
  const random = new Random('wrong offers');
  const names = Object.keys(wrongs), key = xwing.publicKey(random.bytes(32));
  const pairs = Array.from({ length: 80 }, () => [random.pick(names), random.pick(names)]);
  const told = new Set();
  for (const wrong of [...names.map((name) => [name]), ...pairs]) {
    const centre = new Centre(random);
    const asked = { role: 1, desk: centre.desk, conversation: random.bytes(16), nonce: random.bytes(32) };
    const offer = makeWrongOffer([...new Set(wrong)], key, asked, centre, random);
    const answers = [];
    for (const survivor of [new OurSurvivor(), new TheirSurvivor(random)]) {
      await survivor.believe(centre);
      answers.push(await outcome(() => survivor.answer(offer, asked, undefined, noon)));
    }
    assert.equal(answers[0], answers[1], `${wrong}`);
    assert.notEqual(answers[0], 'ok', `${wrong}`);
    told.add(answers[0]);
  }
  assert.deepEqual([...told].sort(), ['expired', 'malformed', 'not_listed', 'not_yet_valid', 'other_roster', 'out_of_bounds', 'wrong_binding', 'wrong_desk', 'wrong_role', 'wrong_signature']);
});

// --- a dishonest peer: right keys, wrong content. Ours refuses it, and so does theirs. ---

const at = (place, value) => (bytes) => {
  const out = Uint8Array.from(bytes);
  out[place] = value;
  return out;
};
const forgeries = {
  'a reserved byte': { header: at(3, 1) },
  'another pn in the same turn': { header: at(11, 9) },
  'another key in the same turn': { header: (bytes) => at(12, bytes[12] ^ 1)(bytes) },
  'another ciphertext in the same turn': { header: (bytes) => at(2347, bytes[2347] ^ 1)(bytes) },
  'a type of the other side': { body: at(0, 0x12) },
  'an unknown type': { body: at(0, 0x30) },
  'a length above the most': { body: (bytes) => at(2, 0x99)(at(1, 0x06)(bytes)) },
  'a padding byte': { body: at(1690, 1) },
  'a length shorter than the data': { body: at(2, 1) },
};

for (const name of Object.keys(forgeries)) {
  test(`a survivor that sends ${name} is refused by both`, async () => {
    const random = new Random(name);
    for (const counselor of [new OurCounselor(), new TheirCounselor(random)]) {
      const { sides } = await meet([new TheirSurvivor(random), counselor], random);
      await sides.counselor.hear(await sides.survivor.say(1, utf8('hello'), false, noon), noon);
      const forged = sides.survivor.session.seal(1, utf8('forged'), false, noon, forgeries[name]);
      assert.equal(await outcome(() => sides.counselor.hear(forged, noon)), 'cannot_open');
      const honest = await sides.survivor.say(1, utf8('honest'), false, noon);
      assert.equal((await sides.counselor.hear(honest, noon)).number, 2);
    }
  });
}

test('a turn that calls the one before shorter than it was, or the first one that had one before', async () => {
  const random = new Random('pn');
  for (const make of [() => new OurCounselor(), () => new TheirCounselor(random)]) {
    const first = await meet([new TheirSurvivor(random), make()], random);
    const early = first.sides.survivor.session.seal(1, utf8('first'), false, noon, { header: at(11, 1) });
    assert.equal(await outcome(() => first.sides.counselor.hear(early, noon)), 'cannot_open');

    const { sides } = await meet([new TheirSurvivor(random), make()], random);
    for (const text of ['one', 'two']) await sides.counselor.hear(await sides.survivor.say(1, utf8(text), false, noon), noon);
    await sides.survivor.hear(await sides.counselor.say(1, utf8('answer'), false, noon), noon);
    const shorter = sides.survivor.session.seal(1, utf8('three'), false, noon, { header: at(11, 1) });
    assert.equal(await outcome(() => sides.counselor.hear(shorter, noon)), 'cannot_open');
    assert.equal((await sides.counselor.hear(await sides.survivor.say(1, utf8('four'), false, noon), noon)).number, 3);
  }
});
