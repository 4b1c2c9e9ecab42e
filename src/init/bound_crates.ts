/**
 * Crates of a project that depend on wasm-bindgen: `combine` builds them itself, since wasm-bindgen has to
 * run after the move. Pure.
 *
 * @module
 */
import { resolveCrate } from "../config/crates.ts";
import { type Crate, crateOf, isWorkspace } from "./cargo.ts";
import { foldersAround, inside, type Project, type ProjectFolder, stemOf } from "./project.ts";
import { readToml } from "./toml.ts";

/** What a crate depends on if it is meant for wasm-bindgen. */
const BINDGEN: readonly string[] = ["wasm-bindgen", "wasm-bindgen-futures", "js-sys", "web-sys"];

/** A crate for the config. */
export interface BoundCrate {
  /** Its folder, relative to the current one. */
  dir: string;
  /** Name of the module, if it is not that of the folder. */
  name: string | null;
  /** Stems of what cargo and wasm-bindgen make of it. */
  stems: string[];
  /** The folder that cargo builds to, unless something else says otherwise. */
  target: string;
}

/**
 * Finds the crates that become a module and depend on wasm-bindgen.
 *
 * @param folders The folders of the project.
 * @param cwd Absolute path of the current folder.
 * @returns The crates in order, each with a name of its own.
 */
export function boundCrates(folders: readonly ProjectFolder[], cwd: string): BoundCrate[] {
  const used = new Set<string>();
  return folders.flatMap((folder) => {
    const crate = crateOf(folder);
    if (!crate?.cdylib || !dependsOnBindgen(folder)) return [];
    return [{
      dir: folder.dir,
      name: nameOf(folder.dir, cwd, used),
      stems: crate.stems.flatMap((stem) => [stem, `${stem}_bg`]),
      target: targetOf(crate, folders),
    }];
  });
}

/**
 * Takes what belongs to such crates out of a project.
 *
 * @param project The project.
 * @param crates The crates.
 * @returns The project without them, and without what was made of them.
 */
export function withoutCrates(project: Project, crates: readonly BoundCrate[]): Project {
  const stems = new Set(crates.flatMap(({ stems }) => stems));
  const dirs = new Set(crates.map(({ dir }) => dir));
  return {
    ...project,
    modules: project.modules.filter(({ path }) => !stems.has(stemOf(path))),
    folders: project.folders.filter(({ dir }) => !dirs.has(dir)),
  };
}

function dependsOnBindgen({ files }: ProjectFolder): boolean {
  return readToml(files["Cargo.toml"] ?? "").some(({ path }) => {
    const at = path.indexOf("dependencies");
    return path[0] !== "workspace" && at >= 0 && BINDGEN.includes(path[at + 1]);
  });
}

/** A name, if the folder's own cannot be taken. */
function nameOf(dir: string, cwd: string, used: Set<string>): string | null {
  const { defaultName } = resolveCrate({ crate: dir }, cwd, "", null);
  const taken = ["memory", "table", "then", "index"].includes(defaultName);
  for (let number = taken ? 2 : 1;; number++) {
    const name = number === 1 ? defaultName : `${defaultName}_${number}`;
    if (used.has(name.toLowerCase())) continue;
    used.add(name.toLowerCase());
    return name === defaultName ? null : name;
  }
}

/** The `target` of the workspace around a crate, or of the crate. */
function targetOf({ dir }: Crate, folders: readonly ProjectFolder[]): string {
  const root = foldersAround(inside(dir, "Cargo.toml"), folders)
    .find(({ files }) => isWorkspace(files["Cargo.toml"] ?? ""));
  return inside(root?.dir ?? dir, "target");
}
