/**
 * Two crates that wasm-bindgen binds, and a C module, in one memory.
 *
 * @module
 */
import { defineConfig } from "@wasm-share/memory";

// [config]
export default defineConfig({
  modules: [
    { crate: "markdown" },
    { crate: "gzip" },
    "checksum.wasm",
  ],
  output: { dir: "pkg" },
});
// [/config]
