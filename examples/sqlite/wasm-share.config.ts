/**
 * A Rust program and two C libraries, each linked for itself, in one memory.
 *
 * @module
 */
import { defineConfig } from "@wasm-share/memory";

export default defineConfig({
  modules: ["shop.wasm", "sqlite.wasm", "zlib.wasm"],
  output: { dir: "out" },
});
