/**
 * The file of the config: which one, that it is not there yet, and writing it.
 *
 * @module
 */
import { lstat, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { CONFIG_NAMES } from "../config/load.ts";
import { WasmShareError, type WasmShareProblem } from "../errors.ts";
import { displayPath, fileFailure, reasonOf } from "../paths.ts";
import { writeFiles } from "../write/files.ts";
import type { Host } from "./next.ts";

/**
 * Decides which file to write.
 *
 * @param request `cwd`: absolute path of the current folder; `config`: the file relative to it, or
 * `null` for the default; `force`: replace it; `host`: who will read it.
 * @returns Its absolute path, and whether `combine` finds it by itself.
 * @throws {WasmShareError} `output_conflict` if there is a config.
 */
export async function configFile(
  request: { cwd: string; config: string | null; force: boolean; host: Host },
): Promise<{ file: string; found: boolean }> {
  const { cwd, config, force, host } = request;
  const folder = config === null ? cwd : dirname(resolve(cwd, config));
  const present: string[] = [];
  for (const name of CONFIG_NAMES) if (await exists(join(folder, name), cwd)) present.push(name);
  if (config === null) {
    if (present.length === 0) {
      return { file: join(cwd, await defaultConfig(cwd, host)), found: true };
    }
    if (!force) throw conflict(present[0]);
    if (present.length > 1) throw several(present);
    return { file: join(cwd, present[0]), found: true };
  }
  const file = resolve(cwd, config);
  const name = basename(file);
  if (!force && await exists(file, cwd)) throw conflict(displayPath(file, cwd));
  // Of two, `combine` takes one without a word.
  const others = CONFIG_NAMES.includes(name) ? present.filter((each) => each !== name) : [];
  if (others.length > 0) throw several([...others, name]);
  return { file, found: folder === cwd && CONFIG_NAMES.includes(name) };
}

/** Node takes `.ts` and `.js` for CommonJS unless the package says otherwise. */
async function defaultConfig(cwd: string, { runtime, typescript }: Host): Promise<string> {
  const stem = "wasm-share.config";
  if (!typescript) return `${stem}.mjs`;
  if (runtime !== "node") return `${stem}.ts`;
  const text = await readFile(join(cwd, "package.json"), "utf8").catch(() => "");
  return /"type"\s*:\s*"module"/.test(text) ? `${stem}.ts` : `${stem}.mts`;
}

/**
 * Writes the config.
 *
 * @param file Its absolute path.
 * @param text What it holds.
 * @param options `replace`: a file that is there goes away, in one step; otherwise one that appears
 * in the meantime stays as it is. `cwd`: absolute path of the current folder, for messages.
 * @throws {WasmShareError} `output_unwritable` or `output_conflict`
 */
export async function writeConfig(
  file: string,
  text: string,
  { replace, cwd }: { replace: boolean; cwd: string },
): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  if (replace && await exists(file, cwd)) {
    const before = new Uint8Array(await readFile(file).catch(() => new Uint8Array()));
    const path = basename(file);
    return await writeFiles(dirname(file), [{ path, state: "changed", bytes, before }], cwd);
  }
  try {
    await writeFile(file, bytes, { flag: "wx" });
  } catch (cause) {
    const shown = displayPath(file, cwd);
    const code = (cause as { code?: unknown })?.code;
    if (code === "EEXIST") throw conflict(shown);
    // What was begun is ours: the flag above refuses a file that was there.
    if (code === "ENOSPC" || code === "EIO") await rm(file, { force: true }).catch(() => {});
    const failed = fileFailure(cause);
    const [reason, hint] = failed === "not_permitted"
      ? ["Deno has no permission to write it", `Run Deno with --allow-write=${shown}`]
      : failed === "denied"
      ? ["the system denies it", "Make the folder writable, or name another one with -c"]
      : failed === "missing"
      ? ["its folder does not exist", "Make the folder, or name another one with -c"]
      : [reasonOf(cause), "Name another folder with -c"];
    throw failure("output_unwritable", `Cannot write "${shown}": ${reason}`, { hint, cause });
  }
}

async function exists(file: string, cwd: string): Promise<boolean> {
  try {
    // A link that leads nowhere is there, too.
    await lstat(file);
    return true;
  } catch (cause) {
    const failed = fileFailure(cause);
    if (failed === "missing") return false;
    const shown = displayPath(file, cwd);
    const permission = failed === "not_permitted";
    const reason = permission ? "Deno has no permission to read it" : reasonOf(cause);
    const hint = permission
      ? `Run Deno with --allow-read=${displayPath(dirname(file), cwd)}`
      : "Name another file with -c";
    throw failure("config_unreadable", `Cannot look for config "${shown}": ${reason}`, {
      hint,
      cause,
    });
  }
}

function conflict(shown: string): WasmShareError {
  return failure("output_conflict", `Cannot write "${shown}": the file is there already`, {
    hint: "Edit it, or replace it with --force",
  });
}

function several(names: readonly string[]): WasmShareError {
  const list = names.map((name) => `"${name}"`).join(" and ");
  return failure("output_conflict", `Cannot write a config: ${list} would be in one folder`, {
    hint: `Keep one of them: combine reads the first of ${CONFIG_NAMES.join(", ")}`,
  });
}

function failure(
  code: WasmShareProblem["code"],
  message: string,
  { hint, cause }: { hint: string; cause?: unknown },
): WasmShareError {
  return new WasmShareError({ code, message, hint }, { cause });
}
