/**
 * Modules and options of the public functions → modules with every option decided.
 *
 * @module
 */
import type { CoreModule } from "./core/mod.ts";
import type { CombineOptions, ModuleBytes, ModuleInput, ModuleOptions } from "./core/options.ts";
import { describe, isRecord } from "./describe.ts";
import { WasmShareError, type WasmShareProblem } from "./errors.ts";
import { nameFault } from "./names.ts";
import { MODULE_RULES, optionProblems, RUN_RULES } from "./option_rules.ts";

/**
 * The modules of a run as a list.
 *
 * @param modules What the caller gave: a list, or bytes by name.
 * @returns One input a module, in order.
 * @throws {WasmShareError} `invalid_option` if it is neither.
 */
export function listInputs(modules: unknown): ModuleInput[] {
  if (Array.isArray(modules)) return modules;
  if (isRecord(modules)) {
    return Object.entries(modules).map(([name, bytes]) => ({ name, bytes: bytes as Uint8Array }));
  }
  const hint = modules instanceof Uint8Array
    ? "Put the bytes in a list: combine([bytes])"
    : modules instanceof Promise
    ? "Wait for it: await"
    : "Give a list of modules, or an object with the bytes of each by name";
  throw new WasmShareError({
    code: "invalid_option",
    message: `Cannot combine ${describe(modules)}: it is not a list of modules`,
    hint,
  });
}

/**
 * The options of a run.
 *
 * @param options What the caller gave: options, or `additionalStack` alone.
 * @returns The options; whether their values can be used is not checked yet.
 * @throws {WasmShareError} `invalid_option` if it is neither.
 */
export function runOptions(options: unknown): CombineOptions {
  if (typeof options === "number") return { additionalStack: options };
  if (isRecord(options)) return options;
  throw new WasmShareError({
    code: "invalid_option",
    message: `Cannot use ${describe(options)} as options: it is neither an object nor a number`,
    hint: "Give an object with options, or additionalStack alone as a number of bytes",
  });
}

/**
 * Decides every option of every module.
 *
 * @param inputs The modules with what the caller said.
 * @param run Options of the run, for what a module does not say itself.
 * @returns One module an input, in order.
 * @throws {WasmShareError} `invalid_option`, with every option that is wrong.
 */
export function resolveInputs(
  inputs: readonly ModuleInput[],
  run: CombineOptions = {},
): CoreModule[] {
  const problems = optionProblems(run as Record<string, unknown>, RUN_RULES);
  // Not `map`: it skips the holes of a list.
  const modules = Array.from(inputs, (input: unknown, index): CoreModule => {
    const own = input instanceof Uint8Array ? { bytes: input } : input;
    const { name, found } = moduleProblems(own, `module${index}`);
    problems.push(...found);
    const options = (own ?? {}) as ModuleBytes & ModuleOptions;
    const stack = options.stack ?? run.stack;
    return {
      name,
      bytes: options.bytes,
      ...(options.twin !== undefined && { twins: [options.twin].flat() }),
      sourceMap: options.sourceMap,
      additionalStack: options.additionalStack ?? run.additionalStack ?? 0,
      stack: stack === "shared" ? undefined : stack,
      sharesStack: stack === "shared",
      base: options.base,
      heap: options.heap,
      separateTable: (options.table ?? run.table) === "separate",
      align: run.memory?.align ?? 0,
      bind: options.bind,
      pointers: run.strict ? "error" : options.pointers ?? run.pointers ?? "guess",
      assumeNoDataPointers: options.assumeNoDataPointers ?? false,
      strip: options.strip ?? run.strip ?? true,
      verify: options.verify ?? run.verify ?? false,
      stackGuard: options.stackGuard ?? run.stackGuard ?? "none",
    };
  });
  if (problems.length > 0) throw new WasmShareError(problems);
  return modules;
}

/** What is wrong with one module, and the name that it has in messages. */
function moduleProblems(
  input: unknown,
  defaultName: string,
): { name: string; found: WasmShareProblem[] } {
  const refuse = (module: string, what: string): WasmShareProblem => ({
    code: "invalid_option",
    message: `Cannot use module "${module}": ${what}`,
    hint: "Read the file with Deno.readFile, fs.readFile or response.bytes()",
    module,
  });
  if (!isRecord(input)) {
    const what = `it is ${describe(input)}, not a Uint8Array`;
    return { name: defaultName, found: [refuse(defaultName, what)] };
  }
  const { bytes } = input;
  const usable = typeof input.name === "string" && nameFault(input.name) === null;
  const name = usable ? input.name as string : defaultName;
  const found = optionProblems(input, MODULE_RULES)
    .map((each): WasmShareProblem => ({ ...each, module: name }));
  if (!(bytes instanceof Uint8Array)) {
    found.push(refuse(name, `its bytes are ${describe(bytes)}, not a Uint8Array`));
  }
  return { name, found };
}
