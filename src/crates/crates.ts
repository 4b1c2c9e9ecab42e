/**
 * The crates of a config: looked up, built, and bound after they were moved. Every problem of one step is
 * reported in one go.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import type { ResolvedCrate } from "../config/crates.ts";
import type { ResolvedModule } from "../config/resolve.ts";
import type { Combined } from "../core/options.ts";
import { WasmShareError, type WasmShareProblem } from "../errors.ts";
import { inspect } from "../inspect.ts";
import { fileFailure } from "../paths.ts";
import { bindCrate, type Bound } from "./bind.ts";
import { buildCrate } from "./cargo.ts";
import { type CrateFacts, crateFacts } from "./metadata.ts";
import { type Asker, runTool, type Tools } from "./tools.ts";

/** What runs, and who is told what it does. */
export interface CrateRun {
  tools: Tools;
  /** Called before each step that takes a while, with what it is. */
  onStep(text: string): void;
}

/** A module that is a crate. */
type CrateModule = ResolvedModule & { crate: ResolvedCrate };

function cratesOf(modules: readonly ResolvedModule[]): { module: CrateModule; index: number }[] {
  return modules.flatMap((module, index) =>
    module.crate === null ? [] : [{ module: module as CrateModule, index }]
  );
}

/**
 * Looks every crate up, and every tool that it needs.
 *
 * @param modules The modules of the config.
 * @param run What runs.
 * @returns What is known of each module that is a crate, and what is wrong.
 */
export async function lookUpCrates(
  modules: readonly ResolvedModule[],
  { tools }: CrateRun,
): Promise<{ facts: (CrateFacts | null)[]; problems: WasmShareProblem[] }> {
  const facts: (CrateFacts | null)[] = modules.map(() => null);
  const problems: WasmShareProblem[] = [];
  for (const { module: { crate, written }, index } of cratesOf(modules)) {
    const missing = await manifestProblem(crate, written);
    const result = missing ? { problem: missing } : await crateFacts(tools, crate, written);
    if ("problem" in result) problems.push(result.problem);
    else facts[index] = result.facts;
    // Without cargo every crate would say the same.
    if ("problem" in result && result.problem.code === "tool_unusable") break;
  }
  problems.push(...guardProblems(modules, facts), ...await toolProblems(modules, facts, tools));
  return { facts, problems };
}

/** Modules whose stack pointer would be checked while wasm-bindgen runs parts of them. */
function guardProblems(
  modules: readonly ResolvedModule[],
  facts: readonly (CrateFacts | null)[],
): WasmShareProblem[] {
  return cratesOf(modules).flatMap(({ module, index }): WasmShareProblem[] =>
    facts[index]?.wasmBindgen && module.stack === "shared" && module.stackGuard === "check"
      ? [{
        code: "invalid_option",
        message: `Cannot check the stack pointer of module "${module.name}" on a shared stack: ` +
          "wasm-bindgen runs parts of it with a stack pointer of its own, which is an overflow then",
        hint: "Remove stackGuard for this crate, or give it a stack of its own",
        path: module.crate.entry,
      }]
      : []
  );
}

async function manifestProblem(
  { manifest, entry }: ResolvedCrate,
  written: string,
): Promise<WasmShareProblem | null> {
  try {
    if ((await stat(manifest)).isFile()) return null;
  } catch (error) {
    if (fileFailure(error) === "not_permitted") {
      return {
        code: "module_unreadable",
        message: `Cannot look up crate "${written}": Deno has no permission to read it`,
        hint: `Run Deno with --allow-read=${written}`,
        path: `${entry}.crate`,
      };
    }
  }
  return {
    code: "crate_invalid",
    message: `Cannot look up crate "${written}": there is no Cargo.toml in it`,
    hint: "Name the folder of a crate, relative to the config",
    path: `${entry}.crate`,
  };
}

