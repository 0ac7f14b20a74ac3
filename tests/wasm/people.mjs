// People at a centre: what a page's worker does in the browser, for cores in Node.
import { readFileSync } from 'node:fs';

import { until } from '../support/centre.mjs';
import { Core, bridge, load } from './modules.mjs';
import { Socket } from './socket.mjs';

// One core and its connection. `events` has all it was told, in order.
export class Person {
  events = [];
  keeps = new Map(); // what its page's storage holds, by conversation
  inbox = new Uint8Array(); // what a counselor's device holds for letters
  open = new Set(); // bytes that the server or a network sees anyway

  constructor(at, side, module) {
    this.at = at;
    this.core = new Core(side, module);
  }

  connect() {
    const { at } = this;
    this.socket = new Socket({ port: at.port, ca: at.ca, origin: at.origin, path: '/socket', subprotocol: bridge.subprotocol }, {
      opened: () => this.run({ kind: 'connected' }),
      received: (message) => {
        this.open.add(message.slice());
        this.run({ kind: 'received', message });
      },
      closed: () => this.run({ kind: 'disconnected' }),
    });
  }

  run(command) {
    const { messages, wanted, events } = this.core.run(command);
    for (const message of messages) {
      this.open.add(message);
      this.socket.send(message);
    }
    for (const hash of wanted) this.fetch(hash);
    this.events.push(...events);
    for (const event of events) {
      if (event.kind === 'keep_inbox') this.inbox = event.sealed;
      if (event.kind === 'keep') this.keeps.set(event.conversation, event.kept);
      if (event.kind === 'text_received') this.run({ kind: 'shown', conversation: event.conversation, id: event.id });
    }
  }

  async fetch(hash) {
    const { body: object } = await this.at.get(`/signed/${hash}`);
    this.open.add(object.slice());
    this.run({ kind: 'fetched', hash, object });
  }

  // Its page is gone, and what it kept is all that the next one begins with.
  leave() {
    this.socket.cut();
    this.socket.events = { opened() {}, received() {}, closed() {} };
    return [...this.keeps.values()].filter((kept) => kept.length > 0);
  }

  // The events of a kind, and waiting for the next one.
  all(kind) {
    return this.events.filter((event) => event.kind === kind);
  }
  async sees(kind, holds = () => true) {
    await until(() => this.all(kind).some(holds), `${kind}; it saw ${this.events.map((event) => event.kind)}`);
    return this.all(kind).findLast(holds);
  }
  texts() {
    return this.all('text_received').map((event) => event.text);
  }
  recalled() {
    return this.all('text_recalled').map(({ ours, text }) => (ours ? 'ours: ' : 'theirs: ') + text);
  }
}

// `kept`: of the page before, if this one was reloaded.
export function comeToTheDoor(at, module = load('survivor'), [kept] = []) {
  const survivor = new Person(at, bridge.survivor, module);
  survivor.run({ kind: 'begin', root_fingerprint: at.fingerprint, desk: 'centre', kept: kept ?? new Uint8Array() });
  survivor.connect();
  return survivor;
}

// With the real key file and the real passphrase.
export function unlock(at, member, passphrase = at.passphrase(member)) {
  const once = new Core(bridge.vault, load('vault'));
  const key_file = new Uint8Array(readFileSync(at.keyFile(member)));
  return once.run({ kind: 'unlock', key_file, passphrase, prf: new Uint8Array(32) }).events[0];
}

// `kept`, `inbox`: of the console before, if this one was reloaded.
export function goOnDuty(at, member, module = load('console'), kept = [], inbox = new Uint8Array()) {
  const { certificate, sign_seed, agree_seed } = unlock(at, member);
  const counselor = new Person(at, bridge.counselor, module);
  counselor.run({ kind: 'begin', root_fingerprint: at.fingerprint, origin: at.origin, certificate, sign_seed, agree_seed, inbox });
  counselor.member = member;
  counselor.seeds = [sign_seed, agree_seed];
  for (const each of kept) counselor.run({ kind: 'restore', kept: each });
  counselor.run({ kind: 'set_duty', present: true, free: true, capacity: 3 });
  counselor.connect();
  return counselor;
}
