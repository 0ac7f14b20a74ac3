// build/wasm/survivor_twin.mjs, written by client-web/wasm/twin.mjs.
declare module 'twin' {
  export function instantiate(imports: WebAssembly.Imports): WebAssembly.Exports;
}
