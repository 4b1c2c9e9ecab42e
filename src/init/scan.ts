/**
 * A folder on disk → {@linkcode Project}. Reads names, and the few files that say how something is
 * built; runs nothing. Links to folders are not followed, so that no loop can be walked.
 *
 * @module
 */
import type { Dirent } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { WasmShareError } from "../errors.ts";
import { fileFailure, reasonOf, toSlashes } from "../paths.ts";
import { crateOf, isWorkspace, targetDirOf } from "./cargo.ts";
import { buildFiles, folders, modulesIn, sorted } from "./folder.ts";
import type { FoundFile, Project, ProjectFolder } from "./project.ts";
import { twinOf } from "./twins.ts";

/** Where to look, and what may be read. */
export interface ScanOptions {
  /** Absolute path of the current folder. */
  cwd: string;
  /** Absolute path of a folder that is no input, or `null`. */
  skip: string | null;
  /** What the environment variable `CARGO_TARGET_DIR` says, or `null`. */
  cargoTargetDir: string | null;
  /** Whether a folder can be read without asking the user. */
  mayRead(folder: string): boolean;
}

/** How deep to look for projects, and below a folder that a build writes to. */
const PROJECT_DEPTH = 4, BUILD_DEPTH = 7;
/** After so many folders the rest is not looked at. */
const MAX_FOLDERS = 3000;
/** What builds write modules to. `pkg` is not among them: wasm-bindgen rewrites what it puts there. */
const PLACES = /^(?:build|cmake-build|dist|out|bin|wasm|zig-out)(?:[-_.].*)?$/i;
/** Nothing in them is a module of this project. */
const SKIPPED: readonly string[] = ["node_modules", "CMakeFiles", "deps", "vendor", "pkg"];

/**
 * Looks for modules, and for what builds them.
 *
 * @param options Where to look.
 * @returns What was found, sorted by path.
 * @throws {WasmShareError} `module_unreadable` if the current folder cannot be read.
 */
export async function scanProject(options: ScanOptions): Promise<Project> {
  const { cwd, skip } = options;
  const project: Project = { folders: [], modules: [], elsewhere: [], notes: [] };
  const queue: { folder: string; depth: number; build: boolean }[] = [
    { folder: cwd, depth: 0, build: false },
  ];
  for (let seen = 0; queue.length > 0; seen++) {
    if (seen === MAX_FOLDERS) {
      project.notes.push(
        `Only ${MAX_FOLDERS} folders were looked at: name modules that are missing`,
      );
      break;
    }
    const { folder, depth, build } = queue.shift()!;
    const dir = shown(folder, cwd);
    let entries: Dirent[];
    try {
      entries = await sorted(folder);
    } catch (error) {
      if (depth === 0) throw unreadable(error);
      project.notes.push(`Cannot look into "${dir}": ${reasonOf(error)}`);
      continue;
    }
    // What a build writes is no source: a package.json in it says nothing about how it is built.
    const files = build ? {} : await buildFiles(folder, entries);
    const isProject = Object.keys(files).length > 0;
    if (isProject) project.folders.push({ dir, files });
    const found = await modulesIn(folder, entries);
    if (build || isProject || depth === 0) {
      for (const name of found) {
        project.modules.push({ path: shown(join(folder, name), cwd), cargo: null });
      }
    } else if (found.length > 0) project.elsewhere.push({ dir, count: found.length });

    for (const entry of entries) {
      const { name } = entry;
      const path = join(folder, name);
      if (!entry.isDirectory() || name.startsWith(".") || SKIPPED.includes(name)) continue;
      if (name === "target" || path === skip) continue;
      const inBuild = build || PLACES.test(name);
      if (depth >= (inBuild ? BUILD_DEPTH : PROJECT_DEPTH)) continue;
      queue.push({ folder: path, depth: depth + 1, build: inBuild });
    }
  }
  await cargoModules(project, options);
  project.modules = unique(project.modules);
  return project;
}

/**
 * What builds modules that are named: the files in the folders around them.
 *
 * @param options Where to look.
 * @param paths Absolute paths of the modules.
 * @returns The modules in order, then files that may be their twins; and the folders.
 */
