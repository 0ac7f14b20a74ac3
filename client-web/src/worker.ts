// The worker's side of link.ts: one core, one socket, and between them what the core asks for: files that are fetched,
// messages that wait until the page has carried out the `keep` and `keep_inbox` events before them (core/output.hpp).
//
// The socket is opened at once, while the core is still on its way to a slow phone.
import { answered_codes, subprotocol, type Keep, type ServerFailed, type Side } from 'bridge';
import { Core, toHex, type Code } from './core';
import { one_shot, type Once, type ToPage, type ToWorker } from './link';

const answer_ms = 10_000; // a server that does not answer for so long is not there
const pauses_ms = [300, 1_000, 2_000, 4_000, 8_000, 15_000]; // before the first, second ... attempt to connect
const steady_ms = 10_000; // a connection that has lasted so long begins the pauses anew
const beat_ms = 1_000;
const waking_ms = 3_000; // the same for a server that is asked after the page was not looked at

type Scope<Event> = {
  name: string;
  onmessage: ((message: MessageEvent) => void) | null;
  postMessage(message: ToPage<Event> | Event): void;
  close(): void;
};

// What a worker's own code needs to know of a command and an event.
type AnyCommand = { kind: string };
type AnyEvent = { kind: string };

// `own`: what makes the core, in a worker that the page sends no module.
export function startWorker<Command extends AnyCommand, Event extends AnyEvent>(side: Side<Command, Event>, own?: Code) {
  const scope = globalThis as unknown as Scope<Event>;
  if (scope.name === one_shot) return answerOnce(side, own, scope);
  const shell = new Shell(side, own, (message) => scope.postMessage(message));
  scope.onmessage = ({ data }: MessageEvent<ToWorker<Command>>) => {
    if (data.kind === 'stop') {
      shell.stop();
      scope.close();
    } else {
      shell.told(data);
    }
  };
}

// What the core has taken lies here no longer.
function wipe(command: AnyCommand) {
  for (const value of Object.values(command) as unknown[]) if (value instanceof Uint8Array) value.fill(0);
}

function answerOnce<Command extends AnyCommand, Event>(side: Side<Command, Event>, own: Code | undefined, scope: Scope<Event>) {
  scope.onmessage = ({ data }: MessageEvent<Once<Command>>) => {
    const [event] = new Core(side, own ?? (data.module as WebAssembly.Module)).run(data.command).events;
    if (event !== undefined) scope.postMessage(event);
    scope.close();
  };
}

class Shell<Command extends AnyCommand, Event extends AnyEvent> {
  readonly #side: Side<Command, Event>;
  readonly #own: Code | undefined;
  #core: Core<Command, Event> | undefined;
  #early: Command[] = []; // from the page, before the core was there
  #arrived: Command[] = []; // and from the network; of the connection there is
  #signed = new Map<string, Uint8Array>(); // by hash
  readonly #post: (message: ToPage<Event>) => void;

  #socket: WebSocket | undefined;
  #opened = 0; // when it was; 0: it is not open
  #attempts = 0;
  #reconnect: ReturnType<typeof setTimeout> | undefined;
  #asked = 0; // when the oldest message was sent that nothing has been heard after; 0: none
  #seen = true;
  #stay_away = false; // until somebody looks at the page again
  #stopped = false;

  // Messages for the socket, and between them the numbers of `keep` events that must be carried out first.
  #outbox: (Uint8Array | number)[] = [];
  #keeps = 0;
  #kept = 0;

