/**
 * Modules → one memory.
 *
 * @module
 */
import { convertAll } from "./convert.ts";
import { planForeignFree, uncheckedFree } from "./core/foreign_free.ts";
import { combineByCore, type CoreModule, startedByCore, transformByCore } from "./core/mod.ts";
import type { Combined, CombineOptions, ModuleInput } from "./core/options.ts";
import { WasmShareError } from "./errors.ts";
import { moveSourceMap } from "./move_source_map.ts";
import { listInputs, resolveInputs, runOptions } from "./resolve_input.ts";
import { type CommonAllocator, commonAllocator, withAllocator } from "./set/allocator.ts";
import { checkSet } from "./set/check.ts";
import { checkLayout } from "./set/layout.ts";
import { addedTransforms, hasInitialisers, readNotes } from "./set/notes.ts";

/**
 * Moves finished modules into one linear memory and one function table.
 *
 * Each module keeps its own stack and data; every module gets `additionalStack`, the first one too.
 * A source map moves with its module: one that `sourceMappingURL` holds as a `data:` URL, or that is
 * given as `sourceMap`. One that is elsewhere is kept if no code was shifted, and dropped with the
 * warning `source_map_dropped` if some was.
 *
 * The result is for one set: modules of two runs must not be mixed, and {@linkcode instantiate} and
 * generated loaders refuse to.
 *
 * @param modules The modules in order, with options if they need some, or by name. Names default to
 *   `module0`, `module1`, …
 * @param options Options of the run; a number is `additionalStack` in bytes.
 * @returns The moved modules, the pages of 64 KiB that they need, and where everything lives.
 * @throws {WasmShareError} With every problem of every module: see `docs/errors.md`.
 *
 * @example
 * ```ts ignore
 * import { combine, instantiate } from "@wasm-share/memory";
 *
 * const set = await combine({
 *   parser: await Deno.readFile("parser.wasm"),
 *   codec: await Deno.readFile("codec.wasm"),
 * }, 65536);
 * const { memory, exports } = await instantiate(set);
 * ```
 */
export async function combine(
  modules: ModuleInput[] | Record<string, Uint8Array>,
  options: number | CombineOptions = {},
): Promise<Combined> {
  const run = runOptions(options);
  const inputs = await convertAll(resolveInputs(listInputs(modules), run));
  if (run.sharedStack !== undefined && !inputs.some(({ sharesStack }) => sharesStack)) {
    throw new WasmShareError({
      code: "invalid_option",
      message: `Cannot use ${run.sharedStack} as sharedStack: no module shares a stack`,
      hint: 'Remove it, or set stack to "shared", for all or for some modules',
    });
  }
  const common = await commonAllocator(run.allocator, inputs);
  let { result, checked } = await planned(common, run, inputs);
  // Modules that import from each other are made before any is initialised, so none of them can start
  // its allocator while the memory ends where its heap does.
  const staged = result.layout.startup.map(({ module }) => module)
    // Nor can those that come after, when these have taken memory.
    .filter(() => checked.together.length > 0);
  if (staged.length > 0) {
    const changed = common.inputs.map((input) => ({
      ...input,
      noStage: staged.includes(input.name),
    }));
    ({ result, checked } = await planned({ ...common, inputs: changed }, run, inputs));
  }
  const { facts, buildId, warnings, modules: moved } = result;
  const { notes } = checked;
  warnings.push(...checked.warnings);
  const { layout, requests } = planForeignFree(checked.layout);
  for (const [index, placed] of layout.modules.entries()) {
    placed.transforms = [...addedTransforms(facts[index]), ...placed.transforms];
    if (notes[index].start) {
      placed.started = hasInitialisers(facts[index])
        ? await startedByCore(inputs[index].bytes, placed.name)
        : [];
    }
  }
  for (const [index, placed] of layout.modules.entries()) {
    if (placed.transforms.length === 0) continue;
    const transformed = await transformByCore(
      moved[index],
      inputs[index].bytes,
      facts[index],
      placed,
      { allocator: common.plan?.passes[index], foreignFree: requests[index] },
    );
    moved[index] = transformed.bytes;
    placed.transforms = transformed.transforms;
    warnings.push(...transformed.warnings);
    if (placed.foreignFree && transformed.frees) {
      placed.foreignFree.checked = transformed.frees.checked;
      warnings.push(...uncheckedFree(placed, transformed.frees));
    }
  }
  const isRewritten = (index: number) =>
    layout.modules[index].transforms.length > 0 || !!inputs[index].conversion?.rewritten;
  const maps = inputs.map(({ name, bytes, sourceMap }, index) =>
    // No map is right for code that was written anew.
    moveSourceMap(name, bytes, moved[index], isRewritten(index) ? null : sourceMap)
  );
  warnings.push(...maps.flatMap(({ warning }) => warning ?? []));
  for (const warning of warnings) run.onWarning?.(warning);
  return {
    names: inputs.map((input) => input.name),
    modules: maps.map(({ bytes }) => bytes),
    codeShifts: maps.map(({ shift }, index) => isRewritten(index) ? null : shift),
    sourceMaps: maps.map(({ map }) => map),
    neededPages: layout.neededPages,
    buildId,
    layout,
    facts,
    warnings,
  };
}

/**
 * Keeps free what modules may use below their data. Only functions that call nothing do so, and leave nothing
 * there, so that all can use the same.
 */
function withScratch(
  memory: NonNullable<CombineOptions["memory"]>,
  inputs: readonly CoreModule[],
): NonNullable<CombineOptions["memory"]> {
  const tops = inputs.map(({ conversion }) => {
    const stack = conversion?.twin?.stack;
    return stack?.where === "below" ? stack.top : 0;
  });
  const size = Math.max(0, ...tops);
  if (size === 0) return memory;
  const reserved = [...memory.reserved ?? []].sort((a, b) => a.start - b.start);
  // What the caller keeps free is free already.
  const scratch = [];
  let start = 0;
  for (const range of [...reserved, { start: size, size: 0 }]) {
    const end = Math.min(range.start, size);
    if (start < end) scratch.push({ start, size: end - start });
    start = Math.max(start, range.start + range.size);
  }
  return { ...memory, reserved: [...scratch, ...memory.reserved ?? []] };
}

/** Everything that is planned and moved, and checked as a set. */
async function planned(
  common: CommonAllocator,
  run: ReturnType<typeof runOptions>,
  inputs: readonly CoreModule[],
) {
  const result = await combineByCore(common.inputs, withScratch(run.memory ?? {}, inputs), {
    sharedStack: run.sharedStack,
    salt: common.salt,
    checks: run.checks,
  });
  checkLayout(result.layout);
  const notes = inputs.map(({ bytes }, index) => readNotes(bytes, result.facts[index]));
  const checked = checkSet(
    result.facts,
    notes,
    withAllocator(result.layout, common.plan, run.allocator),
    inputs.map(({ bind }) => bind),
  );
  if (checked.problems.length > 0) throw new WasmShareError(checked.problems);
  return { result, checked: { ...checked, notes } };
}
