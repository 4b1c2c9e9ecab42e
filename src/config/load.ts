/**
 * Finds and reads the config file: path → whatever it holds, not checked yet.
 *
 * @module
 */
import { readFile, stat } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { WasmShareError, type WasmShareErrorCode } from "../errors.ts";
import { displayPath, fileFailure, messageOf } from "../paths.ts";
import type { ConfigContext } from "./define.ts";

/** Names that are looked for, first one first. */
const CONFIG_NAMES: readonly string[] = ["ts", "mts", "js", "mjs", "json"]
  .map((extension) => `wasm-share.config.${extension}`);

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
  let value = extname(file) === ".json" ? await readJson(file, name) : await runModule(file, name);
  if (typeof value === "function") {
    try {
      value = value(options.context);
    } catch (cause) {
      throw runFailure(name, cause);
    }
  }
  try {
    return { value: await value, directory: dirname(file), name };
  } catch (cause) {
    throw runFailure(name, cause);
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
      throw problem("config_unreadable", `Cannot read config "${shown}": ${messageOf(cause)}`, {
        hint: failure === "not_permitted"
          ? `Run Deno with --allow-read=${displayPath(dirname(file), cwd)}`
          : undefined,
        cause,
      });
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
      hint: "Write one, say where it is with --config, or name the modules: combine a.wasm b.wasm",
    },
  );
}

async function readJson(file: string, name: string): Promise<unknown> {
  let text: string;
  try {
    text = (await readFile(file, "utf8")).replace(/^\uFEFF/, "");
  } catch (cause) {
    throw problem("config_unreadable", `Cannot read config "${name}": ${messageOf(cause)}`, {
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const place = jsonPlace(messageOf(cause), text);
    const reason = messageOf(cause).replace(/ \(line \d+ column \d+\)$/, "")
      .replace(/(?: in JSON)? at position \d+$/, "")
      .replace(/, ?(?:\.{3})?".*" is not valid JSON$/s, "");
    throw problem("config_unreadable", `Cannot read config "${name}"${place}: ${reason}`, {
      hint: "JSON has no comments and no trailing commas; a wasm-share.config.ts may have both",
      cause,
    });
  }
}

/** ` at line 3, column 2` if the engine says where. */
function jsonPlace(message: string, text: string): string {
  const position = / at position (\d+)/.exec(message)?.[1];
  if (position === undefined) return "";
  const before = text.slice(0, Number(position)).split("\n");
  return ` at line ${before.length}, column ${before[before.length - 1].length + 1}`;
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
    throw runFailure(name, cause);
  }
  if (!("default" in module)) {
    throw problem("config_invalid", `Cannot use config "${name}": it has no default export`, {
      hint: "Write: export default defineConfig({ modules: […] })",
    });
  }
  return module.default;
}

function runFailure(name: string, cause: unknown): WasmShareError {
  if (cause instanceof WasmShareError) return cause;
  return problem("config_unreadable", `Cannot load config "${name}": ${messageOf(cause)}`, {
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
