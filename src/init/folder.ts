/**
 * What lies in one folder: modules, and the files that say how something is built.
 *
 * @module
 */
import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { MAKEFILES } from "./commands.ts";

/** A larger file is no build file that a person wrote, in bytes. */
const MAX_TEXT = 1 << 20;

const BUILD_FILES: readonly string[] = [
  ...MAKEFILES,
  "Cargo.toml",
  "CMakeLists.txt",
  "build.zig",
  "package.json",
  "deno.json",
  "asconfig.json",
];
/** The text of each file that says how something is built. One that cannot be read is left out. */
export async function buildFiles(
  folder: string,
  entries: Dirent[],
): Promise<Record<string, string>> {
  const names = entries.map(({ name }) => name);
  const wanted = names.filter((name) => BUILD_FILES.includes(name) || name.endsWith(".sh"));
  if (names.includes(".cargo")) wanted.push(".cargo/config.toml", ".cargo/config");
  const files: Record<string, string> = {};
  for (const name of wanted) {
    try {
      const path = join(folder, name);
      const { size } = await stat(path);
      if (size <= MAX_TEXT) files[name] = await readFile(path, "utf8");
    } catch {
      // Advice is less exact without it; nothing else depends on it.
    }
  }
  return files;
}

/** Names of modules in a folder. A link to a file counts as one. */
export async function modulesIn(folder: string, entries: Dirent[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.name.endsWith(".wasm") || entry.isDirectory()) continue;
    const isFile = entry.isFile() || await stat(join(folder, entry.name))
      .then((each) => each.isFile(), () => false);
    if (isFile) found.push(entry.name);
  }
  return found;
}

/** The folders in a folder; none if it cannot be read. */
export async function folders(folder: string): Promise<Dirent[]> {
  return (await sorted(folder).catch(() => [])).filter((entry) => entry.isDirectory());
}

/** The entries of a folder, in the same order on every host. */
export async function sorted(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
