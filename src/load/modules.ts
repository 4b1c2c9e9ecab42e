/**
 * The only reader of inputs: paths → bytes, every failure of the run in one go.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import type { WasmShareProblem } from "../errors.ts";
import { displayPath, fileFailure, reasonOf } from "../paths.ts";

/** A file to read. */
export interface ModuleFile {
  /** Absolute path. */
  file: string;
  /** The path for messages: as it was written. */
  written: string;
  /** Where it was asked for: `modules[1].path`, or the path on the command line. */
  at: string;
}

/**
 * Reads modules, all at once.
 *
 * @param files What to read.
 * @param cwd Absolute path of the current folder, for hints.
 * @returns The bytes of each file in order (`null` for one that cannot be read), and the problems.
 */
export async function readModules(
  files: readonly ModuleFile[],
  cwd: string,
): Promise<{ bytes: (Uint8Array | null)[]; problems: WasmShareProblem[] }> {
  const problems: (WasmShareProblem | null)[] = files.map(() => null);
  const bytes = await Promise.all(files.map(async (each, index) => {
    try {
      return new Uint8Array(await readFile(each.file));
    } catch (error) {
      problems[index] = readProblem(each, error, cwd);
      return null;
    }
  }));
  return { bytes, problems: problems.filter((problem) => problem !== null) };
}

function readProblem(
  { file, written, at }: ModuleFile,
  error: unknown,
  cwd: string,
): WasmShareProblem {
  const tried = `Cannot read module "${written}"`;
  const path = at;
  const shown = displayPath(file, cwd);
  switch (fileFailure(error)) {
    case "missing":
      return {
        code: "module_not_found",
        message: `${tried}: the file does not exist`,
        hint: shown === written
          ? "Build it, or correct the path"
          : `Build it, or correct the path; looked for "${shown}"`,
        path,
      };
    case "not_permitted":
      return {
        code: "module_unreadable",
        message: `${tried}: Deno has no permission to read it`,
        hint: `Run Deno with --allow-read=${shown}`,
        path,
      };
    case "denied":
      return {
        code: "module_unreadable",
        message: `${tried}: the system denies reading it`,
        hint: `Make "${shown}" readable for the user who runs this`,
        path,
      };
    case "folder":
      return {
        code: "module_unreadable",
        message: `${tried}: it is a folder`,
        hint: "Name a .wasm file",
        path,
      };
    case "other":
      return { code: "module_unreadable", message: `${tried}: ${reasonOf(error)}`, path };
  }
}