  constructor(side: Side<Command, Event>, own: Code | undefined, post: (message: ToPage<Event>) => void) {
    this.#side = side;
    this.#own = own;
    this.#post = post;
    this.#connect();
    setInterval(() => this.#beat(), beat_ms);
  }

  told(message: Exclude<ToWorker<Command>, { kind: 'stop' }>) {
    switch (message.kind) {
      case 'begin':
        return void this.#begin(message);
      case 'run':
        this.#run(message.command);
        return this.#core === undefined ? undefined : wipe(message.command);
      case 'kept':
        this.#kept = message.through;
        return this.#flush();
      case 'seen':
        this.#seen = message.now;
        return message.now ? this.#wake() : undefined;
      case 'offline':
        return this.#lose();
    }
  }

  stop() {
    this.#kept = Infinity; // the page answers no more: the last words go out all the same
    this.#flush();
    this.#stopped = true;
    clearTimeout(this.#reconnect);
    this.#socket?.close(1000);
  }

  // --- the core ---

  async #begin({ module, signed, commands }: ToWorker<Command> & { kind: 'begin' }) {
    for (const object of signed as Uint8Array<ArrayBuffer>[]) {
      this.#signed.set(toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', object))), object);
    }
    try {
      this.#core = new Core(this.#side, this.#own ?? (module as WebAssembly.Module));
    } catch {
      return this.#break();
    }
    for (const command of [...commands, ...this.#arrived.splice(0), ...this.#early.splice(0)]) this.#run(command);
  }

  // `connected`, `received` and the like are commands of every core.
  #network(command: AnyCommand & Record<string, unknown>) {
    if (this.#core === undefined) this.#arrived.push(command as unknown as Command);
    else this.#run(command as unknown as Command);
  }

  #run(command: Command) {
    if (this.#stopped) return;
    if (this.#core === undefined) return void this.#early.push(command);
    let output;
    try {
      output = this.#core.run(command);
    } catch {
      return this.#break();
    }
    for (const event of output.events) this.#tell(event);
    this.#outbox.push(...output.messages);
    this.#flush();
    for (const hash of output.wanted) void this.#fetch(hash);
  }

  #break() {
    this.stop();
    this.#post({ kind: 'broken' });
  }

  #tell(event: Event) {
    const asks = event.kind === 'keep_inbox' || (event.kind === 'keep' && (event as unknown as Keep).kept.length > 0);
    if (asks) this.#outbox.push(++this.#keeps);
    this.#post({ kind: 'told', event, ...(asks && { keep: this.#keeps }) });
    if (event.kind === 'server_failed') this.#refused(event as unknown as ServerFailed);
  }

  #refused({ why }: ServerFailed) {
    if (why === 'taken_over' || why === 'login_refused') this.stop();
    if (why === 'idle') this.#stay_away = !this.#seen;
  }

  async #fetch(hash: string) {
    const socket = this.#socket;
    const object = this.#signed.get(hash);
    if (object !== undefined) return this.#network({ kind: 'fetched', hash, object });
    try {
      const answer = await fetch(`/signed/${hash}`, { cache: 'no-store', credentials: 'same-origin' });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const object = new Uint8Array(await answer.arrayBuffer());
      if (socket === this.#socket) this.#network({ kind: 'fetched', hash, object });
    } catch {
      if (socket === this.#socket) this.#lose();
    }
  }

  #beat() {
    if (this.#core !== undefined) this.#network({ kind: 'tick' });
    if (this.#asked !== 0 && Date.now() - this.#asked > answer_ms) this.#lose();
  }

  // --- the socket ---

  // Somebody looks at the page again, or the device says that its network is back. A socket that looks open may have died
  // while the device slept: the core's next question shows it.
  #wake() {
    this.#stay_away = false;
    if (this.#stopped) return;
    if (this.#socket === undefined) {
      this.#attempts = 0;
      clearTimeout(this.#reconnect);
      return this.#connect();
    }
    this.#beat();
    if (this.#asked !== 0) this.#asked = Math.min(this.#asked, Date.now() - answer_ms + waking_ms);
  }

  #connect() {
    this.#post({ kind: 'network', now: 'connecting' });
    const socket = new WebSocket(`wss://${location.host}/socket`, subprotocol);
    this.#socket = socket;
    this.#asked = Date.now();
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#opened = Date.now();
      this.#network({ kind: 'connected' });
      this.#post({ kind: 'network', now: 'connected' });
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      if (socket !== this.#socket) return;
      this.#asked = 0;
      this.#network({ kind: 'received', message: new Uint8Array(data) });
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#lose();
    };
  }

  // Nothing more is taken from this connection, and the next one is tried after a while.
  #lose() {
    if (this.#socket === undefined || this.#stopped) return;
    this.#socket.close();
    this.#socket = undefined;
    this.#asked = 0;
    if (this.#opened !== 0 && Date.now() - this.#opened > steady_ms) this.#attempts = 0;
    this.#opened = 0;
    this.#outbox = this.#outbox.filter((each) => typeof each === 'number');
    if (this.#core === undefined) this.#arrived = [];
    else this.#network({ kind: 'disconnected' });
    this.#post({ kind: 'network', now: 'lost' });
    if (this.#stay_away) return;
    const pause = pauses_ms[Math.min(this.#attempts++, pauses_ms.length - 1)] ?? 0;
    // Not all at the same moment after a server's restart; and gently where nobody looks.
    const spread = pause * (0.5 + Math.random()) * (this.#seen ? 1 : 2);
    this.#reconnect = setTimeout(() => this.#connect(), spread);
  }

  #flush() {
    while (this.#outbox.length > 0) {
      const next = this.#outbox[0] as Uint8Array<ArrayBuffer> | number;
      if (typeof next === 'number') {
        if (next > this.#kept) return;
      } else if (this.#socket?.readyState === WebSocket.OPEN) {
        this.#socket.send(next);
        if (this.#asked === 0 && answered_codes.includes(next[0] ?? 0)) this.#asked = Date.now();
      }
      this.#outbox.shift();
    }
  }
}
