/**
 * UserConfig → ResolvedConfig, once: every default applied, every path absolute, nothing optional.
 *
 * @module
 */
import { basename, isAbsolute, relative, resolve } from "node:path";
import type {
  CheckOptions,
  MemoryOptions,
  PointerPolicy,
  StackGuardPolicy,
} from "../core/options.ts";
import type { WasmShareProblem } from "../errors.ts";
import { displayPath, toSlashes } from "../paths.ts";
import type { UserConfig, UserFile, UserModule } from "./define.ts";
import { crateProblems, resolveCrate, type ResolvedCrate } from "./crates.ts";
import { defaultName } from "./names.ts";
import { MANIFEST_NAME, nameProblems, outputFiles, outputProblems } from "./outputs.ts";
import { configProblems } from "./problems.ts";

export { MANIFEST_NAME, PACKAGE_NAME } from "./outputs.ts";

/** A config that was read, or the modules of a command line. */
export interface ConfigSource {
  /** The config, not checked yet. */
  value: unknown;
  /** Absolute path of the folder that its paths are relative to. */
  directory: string;
  /** Its path for messages, or `null` for modules from the command line. */
  name: string | null;
}

/** What the command line says; wins over the config. `null` for what it does not say. */
export interface ConfigOverrides {
  /** Absolute path of the output folder. */
  dir: string | null;
  /** Bytes to add to every module's stack. */
  additionalStack: number | null;
  strict: boolean | null;
  inline: boolean | null;
  loader: "js" | "ts" | false | null;
}

/** One module with every option decided. */
export interface ResolvedModule {
  /** Name of the module: file name of its output, key of its exports. */
  name: string;
  /** What cargo has to build, or `null` for a file that is there. */
  crate: ResolvedCrate | null;
  /** Absolute path of the input: the module, or `Cargo.toml`. */
  file: string;
  /** The input for messages: as it was written. */
  written: string;
  /** The input for the manifest: relative to the config, forward slashes, never absolute. */
  source: string;
  /** Where it was asked for: `modules[1].path`, or the path on the command line. */
  at: string;
  /** The same program at other bases; empty for a module with records. */
  twins: { file: string; written: string; at: string }[];
  /** Bytes to add to the stack. */
  additionalStack: number;
  /** Size of the stack in bytes, or `"shared"`, or `null` for what its linker reserved. */
  stack: number | "shared" | null;
  /** Address of the data, or `null` for an automatic one. */
  base: number | null;
  /** All the memory that its allocator gets in bytes, or `null` for no limit. */
  heap: number | null;
  table: "shared" | "separate";
  /** Which imports are exports of which other modules. */
  bind: Record<string, string>;
  pointers: PointerPolicy;
  assumeNoDataPointers: boolean;
  strip: boolean;
  verify: boolean;
  stackGuard: StackGuardPolicy;
}

/** One output that will be written. */
export interface ResolvedOutput {
  /** Its file name in the output folder. */
  file: string;
  /** What in the config asks for it. */
  at: string;
}

/** A config with every option decided. */
export interface ResolvedConfig {
  modules: ResolvedModule[];
  strict: boolean;
  /** Name of the module that allocates for all, or `null`. */
  allocator: string | null;
  /** Size of the stack that modules share in bytes, or `null` for what they need. */
  sharedStack: number | null;
  memory: MemoryOptions;
  checks: CheckOptions;
  output: {
    /** Absolute path of the output folder. */
    dir: string;
    loader: "js" | "ts" | false;
    /** File name of the manifest, or `null` for none. */
    manifest: string | null;
    inline: boolean;
    /** What `package.json` of a set with crates says beside; `null` for nothing. */
    package: { name: string; version: string } | null;
    /** Every file that will be written; `package.json` only if nobody else has one there. */
    files: ResolvedOutput[];
  };
}

/**
 * Checks a config and decides every option.
 *
 * @param source The config.
 * @param overrides What the command line says.
 * @returns The decided config and every problem found. With problems, the config holds what could be
 * understood, so that its files can be checked in the same run.
 */
