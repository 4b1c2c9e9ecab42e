/**
 * Modules whose addresses nothing lists → the same modules with relocation records.
 *
 * @module
 */
import { compareByCore, type Conversion, type CoreModule } from "./core/mod.ts";
import type { TwinFacts } from "./core/types.ts";
import { WasmShareError, type WasmShareProblem, type WasmShareWarning } from "./errors.ts";

/**
 * Finds the addresses of all modules that have twins.
 *
 * @param modules The modules of a run.
 * @returns The same modules; those with twins with records, with what was found.
 * @throws {WasmShareError} With every problem of every module.
 */
export async function convertAll(modules: readonly CoreModule[]): Promise<CoreModule[]> {
  const problems: WasmShareProblem[] = [];
  const converted: CoreModule[] = [];
  for (const module of modules) {
    try {
      converted.push(await convert(module));
    } catch (error) {
      if (!(error instanceof WasmShareError)) throw error;
      problems.push(...error.errors);
    }
  }
  if (problems.length > 0) throw new WasmShareError(problems);
  return converted;
}

/**
 * Finds the addresses of one module, if it has twins.
 *
 * @param module The module.
 * @returns The module as it is, or with records.
 * @throws {WasmShareError} With every problem of the module.
 */
export async function convert(module: CoreModule): Promise<CoreModule> {
  if (module.twins === undefined) return module;
  const { bytes, twin } = await compareByCore(module.name, module.bytes, module.twins);
  const problems = impossible(module, twin);
  if (problems.length > 0) throw new WasmShareError(problems);
  const ownTable = twin.slotDistances.length === 0;
  const conversion: Conversion = {
    kind: "twin",
    size: module.bytes.length,
    twin,
    rewritten: twin.code + twin.slots + twin.pages + twin.negated > 0,
    warnings: warnings(module, twin),
  };
  return { ...module, bytes, conversion, separateTable: module.separateTable || ownTable };
}

/** Options that need to know more than a comparison tells. */
function impossible(
  { name, stack, sharesStack, stackGuard }: CoreModule,
  { stack: found }: TwinFacts,
): WasmShareProblem[] {
  if (found.where !== "inside") return [];
  const option = stackGuard !== "none"
    ? "stackGuard"
    : sharesStack || stack !== undefined
    ? "stack"
    : null;
  if (option === null) return [];
  return [{
    code: "invalid_option",
    message: `Cannot use ${option}: the stack of the module lies above its data and moves with it`,
    hint: `Remove ${option}, or link all twins with the stack first (-Wl,--stack-first)`,
    module: name,
  }];
}

function warnings(
  { name, twins = [], additionalStack, separateTable }: CoreModule,
  { slotDistances, filled, stack }: TwinFacts,
): WasmShareWarning[] {
  const found: WasmShareWarning[] = [];
  if (twins.length === 1) {
    found.push({
      code: "twin_unconfirmed",
      message:
        "One twin shows every address, but not a number that was folded from the high bits " +
        "of one",
      hint: "Give a second one that is far away, 0x1100000 (17 MiB) above the module: " +
        "twin: [near, far]",
      module: name,
    });
  }
  if (stack.where === "inside" && additionalStack > 0) {
    found.push({
      code: "fixed_stack",
      message:
        `The stack stays as large as it is: it lies above the data and moves with it, so ${additionalStack} ` +
        "bytes cannot be added",
      hint: "Link all twins with a larger stack (-z stack-size, -sSTACK_SIZE, asc: --stackSize), " +
        "or with the stack first (-Wl,--stack-first)",
      module: name,
    });
  }
  if (slotDistances.length === 0 && filled > 0 && !separateTable) {
    found.push({
      code: "separate_table",
      message:
        "The module keeps a table of its own: its twins have the same table base, so its table slots are " +
        "not known, and function pointers mean nothing to other modules",
      hint:
        "Move the table of the twins, too: by 2 and 4 slots (-Wl,--table-base=3 and 5 instead of 1, asc: " +
        '--tableBase), or set table to "separate"',
      module: name,
    });
  }
  return found;
}
