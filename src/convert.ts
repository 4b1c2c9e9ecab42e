/**
 * Modules whose addresses nothing lists → the same modules with relocation records.
 *
 * @module
 */
import { compareByCore, type Conversion, type CoreModule, placeByCore } from "./core/mod.ts";
import type { TwinFacts } from "./core/types.ts";
import { WasmShareError, type WasmShareProblem, type WasmShareWarning } from "./errors.ts";

/**
 * Finds the addresses of all modules that have twins, and of side modules.
 *
 * @param modules The modules of a run.
 * @returns The same modules; those with records that had none, with what was found. One that cannot be
 *   converted says why in `refused`, so that all problems of a run are reported in one go.
 */
export function convertAll(modules: readonly CoreModule[]): Promise<CoreModule[]> {
  return Promise.all(modules.map((module) =>
    convert(module).catch((error) => {
      if (!(error instanceof WasmShareError)) throw error;
      return { ...module, refused: error.errors };
    })
  ));
}

/**
 * Finds the addresses of one module, if it has twins or is a side module.
 *
 * @param module The module.
 * @returns The module as it is, or with records.
 * @throws {WasmShareError} With every problem of the module.
 */
export async function convert(module: CoreModule): Promise<CoreModule> {
  if (module.twins === undefined) return isSide(module.bytes) ? await placed(module) : module;
  const { bytes, twin } = await compareByCore(module.name, module.bytes, module.twins);
  const problems = impossible(module, twin);
  if (problems.length > 0) throw new WasmShareError(problems);
  // One that fills no slot needs to know none.
  const ownTable = twin.slotDistances.length === 0 && twin.filled > 0;
  const conversion: Conversion = {
    kind: "twin",
    size: module.bytes.length,
    twin,
    rewritten: twin.code + twin.slots + twin.pages + twin.negated > 0,
    warnings: warnings(module, twin),
  };
  return { ...module, bytes, conversion, separateTable: module.separateTable || ownTable };
}

/** Whether the first section is that of a side module. */
function isSide(bytes: Uint8Array): boolean {
  const name = "dylink.0";
  // Magic and version, id and size of the section, length of its name.
  if (!(bytes instanceof Uint8Array) || bytes[8] !== 0) return false;
  let at = 9;
  while (bytes[at] >= 0x80) at++;
  return bytes[at + 1] === name.length &&
    [...name].every((letter, index) => bytes[at + 2 + index] === letter.charCodeAt(0));
}

async function placed(module: CoreModule): Promise<CoreModule> {
  const found = await placeByCore(module.name, module.bytes);
  if (found === null) return module;
  if (!module.strip) throw new WasmShareError(unkept(module.name, "how a side module was placed"));
  const { bytes, side } = found;
  const conversion: Conversion = {
    kind: "dylink",
    size: module.bytes.length,
    side,
    rewritten: true,
    warnings: dropped(module.name, side.dropped),
  };
  return { ...module, bytes, conversion };
}

/** Warnings about sections that the conversion dropped. */
function dropped(module: string, sections: readonly string[]): WasmShareWarning[] {
  return sections.map((section) => ({
    code: "dropped_section",
    message:
      `The section "${section}" was dropped: the code was written anew, with operands that can be moved`,
    hint: "Link with --emit-relocs: then the code is patched in place and nothing is dropped",
    module,
    section,
  }));
}

/** Records alone would not tell the next run all that is known here. */
function unkept(module: string, what: string): WasmShareProblem {
  return {
    code: "invalid_option",
    message: `Cannot keep the relocation records: they do not say ${what}`,
    hint: "Remove strip: false, and give the module as it is, with its twins, wherever it is moved",
    module,
  };
}

/** Options that need to know more than a comparison tells. */
function impossible(
  { name, stack, sharesStack, stackGuard, strip }: CoreModule,
  { stack: found }: TwinFacts,
): WasmShareProblem[] {
  if ((found.where === "below" || found.where === "inside") && !strip) {
    return [unkept(name, "where the stack of the module is")];
  }
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
  { slotDistances, filled, stack, dropped: sections }: TwinFacts,
): WasmShareWarning[] {
  const found = dropped(name, sections);
  if (twins.length === 1) {
    found.push({
      code: "twin_unconfirmed",
      message:
        "One twin shows every address, but not a number that was folded from the high bits " +
        "of one",
      hint: "Give a second one that is far away, at 0x7ffe0000: twin: [near, far]",
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
