/**
 * A project → its config, readable top to bottom: where to write, what there is, which of it, write.
 *
 * @module
 */
import { lstat } from "node:fs/promises";
import { dirname, extname, join, relative, resolve } from "node:path";
import { defaultName } from "../config/names.ts";
import { resolveCrate } from "../config/crates.ts";
import { type ConfigOverrides, resolveConfig } from "../config/resolve.ts";
import type { ModuleFacts } from "../core/types.ts";
import { WasmShareError, type WasmShareProblem } from "../errors.ts";
import { inspect } from "../inspect.ts";
import { readModules } from "../load/modules.ts";
import { nameFault } from "../names.ts";
import { displayPath, toSlashes } from "../paths.ts";
import { inputConflicts } from "../write/files.ts";
import { configFile, writeConfig } from "./config_file.ts";
import { boundCrates, withoutCrates } from "./bound_crates.ts";
import { type ConfigContent, type ConfigFormat, configText } from "./config_text.ts";
import { type Host, nextCommand } from "./next.ts";
import { notBuilt, nothingFound } from "./nothing_found.ts";
import type { Project } from "./project.ts";
import { projectAround, scanProject } from "./scan.ts";
import { type Candidate, type ChosenModule, type LeftOut, selectModules } from "./select.ts";
import { pairTwins, twinOf } from "./twins.ts";

/** What to write. */
export interface InitRequest {
  /** Absolute path of the current folder. */
  cwd: string;
  /** Modules relative to `cwd`; empty to look for them. */
  files: readonly string[];
  /** Output folder relative to `cwd`, or `null` for the default. */
  out: string | null;
  /** The config relative to `cwd`, or `null` for the default. */
  config: string | null;
  /** Replace a config that is there. */
  force: boolean;
  /** Who runs the program. */
  host: Host;
  /** What the environment variable `CARGO_TARGET_DIR` says, or `null`. */
  cargoTargetDir: string | null;
  /** Whether a folder can be read without asking the user. */
  mayRead(folder: string): boolean;
}

/** What was written. */
export interface InitResult {
  /** The config for people. */
  config: string;
  /** The output folder for people. */
  out: string;
  modules: ChosenModule[];
  leftOut: LeftOut[];
  /** What else is worth knowing, in sentences without a full stop. */
  notes: string[];
  /** The command that combines. */
  next: string;
}

/** So many modules in one memory are not what anyone means. */
const MAX_MODULES = 64;
const NO_OVERRIDES: ConfigOverrides = {
  dir: null,
  additionalStack: null,
  strict: null,
  inline: null,
  loader: null,
};

/**
 * Writes a config for the modules of a project. Nothing else is written, and nothing is run.
 *
 * @param request What to write.
 * @returns What was written, and what to do next.
 * @throws {WasmShareError} `output_conflict` if there is a config; `module_not_found` if there is no
 * module; with every problem that one run can find.
 */
export async function init(request: InitRequest): Promise<InitResult> {
  const { cwd, files, out, force } = request;
  const target = await configFile(request);
  const options = { ...request, skip: out === null ? null : resolve(cwd, out) };
  const named = files.length > 0;
  const paths = [...new Set(files.map((path) => resolve(cwd, path)))];
  const whole = named ? await projectAround(options, paths) : await scanProject(options);
  // Modules that are named are meant.
  const crates = named ? [] : boundCrates(whole.folders, cwd);
  const project = withoutCrates(whole, crates);
  const { length } = project.modules.filter(({ path }) => twinOf(path) === null);
  if (length > MAX_MODULES) {
    throw new WasmShareError({
      code: "usage",
      message: `Cannot choose among ${length} modules`,
      hint: "Name those that share a memory: init a.wasm b.wasm",
    });
  }

  const paired = await pairTwins(await candidates(project, cwd, named), compare, named);
  const { modules: found, leftOut } = selectModules(
    // What was looked at because it may be a twin, and is none, was not named.
    paired.candidates.filter(({ file }) => !named || paths.includes(resolve(cwd, file.path))),
    whole.folders,
    named,
  );
  if (!named) {
    leftOut.push(...paired.leftOut);
    leftOut.sort((a, b) => a.path < b.path ? -1 : 1);
  }
  if (named && leftOut.length > 0) throw new WasmShareError(leftOut.map(refusal));
  const modules = [
    ...crates.map(({ dir, name }): ChosenModule => {
      const own = name ?? resolveCrate({ crate: dir }, cwd, "", null).defaultName;
      return { path: dir, name: own, twins: [], usable: true, problems: [], advice: null };
    }),
    ...found,
  ];
  if (modules.length === 0) throw nothingFound(project, leftOut);

  const configDir = dirname(target.file);
  const shown = (path: string) => toSlashes(relative(configDir, path)) || ".";
  const dir = resolve(cwd, out ?? defaultOut(modules));
  const content: ConfigContent = {
    modules: [
      ...crates.map(({ dir, name }) => ({
        crate: shown(resolve(cwd, dir)),
        ...(name !== null && { name }),
      })),
      ...found.map(({ path, name, twins }) => {
        const [written, ...twin] = [path, ...twins].map((each) => shown(resolve(cwd, each)));
        const own = name !== defaultName(path);
        if (!own && twin.length === 0) return written;
        return { path: written, ...(own && { name }), ...(twin.length > 0 && { twin }) };
      }),
    ],
    dir: shown(dir),
  };
  await check(content, target.file, cwd);
  const format = ({ ".json": "json", ".ts": "ts", ".mts": "ts" }[extname(target.file)] ??
    "js") as ConfigFormat;
  const schema = format === "json" ? await schemaNear(configDir) : null;
  await writeConfig(target.file, configText(content, format, schema), { replace: force, cwd });

  const outside = modules.map(({ path }) => path).filter((path) => path.startsWith("../"));
  const outDir = toSlashes(relative(cwd, dir)) || ".";
  const read = new Set([
    ".",
    ...outside.map((path) => path.replace(/\/[^/]*$/, "")),
    ...[outDir, toSlashes(relative(cwd, configDir))].filter((path) => path.startsWith("..")),
  ]);
  return {
    config: displayPath(target.file, cwd),
    out: displayPath(dir, cwd),
    modules,
    leftOut,
    notes: [...project.notes, ...named ? [] : notBuilt(project)],
    next: nextCommand(request.host, {
      cwd,
      read: [...read],
      write: [...new Set([outDir, ...crates.map(({ target }) => target)])],
      run: crates.length > 0 ? ["cargo", "wasm-bindgen"] : [],
      config: target.found ? null : toSlashes(relative(cwd, target.file)),
    }),
  };
}

