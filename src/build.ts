/**
 * Config → files: load, read, combine, generate, compare with what is on disk, write.
 *
 * @module
 */
import { combine } from "./combine.ts";
import { loadConfig } from "./config/load.ts";
import {
  type ConfigOverrides,
  type ConfigSource,
  MANIFEST_NAME,
  resolveConfig,
  type ResolvedConfig,
} from "./config/resolve.ts";
import type { Combined, CombineOptions, ModuleInput } from "./core/options.ts";
import {
  bindCrates,
  type BoundSet,
  buildCrates,
  type CrateRun,
  lookUpCrates,
} from "./crates/crates.ts";
import type { CrateFacts } from "./crates/metadata.ts";
import { DEFAULT_TOOLS, type Tools } from "./crates/tools.ts";
import { WasmShareError, type WasmShareProblem } from "./errors.ts";
import { readModules } from "./load/modules.ts";
import { type FoundSourceMap, readSourceMaps } from "./load/source_maps.ts";
import { sourceMapFile } from "./move_source_map.ts";
import { displayPath } from "./paths.ts";
import type { FileReport } from "./report/files.ts";
import { compareFiles, inputConflicts, writeFiles } from "./write/files.ts";
import { generateOutputs } from "./write/outputs.ts";

/** What to build. */
export interface BuildRequest {
  /** Absolute path of the current folder. */
  cwd: string;
  /** Modules relative to `cwd`; empty to use a config. */
  files: readonly string[];
  /** Path of the config relative to `cwd`, or `null` to look for one. */
  config: string | null;
  /** What a config function is told. */
  mode: string;
  /** Write nothing. */
  check: boolean;
  /** What wins over the config. */
  overrides: ConfigOverrides;
  /** Programs that build crates, where they are not those on `PATH`. */
  programs?: Partial<Tools>;
  /** Called before each step that takes a while, with what it is. */
  onStep?(text: string): void;
}

/** What the bytes go through; replaced in tests of everything else. */
export interface BuildTools {
  /** Modules → one memory. */
  combine(modules: ModuleInput[], options: CombineOptions): Promise<Combined>;
}

/** What was built. */
export interface BuildResult {
  combined: Combined;
  /** The output folder for people. */
  dir: string;
  /** What became of each file; with `check`, what would have. */
  files: FileReport[];
  /** Whether every file was as it should be. */
  current: boolean;
}

/**
 * Builds what a config or a command line asks for. Whatever fails, outputs of an earlier run stay as
 * they are.
 *
 * @param request What to build.
 * @param tools What the bytes go through.
 * @returns What was built, and what became of each file.
 * @throws {WasmShareError} With every problem that one run can find.
 */
export async function build(
  request: BuildRequest,
  tools: BuildTools = { combine },
): Promise<BuildResult> {
  const { cwd, check } = request;
  const source = await findSource(request);
  const { config, problems } = resolveConfig(source, request.overrides);
  const { dir, inline } = config.output;

  const twinFiles = config.modules.flatMap(({ twins }) => twins);
  const twins = await readModules(twinFiles, cwd);
  const run: CrateRun = {
    tools: { ...DEFAULT_TOOLS, ...request.programs },
    onStep: request.onStep ?? (() => {}),
  };
  const inputs = await readFiles(config, cwd);
  const maps = await sourceMaps(config, inputs.bytes, { dir, inline, cwd });
  const conflicts = await inputConflicts(
    dir,
    [...config.output.files, ...maps.outputs],
    [...config.modules, ...twinFiles, ...maps.inputs],
  );
  const crates = await lookUpCrates(config.modules, run);
  const found = [
    ...problems,
    ...inputs.problems,
    ...twins.problems,
    ...conflicts,
    ...crates.problems,
  ];
  if (found.length > 0) throw new WasmShareError(found);
  const built = await buildCrates(config.modules, crates.facts, run);
  const bytes = config.modules.map((_, index) => (built[index] ?? inputs.bytes[index])!);

  const options = moduleInputs(
    config,
    bytes,
    maps.found,
    crates.facts,
    twins.bytes as Uint8Array[],
  );
  const set = await tools.combine(options, combineOptions(config)).catch((error) => {
    throw source.name === null ? error : withPaths(error, config);
  });
  const { combined, bound }: BoundSet = await bindCrates(config.modules, crates.facts, {
    ...set,
    warnings: [...set.warnings, ...maps.warnings],
  }, run);
  const manifests = [config.output.manifest ?? MANIFEST_NAME, MANIFEST_NAME];
  const outputs = await generateOutputs(config, {
    combined,
    inputs: bytes,
    bindgen: crates.facts.map((facts) => facts?.wasmBindgen ?? null),
    glue: bound.map((each) => each?.glue ?? null),
  }, manifests);

  const inputFiles = [...config.modules, ...twinFiles, ...maps.inputs].map(({ file }) => file);
  const compared = await compareFiles(dir, outputs, { manifests, keep: inputFiles, cwd });
  if (!check) await writeFiles(dir, compared, cwd);

  return {
    combined,
    dir: displayPath(dir, cwd),
    files: compared.map(({ path, state, bytes }) => ({ path, state, size: bytes?.length ?? 0 })),
    current: compared.every(({ state }) => state === "unchanged"),
  };
}

