/**
 * A set that must be refused before anything is made.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import type { Combined } from "../../src/core/options.ts";
import { type ImportsFor, instantiate, WasmShareError } from "../../src/runtime/mod.ts";
import type { ModuleSpec } from "./wasm.ts";

/** Runs it, demands that it fails, and that no instance was made on the way. */
export async function refused(set: Combined, imports?: ImportsFor): Promise<WasmShareError> {
  const { instantiate: original } = WebAssembly;
  let made = 0;
  WebAssembly.instantiate = ((...args: Parameters<typeof original>) => {
    made++;
    return original(...args);
  }) as typeof original;
  try {
    const error = await assertRejects(() => instantiate(set, imports), WasmShareError);
    assertEquals(made, 0, "instances made");
    return error;
  } finally {
    WebAssembly.instantiate = original;
  }
}

/** A module with functions `() → ()` and imports of the same type. */
export function module(name: string, imports: string[], exports: string[]): ModuleSpec {
  return {
    name,
    imports: imports.map((at) => {
      const [module, name] = at.split(".");
      return { module, name, kind: "function" };
    }),
    functions: exports.map((name) => ({ export: name, body: [] })),
  };
}
