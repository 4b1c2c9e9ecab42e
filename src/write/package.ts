/**
 * The `package.json` beside a loader: Node takes `mod.js` for CommonJS where the package around it
 * does not say otherwise, and that is so in a new npm project.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PACKAGE_NAME } from "../config/resolve.ts";
import { fileFailure } from "../paths.ts";
import { manifestOutputs, type MemoryFile } from "./manifest.ts";

/** Beside a loader. */
const LOADER_TEXT = '{ "private": true, "type": "module" }\n';

/**
 * The `package.json` of a package of crates.
 *
 * @param own What the config says of it, or `null`.
 * @param files Every other file that belongs to it.
 * @param effects Those of them that do something when they are imported, as far as is known.
 * @returns The text.
 */
export function packageText(
  own: { name: string; version: string } | null,
  files: readonly string[],
  effects: readonly string[],
): string {
  const value = {
    ...(own !== null && { name: own.name, version: own.version }),
    type: "module",
    exports: { ".": { types: "./index.d.ts", default: "./index.js" } },
    types: "./index.d.ts",
    files: [...files].sort(),
    sideEffects: effects.length > 0 ? effects.map((file) => `./${file}`).sort() : false,
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * The file, unless the folder has one of somebody else.
 *
 * @param dir Absolute path of the output folder; it need not exist.
 * @param manifests File names that an earlier run may have given to its manifest.
 * @param text What it says; that of a loader by default.
 * @returns The file to write, or `null` if what is there is neither the same nor listed in a manifest.
 */
export async function packageFile(
  dir: string,
  manifests: readonly string[],
  text: string = LOADER_TEXT,
): Promise<MemoryFile | null> {
  const file = { path: PACKAGE_NAME, bytes: new TextEncoder().encode(text) };
  const present = await read(join(dir, PACKAGE_NAME));
  if (present === undefined || present === text) return file;
  for (const manifest of manifests) {
    const listed = manifestOutputs(await read(join(dir, manifest)) ?? "");
    if (listed?.some((output) => output.file === PACKAGE_NAME)) return file;
  }
  return null;
}

/** Text of a file; `undefined` if there is none, or whoever compares the files will say why not. */
async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    return fileFailure(error) === "folder" ? "" : undefined;
  }
}