export function resolveConfig(
  source: ConfigSource,
  overrides: ConfigOverrides,
): { config: ResolvedConfig; problems: WasmShareProblem[] } {
  const name = source.name ?? "command line";
  const problems = configProblems(source.value, name);
  const { user, indices } = problems.length === 0
    ? { user: source.value as UserConfig, indices: null }
    : salvage(source.value);
  const strict = overrides.strict ?? user.strict ?? false;
  const additionalStack = overrides.additionalStack ?? user.additionalStack ?? 0;

  const modules = user.modules.map((entry, position): ResolvedModule => {
    const module: UserModule = typeof entry === "string" ? { path: entry } : entry;
    const at = `modules[${indices?.[position] ?? position}]`;
    const isCrate = "crate" in module;
    const written = isCrate ? module.crate : module.path;
    const crate = isCrate ? resolveCrate(module, source.directory, at, user.table ?? null) : null;
    const file = crate?.manifest ?? resolve(source.directory, written);
    return {
      name: module.name ?? crate?.defaultName ?? defaultName(file),
      crate,
      file,
      written,
      source: manifestPath(written, crate?.dir ?? file, source.directory),
      at: source.name === null
        ? written
        : typeof entry === "string"
        ? at
        : `${at}.${isCrate ? "crate" : "path"}`,
      twins: isCrate ? [] : twins(module, source.directory, `${at}.twin`),
      additionalStack: module.additionalStack ?? additionalStack,
      stack: module.stack ?? user.stack ?? null,
      base: module.base ?? null,
      heap: module.heap ?? null,
      table: module.table ?? user.table ?? "shared",
      bind: module.bind ?? {},
      pointers: strict ? "error" : module.pointers ?? user.pointers ?? "guess",
      assumeNoDataPointers: module.assumeNoDataPointers ?? false,
      strip: module.strip ?? user.strip ?? true,
      verify: module.verify ?? user.verify ?? false,
      stackGuard: module.stackGuard ?? user.stackGuard ?? "none",
    };
  });

  const manifest = user.output?.manifest ?? true;
  const output: ResolvedConfig["output"] = {
    dir: overrides.dir ?? resolve(source.directory, user.output?.dir ?? "out"),
    loader: overrides.loader ?? user.output?.loader ?? "js",
    manifest: manifest === true ? MANIFEST_NAME : manifest === false ? null : manifest,
    inline: overrides.inline ?? user.output?.inline ?? false,
    package: user.output?.package ? { version: "0.0.0", ...user.output.package } : null,
    files: [],
  };
  output.files = outputFiles(modules, output);
  const config = {
    modules,
    strict,
    allocator: user.allocator ?? null,
    sharedStack: user.sharedStack ?? null,
    memory: user.memory ?? {},
    checks: user.checks ?? {},
    output,
  };
  problems.push(...nameProblems(config), ...outputProblems(config, name));
  problems.push(...crateProblems(config, name));
  return { config, problems };
}

/** The files of the same program at other bases. */
function twins({ twin = [] }: UserFile, directory: string, at: string) {
  return [twin].flat().map((written, index) => ({
    file: resolve(directory, written),
    written,
    at: Array.isArray(twin) ? `${at}[${index}]` : at,
  }));
}

/** The modules of a config with problems, and their indices. */
function salvage(value: unknown): { user: UserConfig; indices: number[] } {
  const { modules } = (value ?? {}) as { modules?: unknown };
  const usable: { entry: string | UserModule; index: number }[] = [];
  for (const [index, entry] of (Array.isArray(modules) ? modules : []).entries()) {
    const { path, name, crate } = (entry ?? {}) as Record<string, unknown>;
    if (typeof entry === "string" && entry !== "") usable.push({ entry, index });
    // A crate is not built if the config has problems, so nothing is known of its outputs.
    if (typeof path === "string" && path !== "" && crate === undefined) {
      usable.push({ entry: { path, ...(typeof name === "string" && { name }) }, index });
    }
  }
  return {
    user: { modules: usable.map(({ entry }) => entry) },
    indices: usable.map(({ index }) => index),
  };
}

/** A path that is the same on every machine: an absolute path outside of the folder loses its folder. */
function manifestPath(written: string, file: string, directory: string): string {
  const inside = displayPath(file, directory);
  if (!isAbsolute(inside)) return inside;
  return isAbsolute(written) ? basename(file) : toSlashes(relative(directory, file));
}
