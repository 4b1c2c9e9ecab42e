/**
 * What `--json` prints: one document a run.
 *
 * @module
 */
import type { InitResult } from "../init/init.ts";
import type { BuildResult } from "../build.ts";
import type { ModuleFacts } from "../core/types.ts";
import type { Problem } from "../errors.ts";

/**
 * A build as JSON.
 *
 * @param result The build.
 * @param check Whether it only compared; then `ok` says whether everything is current.
 * @returns `{ ok, check, build, dir, files, layout, warnings }`
 */
export function buildJson(result: BuildResult, check: boolean): string {
  const { combined, dir, files, current } = result;
  return json({
    ok: !check || current,
    check,
    build: combined.buildId,
    dir,
    files,
    layout: combined.layout,
    warnings: combined.warnings,
  });
}

/**
 * Whether `combine` would refuse a module.
 *
 * @param facts The facts of the module.
 * @returns Whether it has problems.
 */
export function isRefused(facts: ModuleFacts): boolean {
  return facts.problems.length > 0;
}

/**
 * Facts as JSON.
 *
 * @param modules The facts of each module that could be read.
 * @param errors What is wrong with the others.
 * @returns `{ ok, modules, errors }`; `ok` if `combine` would refuse none of them.
 */
export function factsJson(modules: readonly ModuleFacts[], errors: readonly Problem[]): string {
  return json({ ok: errors.length === 0 && !modules.some(isRefused), modules, errors });
}

/**
 * What `init` did as JSON.
 *
 * @param result The result of `init`.
 * @returns `{ ok: true, config, out, modules, leftOut, notes, next }`
 */
export function initJson(result: InitResult): string {
  const { config, out, modules, leftOut, notes, next } = result;
  return json({ ok: true, config, out, modules, leftOut, notes, next });
}

/**
 * Problems as JSON.
 *
 * @param errors What stopped the run.
 * @returns `{ ok: false, errors }`
 */
export function problemsJson(errors: readonly Problem[]): string {
  return json({ ok: false, errors });
}

function json(document: unknown): string {
  return JSON.stringify(document, null, 2);
}
