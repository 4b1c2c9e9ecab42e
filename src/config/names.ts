/**
 * The file of a module → its name.
 *
 * @module
 */
import { basename } from "node:path";

/**
 * The name of a module that was given none.
 *
 * @param file Path of the module.
 * @returns Its stem: `parser` for `build/parser.wasm`.
 */
export function defaultName(file: string): string {
  return basename(file).replace(/\.[^.]*$/, "");
}
