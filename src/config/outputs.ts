/**
 * Names of modules, and the files that a config asks for: which there are, and which cannot be.
 *
 * @module
 */
import type { WasmShareErrorCode, WasmShareProblem } from "../errors.ts";
import { nameFault } from "../names.ts";
import { PACKAGE_FILES } from "./crates.ts";
import { defaultName } from "./names.ts";
import type { ResolvedConfig, ResolvedModule, ResolvedOutput } from "./resolve.ts";

/** File name of the manifest unless the config says otherwise. */
export const MANIFEST_NAME: string = "wasm-share.json";
/** File name of what tells Node that a loader is an ES module. */
export const PACKAGE_NAME: string = "package.json";

/**
 * Every file that a config asks for.
 *
 * @param modules The modules.
 * @param output What the config says of outputs.
 * @returns The files; snippets of crates are not known yet.
 */
export function outputFiles(
  modules: ResolvedModule[],
  output: ResolvedConfig["output"],
): ResolvedOutput[] {
  const files: ResolvedOutput[] = output.inline
    ? []
    : modules.map(({ name, at }) => ({ file: `${name}.wasm`, at }));
  const bound = modules.filter(({ crate }) => crate !== null);
  for (const { name, at } of bound) {
    files.push({ file: `${name}.js`, at }, { file: `${name}.d.ts`, at });
  }
  const loader = bound.length > 0
    ? PACKAGE_FILES
    : { js: ["mod.js", "mod.d.ts", PACKAGE_NAME], ts: ["mod.ts"], false: [] }[`${output.loader}`];
  for (const file of loader) files.push({ file, at: "output.loader" });
  if (output.manifest !== null) files.push({ file: output.manifest, at: "output.manifest" });
  return files;
}

/**
 * What is wrong with names.
 *
 * @param config The config with every option decided.
 * @returns A problem for each that cannot be used, or is used twice.
 */
export function nameProblems({ modules }: ResolvedConfig): WasmShareProblem[] {
  const problems: WasmShareProblem[] = [];
  const seen = new Map<string, ResolvedModule>();
  for (const module of modules) {
    const fault = nameFault(module.name);
    if (fault !== null) {
      problems.push({
        code: "config_invalid",
        message: `Cannot use "${module.name}" as the name of module "${module.written}": ${fault}`,
        hint: nameHint(module),
        path: namePath(module),
      });
    }
    const other = seen.get(module.name);
    if (other !== undefined) {
      problems.push({
        code: "duplicate_name",
        message:
          `Cannot use the name "${module.name}" twice: "${other.written}" and "${module.written}" both have it`,
        hint: nameHint(module),
        path: namePath(module),
      });
    } else seen.set(module.name, module);
  }
  return problems;
}

function nameHint({ at }: ResolvedModule): string {
  const entry = ENTRY.exec(at)?.[0];
  return entry
    ? `Set ${entry}.name to another name`
    : "Give it another name in a config: modules: [{ path, name }]";
}

/** The name, if the config gives one, else the path that it was made from. */
function namePath({ at, name, file, crate }: ResolvedModule): string {
  const entry = ENTRY.exec(at)?.[0];
  return entry && name !== (crate?.defaultName ?? defaultName(file)) ? `${entry}.name` : at;
}

const ENTRY = /^modules\[\d+\]/;

/**
 * What is wrong with outputs.
 *
 * @param config The config with every option decided.
 * @param name Name of the config for messages.
 * @returns A problem for each.
 */
export function outputProblems({ output }: ResolvedConfig, name: string): WasmShareProblem[] {
  const problems: WasmShareProblem[] = [];
  const add = (code: WasmShareErrorCode, message: string, path: string, hint: string) =>
    problems.push({ code, message, hint, path });

  const fault = output.manifest === null ? null : nameFault(output.manifest);
  if (fault !== null) {
    const message = `Cannot use "${output.manifest}" as the name of the manifest: ${fault}`;
    add("config_invalid", message, "output.manifest", "Give a file name without a folder");
  }
  if (output.inline && output.loader === false) {
    const message =
      `Cannot use config "${name}": "inline" embeds the modules in a loader, and "loader" is false`;
    add("config_invalid", message, "output.inline", 'Remove "inline", or set "loader" to "js"');
  }
  const seen = new Map<string, ResolvedOutput>();
  for (const each of output.files) {
    // Some file systems do not tell "A.wasm" from "a.wasm".
    const key = each.file.normalize("NFC").toLowerCase();
    const other = seen.get(key);
    // Equal names of modules are reported as such.
    if (other !== undefined && (other.file !== each.file || each.at.startsWith("output."))) {
      const message = `Cannot write "${each.file}": it is the same file as "${other!.file}" of ${
        other!.at
      }`;
      add("output_conflict", message, each.at, "Give one of the two another name");
    } else if (other === undefined) seen.set(key, each);
  }
  return problems;
}
