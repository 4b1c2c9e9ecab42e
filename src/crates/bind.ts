/**
 * A moved module → the module, its glue and its types, through `wasm-bindgen` and `wasm-opt`.
 *
 * @module
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ResolvedCrate } from "../config/crates.ts";
import type { LayoutModule } from "../core/types.ts";
import type { WasmShareProblem } from "../errors.ts";
import { fileFailure, reasonOf, toSlashes } from "../paths.ts";
import { checkBound } from "./bound.ts";
import { type BindgenFiles, type Glue, rewriteGlue } from "./glue.ts";
import type { CrateFacts } from "./metadata.ts";
import { runTool, toolFailure, type Tools } from "./tools.ts";

/** A module that was moved, and what is to be done with it. */
export interface Moved {
  bytes: Uint8Array;
  placed: LayoutModule;
  crate: ResolvedCrate;
  facts: CrateFacts;
  /** Whether the loader provides an import from a module of this name. */
  isBound(module: string): boolean;
}

/** What became of it. */
export interface Bound {
  bytes: Uint8Array;
  memoryImport: [module: string, name: string] | null;
  /** `null` without wasm-bindgen. */
  glue: Glue | null;
}

/**
 * Runs the tools on one module.
 *
 * @param tools The programs.
 * @param moved The module.
 * @returns What they made, checked; or what is wrong.
 */
export async function bindCrate(
  tools: Tools,
  moved: Moved,
): Promise<{ bound: Bound } | { problem: WasmShareProblem }> {
  const { facts, crate, placed } = moved;
  // Where cargo puts what it makes on the way, too. Another run at the same time has its own.
  const folder = join(facts.targetDirectory, "wasm-share", crypto.randomUUID());
  try {
    await mkdir(folder, { recursive: true });
    return await bindIn(folder, tools, moved);
  } catch (error) {
    const permission = fileFailure(error) === "not_permitted";
    return {
      problem: {
        code: "output_unwritable",
        message: `Cannot bind module "${placed.name}" in "${facts.targetDirectory}": ${
          permission ? "Deno has no permission to use it" : reasonOf(error)
        }`,
        ...(permission && {
          hint: `Run Deno with --allow-read=${facts.targetDirectory} and ` +
            `--allow-write=${facts.targetDirectory}`,
        }),
        path: `${crate.entry}.crate`,
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

async function bindIn(
  folder: string,
  tools: Tools,
  { bytes, placed, crate, facts, isBound }: Moved,
): Promise<{ bound: Bound } | { problem: WasmShareProblem }> {
  const { name } = placed;
  const input = join(folder, "moved.wasm");
  await writeFile(input, bytes);
  let current = input;
  let files: BindgenFiles | null = null;
  if (facts.wasmBindgen !== null) {
    const path = `${crate.entry}.crate`;
    const tried = `bind module "${name}"`;
    const args = [input, "--target=web", `--out-dir=${folder}`, `--out-name=${name}`];
    const result = await runTool(tools, "wasmBindgen", [...args, ...crate.bindgen], {
      cwd: folder,
      asker: { tried, path },
      version: facts.wasmBindgen,
    });
    if ("problem" in result) return result;
    if (result.ran.code !== 0) {
      const message = `Cannot ${tried}: wasm-bindgen ${facts.wasmBindgen} failed`;
      return { problem: toolFailure("tool_failed", message, result.ran.stderr, path) };
    }
    current = join(folder, `${name}_bg.wasm`);
    files = {
      js: await readFile(join(folder, `${name}.js`), "utf8"),
      dts: await readFile(join(folder, `${name}.d.ts`), "utf8"),
      snippets: await readSnippets(folder),
    };
  }
  if (crate.optimize !== null) {
    const path = `${crate.entry}.optimize`;
    const tried = `optimize module "${name}"`;
    const output = join(folder, "optimized.wasm");
    const result = await runTool(tools, "wasmOpt", [current, ...crate.optimize, "-o", output], {
      cwd: folder,
      asker: { tried, path },
    });
    if ("problem" in result) return result;
    if (result.ran.code !== 0) {
      const { stderr, stdout } = result.ran;
      const message = `Cannot ${tried}: wasm-opt failed`;
      return { problem: toolFailure("tool_failed", message, stderr + stdout, path) };
    }
    current = output;
  }
  const unknown = (what: string, found: string): { problem: WasmShareProblem } => ({
    problem: {
      code: "glue_unknown",
      message: `Cannot use ${what} of module "${name}" that ${
        facts.wasmBindgen === null ? "wasm-opt" : `wasm-bindgen ${facts.wasmBindgen}`
      } wrote: ${found}`,
      hint: "wasm-share was tested with wasm-bindgen 0.2.100 and 0.2.130: use one of them in " +
        "Cargo.toml, without arguments in bindgen and optimize",
      path: `${crate.entry}.crate`,
      module: name,
    },
  });
  const checked = await checkBound(bytes, new Uint8Array(await readFile(current)), placed);
  if (typeof checked === "string") return unknown("the module", checked);
  const glue = files && rewriteGlue(files, name, isBound);
  if (typeof glue === "string") return unknown("the glue", glue);
  return { bound: { ...checked, glue } };
}

/** The files in `snippets`, by the names that the glue has for them. */
async function readSnippets(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const walk = async (path: string): Promise<void> => {
    const entries = await readdir(join(folder, path), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      const inner = toSlashes(`${path}/${entry.name}`);
      if (entry.isDirectory()) await walk(inner);
      else found.set(`./${inner}`, await readFile(join(folder, inner), "utf8"));
    }
  };
  if ((await readdir(folder)).includes("snippets")) await walk("snippets");
  return found;
}
