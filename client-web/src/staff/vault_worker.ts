// Opens one vault and ends: a WebAssembly memory never gives back the 256 MiB that this takes.
import { vault, type VaultCommand, type VaultEvent } from 'bridge';
import { Core } from '../core';

export type VaultTask = { module: WebAssembly.Module; command: VaultCommand };

const scope = globalThis as unknown as {
  onmessage: ((message: MessageEvent<VaultTask>) => void) | null;
  postMessage(message: VaultEvent): void;
  close(): void;
};

scope.onmessage = ({ data }) => {
  const [event] = new Core(vault, data.module).run(data.command).events;
  if (event !== undefined) scope.postMessage(event);
  scope.close();
};
