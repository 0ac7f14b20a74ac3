// Between a page and its worker: the worker owns the socket and the core, the page draws. Whoever ends the worker ends
// the connection and wipes every key at once.

// Where the build put what a page loads later, and what must be in it. Filled in by build.mjs.
export type Module = { readonly path: string; readonly integrity: string };

export type ToWorker<Command> =
  | { kind: 'begin'; module: WebAssembly.Module | undefined; signed: Uint8Array[]; commands: Command[] }
  | { kind: 'run'; command: Command }
  | { kind: 'kept'; through: number } // the page has carried out the `keep` and `keep_inbox` events up to this one
  | { kind: 'seen'; now: boolean } // somebody looks at the page, or nobody does; connects at once if that is due
  | { kind: 'offline' } // the device says that its network is gone
  | { kind: 'stop' }; // say goodbye to the server, then end

export type Network = 'connecting' | 'connected' | 'lost';

export type ToPage<Event> =
  | { kind: 'told'; event: Event; keep?: number } // keep: to be answered with `kept`
  | { kind: 'network'; now: Network }
  | { kind: 'broken' }; // the core failed: only a new page can go on

// Browsers that enforce Trusted Types make a worker only from an address that this policy lets through.
function workerAddress(path: string): string {
  if (!/^\/[a-z_/]+-[0-9a-f]+\.js$/.test(path)) throw new Error('not a worker of this page');
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  policy ??= types?.createPolicy('core', { createScriptURL: (from) => from });
  return (policy?.createScriptURL(path) as string | undefined) ?? path;
}
type TrustedTypes = { createPolicy(name: string, rules: { createScriptURL(from: string): string }): Policy };
type Policy = { createScriptURL(from: string): unknown };
let policy: Policy | undefined;

export function makeWorker(path: string, name = ''): Worker {
  return new Worker(workerAddress(path), { name });
}

// A worker of this name has a core for one command, and no connection (worker.ts): for what takes much memory, or concerns
// secrets that the core of the conversation is not to hold.
export const one_shot = 'once';

export type Once<Command> = { module: WebAssembly.Module | undefined; command: Command }; // `module` as for Link.begin

export async function askOnce<Command, Event>(path: string, once: Once<Command>): Promise<Event> {
  const worker = makeWorker(path, one_shot);
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Event>) => resolve(data);
      worker.onerror = reject;
      worker.postMessage(once);
    });
  } finally {
    worker.terminate();
  }
}

// Tor Browser's "Safer" and Apple's Lockdown Mode have none; a browser that does not know our policy's word for it refuses it.
export function runsWebAssembly(): boolean {
  try {
    const smallest = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    return new WebAssembly.Instance(new WebAssembly.Module(smallest)) !== undefined;
  } catch {
    return false;
  }
}

// Whatever else arrives than what was built is refused by the browser.
export async function compile(module: Module): Promise<WebAssembly.Module> {
  const answer = fetch(module.path, { integrity: module.integrity, credentials: 'same-origin' });
  return WebAssembly.compileStreaming(answer);
}

export async function fetchTexts<Texts>({ path, integrity }: Module): Promise<Texts> {
  const answer = await fetch(path, { integrity, credentials: 'same-origin' });
  return answer.json() as Promise<Texts>;
}

// The files that the server names in `welcome`, as it wrote them into the page: the core still checks each one.
function signedFiles(): Uint8Array[] {
  const written = document.getElementById('signed')?.textContent?.trim() ?? '';
  return written.split(' ').map((base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
}

export class Link<Command extends { kind: string }, Event> {
  readonly #worker: Worker;
  readonly #listening = new AbortController();
  #ended = false;

  // `onMessage` returns before the worker is told that a `keep` was carried out.
  constructor(workerPath: string, onMessage: (message: ToPage<Event>) => void) {
    this.#worker = makeWorker(workerPath);
    this.#worker.onmessage = ({ data }: MessageEvent<ToPage<Event>>) => {
      if (this.#ended) return;
      onMessage(data);
      if (data.kind === 'told' && data.keep !== undefined) this.#post({ kind: 'kept', through: data.keep });
    };
    this.#worker.onerror = () => {
      if (!this.#ended) onMessage({ kind: 'broken' });
    };
  }

  // The worker connects as soon as it is there; `commands` go to the core before anything that it brings. `module`: undefined if
  // the worker brings its core along.
  begin(module: WebAssembly.Module | undefined, ...commands: Command[]) {
    this.#post({ kind: 'begin', module, signed: signedFiles(), commands });
    const seen = () => this.#post({ kind: 'seen', now: document.visibilityState === 'visible' });
    const { signal } = this.#listening;
    document.addEventListener('visibilitychange', seen, { signal });
    window.addEventListener('online', seen, { signal });
    window.addEventListener('offline', () => this.#post({ kind: 'offline' }), { signal });
    seen();
  }

  run(command: Command) {
    this.#post({ kind: 'run', command });
  }

  // The last command still reaches the server if the network takes it within a moment; then nothing is left.
  end(last?: Command) {
    if (last !== undefined) this.run(last);
    this.#post({ kind: 'stop' });
    this.#ended = true;
    this.#listening.abort();
    setTimeout(() => this.#worker.terminate(), 300);
  }

  #post(message: ToWorker<Command>) {
    if (!this.#ended) this.#worker.postMessage(message);
  }
}
