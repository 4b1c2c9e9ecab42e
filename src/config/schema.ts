/**
 * The config as a zod schema: strict objects only, so that a misspelt key is an error. The types in
 * `define.ts` are written by hand for their documentation; the last lines hold the two together.
 *
 * @module
 */
import * as z from "zod";
import type { UserConfig } from "./define.ts";

const MAX_ADDRESS = 0xffff_ffff;

const bytes = () => z.number().int().min(0).max(MAX_ADDRESS);
const pointers = () => z.enum(["guess", "error", "ignore"]);
const table = () => z.enum(["shared", "separate"]);
const stackGuard = () => z.enum(["none", "check"]);
const path = () => z.string().min(1);

/** Options of every module, file or crate. */
const moduleOptions = {
  additionalStack: bytes().optional().describe("Bytes to add to this module's stack"),
  stack: z.union([bytes().multipleOf(16), z.literal("shared")]).optional().describe(
    "Size of this module's stack in bytes instead of what its linker reserved; shared: one for all that say so",
  ),
  base: bytes().optional().describe("Address of the module's data instead of an automatic one"),
  heap: bytes().optional().describe("All the memory that this module's allocator gets, in bytes"),
  table: table().optional().describe(
    "Whether the module's functions get slots in the table that all share",
  ),
  bind: z.record(z.string(), z.string()).optional().describe(
    "Imports that are exports of other modules: env.log as key, logger.log_line as value",
  ),
  pointers: pointers().optional().describe(
    "What to do with addresses in data of a module without relocation records",
  ),
  assumeNoDataPointers: z.boolean().optional().describe(
    "Accept a module without reloc.DATA although its data holds words that look like addresses",
  ),
  strip: z.boolean().optional().describe("Drop the linking and reloc.* sections from the output"),
  verify: z.boolean().optional().describe(
    "Decode every instruction and check that each site is an operand",
  ),
  stackGuard: stackGuard().optional().describe(
    "check: an overflow of this module's stack is a trap; none: it overwrites what lies below",
  ),
};

const fileSchema = z.strictObject({
  path: path().describe("Path of the .wasm file, relative to the config file"),
  name: z.string().optional().describe("Name of the module; the stem of the file by default"),
  twin: z.union([path(), z.array(path()).min(1).max(2)]).optional().describe(
    "The same program at another base, for a module without relocation records; or [near, far]",
  ),
  ...moduleOptions,
});

const crateSchema = z.strictObject({
  crate: path().describe("Folder of the crate's Cargo.toml, relative to the config file"),
  name: z.string().optional().describe("Name of the module; that of the folder by default"),
  profile: z.string().min(1).optional().describe("Profile of cargo; release by default"),
  features: z.array(z.string().min(1)).optional().describe("Features of the crate to turn on"),
  bindgen: z.array(z.string().min(1)).optional().describe(
    "More arguments for the wasm-bindgen command",
  ),
  optimize: z.array(z.string().min(1)).optional().describe(
    "Arguments for wasm-opt, which does not run without them",
  ),
  ...moduleOptions,
});

