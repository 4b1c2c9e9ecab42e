/**
 * One module → the address where its heap begins.
 *
 * @module
 */
import { inspectByCore } from "./core/mod.ts";
import { WasmShareError, type WasmShareProblem } from "./errors.ts";
import { resolveInputs } from "./resolve_input.ts";

/**
 * The first address above a module's data and stack: `__heap_base`, whether it is exported, only
 * named in the symbol table, or to be computed from stack and data.
 *
 * @param module The bytes of the module.
 * @returns The address in bytes.
 * @throws {WasmShareError} If nothing in the module says where its data ends.
 *
 * @example
 * ```ts ignore
 * import { getHeapBase } from "@wasm-share/memory";
 *
 * const base = await getHeapBase(await Deno.readFile("parser.wasm"));
 * ```
 */
export async function getHeapBase(module: Uint8Array): Promise<number> {
  const [input] = resolveInputs([module]);
  const { heap, problems } = await inspectByCore(input);
  if (heap.base === 0 && problems.length > 0) {
    throw new WasmShareError(problems as WasmShareProblem[]);
  }
  return heap.base;
}
