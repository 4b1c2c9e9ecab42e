/**
 * One module → what is known about it.
 *
 * @module
 */
import { convert } from "./convert.ts";
import { inspectByCore } from "./core/mod.ts";
import type { ModuleInput } from "./core/options.ts";
import type { ModuleFacts } from "./core/types.ts";
import { WasmShareError } from "./errors.ts";
import { resolveInputs } from "./resolve_input.ts";

/**
 * Inspects a module: its kind, stack, data, heap and table, its imports and exports, how many sites
 * would move, and what was proved.
 *
 * @param module The module, with options if it needs some.
 * @returns Plain JSON. Why `combine` would refuse the module is in `problems`.
 * @throws {WasmShareError} `not_wasm`, `component` or `malformed_module` if the bytes cannot be read
 *   at all.
 *
 * @example
 * ```ts ignore
 * import { inspect } from "@wasm-share/memory";
 *
 * const facts = await inspect(await Deno.readFile("parser.wasm"));
 * console.log(facts.kind, facts.sites.total, facts.problems);
 * ```
 */
export async function inspect(module: ModuleInput): Promise<ModuleFacts> {
  const [input] = resolveInputs([module]);
  try {
    return await inspectByCore(await convert(input));
  } catch (error) {
    if (!input.twins || !(error instanceof WasmShareError)) throw error;
    return { ...await inspectByCore(input), kind: "twin", problems: [...error.errors] };
  }
}
