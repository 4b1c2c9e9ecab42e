/**
 * The command line: the only file that prints.
 *
 * @module
 */
import process from "node:process";
import { resolve } from "node:path";
import {
  type CombineCommand,
  type InitCommand,
  type InspectCommand,
  parseArgs,
  type TwinCommand,
} from "./args.ts";
import { build } from "./build.ts";
import { defaultName } from "./config/names.ts";
import type { ModuleFacts } from "./core/types.ts";
import { WasmShareError, type WasmShareProblem } from "./errors.ts";
import { init } from "./init/init.ts";
import type { Host } from "./init/next.ts";
import { inspect } from "./inspect.ts";
import { readModules } from "./load/modules.ts";
import { nameFault } from "./names.ts";
import { factsReport } from "./report/facts.ts";
import { filesReport, filesSummary } from "./report/files.ts";
import { helpText } from "./report/help.ts";
import { initReport } from "./report/init.ts";
import { buildJson, factsJson, initJson, isRefused, problemsJson } from "./report/json.ts";
import { layoutReport } from "./report/layout.ts";
import { ANSI, type Paint, PLAIN } from "./report/paint.ts";
import { problemReport, warningReport } from "./report/problems.ts";
import { count, duration } from "./report/units.ts";
import { VERSION } from "./version.ts";

/** Exit codes. */
const DONE = 0, FAILED = 1, USAGE = 2;

/**
 * Runs a command line.
 *
 * @param argv The arguments after the program's name.
 * @returns The exit code: 0 done, 1 failed or stale, 2 wrong usage.
 */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await run(argv);
  } catch (thrown) {
    const error = thrown instanceof WasmShareError ? thrown : defect(thrown);
    if (argv.includes("--json")) console.log(problemsJson(error.errors));
    else console.error(problemReport(error.errors, paint()));
    return error.code === "usage" ? USAGE : FAILED;
  }
}

async function run(argv: readonly string[]): Promise<number> {
  const command = parseArgs(argv);
  switch (command.command) {
    case "combine":
      return await runCombine(command);
    case "inspect":
      return await runInspect(command);
    case "twin":
      return await runTwin(command);
    case "init":
      return await runInit(command);
    case "help":
      console.log(helpText(command.topic));
      return DONE;
    case "version":
      console.log(`wasm-share ${VERSION}`);
      return DONE;
    default:
      return command satisfies never;
  }
}

async function runCombine(command: CombineCommand): Promise<number> {
  const { files, config, mode, check, json } = command;
  const { additionalStack, strict, inline, loader } = command;
  const cwd = process.cwd();
  const dir = command.out === null ? null : resolve(cwd, command.out);
  const overrides = { dir, additionalStack, strict, inline, loader };

  const start = performance.now();
  const onStep = (text: string) => {
    if (!json) console.error(text);
  };
  const programs = programsOf({ cargo: "CARGO", wasmBindgen: "WASM_BINDGEN", wasmOpt: "WASM_OPT" });
  const request = { cwd, files, config, mode, check, overrides, programs, onStep };
  const result = await build(request);
  const elapsed = duration(performance.now() - start);
  const exitCode = check && !result.current ? FAILED : DONE;

  if (json) {
    console.log(buildJson(result, check));
    return exitCode;
  }
  const { combined, dir: shownDir } = result;
  const colours = paint();
  if (combined.warnings.length > 0) console.error(warningReport(combined.warnings, colours));
  if (check) {
    const stale = result.files.filter(({ state }) => state !== "unchanged");
    if (stale.length > 0) console.log(filesReport(shownDir, stale, true, colours));
    const all = count(result.files.length, "file");
    if (exitCode === DONE) console.log(`${colours.green("✔")} ${all} current in "${shownDir}"`);
    else console.error(`${colours.red("✖")} ${stale.length} of ${all} not current\n  → ${RERUN}`);
    return exitCode;
  }
  console.log(layoutReport(combined.layout, colours));
  console.log(`\n${filesReport(shownDir, result.files, false, colours)}`);
  const summary = `${count(combined.names.length, "module")} combined in ${elapsed}`;
  console.log(`\n${colours.green("✔")} ${summary}: ${filesSummary(result.files)}`);
  return DONE;
}

const RERUN = "Run the same command without --check";

