/**
 * What is needed to run combined modules, and nothing of what is needed to combine them: no file
 * system, no core, no permission.
 *
 * @module
 */
export { type AnyExports, instantiate } from "../instantiate.ts";
export {
  formatProblem,
  type Problem,
  WasmShareError,
  type WasmShareErrorCode,
  type WasmShareProblem,
  type WasmShareWarning,
  type WasmShareWarningCode,
} from "../errors.ts";
export type { Combined } from "../core/options.ts";
export type * from "../core/types.ts";
export type { ImportsFor, WasiHost } from "./bind.ts";
export type { Linked } from "./link.ts";
