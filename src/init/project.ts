/**
 * What `init` knows of a project: plain data that the folder reader fills and everything else looks
 * at. Paths are relative to the current folder, with forward slashes.
 *
 * @module
 */

/** A folder with files that say how something is built. */
export interface ProjectFolder {
  /** `"."` for the current folder; may begin with `"../"`. */
  dir: string;
  /** Text of each of these files by its path in the folder: `Cargo.toml`, `.cargo/config.toml`. */
  files: Record<string, string>;
}

/** How cargo made a module, from where it lies. */
export interface CargoBuild {
  /** The folder of the workspace. */
  dir: string;
  /** The target: `wasm32-unknown-unknown`. */
  triple: string;
  /** The folder of the profile: `release`, `debug`. */
  profile: string;
}

/** A `.wasm` file that may be a module of the set. */
export interface FoundFile {
  path: string;
  /** `null` if it does not lie where cargo puts modules. */
  cargo: CargoBuild | null;
}

/** Everything that was found. */
export interface Project {
  folders: ProjectFolder[];
  modules: FoundFile[];
  /** Folders with `.wasm` files that are no place of a build, and how many are there. */
  elsewhere: { dir: string; count: number }[];
  /** What could not be looked at, in sentences without a full stop. */
  notes: string[];
}

/**
 * A path below a folder of the project.
 *
 * @param dir The folder; `"."` for the current one.
 * @param path The path in it.
 * @returns `native/Makefile`, or `Makefile` in the current folder.
 */
export function inside(dir: string, path: string): string {
  return dir === "." ? path : `${dir}/${path}`;
}

/**
 * The folders around a file, the nearest one first.
 *
 * @param path The file.
 * @param folders All folders.
 * @returns Those that it is in.
 */
export function foldersAround(path: string, folders: readonly ProjectFolder[]): ProjectFolder[] {
  const depth = (dir: string) => dir === "." ? 0 : dir.startsWith("..") ? -1 : dir.length;
  return folders
    .filter(({ dir }) => dir === "." ? !path.startsWith("../") : path.startsWith(`${dir}/`))
    .sort((a, b) => depth(b.dir) - depth(a.dir) || b.dir.length - a.dir.length);
}

/**
 * The stem of a file: `parser` for `build/parser.wasm`.
 *
 * @param path The file.
 */
export function stemOf(path: string): string {
  return path.replace(/^.*\//, "").replace(/\.[^.]*$/, "");
}

/**
 * A word of a command as shells take it.
 *
 * @param word The word.
 * @returns The word, in quotes if it has a space or what else means something to a shell.
 */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word);
}
