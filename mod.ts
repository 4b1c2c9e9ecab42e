/**
 * Put separately compiled WebAssembly modules into one linear memory.
 *
 * ```ts ignore
 * import { combine, instantiate } from "@wasm-share/memory";
 *
 * const set = await combine({ parser, codec });
 * const { memory, exports } = await instantiate(set);
 * ```
 *
 * Nothing happens at import: no file, no environment, no network.
 *
 * @module
 */
export { combine } from "./src/combine.ts";
export { getHeapBase } from "./src/get_heap_base.ts";
export { inspect } from "./src/inspect.ts";
export { type AnyExports, instantiate } from "./src/instantiate.ts";
export { relocate } from "./src/relocate.ts";
export { shiftSourceMap } from "./src/source_map.ts";
export { codeShift } from "./src/wasm_sections.ts";
export { init } from "./src/core/load.ts";
export type { CoreName, CoreSource } from "./src/core/load.ts";
export * from "./src/config/define.ts";
export * from "./src/errors.ts";
export type * from "./src/core/types.ts";
export type * from "./src/core/options.ts";
export type { ImportsFor, WasiHost } from "./src/runtime/bind.ts";
export type { Linked } from "./src/runtime/link.ts";
