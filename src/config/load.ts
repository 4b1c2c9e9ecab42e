/**
 * Finds and reads the config file: path → whatever it holds, not checked yet.
 *
 * @module
 */
import { readFile, stat } from "node:fs/promises";
import { dirname, extname, isAbsolute, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { WasmShareError, type WasmShareErrorCode } from "../errors.ts";
import { displayPath, fileFailure, messageOf, reasonOf, toSlashes } from "../paths.ts";
import type { ConfigContext } from "./define.ts";
import { jsonPlace } from "./json_fault.ts";

/** Kinds of files that can be read, and their order. */
const EXTENSIONS: readonly string[] = [".ts", ".mts", ".js", ".mjs", ".json"];

/** Names that are looked for, first one first. */
export const CONFIG_NAMES: readonly string[] = EXTENSIONS.map((each) => `wasm-share.config${each}`);

/** What to load. */
export interface LoadConfigOptions {
  /** Absolute path of the folder to look in. */
  cwd: string;
  /** Path of the config file relative to `cwd`, or `null` to look for one. */
  path: string | null;
  /** What a config function is told. */
  context: ConfigContext;
}

/** A config file that was read, not checked yet. */
export interface LoadedConfig {
  /** What the file holds. */
  value: unknown;
  /** Absolute path of the folder that its paths are relative to. */
  directory: string;
  /** Its path for messages. */
  name: string;
}

/**
 * Finds and reads the config file; runs it if it is a module, calls it if it is a function.
 *
 * @param options Where to look.
 * @returns What the file holds.
 * @throws {WasmShareError} `config_not_found`, `config_unreadable`, or `config_invalid` if a module
 * has no default export.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const file = await findConfig(options);
  const name = displayPath(file, options.cwd);
  const extension = extname(file);
  if (!EXTENSIONS.includes(extension)) {
    const kind = extension === "" ? "it has no extension" : `"${extension}" is unknown`;
    throw problem("config_unreadable", `Cannot load config "${name}": ${kind}`, {
      hint: `Write it as a file that ends in ${EXTENSIONS.slice(0, -1).join(", ")} or ${
        EXTENSIONS.at(-1)
      }`,
    });
  }
  if (extension === ".json") {
    return { value: await readJson(file, name), directory: dirname(file), name };
  }
  try {
    const exported = await runModule(file, name);
    const value = typeof exported === "function" ? await exported(options.context) : await exported;
    return { value, directory: dirname(file), name };
  } catch (cause) {
    throw runFailure(name, options.cwd, cause);
  }
}

async function findConfig({ cwd, path }: LoadConfigOptions): Promise<string> {
  for (const name of path === null ? CONFIG_NAMES : [path]) {
    const file = resolve(cwd, name);
    try {
      if ((await stat(file)).isFile()) return file;
    } catch (cause) {
      const failure = fileFailure(cause);
      if (failure === "missing") continue;
      const shown = displayPath(file, cwd);
      const [reason, hint] = failure === "not_permitted"
        ? [
          "Deno has no permission to read it",
          `Run Deno with --allow-read=${displayPath(dirname(file), cwd)}`,
        ]
        : [reasonOf(cause), undefined];
      const message = `Cannot read config "${shown}": ${reason}`;
      throw problem("config_unreadable", message, { hint, cause });
    }
  }
  if (path !== null) {
    throw problem("config_not_found", `Cannot find config "${path}": the file does not exist`, {
      hint: "Check the value of --config; it is relative to the current folder",
    });
  }
  throw problem(
    "config_not_found",
    "Cannot find a config: the current folder has no wasm-share.config.{ts,mts,js,mjs,json}",
    {
      hint: "Let init write one, say where it is with --config, or name the modules: " +
        "combine a.wasm b.wasm",
    },
  );
}

async function readJson(file: string, name: string): Promise<unknown> {
  let text: string;
  try {
    text = (await readFile(file, "utf8")).replace(/^\uFEFF/, "");
  } catch (cause) {
    const message = `Cannot read config "${name}": ${reasonOf(cause)}`;
    throw problem("config_unreadable", message, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = messageOf(cause).replace(/ \(line \d+ column \d+\)$/, "")
      .replace(/(?: in JSON)? at position \d+$/, "")
      .replace(/, ?(?:\.{3})?".*"(?:\.{3})? is not valid JSON$/s, "");
    throw problem(
      "config_unreadable",
      `Cannot read config "${name}"${jsonPlace(text)}: ${reason}`,
      {
        hint: "JSON has no comments and no trailing commas; a wasm-share.config.ts may have both",
        cause,
      },
    );
  }
}

async function runModule(file: string, name: string): Promise<unknown> {
  let module: Record<string, unknown>;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (cause) {
    if ((cause as { code?: unknown })?.code === "ERR_UNKNOWN_FILE_EXTENSION") {
      throw problem(
        "config_unreadable",
        `Cannot load config "${name}": this host does not run TypeScript`,
        {
          hint: "Run it with Deno, Bun or Node 22.18 or later, or write wasm-share.config.mjs " +
            "or wasm-share.config.json",
          cause,
        },
      );
    }
    throw cause;
  }
  if (!("default" in module)) {
    throw problem("config_invalid", `Cannot use config "${name}": it has no default export`, {
      hint: "Write: export default defineConfig({ modules: […] })",
    });
  }
  return module.default;
}

function runFailure(name: string, cwd: string, cause: unknown): WasmShareError {
  if (cause instanceof WasmShareError) return cause;
  const tried = `Cannot load config "${name}"`;
  const [, access, what, flag] =
    /^Requires (\w+) access to "(.*?)", run again with the (--allow-\w+) flag/.exec(
      messageOf(cause),
    ) ?? [];
  if (access === undefined) {
    return problem("config_unreadable", `${tried}: ${messageOf(cause)}`, { cause });
  }
  if (access !== "read") {
    const message = `${tried}: Deno gives it no ${access} access to "${what}"`;
    return problem("config_unreadable", message, { hint: `Run Deno with ${flag}=${what}`, cause });
  }
  // Whatever it imports further lies beside it, most likely.
  const folder = toSlashes(relative(cwd, dirname(what)));
  const outside = folder.startsWith("..") || isAbsolute(folder);
  const paths = outside ? `.,${folder}` : ".";
  const message = `${tried}: Deno has no permission to read "${toSlashes(relative(cwd, what))}"`;
  return problem("config_unreadable", message, {
    hint: `Run Deno with --allow-read=${/\s/.test(paths) ? `"${paths}"` : paths}`,
    cause,
  });
}

function problem(
  code: WasmShareErrorCode,
  message: string,
  { hint, cause }: { hint?: string; cause?: unknown },
): WasmShareError {
  return new WasmShareError(
    { code, message, ...(hint && { hint }) },
    cause === undefined ? undefined : { cause },
  );
}