export async function projectAround(options: ScanOptions, paths: string[]): Promise<Project> {
  const { cwd, mayRead } = options;
  const project: Project = { folders: [], modules: [], elsewhere: [], notes: [] };
  const around = new Set<string>([cwd]);
  for (const path of paths) {
    const written = shown(path, cwd);
    const [, dir, triple, profile] =
      /^(?:(.*)\/)?target\/(wasm32[^/]*)\/([^/]+)\/[^/]+$/.exec(written) ?? [];
    project.modules.push({
      path: written,
      cargo: triple === undefined ? null : { dir: dir ?? ".", triple, profile },
    });
    let folder = dirname(path);
    for (let depth = 0; depth < BUILD_DEPTH && folder !== dirname(folder); depth++) {
      around.add(folder);
      if (folder === cwd) break;
      folder = dirname(folder);
    }
  }
  const named = new Set(project.modules.map(({ path }) => path));
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    if (!mayRead(folder)) continue;
    for (const name of await modulesIn(folder, await sorted(folder).catch(() => []))) {
      const path = shown(join(folder, name), cwd);
      if (!named.has(path) && named.has(twinOf(path) ?? "")) {
        project.modules.push({ path, cargo: null });
      }
    }
  }
  for (const folder of [...around].sort()) {
    if (!mayRead(folder)) continue;
    const files = await buildFiles(folder, await sorted(folder).catch(() => []));
    if (Object.keys(files).length > 0) project.folders.push({ dir: shown(folder, cwd), files });
  }
  return project;
}

/** Adds what cargo built in each of the folders, and in the workspace around the current one. */
async function cargoModules(project: Project, options: ScanOptions): Promise<void> {
  const { cwd, cargoTargetDir } = options;
  const roots = project.folders.filter(({ files }) => files["Cargo.toml"] !== undefined);
  const targets: { folder: string; root: ProjectFolder; stems: string[] | null }[] = roots
    .flatMap((root) => {
      const folder = resolve(cwd, root.dir);
      const own = targetDirOf(root);
      const places = [...own === null ? [] : [resolve(folder, own)], join(folder, "target")];
      return places.map((place) => ({ folder: place, root, stems: null }));
    });
  const here = roots.find(({ dir }) => dir === ".");
  const workspace = here && !isWorkspace(here.files["Cargo.toml"])
    ? await workspaceAround(options)
    : null;
  if (workspace !== null) {
    project.folders.push(workspace);
    const folder = resolve(cwd, workspace.dir);
    // Of all crates in there, only this one was asked for.
    const stems = crateOf(here!)?.stems ?? [];
    const place = resolve(folder, targetDirOf(workspace) ?? "target");
    targets.push({ folder: place, root: workspace, stems });
  }
  if (cargoTargetDir !== null && roots.length > 0) {
    // Other projects may build to the same folder.
    const stems = roots.flatMap((root) => crateOf(root)?.stems ?? []);
    const place = resolve(cwd, cargoTargetDir);
    targets.push({ folder: place, root: workspace ?? here ?? roots[0], stems });
  }
  const seen = new Set<string>();
  for (const { folder, root, stems } of targets) {
    if (seen.has(folder) || folder === options.skip) continue;
    seen.add(folder);
    const outside = relative(cwd, folder).startsWith("..");
    if (outside && !options.mayRead(folder)) {
      project.notes.push(`Cannot look into "${shown(folder, cwd)}": Deno has no permission`);
      continue;
    }
    for (const { name: triple } of await folders(folder)) {
      if (!triple.startsWith("wasm32")) continue;
      for (const { name: profile } of await folders(join(folder, triple))) {
        const place = join(folder, triple, profile);
        for (const name of await modulesIn(place, await sorted(place).catch(() => []))) {
          if (stems !== null && !stems.includes(name.replace(/\.wasm$/, ""))) continue;
          const path = shown(join(place, name), cwd);
          project.modules.push({ path, cargo: { dir: root.dir, triple, profile } });
        }
      }
    }
  }
}

/** The workspace that the crate in the current folder belongs to. */
async function workspaceAround({ cwd, mayRead }: ScanOptions): Promise<ProjectFolder | null> {
  let folder = dirname(cwd);
  for (let depth = 0; depth < PROJECT_DEPTH && folder !== dirname(folder); depth++) {
    if (!mayRead(folder)) return null;
    const files = await buildFiles(folder, await sorted(folder).catch(() => []));
    if (isWorkspace(files["Cargo.toml"] ?? "")) return { dir: shown(folder, cwd), files };
    folder = dirname(folder);
  }
  return null;
}

function unique(modules: FoundFile[]): FoundFile[] {
  const byPath = new Map(modules.map((each) => [each.path, each]));
  return [...byPath.values()].sort((a, b) => a.path < b.path ? -1 : 1);
}

function shown(path: string, cwd: string): string {
  return toSlashes(relative(cwd, path)) || ".";
}

function unreadable(error: unknown): WasmShareError {
  const permission = fileFailure(error) === "not_permitted";
  const reason = permission ? "Deno has no permission to read it" : reasonOf(error);
  return new WasmShareError({
    code: "module_unreadable",
    message: `Cannot look for modules in the current folder: ${reason}`,
    hint: permission ? "Run Deno with --allow-read=." : "Name the modules: init a.wasm b.wasm",
  }, { cause: error });
}
