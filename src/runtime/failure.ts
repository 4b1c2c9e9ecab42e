/**
 * What goes wrong while a set is made, as {@linkcode WasmShareError}.
 *
 * @module
 */
import { WasmShareError, type WasmShareErrorCode, type WasmShareProblem } from "../errors.ts";

/**
 * Throws what was found, if there is something.
 *
 * @param problems Everything that is wrong.
 */
export function refuse(problems: readonly WasmShareProblem[]): void {
  if (problems.length) throw new WasmShareError(problems);
}

/**
 * Does something that an engine may refuse.
 *
 * @param what What is tried.
 * @param action Does it.
 * @param module The module's name.
 * @param hint What to change.
 * @returns What `action` returns.
 * @throws {WasmShareError} `instantiation_failed`.
 */
export function attempt<T>(what: string, action: () => T, module?: string, hint?: string): T {
  try {
    return action();
  } catch (cause) {
    throw failure("instantiation_failed", what, cause, module, hint);
  }
}

/**
 * Wraps what an engine, a file system or a network threw.
 *
 * @param code The code of the error.
 * @param what What was tried.
 * @param cause What was thrown.
 * @param module The module's name.
 * @param hint What to change.
 * @returns The error, with its cause.
 */
export function failure(
  code: WasmShareErrorCode,
  what: string,
  cause: unknown,
  module?: string,
  hint?: string,
): WasmShareError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new WasmShareError({ code, message: `${what}: ${why}`, module, hint }, { cause });
}