const configSchema = z.strictObject({
  $schema: z.string().optional().describe("Where this schema is, for editors"),
  modules: z.array(z.union([path(), fileSchema, crateSchema])).min(1).describe(
    "The modules in order: paths relative to the config file, with options where needed, and crates",
  ),
  additionalStack: bytes().optional().describe("Bytes to add to the stack of every module"),
  allocator: z.string().optional().describe("Name of the module that allocates for all"),
  stack: z.literal("shared").optional().describe("Default of every module's stack"),
  sharedStack: bytes().min(16).multipleOf(16).optional().describe(
    "Size of the stack that modules share, in bytes",
  ),
  strict: z.boolean().optional().describe("Refuse whatever is not proved"),
  table: table().optional().describe("Default of every module's table"),
  pointers: pointers().optional().describe("Default of every module's pointers"),
  strip: z.boolean().optional().describe("Default of every module's strip"),
  verify: z.boolean().optional().describe("Default of every module's verify"),
  stackGuard: stackGuard().optional().describe("Default of every module's stackGuard"),

  memory: z.strictObject({
    initial: z.number().int().min(1).max(65535).optional().describe(
      "Size at the start in pages of 64 KiB, if that is more than the modules need",
    ),
    maximum: z.number().int().min(1).max(65536).optional().describe(
      "Maximum size in pages of 64 KiB",
    ),
    import: z.string().regex(/^[^.]+\..+$/).optional().describe(
      "Under which names every module imports the memory: <module>.<name>",
    ),
    align: z.number().int().min(16).max(2 ** 31).refine((n) => Number.isInteger(Math.log2(n)), {
      error: "it is not a power of two",
    }).optional().describe("What the data of every module is aligned to, in bytes"),
    reserved: z.array(z.strictObject({
      start: bytes().describe("First address"),
      size: bytes().min(1).describe("Size in bytes"),
    })).optional().describe("Ranges that stay free"),
    shared: z.literal(false).optional().describe("Whether threads share it: not supported"),
  }).optional().describe("The shared memory"),
  checks: z.strictObject({
    foreignFree: z.boolean().optional().describe(
      "Whether free, realloc and their like trap if they are given a block of another module",
    ),
  }).optional().describe("What all modules check when they run"),
  output: z.strictObject({
    dir: path().optional().describe("Folder of all outputs, relative to the config file"),
    loader: z.union([z.literal("js"), z.literal("ts"), z.literal(false)]).optional().describe(
      "js: mod.js, mod.d.ts and package.json; ts: mod.ts; false: none",
    ),
    manifest: z.union([z.boolean(), z.string().min(1)]).optional().describe(
      "true, false, or the file name of the manifest",
    ),
    inline: z.boolean().optional().describe("Embed the modules in the loader"),
    package: z.strictObject({
      name: z.string().regex(/^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/).describe(
        "Name of the package",
      ),
      version: z.string().regex(/^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/).optional().describe(
        "Version of the package",
      ),
    }).optional().describe("Name and version in the package.json of a set with crates"),
  }).optional().describe("Where the outputs go, and which"),
});

/** What is wrong with a value, as zod says it: the part of an issue that this package reads. */
export interface SchemaIssue {
  /** Code of zod: `invalid_type`, `unrecognized_keys`, … */
  code?: string;
  /** Where, as keys and indices. */
  path: PropertyKey[];
  /** What zod would say. */
  message: string;
  /** The type that was expected, with `invalid_type`. */
  expected?: string;
  /** The keys that are not known, with `unrecognized_keys`. */
  keys?: string[];
  /** The values that were expected, with `invalid_value`. */
  values?: unknown[];
  /** The issues of each alternative, with `invalid_union`. */
  errors?: SchemaIssue[][];
  /** The smallest value, with `too_small`. */
  minimum?: number | bigint;
  /** The greatest value, with `too_big`. */
  maximum?: number | bigint;
  /** What the value must be a multiple of, with `not_multiple_of`. */
  divisor?: number;
}

/**
 * Checks a value against the schema.
 *
 * @param value Whatever the config file gave.
 * @returns Every issue; none if the value is a {@linkcode UserConfig}.
 */
export function schemaIssues(value: unknown): SchemaIssue[] {
  return (configSchema.safeParse(value).error?.issues ?? []) as SchemaIssue[];
}

/**
 * The keys that an object of the config may have.
 *
 * @param path Where the object is in the config, as keys and indices; `["modules", 0, "crate"]` for a
 *   module that is a crate.
 * @returns The keys; none if there is no object at that path.
 */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  const [key] = path;
  if (path.length === 0) return Object.keys(configSchema.shape);
  if (key === "modules") {
    return Object.keys((path[2] === "crate" ? crateSchema : fileSchema).shape);
  }
  if (key === "memory") return Object.keys(configSchema.shape.memory.unwrap().shape);
  if (key === "checks") return Object.keys(configSchema.shape.checks.unwrap().shape);
  if (key === "output" && path[1] === "package") {
    return Object.keys(configSchema.shape.output.unwrap().shape.package.unwrap().shape);
  }
  if (key === "output") return Object.keys(configSchema.shape.output.unwrap().shape);
  return [];
}

/**
 * The schema for editors: the content of `schema/wasm-share.schema.json`.
 *
 * @returns A JSON schema (draft 2020-12).
 */
export function configJsonSchema(): Record<string, unknown> {
  return {
    title: "Config of wasm-share",
    ...z.toJSONSchema(configSchema, { target: "draft-2020-12" }),
  };
}

// The schema and the documented type accept the same: an edit of one alone fails `deno check`.
type Parsed = z.output<typeof configSchema>;
type Full<T> = T extends object ? { [K in keyof T]-?: Full<NonNullable<T[K]>> } : T;
type Same<A, B> = [A] extends [B] ? [B] extends [A] ? true : false : false;
const same: Same<Full<Parsed>, Full<UserConfig>> = true;
void same;
