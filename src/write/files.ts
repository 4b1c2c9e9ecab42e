/**
 * Files in memory → files on disk: compares, then writes all or nothing.
 *
 * @module
 */
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { WasmShareError, type WasmShareProblem } from "../errors.ts";
import { displayPath, fileFailure, reasonOf } from "../paths.ts";
import { manifestOutputs, type MemoryFile, sha256 } from "./manifest.ts";

/** What becomes of a file. */
export type FileState = "new" | "changed" | "unchanged" | "leftover";

/** A file in memory beside the one on disk. */
export interface ComparedFile {
  /** File name in the output folder. */
  path: string;
  state: FileState;
  /** What it should hold; `null` for a leftover. */
  bytes: Uint8Array | null;
  /** What is on disk; `null` if there is no such file. */
  before: Uint8Array | null;
}

/**
 * Compares files with a folder.
 *
 * @param dir Absolute path of the folder; it need not exist.
 * @param files What the folder should hold.
 * @param options `manifests`: file names that an earlier run may have given to its manifest; `keep`:
 * absolute paths that are never a leftover; `cwd`: absolute path of the current folder, for messages.
 * @returns Each file in order, then leftovers: what a manifest of an earlier run lists, is no longer
 * made, and was not touched since.
 * @throws {WasmShareError} `output_unwritable`, with each file that cannot be compared.
 */
export async function compareFiles(
  dir: string,
  files: readonly MemoryFile[],
  options: { manifests: readonly string[]; keep: readonly string[]; cwd: string },
): Promise<ComparedFile[]> {
  const { manifests, keep, cwd } = options;
  const problems: WasmShareProblem[] = [];
  const read = async (path: string): Promise<Uint8Array | null> => {
    try {
      return new Uint8Array(await readFile(join(dir, path)));
    } catch (error) {
      const failure = fileFailure(error);
      if (failure !== "missing") {
        problems.push(writeProblem(path, dir, cwd, error, "read", failure === "folder"));
      }
      return null;
    }
  };
  const inTheWay = await fileInTheWay(dir);
  if (inTheWay !== null) {
    throw new WasmShareError({
      code: "output_unwritable",
      message: `Cannot write to "${displayPath(dir, cwd)}": ${
        inTheWay === dir ? "it" : `"${displayPath(inTheWay, cwd)}"`
      } is a file, not a folder`,
      hint: "Remove the file, or set output.dir (or --out) to another folder",
    });
  }
  const compared: ComparedFile[] = [];
  for (const { path, bytes } of files) {
    const before = await read(path);
    const state = before === null ? "new" : sameBytes(before, bytes) ? "unchanged" : "changed";
    compared.push({ path, state, bytes, before });
  }
  const made = new Set(files.map(({ path }) => path));
  for (const manifest of new Set(manifests)) {
    const before = compared.find(({ path }) => path === manifest)?.before ?? await read(manifest);
    const listed = before && manifestOutputs(new TextDecoder().decode(before));
    if (!listed) continue;
    const earlier = [...listed, { file: manifest, sha256: await sha256(before) }];
    for (const { file, sha256: hash } of earlier) {
      if (made.has(file) || keep.includes(join(dir, file))) continue;
      made.add(file);
      const bytes = await read(file);
      // Another hash: someone made the file their own. It stays.
      if (bytes === null || await sha256(bytes) !== hash) continue;
      compared.push({ path: file, state: "leftover", bytes: null, before: bytes });
    }
  }
  if (problems.length > 0) throw new WasmShareError(problems);
  return compared;
}

/**
 * Writes what differs and removes leftovers. Everything is written beside its target first and renamed
 * at the end; whatever fails, the folder is as it was before.
 *
 * @param dir Absolute path of the folder; made if it does not exist.
 * @param files The result of {@linkcode compareFiles}.
 * @param cwd Absolute path of the current folder, for messages.
 * @throws {WasmShareError} `output_unwritable`
 */
