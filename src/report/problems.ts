/**
 * Problems and warnings → text.
 *
 * @module
 */
import { formatProblem, type Problem } from "../errors.ts";
import { type Paint, PLAIN } from "./paint.ts";

/**
 * Problems, one after the other.
 *
 * @param problems What is wrong.
 * @param paint Colours; none by default.
 * @returns `✖ message … [code]` and `  → hint` for each, without a final newline.
 */
export function problemReport(problems: readonly Problem[], paint: Paint = PLAIN): string {
  return problems.map((problem) => `${paint.red("✖")} ${formatProblem(problem)}`).join("\n");
}

/**
 * Warnings, one after the other.
 *
 * @param warnings What is worth knowing.
 * @param paint Colours; none by default.
 * @returns `⚠ message … [code]` and `  → hint` for each, without a final newline.
 */
export function warningReport(warnings: readonly Problem[], paint: Paint = PLAIN): string {
  return warnings.map((warning) => `${paint.yellow("⚠")} ${formatProblem(warning)}`).join("\n");
}
