/**
 * Modules of a config that are crates: their defaults, and what only sets with crates cannot have.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import type { WasmShareProblem } from "../errors.ts";
import type { UserCrate } from "./define.ts";
import type { ResolvedConfig, ResolvedModule } from "./resolve.ts";

/** Files of a package, beside those of its modules. */
export const PACKAGE_FILES: readonly string[] = ["index.js", "index.d.ts", "package.json"];

/** A crate with every option decided. */
export interface ResolvedCrate {
  /** Absolute path of its folder. */
  dir: string;
  /** Absolute path of its `Cargo.toml`. */
  manifest: string;
  /** The module's name if the config gives none. */
  defaultName: string;
  /** Where in the config it is: `modules[1]`. */
  entry: string;
  /** Profile of cargo. */
  profile: string;
  features: readonly string[];
  /** More arguments for `wasm-bindgen`. */
  bindgen: readonly string[];
  /** Arguments for `wasm-opt`; `null` if it does not run. */
  optimize: readonly string[] | null;
  /** What the config says of its table, or `null`. */
  table: "shared" | "separate" | null;
}

/**
 * Decides the options of a crate.
 *
 * @param crate What the config says.
 * @param directory Absolute path of the folder that its paths are relative to.
 * @param entry Where in the config it is.
 * @param table What the config says of the tables of all modules, or `null`.
 * @returns The crate.
 */
export function resolveCrate(
  crate: UserCrate,
  directory: string,
  entry: string,
  table: ResolvedCrate["table"],
): ResolvedCrate {
  const dir = resolve(directory, crate.crate);
  return {
    dir,
    manifest: join(dir, "Cargo.toml"),
    defaultName: basename(dir).replace(/[^\w$]/g, "_").replace(/^(?=\d)/, "_"),
    entry,
    profile: crate.profile ?? "release",
    features: crate.features ?? [],
    bindgen: crate.bindgen ?? [],
    optimize: crate.optimize ?? null,
    table: crate.table ?? table,
  };
}

/** What `init` returns beside the packages, and what would make a promise of it. */
const RETURNED: readonly string[] = ["memory", "table", "then"];
/** Arguments that decide which files `wasm-bindgen` writes, or what they hold. */
const BINDGEN_ARGS: Record<string, string> = {
  target: "the target has to be web: every other one makes a memory of its own",
  nodejs: "the target has to be web: every other one makes a memory of its own",
  browser: "the target has to be web",
  web: "the target is web already",
  "no-modules": "the target has to be web",
  "no-modules-global": "the target has to be web",
  "out-dir": "wasm-share decides where the files go: see output.dir",
  "out-name": "wasm-share decides the names of the files: see name",
  "no-typescript": "the package has types",
  "omit-imports": "the package needs its imports",
  "split-linked-modules": "the package would lack those files",
  "split-debug-info": "the package would lack that file",
  "js-string-builtins": "modules are compiled without options",
  "experimental-reset-state-function": "it would make an instance of its own",
  version: "it only prints",
  help: "it only prints",
  V: "it only prints",
  h: "it only prints",
};
/** Arguments of `wasm-opt` that decide what it reads or writes. */
const OPTIMIZE_ARGS: Record<string, string> = {
  "all-features": "hosts as old as Node 20 cannot read what it writes then: name the features, " +
    "for example --enable-simd",
  all: "hosts as old as Node 20 cannot read what it writes then: name the features, " +
    "for example --enable-simd",
  output: "wasm-share decides where the file goes",
  o: "wasm-share decides where the file goes",
  "emit-text": "the file has to be a module",
  S: "the file has to be a module",
  version: "it only prints",
  help: "it only prints",
  h: "it only prints",
};

/**
 * What is wrong with the crates of a config, or with what it asks for beside them.
 *
 * @param config The config with every option decided.
 * @param name Name of the config for messages.
 * @returns One problem for each.
 */
export function crateProblems(
  { modules, output }: ResolvedConfig,
  name: string,
): WasmShareProblem[] {
  const crates = modules.filter((module): module is ResolvedModule & { crate: ResolvedCrate } =>
    module.crate !== null
  );
  const problems: WasmShareProblem[] = [];
  const add = (found: string, path: string, hint: string) =>
    problems.push({
      code: "config_invalid",
      message: `Cannot use config "${name}": ${found}`,
      path,
      hint,
    });
  if (crates.length === 0) {
    if (output.package === null) return [];
    add("no module is a crate, so there is no package", "output.package", 'Remove "package"');
  }
  for (const { name: module, crate } of crates) {
    const { entry } = crate;
    if (!/^[A-Za-z_$][\w$]*$/.test(module)) {
      add(
        `"${module}" is the name of a crate, and no identifier`,
        `${entry}.name`,
        `Set ${entry}.name to another name: it is how the package calls it`,
      );
    }
    for (const [key, args, refused] of arguments_(crate)) {
      for (const arg of args) {
        const option = /^--?([\w-]+)/.exec(arg)?.[1];
        const reason = option === undefined ? undefined : refused[option];
        if (reason) add(`"${arg}" is not for ${key}: ${reason}`, `${entry}.${key}`, "Remove it");
      }
    }
  }
  for (const { name: module, at } of modules) {
    if (crates.length === 0 || !RETURNED.includes(module)) continue;
    const found = `"${module}" cannot be the name of a module beside crates: it is a key of what ` +
      "init returns";
    const entry = at.replace(/\.(path|crate)$/, "");
    add(found, at, `Set ${entry}.name to another name`);
  }
  if (crates.length > 0 && output.loader !== "js") {
    add(
      `a set with crates gets a package, and "loader" is ${JSON.stringify(output.loader)}`,
      "output.loader",
      'Remove "loader": index.js is the only way in',
    );
  }
  return problems;
}

/** The lists of arguments of a crate, each with those that it cannot have. */
function arguments_(
  { bindgen, optimize }: ResolvedCrate,
): ["bindgen" | "optimize", readonly string[], Record<string, string>][] {
  return [["bindgen", bindgen, BINDGEN_ARGS], ["optimize", optimize ?? [], OPTIMIZE_ARGS]];
}