export async function writeFiles(
  dir: string,
  files: readonly ComparedFile[],
  cwd: string,
): Promise<void> {
  const changed = files.filter(({ state }) => state === "new" || state === "changed");
  const leftovers = files.filter(({ state }) => state === "leftover");
  if (changed.length === 0 && leftovers.length === 0) return;

  const done: ComparedFile[] = [];
  const temporary = new Map(changed.map(({ path }) => [path, join(dir, temporaryName(path))]));
  let current = "";
  try {
    await mkdir(dir, { recursive: true });
    for (const { path, bytes } of changed) {
      current = path;
      await writeFile(temporary.get(path)!, bytes!, { flag: "wx" });
    }
    for (const file of changed) {
      current = file.path;
      await rename(temporary.get(file.path)!, join(dir, file.path));
      done.push(file);
    }
    for (const file of leftovers) {
      current = file.path;
      await rm(join(dir, file.path));
      done.push(file);
    }
  } catch (cause) {
    for (const path of temporary.values()) await rm(path, { force: true }).catch(() => {});
    for (const file of done) await restore(dir, file).catch(() => {});
    throw new WasmShareError(writeProblem(current, dir, cwd, cause, "write", false), { cause });
  }
}

/**
 * Outputs that would overwrite an input.
 *
 * @param dir Absolute path of the output folder.
 * @param outputs File name of each output, and what asks for it.
 * @param inputs Absolute path of each input, and the path as it was written.
 * @returns One `output_conflict` for each.
 */
export async function inputConflicts(
  dir: string,
  outputs: readonly { file: string; at: string }[],
  inputs: readonly { file: string; written: string }[],
): Promise<WasmShareProblem[]> {
  const identity = async (file: string): Promise<string | null> => {
    try {
      const { dev, ino } = await stat(file, { bigint: true });
      return ino ? `${dev}:${ino}` : file;
    } catch {
      return null;
    }
  };
  const byIdentity = new Map<string, string>();
  for (const { file, written } of inputs) {
    const id = await identity(file);
    if (id !== null) byIdentity.set(id, written);
  }
  const problems: WasmShareProblem[] = [];
  for (const { file, at } of outputs) {
    const written = byIdentity.get(await identity(join(dir, file)) ?? "");
    if (written === undefined) continue;
    problems.push({
      code: "output_conflict",
      message: `Cannot write "${file}": it would overwrite the input "${written}"`,
      hint: "Set output.dir (or --out) to another folder",
      path: at,
    });
  }
  return problems;
}

/** The file that stands where a folder has to be: the folder itself or one that it is in. */
async function fileInTheWay(dir: string): Promise<string | null> {
  for (let path = dir;; path = dirname(path)) {
    try {
      return (await stat(path)).isDirectory() ? null : path;
    } catch (error) {
      if (fileFailure(error) !== "missing" || dirname(path) === path) return null;
    }
  }
}

async function restore(dir: string, { path, before }: ComparedFile): Promise<void> {
  const target = join(dir, path);
  if (before === null) return await rm(target, { force: true });
  const temporary = join(dir, temporaryName(path));
  await writeFile(temporary, before);
  await rename(temporary, target);
}

function temporaryName(path: string): string {
  return `.${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function writeProblem(
  path: string,
  dir: string,
  cwd: string,
  error: unknown,
  access: "read" | "write",
  isFolder: boolean,
): WasmShareProblem {
  const folder = displayPath(dir, cwd);
  const failure = fileFailure(error);
  const [reason, hint] = isFolder
    ? ["a folder has this name", "Remove the folder, or set output.dir (or --out) to another one"]
    : failure === "not_permitted"
    ? [
      `Deno has no permission to ${access} it`,
      `Run Deno with --allow-read=${folder} --allow-write=${folder}`,
    ]
    : failure === "denied"
    ? [`the system denies it`, `Make "${folder}" writable for the user who runs this`]
    : [reasonOf(error), "Files of an earlier run were left as they were"];
  return {
    code: "output_unwritable",
    message: `Cannot write "${displayPath(path ? join(dir, path) : dir, cwd)}": ${reason}`,
    hint,
  };
}
