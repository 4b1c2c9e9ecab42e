/**
 * What is wrong with modules as a set, though nothing is wrong with any of them.
 *
 * @module
 */
import type { ModuleFacts } from "./core/types.ts";
import type { WasmShareProblem } from "./errors.ts";

/**
 * Checks a set for commands: each believes that the program ends with it.
 *
 * @param facts The modules of the set.
 * @returns `several_commands` if more than one module exports `_start`.
 */
export function commandProblems(facts: readonly ModuleFacts[]): WasmShareProblem[] {
  const commands = facts.filter(({ exports }) =>
    exports.some(({ name, type }) => name === "_start" && type.kind === "function")
  ).map(({ name }) => `"${name}"`);
  if (commands.length < 2) return [];
  const list = `${commands.slice(0, -1).join(", ")} and ${commands.at(-1)}`;
  return [{
    code: "several_commands",
    message: `Cannot combine modules ${list}: they are commands (they export _start), and a set ` +
      "can have one",
    hint: "Link the others as reactors: clang -mexec-model=reactor, or a library of Rust " +
      '(crate-type = ["cdylib"])',
  }];
}