/** Whether the tools that come after cargo are there, and fit. */
async function toolProblems(
  modules: readonly ResolvedModule[],
  facts: readonly (CrateFacts | null)[],
  tools: Tools,
): Promise<WasmShareProblem[]> {
  const problems: WasmShareProblem[] = [];
  const said = new Map<string, string | WasmShareProblem>();
  const version = async (tool: keyof Tools, cwd: string, asker: Asker, needed?: string) => {
    let found = said.get(tool);
    if (found === undefined) {
      const result = await runTool(tools, tool, ["--version"], { cwd, asker, version: needed });
      found = "problem" in result ? result.problem : result.ran.stdout.trim();
      said.set(tool, found);
      if (typeof found !== "string") problems.push(found);
    }
    return typeof found === "string" ? found : null;
  };
  for (const { module: { name, crate, written }, index } of cratesOf(modules)) {
    const needed = facts[index]?.wasmBindgen;
    if (needed) {
      const path = `${crate.entry}.crate`;
      const tried = `bind module "${name}"`;
      const found = await version("wasmBindgen", crate.dir, { tried, path }, needed);
      const present = found?.split(" ")[1] ?? found;
      if (present !== null && present !== needed) {
        problems.push({
          code: "tool_version",
          message: `Cannot ${tried}: crate "${written}" is locked to wasm-bindgen ${needed}, and ` +
            `"${tools.wasmBindgen}" is ${present || "of an unknown version"}`,
          hint: `Run: cargo install wasm-bindgen-cli --version =${needed}; or, for the crate: ` +
            `cargo update wasm-bindgen --precise ${present}`,
          path,
        });
      }
    }
    if (crate.optimize !== null) {
      const path = `${crate.entry}.optimize`;
      await version("wasmOpt", crate.dir, { tried: `optimize module "${name}"`, path });
    }
  }
  return problems;
}

/**
 * Builds every crate, one after the other: cargo locks its folder.
 *
 * @param modules The modules of the config.
 * @param facts What is known of the crates.
 * @param run What runs.
 * @returns The module of each crate in order, with relocation records; `null` for other modules.
 * @throws {WasmShareError} With every crate that cannot be built.
 */
export async function buildCrates(
  modules: readonly ResolvedModule[],
  facts: readonly (CrateFacts | null)[],
  { tools, onStep }: CrateRun,
): Promise<(Uint8Array | null)[]> {
  const bytes: (Uint8Array | null)[] = modules.map(() => null);
  const problems: WasmShareProblem[] = [];
  for (const { module: { crate, written }, index } of cratesOf(modules)) {
    onStep(`cargo builds ${written}`);
    const result = await buildCrate(tools, crate, facts[index]!, written);
    if ("problem" in result) problems.push(result.problem);
    else bytes[index] = result.bytes;
  }
  if (problems.length > 0) throw new WasmShareError(problems);
  return bytes;
}

/** A combined set after the tools. */
export interface BoundSet {
  /** The set, with modules, facts and layout as they are now. */
  combined: Combined;
  /** What became of each crate; `null` for other modules, and for those that no tool rewrites. */
  bound: (Bound | null)[];
}

/**
 * Runs the tools that come after the move.
 *
 * @param modules The modules of the config.
 * @param facts What is known of the crates.
 * @param combined The moved modules.
 * @param run What runs.
 * @returns The set as it is now.
 * @throws {WasmShareError} With every module that cannot be bound.
 */
export async function bindCrates(
  modules: readonly ResolvedModule[],
  facts: readonly (CrateFacts | null)[],
  combined: Combined,
  { tools, onStep }: CrateRun,
): Promise<BoundSet> {
  const bound: (Bound | null)[] = modules.map(() => null);
  const problems: WasmShareProblem[] = [];
  for (const { module: { crate, name }, index } of cratesOf(modules)) {
    const known = facts[index]!;
    if (known.wasmBindgen === null && crate.optimize === null) continue;
    onStep(`${known.wasmBindgen === null ? "wasm-opt rewrites" : "wasm-bindgen binds"} ${name}`);
    const placed = combined.layout.modules[index];
    const result = await bindCrate(tools, {
      bytes: combined.modules[index],
      placed,
      crate,
      facts: known,
      isBound: (module) =>
        /^(env|GOT\..*|wasi_.*)$/.test(module) || combined.names.includes(module) ||
        (placed.bind ?? []).some(({ from }) => from[0] === module),
    });
    if ("problem" in result) problems.push(result.problem);
    else bound[index] = result.bound;
  }
  if (problems.length > 0) throw new WasmShareError(problems);
  return { combined: await withBound(combined, bound), bound };
}

/** The set with what the tools made of its modules. */
async function withBound(combined: Combined, bound: (Bound | null)[]): Promise<Combined> {
  const facts = await Promise.all(combined.facts.map(async (before, index) => {
    const now = bound[index];
    if (now === null) return before;
    const { imports, exports } = await inspect({ bytes: now.bytes, name: before.name });
    // What glue gives is nothing that the host has to give.
    const given = now.glue?.given ?? [];
    return { ...before, imports: imports.filter(({ module }) => !given.includes(module)), exports };
  }));
  return {
    ...combined,
    modules: combined.modules.map((bytes, index) => bound[index]?.bytes ?? bytes),
    // Their code was written anew.
    codeShifts: combined.codeShifts.map((shift, index) => bound[index] === null ? shift : null),
    facts,
    layout: {
      ...combined.layout,
      modules: combined.layout.modules.map((placed, index) => {
        const now = bound[index];
        return now === null ? placed : { ...placed, memoryImport: now.memoryImport };
      }),
    },
  };
}
