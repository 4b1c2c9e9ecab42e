/**
 * The config that `deno task combine` runs: three modules of three languages in one memory.
 *
 * @module
 */
import { defineConfig } from "@wasm-share/memory";

export default defineConfig({
  modules: [
    "examples/records/parser.wasm",
    "examples/records/stats.wasm",
    "examples/records/transform.wasm",
  ],
  output: { dir: "examples/records/out" },
});
