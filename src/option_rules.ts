/**
 * What each option of the public functions may be. The config has the same rules as a zod schema,
 * which this side must not load.
 *
 * @module
 */
import type {
  CombineOptions,
  ModuleBytes,
  ModuleOptions,
  PointerPolicy,
  StackGuardPolicy,
} from "./core/options.ts";
import { describe, isRecord } from "./describe.ts";
import type { WasmShareProblem } from "./errors.ts";
import { nameFault } from "./names.ts";
import { suggest } from "./suggest.ts";

/** What is wrong with a value and what to give instead; `null` if nothing is. */
type Rule = (value: unknown, option: string) => { fault: string; hint: string } | null;

/** 2^32: sizes and addresses are below. */
const LIMIT = 2 ** 32;
const POINTERS: readonly PointerPolicy[] = ["guess", "error", "ignore"];
const GUARDS: readonly StackGuardPolicy[] = ["none", "check"];

const bytes: Rule = (value, option) =>
  isWhole(value, 0, LIMIT - 1) ? null : {
    fault: "it is not a whole number of bytes",
    hint: `Give ${option} as a number from 0 to ${LIMIT - 1}`,
  };

const shared: Rule = (value) =>
  value === "shared" ? null : { fault: 'it is not "shared"', hint: "Give a size for each module" };

const stack: Rule = (value, option) => {
  const wrong = shared(value, option) && bytes(value, option);
  return wrong && { fault: `${wrong.fault}, nor "shared"`, hint: `${wrong.hint}, or as "shared"` };
};

const stackSize: Rule = (value) =>
  isWhole(value, 16, LIMIT - 16) && (value as number) % 16 === 0 ? null : {
    fault: "it is not a multiple of 16 bytes",
    hint: "Give a whole number from 16 on, such as 1048576",
  };

const pages: Rule = (value) =>
  isWhole(value, 1, 65536) ? null : {
    fault: "it is not a number of pages",
    hint: "Give a whole number from 1 to 65536 (pages of 64 KiB)",
  };

const flag: Rule = (value, option) =>
  typeof value === "boolean"
    ? null
    : { fault: "it is not true or false", hint: `Set ${option} to true or false` };

const oneOf = (known: readonly string[]): Rule => (value) => {
  if ((known as readonly unknown[]).includes(value)) return null;
  const near = typeof value === "string" ? suggest(value, known) : undefined;
  const words = known.map((word) => `"${word}"`).join(", ");
  return {
    fault: `it is none of ${words}`,
    hint: near ? `Did you mean "${near}"?` : `Use one of ${words}`,
  };
};

const name: Rule = (value) => {
  const fault = typeof value === "string" ? nameFault(value) : "it is not a string";
  const hint = "Give a name that can be a file name on every system, such as the stem of the file";
  return fault === null ? null : { fault, hint };
};

const bind: Rule = (value) =>
  isRecord(value) && Object.values(value).every((each) => typeof each === "string") ? null : {
    fault: "it is not an object of strings",
    hint: 'Give bind as { "env.log": "logger.log_line" }: import, then module and export',
  };

const callback: Rule = (value, option) =>
  typeof value === "function"
    ? null
    : { fault: "it is not a function", hint: `Give ${option} as a function of one warning` };

const sourceMap: Rule = (value) =>
  typeof value === "string" || value === null ? null : {
    fault: "it is neither a string nor null",
    hint: "Give the text of the map, a data: URL with it, or null to drop it",
  };

const twin: Rule = (value) => {
  const list = Array.isArray(value) ? value : [value];
  const usable = list.length > 0 && list.length < 3 && list.every((e) => e instanceof Uint8Array);
  return usable ? null : {
    fault: "it is neither a Uint8Array nor one or two of them",
    hint: "Give the bytes of the same program at another base, or [near, far]",
  };
};

const anything: Rule = () => null;

/** One rule an option: an option without one does not type-check. */
type Rules<T> = { readonly [K in keyof Required<T>]: Rule };

/** Options of one module. */
export const MODULE_RULES: Rules<ModuleBytes & ModuleOptions> = {
  bytes: anything, // Asked for by whoever needs them.
  twin,
  sourceMap,
  name,
  additionalStack: bytes,
  stack,
  base: bytes,
  heap: bytes,
  table: oneOf(["shared", "separate"]),
  bind,
  pointers: oneOf(POINTERS),
  assumeNoDataPointers: flag,
  strip: flag,
  verify: flag,
  stackGuard: oneOf(GUARDS),
};