async function runInspect({ files, json }: InspectCommand): Promise<number> {
  const cwd = process.cwd();
  const inputs = files.map((path) => ({ file: resolve(cwd, path), written: path, at: path }));
  const { bytes, problems } = await readModules(inputs, cwd);
  const facts: ModuleFacts[] = [];
  for (const [index, each] of bytes.entries()) {
    if (each === null) continue;
    try {
      const name = defaultName(files[index]);
      // A file may be called what no module of a set may be.
      facts.push(await inspect({ bytes: each, ...(nameFault(name) === null && { name }) }));
    } catch (error) {
      if (!(error instanceof WasmShareError)) throw error;
      problems.push(...error.errors);
    }
  }
  return showFacts(facts, problems, json);
}

async function runTwin({ files, json }: TwinCommand): Promise<number> {
  const cwd = process.cwd();
  const inputs = files.map((path) => ({ file: resolve(cwd, path), written: path, at: path }));
  const { bytes: read, problems } = await readModules(inputs, cwd);
  const facts: ModuleFacts[] = [];
  if (problems.length === 0) {
    const [bytes, ...twin] = read as Uint8Array[];
    const name = defaultName(files[0]);
    facts.push(await inspect({ bytes, twin, ...(nameFault(name) === null && { name }) }));
  }
  return showFacts(facts, problems, json);
}

/** Prints facts and problems; the exit code. */
function showFacts(facts: ModuleFacts[], problems: WasmShareProblem[], json: boolean): number {
  if (json) console.log(factsJson(facts, problems));
  else {
    const colours = paint();
    if (facts.length > 0) {
      console.log(facts.map((each) => factsReport(each, colours)).join("\n\n"));
    }
    if (problems.length > 0) console.error(problemReport(problems, colours));
  }
  return problems.length > 0 || facts.some(isRefused) ? FAILED : DONE;
}

async function runInit({ files, config, out, force, json }: InitCommand): Promise<number> {
  const result = await init({
    cwd: process.cwd(),
    files,
    config,
    out,
    force,
    host: host(),
    cargoTargetDir: allowed({ name: "env", variable: "CARGO_TARGET_DIR" })
      ? process.env.CARGO_TARGET_DIR || null
      : null,
    mayRead: (path) => allowed({ name: "read", path }),
  });
  console.log(json ? initJson(result) : initReport(result, paint()));
  return DONE;
}

/** What environment variables say of programs. */
function programsOf<Tool extends string>(
  variables: Record<Tool, string>,
): Partial<Record<Tool, string>> {
  const programs: Partial<Record<Tool, string>> = {};
  for (const tool of Object.keys(variables) as Tool[]) {
    const variable = variables[tool];
    const value = allowed({ name: "env", variable }) ? process.env[variable] : undefined;
    if (value) programs[tool] = value;
  }
  return programs;
}

/** What runs this program. */
function host(): Host {
  const program = import.meta.url.replace(/cli(\.\w+)$/, "bin$1");
  if ("Deno" in globalThis) return { runtime: "deno", program, typescript: true };
  if (process.versions.bun) return { runtime: "bun", program, typescript: true };
  // Not in the types of every version.
  const { typescript } = process.features as { typescript?: unknown };
  return { runtime: "node", program, typescript: Boolean(typescript) };
}

/** Whether Deno would not ask the user; other hosts never do. */
function allowed(descriptor: { name: "env"; variable: string } | { name: "read"; path: string }) {
  const { Deno } = globalThis as {
    Deno?: { permissions: { querySync(what: unknown): { state: string } } };
  };
  return Deno === undefined || Deno.permissions.querySync(descriptor).state === "granted";
}

/** An error that this package did not foresee, as one that can be printed. */
function defect(cause: unknown): WasmShareError {
  const problem: WasmShareProblem = {
    code: "internal_error",
    message: cause instanceof Error ? cause.stack ?? cause.message : String(cause),
    hint: "This is a defect of wasm-share: please report it with the lines above",
  };
  return new WasmShareError(problem, { cause });
}

/** Colours on a terminal, unless the user wants none. Deno is asked without a permission. */
function paint(): Paint {
  const { Deno } = globalThis as { Deno?: { noColor?: boolean } };
  const noColor = Deno ? Deno.noColor === true : Boolean(process.env.NO_COLOR);
  return process.stdout.isTTY && !noColor ? ANSI : PLAIN;
}
