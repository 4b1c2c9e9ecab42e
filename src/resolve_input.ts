/**
 * Modules and options of the public functions → modules with every option decided.
 *
 * @module
 */
import type { CoreModule } from "./core/mod.ts";
import type { CombineOptions, ModuleInput } from "./core/options.ts";
import { WasmShareError, type WasmShareProblem } from "./errors.ts";

/** 2^32: sizes and addresses are below. */
const LIMIT = 2 ** 32;

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
  const problems: WasmShareProblem[] = [];
  const modules = inputs.map((input, index) => {
    const own = input instanceof Uint8Array ? { bytes: input } : input;
    const name = own?.name ?? `module${index}`;
    const size = (option: string, value: number | undefined) => {
      const bad = value !== undefined &&
        !(Number.isInteger(value) && value >= 0 && value < LIMIT);
      if (bad) {
        problems.push({
          code: "invalid_option",
          message: `Cannot use ${option} "${value}": it is not a whole number of bytes`,
          hint: `Give ${option} as a number from 0 to ${LIMIT - 1}`,
          module: name,
        });
      }
      return bad ? undefined : value;
    };
    if (!(own?.bytes instanceof Uint8Array)) {
      problems.push({
        code: "invalid_option",
        message: `Cannot use module "${name}": its bytes are not a Uint8Array`,
        hint: "Read the file with Deno.readFile, fs.readFile or response.bytes()",
        module: name,
      });
    }
    return {
      name,
      bytes: own?.bytes,
      additionalStack: size("additionalStack", own?.additionalStack ?? run.additionalStack) ?? 0,
      stack: size("stack", own?.stack),
      base: size("base", own?.base),
      pointers: own?.pointers ?? (run.strict ? "error" : run.pointers ?? "guess"),
      assumeNoDataPointers: own?.assumeNoDataPointers ?? false,
      strip: own?.strip ?? run.strip ?? true,
      verify: own?.verify ?? run.verify ?? false,
    } satisfies CoreModule;
  });
  if (problems.length > 0) throw new WasmShareError(problems);
  return modules;
}