const importNames: Rule = (value) =>
  typeof value === "string" && /^[^.]+\..+$/s.test(value) ? null : {
    fault: "it is not a module and a name",
    hint: 'Give them as "<module>.<name>", such as "env.memory"',
  };

const powerOfTwo: Rule = (value) =>
  isWhole(value, 16, 2 ** 31) && Number.isInteger(Math.log2(value as number)) ? null : {
    fault: "it is not a power of two from 16 to 2^31",
    hint: "Give it in bytes, such as 4096",
  };

const ranges: Rule = (value) => {
  const fits = (range: unknown) =>
    isRecord(range) && isWhole(range.start, 0, LIMIT - 1) && isWhole(range.size, 1, LIMIT - 1) &&
    (range.start as number) + (range.size as number) < LIMIT &&
    Object.keys(range).every((key) => key === "start" || key === "size");
  return Array.isArray(value) && value.every(fits) ? null : {
    fault: "it is not a list of ranges below 2^32",
    hint: "Give each as { start: …, size: … } in bytes",
  };
};

const never: Rule = (value) =>
  value === false ? null : {
    fault: "memories that threads share are not supported",
    hint: "Remove it, or set it to false",
  };

const MEMORY_RULES: Rules<NonNullable<CombineOptions["memory"]>> = {
  initial: pages,
  maximum: pages,
  import: importNames,
  align: powerOfTwo,
  reserved: ranges,
  shared: never,
};

const CHECK_RULES: Rules<NonNullable<CombineOptions["checks"]>> = {
  foreignFree: flag,
};

/** Options of a run. */
export const RUN_RULES: Rules<CombineOptions> = {
  additionalStack: bytes,
  allocator: (value) =>
    typeof value === "string" ? null : {
      fault: "it is not a string",
      hint: "Give allocator as the name of a module of the set",
    },
  stack: shared,
  sharedStack: stackSize,
  strict: flag,
  table: oneOf(["shared", "separate"]),
  pointers: oneOf(POINTERS),
  strip: flag,
  verify: flag,
  stackGuard: oneOf(GUARDS),
  memory: (value) =>
    isRecord(value) ? null : {
      fault: "it is not an object",
      hint: "Give memory as { maximum: … } in pages of 64 KiB",
    },
  checks: (value) =>
    isRecord(value) ? null : {
      fault: "it is not an object",
      hint: "Give checks as { foreignFree: true }",
    },
  onWarning: callback,
};

/** Options of a run that are objects. */
const NESTED: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  memory: MEMORY_RULES,
  checks: CHECK_RULES,
};

/**
 * Everything that is wrong with options.
 *
 * @param options Whatever the caller gave.
 * @param rules The options that there are.
 * @param prefix What stands before a key in messages.
 * @returns An `invalid_option` for each unknown key and each value that cannot be used. An option
 * that is `undefined` is not there.
 */
export function optionProblems(
  options: Record<string, unknown>,
  rules: Readonly<Record<string, Rule>>,
  prefix = "",
): WasmShareProblem[] {
  const known = Object.keys(rules);
  // Those of a class, too: they would be read.
  const keys = new Set([...Object.keys(options), ...known.filter((key) => key in options)]);
  return [...keys].flatMap((key): WasmShareProblem[] => {
    const option = `${prefix}${key}`;
    const value = options[key];
    if (!known.includes(key)) {
      const near = suggest(key, known);
      return [{
        code: "invalid_option",
        message: `Cannot use the option "${option}": it is unknown`,
        hint: near ? `Did you mean "${prefix}${near}"?` : `Options here: ${known.join(", ")}`,
      }];
    }
    if (value === undefined) return [];
    const wrong = rules[key](value, option);
    if (wrong !== null) {
      const message = `Cannot use ${describe(value)} as ${option}: ${wrong.fault}`;
      return [{ code: "invalid_option", message, hint: wrong.hint }];
    }
    const inner = rules === RUN_RULES && Object.hasOwn(NESTED, key) ? NESTED[key] : null;
    return inner ? optionProblems(value as Record<string, unknown>, inner, `${key}.`) : [];
  });
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}
