/**
 * The source maps that modules name → their text, ready to be written to the output folder.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { WasmShareWarning } from "../errors.ts";
import { readDataUrl, sourceMapUrl, sourceMapWarning, writeDataUrl } from "../move_source_map.ts";
import { displayPath, fileFailure, reasonOf, toSlashes } from "../paths.ts";
import { checkSourceMap, type SourceMap } from "../source_map.ts";

/** A module that may name a source map. */
export interface MappedModule {
  /** Name of the module. */
  name: string;
  /** Absolute path of its file. */
  file: string;
  bytes: Uint8Array;
}

/** What was found for one module. */
export interface FoundSourceMap {
  /** What `combine` is given as `sourceMap`. */
  sourceMap?: string | null;
  /** Absolute path of the map's file, if it has one. */
  file?: string;
  /** Why the map was dropped. */
  warning?: WasmShareWarning;
}

/**
 * Reads the source maps of modules, all at once. Paths of sources are relative to the map, so they
 * are written anew for the output folder.
 *
 * @param modules The modules.
 * @param options `dir`: absolute path of the output folder; `inline`: whether modules have no file
 * there, so that their maps must be in them; `cwd`: absolute path of the current folder, for hints.
 * @returns What was found, in order. A map that is elsewhere (`https:`) is not read.
 */
export function readSourceMaps(
  modules: readonly MappedModule[],
  options: { dir: string; inline: boolean; cwd: string },
): Promise<FoundSourceMap[]> {
  return Promise.all(modules.map((module) => readSourceMap(module, options)));
}

async function readSourceMap(
  { name, file, bytes }: MappedModule,
  { dir, inline, cwd }: { dir: string; inline: boolean; cwd: string },
): Promise<FoundSourceMap> {
  const url = sourceMapUrl(bytes);
  if (typeof url !== "string") return {};
  const data = readDataUrl(url);
  if (data === null) return {};
  if (data !== undefined) {
    return { sourceMap: writeDataUrl(rebase(data, dirname(file), dir, `${name}.wasm`)) };
  }
  const path = localPath(url, file);
  if (path === undefined) return {};
  const drop = (what: string, hint: string): FoundSourceMap => ({
    sourceMap: null,
    warning: sourceMapWarning(name, url, what, hint),
  });
  if (path === null) {
    return drop("this is not a path", "Name the map in sourceMappingURL by its file name");
  }
  const shown = displayPath(path, cwd);
  try {
    const text = rebase(await readFile(path, "utf8"), dirname(path), dir, `${name}.wasm`);
    return { sourceMap: inline ? writeDataUrl(text) : text, file: path };
  } catch (error) {
    switch (fileFailure(error)) {
      case "missing":
        return drop("the file does not exist", `Put it at "${shown}", beside the module`);
      case "not_permitted":
        return drop("Deno has no permission to read it", `Run Deno with --allow-read=${shown}`);
      case "denied":
        return drop("the system denies reading it", `Make "${shown}" readable`);
      case "folder":
        return drop("it is a folder", "Name a file in sourceMappingURL");
      case "other":
        return drop(reasonOf(error), `Make "${shown}" readable`);
    }
  }
}

/** Where a map is, by a URL relative to the module; `undefined` if it is not in the file system. */
function localPath(url: string, module: string): string | null | undefined {
  try {
    const resolved = new URL(url, pathToFileURL(module));
    return resolved.protocol === "file:" ? fileURLToPath(resolved) : undefined;
  } catch {
    return null;
  }
}

/**
 * A map for another folder and another module file. What is no source map stays as it is, and is
 * refused later.
 */
function rebase(text: string, from: string, to: string, file: string): string {
  const map = checkSourceMap(text);
  if (typeof map === "string") return text;
  const path = toSlashes(relative(to, from));
  // Another drive: no relative path leads there, and an absolute one is of this machine.
  const prefix = path === "" || isAbsolute(path)
    ? ""
    : `${path.split("/").map(encodeURIComponent).join("/")}/`;
  return JSON.stringify({ ...(prefix === "" ? map : moveSources(map, prefix)), file });
}

type Sourced = SourceMap & { sourceRoot?: unknown; sources?: unknown };

function moveSources(map: Sourced, prefix: string): Sourced {
  if (map.sections !== undefined) {
    const sections = map.sections.map((section) => ({
      ...section,
      map: moveSources(section.map, prefix),
    }));
    return { ...map, sections };
  }
  const moved = (path: unknown) =>
    typeof path !== "string" || /^(\/|[a-z][a-z0-9+.-]*:)/i.test(path) ? path : `${prefix}${path}`;
  if (typeof map.sourceRoot === "string" && map.sourceRoot !== "") {
    return { ...map, sourceRoot: moved(map.sourceRoot) };
  }
  return { ...map, ...(Array.isArray(map.sources) && { sources: map.sources.map(moved) }) };
}
