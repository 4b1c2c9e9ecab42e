/**
 * What the linker left to be run before anything else of a module is called.
 *
 * @module
 */
import type { StartupStep } from "../core/types.ts";
import { attempt, failure } from "./failure.ts";

/** Stores addresses of what other modules define in the data of a module. */
const APPLY = "__wasm_apply_data_relocs";
/** Runs the constructors of a module that has no `_initialize`. */
const CTORS = "__wasm_call_ctors";

/**
 * Tells whether something of a module has to run before it can be called.
 *
 * @param exports Names of what it exports.
 * @returns Whether there is an initialiser.
 */
export function hasInitialiser(exports: readonly { name: string }[]): boolean {
  return exports.some(({ name }) => [APPLY, CTORS, "_initialize"].includes(name));
}

/**
 * Stores the addresses of what other modules define in the data of a module. Constructors of any module may look
 * at them.
 *
 * @param name Its name in the set.
 * @param exports What it exports.
 * @param started What its start function has run already.
 * @throws {WasmShareError} `instantiation_failed`.
 */
export function applyAddresses(
  name: string,
  exports: WebAssembly.Exports,
  started: readonly string[] = [],
): void {
  if (typeof exports[APPLY] !== "function" || started.includes(APPLY)) return;
  attempt(`Cannot start module "${name}" with its "${APPLY}"`, exports[APPLY] as () => void, name);
}

/**
 * Initialises a module.
 *
 * @param name Its name in the set.
 * @param exports What it exports.
 * @param steps What is to be done with allocators.
 * @param started What its start function has run already.
 * @throws {WasmShareError} `instantiation_failed`.
 */
export function start(
  name: string,
  exports: WebAssembly.Exports,
  steps: readonly StartupStep[],
  started: readonly string[] = [],
): void {
  const what = `Cannot start module "${name}"`;
  const call = (entry: string, ...args: number[]): number =>
    attempt(
      `${what} with its "${entry}"`,
      () => (exports[entry] as (...args: number[]) => number)(...args),
      name,
    );
  const has = (entry: string) => typeof exports[entry] === "function";
  const did = (entry: string) => started.includes(entry);
  if (!did("_initialize") && !did(CTORS)) {
    if (has("_initialize")) call("_initialize");
    // `_start`, which is the host's to call, runs the constructors by itself.
    else if (has(CTORS) && !exports._start) call(CTORS);
  }
  for (const { module, malloc, free } of steps) {
    if (module !== name) continue;
    const ptr = call(malloc, 1);
    if (!ptr) throw failure("instantiation_failed", what, `"${malloc}" returned 0`, name);
    call(free, ptr);
  }
}
