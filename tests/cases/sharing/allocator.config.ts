// [config]
import { defineConfig } from "@wasm-share/memory";

export default defineConfig({
  modules: ["c.wasm", "cxx.wasm"],
  allocator: "c", // allocates for both
  stack: "shared", // and both run on one stack
});
// [/config]
