/**
 * What to do with a module that wasm-bindgen has rewritten already.
 *
 * @module
 */
import type { Problem } from "../errors.ts";
import type { ImportFacts } from "./types.ts";

/** Codes that such a module gets. */
const CODES: readonly string[] = [
  "no_relocations",
  "stale_relocations",
  "incomplete_relocations",
];

const HINT =
  "wasm-bindgen rewrote it. Link with --emit-relocs, run wasm-share on the linker's own " +
  "output, before wasm-opt, wasm-bindgen or strip, and wasm-bindgen --target web on what it writes; " +
  'or let combine do all of it: { crate: "folder" } in the config (docs/wasm-bindgen.md)';

/**
 * Says of a module that wasm-bindgen has rewritten in which order to use the tools.
 *
 * @param problems What is wrong with the module.
 * @param imports Its imports: those of wasm-bindgen come from its glue.
 * @returns The problems, with that hint where it is the remedy.
 */
export function withBoundHint<P extends Problem>(
  problems: readonly P[],
  imports: readonly Pick<ImportFacts, "module" | "name">[],
): P[] {
  const isBound = imports.some(({ module, name }) =>
    /^\.\/.*_bg(\.js|\.wasm)?$/.test(module) || module === "wbg" || /^__wbg_/.test(name)
  );
  return problems.map((problem) =>
    isBound && CODES.includes(problem.code) ? { ...problem, hint: HINT } : problem
  );
}