async function findSource({ cwd, files, config, mode }: BuildRequest): Promise<ConfigSource> {
  if (files.length > 0) return { value: { modules: files }, directory: cwd, name: null };
  return await loadConfig({ cwd, path: config, context: { command: "combine", mode } });
}

/** The modules that are files; nothing yet for crates. */
async function readFiles({ modules }: ResolvedConfig, cwd: string) {
  const files = modules.filter(({ crate }) => crate === null);
  const { bytes, problems } = await readModules(files, cwd);
  const byModule = new Map(files.map((file, index) => [file, bytes[index]]));
  return { bytes: modules.map((module) => byModule.get(module) ?? null), problems };
}

/** The source maps of the modules that could be read, and which files they are. */
async function sourceMaps(
  { modules }: ResolvedConfig,
  bytes: readonly (Uint8Array | null)[],
  options: { dir: string; inline: boolean; cwd: string },
) {
  const found = await readSourceMaps(
    modules.map(({ name, file }, index) => ({ name, file, bytes: bytes[index] ?? NOTHING })),
    options,
  );
  return {
    found,
    warnings: found.flatMap(({ warning }) => warning ?? []),
    inputs: found.flatMap(({ file }) =>
      file === undefined ? [] : { file, written: displayPath(file, options.cwd) }
    ),
    outputs: found.flatMap(({ file }, index) =>
      file === undefined || options.inline
        ? []
        : { file: sourceMapFile(modules[index].name), at: modules[index].at }
    ),
  };
}

const NOTHING = new Uint8Array();

function moduleInputs(
  { modules }: ResolvedConfig,
  bytes: Uint8Array[],
  maps: FoundSourceMap[],
  crates: readonly (CrateFacts | null)[],
  twins: Uint8Array[],
): ModuleInput[] {
  let read = 0;
  return modules.map((module, index) => ({
    bytes: bytes[index],
    ...(module.twins.length > 0 && { twin: twins.slice(read, read += module.twins.length) }),
    ...(maps[index].sourceMap !== undefined && { sourceMap: maps[index].sourceMap }),
    name: module.name,
    additionalStack: module.additionalStack,
    ...(module.stack !== null && { stack: module.stack }),
    ...(module.base !== null && { base: module.base }),
    ...(module.heap !== null && { heap: module.heap }),
    // Glue is for a table of its own.
    table: crates[index]?.wasmBindgen ? module.crate?.table ?? "separate" : module.table,
    ...(Object.keys(module.bind).length > 0 && { bind: module.bind }),
    pointers: module.pointers,
    assumeNoDataPointers: module.assumeNoDataPointers,
    strip: module.strip,
    verify: module.verify,
    stackGuard: module.stackGuard,
  }));
}

function combineOptions(
  { strict, allocator, sharedStack, memory, checks }: ResolvedConfig,
): CombineOptions {
  return {
    strict,
    memory,
    checks,
    ...(allocator !== null && { allocator }),
    ...(sharedStack !== null && { sharedStack }),
  };
}

/** Codes of what `combine` says of an option of a module. */
const OPTION_CODES: readonly string[] = ["invalid_option", "misaligned_offset", "layout_overlap"];

/** The same error with the place in the config of each option that is wrong. */
function withPaths(error: unknown, { modules }: ResolvedConfig): unknown {
  if (!(error instanceof WasmShareError)) return error;
  const problems = error.errors.map((problem): WasmShareProblem => {
    const index = modules.findIndex(({ name }) => name === problem.module);
    if (index >= 0 && problem.path?.startsWith("bind[")) {
      return { ...problem, path: `modules[${index}].${problem.path}` };
    }
    if (index < 0 || !OPTION_CODES.includes(problem.code)) return problem;
    const { base, stack } = modules[index];
    // Only `base` leads to the other two codes. With both, the hint says which one.
    const option = problem.code !== "invalid_option" || stack === null && base !== null
      ? ".base"
      : stack !== null && base === null
      ? ".stack"
      : "";
    return { ...problem, path: `modules[${index}]${option}` };
  });
  return new WasmShareError(problems, { cause: error.cause });
}
