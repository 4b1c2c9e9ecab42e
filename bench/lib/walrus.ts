/**
 * The walrus round trip in WebAssembly: that of `bench/peers`, built for speed, or, where it is not built, that of our
 * transformer with no passes, which is built for size.
 *
 * @module
 */
import { guard, transformer } from "../../src/core/load.ts";
import type { Peers } from "./peers.ts";

/** Parses and emits. */
export type RoundTrip = (bytes: Uint8Array) => Uint8Array<ArrayBuffer>;

/**
 * Makes it ready.
 *
 * @param peers Who is there.
 * @returns Its name, and the function.
 */
export async function walrusInWasm(peers: Peers): Promise<{ name: string; roundTrip: RoundTrip }> {
  if (!peers.walrus) {
    const core = await transformer();
    return {
      name: "walrus, wasm (built for size)",
      roundTrip: (bytes) =>
        guard(
          core,
          (core) => core.transform(bytes, bytes, '{"passes":[]}').take_bytes(),
        ) as Uint8Array<
          ArrayBuffer
        >,
    };
  }
  const { instance } = await WebAssembly.instantiate(peers.walrus, {});
  const { memory, room, run, result } = instance.exports as {
    memory: WebAssembly.Memory;
    room: (size: number) => number;
    run: () => number;
    result: () => number;
  };
  return {
    name: "walrus, wasm",
    roundTrip(bytes) {
      const at = room(bytes.length) >>> 0;
      new Uint8Array(memory.buffer).set(bytes, at);
      const size = run() >>> 0;
      const made = result() >>> 0;
      return new Uint8Array(memory.buffer).slice(made, made + size);
    },
  };
}