/** Reads and inspects every module. Named ones must be there; others can go while we look. */
async function candidates(project: Project, cwd: string, named: boolean): Promise<Candidate[]> {
  const inputs = project.modules.map(({ path }) => ({
    file: resolve(cwd, path),
    written: path,
    at: path,
  }));
  const { bytes, problems } = await readModules(inputs, cwd);
  if (named && problems.length > 0) throw new WasmShareError(problems);
  const found: Candidate[] = [];
  for (const [index, file] of project.modules.entries()) {
    const each = bytes[index];
    if (each === null) {
      const errors = problems.filter(({ path }) => path === file.path);
      found.push({ file, bytes: new Uint8Array(), facts: null, errors });
      continue;
    }
    try {
      const facts = await inspect({ bytes: each, ...nameOf(file.path) });
      found.push({ file, bytes: each, facts, errors: [] });
    } catch (error) {
      if (!(error instanceof WasmShareError)) throw error;
      found.push({ file, bytes: each, facts: null, errors: error.errors });
    }
  }
  return found;
}

function compare({ file, bytes }: Candidate, twins: readonly Candidate[]): Promise<ModuleFacts> {
  return inspect({ bytes, twin: twins.map((each) => each.bytes), ...nameOf(file.path) });
}

/** The name for messages, if the file's own can be one. */
function nameOf(path: string): { name?: string } {
  const name = defaultName(path);
  return nameFault(name) === null ? { name } : {};
}

/** Outputs must not replace inputs that lie in the folder. */
function defaultOut(modules: readonly ChosenModule[]): string {
  return modules.some(({ path }) => /^out\/[^/]*$/.test(path)) ? "out/combined" : "out";
}

/** What `combine` would say of the config before it looks at modules. */
async function check(content: ConfigContent, file: string, cwd: string): Promise<void> {
  const value = { modules: content.modules, output: { dir: content.dir } };
  const source = { value, directory: dirname(file), name: displayPath(file, cwd) };
  const { config, problems } = resolveConfig(source, NO_OVERRIDES);
  const { dir, files } = config.output;
  const inputs = config.modules.flatMap((each) => [each, ...each.twins]);
  const conflicts = await inputConflicts(dir, files, inputs);
  if (problems.length + conflicts.length > 0) throw new WasmShareError([...problems, ...conflicts]);
}

/** The schema that the installed package brings, for editors. */
async function schemaNear(folder: string): Promise<string | null> {
  const path = "node_modules/@wasm-share/memory/schema/wasm-share.schema.json";
  return await lstat(join(folder, path)).then(() => `./${path}`, () => null);
}

/** A named file that no config can have. */
function refusal({ path, reason, problems: [problem] }: LeftOut): WasmShareProblem {
  const { module: _, ...rest } = problem as WasmShareProblem;
  const own = `${problem.message}. ${problem.hint ?? ""}`;
  return { ...rest, ...(reason !== own && reason !== problem.message && { hint: reason }), path };
}
