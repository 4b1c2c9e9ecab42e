/**
 * What paths and errors of the file system mean on every host.
 *
 * @module
 */
import { isAbsolute, relative, sep } from "node:path";

/**
 * A path as people write it: relative to a folder if it is inside, else as it is; with
 * forward slashes.
 *
 * @param file An absolute path.
 * @param folder The absolute path of the folder.
 * @returns `src/a.wasm`, or the absolute path of a file outside of the folder.
 */
export function displayPath(file: string, folder: string): string {
  const inside = relative(folder, file);
  if (inside === "") return ".";
  const outside = inside.startsWith("..") || isAbsolute(inside);
  return toSlashes(outside ? file : inside);
}

/**
 * A path with forward slashes.
 *
 * @param path A path of this host.
 * @returns The same path; on Windows with `/` for `\`.
 */
export function toSlashes(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

/** Why a file cannot be read or written. */
export type FileFailure = "missing" | "denied" | "not_permitted" | "folder" | "other";

/**
 * Sorts an error of the file system.
 *
 * @param error What was thrown.
 * @returns `not_permitted` if Deno was not given the permission, `denied` if the system refuses.
 */
export function fileFailure(error: unknown): FileFailure {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (name === "NotCapable") return "not_permitted";
  if (code === "ENOENT" || code === "ENOTDIR" || name === "NotFound") return "missing";
  if (code === "EISDIR") return "folder";
  if (code === "EACCES" || code === "EPERM" || name === "PermissionDenied") return "denied";
  return "other";
}

/**
 * Why the file system failed, in its own words.
 *
 * @param error What was thrown.
 * @returns `no space left on device`: without code, operation and path.
 */
export function reasonOf(error: unknown): string {
  return messageOf(error).replace(/^[A-Z][A-Z0-9]+: /, "")
    .replace(/ \(os error \d+\)/, "")
    .replace(/[,:] \w+(?: '.*)?$/s, "");
}

/**
 * The message of whatever was thrown.
 *
 * @param error What was thrown.
 * @returns Its message, or its text.
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
