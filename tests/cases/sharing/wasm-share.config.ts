// [config]
import { defineConfig } from "@wasm-share/memory";

export default defineConfig({
  modules: [
    "c.wasm", // malloc of wasi-libc
    "cxx.wasm", // new and delete over another malloc
    "rust.wasm",
    { path: "zig.wasm", heap: 1 << 20 }, // at least 1 MiB, and never more than its last page
  ],
  additionalStack: 65536, // for every module, in bytes
  stackGuard: "check", // an overflow traps
});
// [/config]
