/**
 * One module → the same module at another address.
 *
 * @module
 */
import { convert } from "./convert.ts";
import { inspectByCore, relocateByCore, transformByCore } from "./core/mod.ts";
import type { ModuleInput } from "./core/options.ts";
import { WasmShareError, type WasmShareProblem } from "./errors.ts";
import { addedTransforms, mayNeedTransforms } from "./set/notes.ts";
import { moveSourceMap, writeDataUrl } from "./move_source_map.ts";
import { resolveInputs } from "./resolve_input.ts";

/**
 * Moves every address of one module by `offset`, those that the linker made too: data, stack,
 * `__heap_base`, `__heap_end`. Table slots stay. The result imports its memory as `env.memory` and
 * its table as `env.__indirect_function_table`, unless the input imports them under other names.
 *
 * A source map that is in the module (a `data:` URL), or is given as `sourceMap`, is in the result,
 * shifted as the code was. One that is elsewhere is kept if the code was not shifted
 * (`codeShift`), and dropped if it was.
 *
 * @param module The module, with options if it needs some. `stack`, `additionalStack`, `base`
 *   and `stackGuard` are for `combine` and are refused here.
 * @param offset By how many bytes; may be negative. Must be a multiple of the module's alignment (at
 *   least 16, and 65536 for kind `pic`).
 * @param newHeapBase Address of the new `__heap_base`, a multiple of 16. The heap is then empty
 *   (`__heap_end` is the same), so that two modules with one heap base do not claim the same bytes.
 * @returns The moved module.
 * @throws {WasmShareError} `misaligned_offset`, `address_overflow`, `invalid_option`, and every
 *   reason for which `combine` refuses a module.
 *
 * @example
 * ```ts ignore
 * import { relocate } from "@wasm-share/memory";
 *
 * const moved = await relocate(await Deno.readFile("codec.wasm"), 0x100000);
 * ```
 */
export async function relocate(
  module: ModuleInput,
  offset: number,
  newHeapBase?: number,
): Promise<Uint8Array> {
  const [given] = resolveInputs([module]);
  const input = await convert(given);
  const problems: WasmShareProblem[] = [];
  const refuse = (message: string, hint: string) =>
    problems.push({ code: "invalid_option", message, hint, module: input.name });
  if (!Number.isInteger(offset) || Math.abs(offset) >= 2 ** 32) {
    refuse(
      `Cannot move the module by "${offset}": it is not a whole number of bytes`,
      "Use a whole number below 2^32",
    );
  }
  const heapBase = newHeapBase;
  if (
    heapBase !== undefined && !(Number.isInteger(heapBase) && heapBase >= 0 && heapBase < 2 ** 32)
  ) {
    refuse(
      `Cannot set the heap base to "${heapBase}": it is not an address`,
      "Use a whole number from 0 to 2^32 - 1",
    );
  }
  if (heapBase !== undefined && input.conversion) {
    refuse(
      `Cannot set the heap base to "${heapBase}": where the heap of the module begins is not known`,
      "Leave newHeapBase out: the heap moves with the data",
    );
  }
  const below = input.conversion?.twin?.stack;
  if (below?.where === "below") {
    problems.push({
      code: "twin_stack",
      message:
        `Cannot tell whether the module uses the addresses below its data, up to ${below.top}, for a stack: ` +
        "its stack pointer may have become constants",
      hint:
        "Keep the names (wasm-opt -g, asc --debug), or use combine, which keeps these addresses free",
      module: input.name,
    });
  }
  const { additionalStack, stack, sharesStack, base } = input;
  if (additionalStack > 0 || stack !== undefined || sharesStack || base !== undefined) {
    refuse(
      "Cannot change the stack or the base of the module: relocate moves it as a whole",
      "Use combine for stack, additionalStack and base",
    );
  }
  if (input.stackGuard !== "none") {
    refuse(
      "Cannot check the stack of the module: relocate moves it as it is",
      "Use combine for stackGuard",
    );
  }
  if (problems.length > 0) throw new WasmShareError(problems);
  const moved = await relocateByCore(input, offset, heapBase);
  const facts = moved.transforms.length > 0 || mayNeedTransforms(input.bytes)
    ? await inspectByCore(input)
    : undefined;
  const transforms = facts ? [...addedTransforms(facts), ...moved.transforms] : [];
  if (!facts || transforms.length === 0) {
    const { name, bytes, sourceMap } = input;
    // No map is right for code that was written anew.
    if (input.conversion?.rewritten) return moveSourceMap(name, bytes, moved.bytes, null).bytes;
    // There is no place beside the module.
    const inside = sourceMap && !sourceMap.startsWith("data:")
      ? writeDataUrl(sourceMap)
      : sourceMap;
    return moveSourceMap(name, bytes, moved.bytes, inside).bytes;
  }
  return (await transformByCore(moved.bytes, input.bytes, facts, {
    transforms,
    dataDelta: offset,
    memoryView: null,
    stackGuard: null,
    sharedStack: null,
  })).bytes;
}
