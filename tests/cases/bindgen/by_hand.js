/**
 * The recipe by hand: what a page does with the packages.
 *
 * @module
 */
// [load]
import layout from "./moved/wasm-share.json" with { type: "json" };
import { count, initSync as initReader } from "./web/reader.js";
import { initSync as initWriter, Text } from "./web/writer.js";
// [/load]

/** @param {string} name */
const module = async (name) =>
  await WebAssembly.compile(await Deno.readFile(new URL(`web/${name}_bg.wasm`, import.meta.url)));

/**
 * Runs both packages.
 *
 * @returns {Promise<unknown[]>} What came out.
 */
export async function run() {
  // [init]
  const memory = new WebAssembly.Memory({ initial: layout.layout.neededPages });
  initWriter({ module: await module("writer"), memory });
  initReader({ module: await module("reader"), memory });
  // [/init]
  // [use]
  const text = new Text("to be or not to be; ", 1000);
  const found = count(text.ptr, text.len, "b".charCodeAt(0));
  text.free();
  // [/use]
  return [found, memory.buffer.byteLength >= layout.layout.neededPages * 65536];
}
