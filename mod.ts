/**
 * Put separately compiled WebAssembly modules into one linear memory.
 *
 * @module
 */
export * from "./src/config/define.ts";
export * from "./src/errors.ts";
export type * from "./src/core/types.ts";
export type * from "./src/core/options.ts";
