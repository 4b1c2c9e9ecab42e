/**
 * A combined set → running instances.
 *
 * @module
 */
import type { Combined } from "./core/options.ts";
import type { ImportsFor } from "./runtime/bind.ts";
import { failure } from "./runtime/failure.ts";
import { link, type Linked } from "./runtime/link.ts";

/** Exports of modules about which nothing is known. */
// deno-lint-ignore no-explicit-any -- any function
export type AnyExports = Record<string, Record<string, (...args: any[]) => any>>;

/**
 * Compiles and instantiates a combined set in one fresh memory. A module is made after those that it
 * imports from, and gets their functions themselves. It is initialised once, right after it was made:
 * `__wasm_apply_data_relocs`, then `_initialize` or else `__wasm_call_ctors`, but not what its start
 * function has run already. `_start` is left to the caller.
 *
 * Modules that import functions from each other are made together, the one that is listed first
 * before the others, and then initialised in the same order. What has to wait until the others are
 * there goes through a function of a small module, which calls it from a table.
 *
 * Imports `GOT.mem.<name>` get the address of an export, and `GOT.func.<name>` its slot in the function
 * table: the one that it has, or a new one at the end. Tags for exceptions of C++ that nobody
 * provides are made once for the set.
 *
 * Who allocates frees: a pointer is valid until its owner frees it, and only functions of the module
 * that allocated it may free it. Rust types with heap parts (`String`, `Vec`, `Box`) do not cross
 * unless the modules share one allocator. Addresses come from WebAssembly as signed 32-bit numbers:
 * write `ptr >>> 0`.
 *
 * @typeParam E The exports by module name.
 * @param combined What `combine` gave.
 * @param imports What the host gives: `{ env: { … } }` for all modules, or, if no other key is there,
 *   `{ shared: { env: { … } }, modules: { parser: { env: { … } } }, wasi: new WASI(…) }`.
 * @returns The memory, the function table, and the exports of each module.
 * @throws {WasmShareError} `build_mismatch` if the modules are of different builds;
 *   `unresolved_import`, `signature_mismatch`, `ambiguous_import`, `import_cycle` or
 *   `invalid_option` if the imports cannot be bound; `instantiation_failed` if the engine refuses a module or its start fails.
 *
 * @example
 * ```ts ignore
 * import { combine, instantiate } from "@wasm-share/memory";
 *
 * const set = await combine({ parser, writer });
 * const { memory, exports } = await instantiate(set);
 * const ptr = exports.writer.write_record(7) >>> 0;
 * exports.parser.parse(ptr);
 * ```
 */
export async function instantiate<E extends object = AnyExports>(
  combined: Combined,
  imports?: ImportsFor,
): Promise<Linked<E>> {
  const { names, modules, buildId, layout } = combined;
  const inputs = await Promise.all(names.map(async (name, index) => {
    try {
      const module = await WebAssembly.compile(modules[index] as Uint8Array<ArrayBuffer>);
      return { name, module };
    } catch (cause) {
      throw failure("instantiation_failed", `Cannot compile module "${name}"`, cause, name);
    }
  }));
  return await link<E>(inputs, buildId, layout, imports);
}
