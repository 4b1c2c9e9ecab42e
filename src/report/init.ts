/**
 * What `init` did → text.
 *
 * @module
 */
import type { Advice } from "../init/flags.ts";
import type { InitResult } from "../init/init.ts";
import { formatProblem } from "../errors.ts";
import { type Paint, PLAIN } from "./paint.ts";
import { columns, count } from "./units.ts";

/**
 * Everything that a user has to know and to do.
 *
 * @param result The result of `init`.
 * @param paint Colours; none by default.
 * @returns Lines without a final newline; the last one is the next command.
 */
export function initReport(result: InitResult, paint: Paint = PLAIN): string {
  const { config, out, modules, leftOut, notes, next } = result;
  const rows = columns(modules.map(({ name, path, twins }) => [
    name,
    twins.length === 0 ? path : `${path} (${twins.map(fileOf).join(", ")})`,
  ]));
  const lines = rows.map((row, index) =>
    `${modules[index].usable ? paint.green("✔") : paint.red("✖")} ${row}`
  );
  for (const { path, reason } of leftOut) lines.push(paint.dim(`- left out "${path}": ${reason}`));
  for (const note of notes) lines.push(`${paint.yellow("⚠")} ${note}`);

  const groups = new Map<string, { advice: Advice; names: string[]; why: string[] }>();
  for (const { name, usable, advice, problems: [problem] } of modules) {
    if (advice === null) continue;
    const key = JSON.stringify(advice);
    const group = groups.get(key) ?? { advice, names: [], why: [] };
    group.names.push(name);
    // The hint of the problem is the advice, or says less.
    const { hint: _, ...plain } = problem ?? {};
    group.why.push(
      usable
        ? `addresses in data of "${name}" are guessed, because it has no relocation records`
        : formatProblem(plain as typeof problem),
    );
    groups.set(key, group);
  }
  for (const { advice: { say, lines: added, then, more = [] }, why } of groups.values()) {
    lines.push("", ...why.map((each) => `${paint.red("✖")} ${each}`), ...step(say, added));
    if (then !== null) lines.push(`  → Build again: ${paint.bold(then)}`);
    for (const each of more) lines.push(...step(each.say, each.lines));
  }

  const refused = modules.filter(({ usable }) => !usable).length;
  const usable = refused === 0
    ? `combine takes ${modules.length === 1 ? "it" : "all"}`
    : `combine takes ${modules.length - refused} of ${modules.length} as they are`;
  lines.push(
    // The lines of a step end with an empty one.
    ...lines.at(-1) === "" ? [] : [""],
    `${paint.green("✔")} ${config} written: ${
      count(modules.length, "module")
    }, output in "${out}"; ${usable}`,
    `  → ${refused === 0 ? "Next" : "Then"}: ${paint.bold(next)}`,
  );
  return lines.join("\n");
}

function step(say: string, added: readonly string[]): string[] {
  return [`  → ${say}`, ...added.length > 0 ? ["", ...added.map((line) => `    ${line}`), ""] : []];
}

function fileOf(path: string): string {
  return path.replace(/^.*\//, "");
}
