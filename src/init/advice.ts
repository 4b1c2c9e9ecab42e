/**
 * A module that `combine` refuses → the one thing to change, in the file where it belongs.
 *
 * @module
 */
import type { ModuleFacts } from "../core/types.ts";
import type { Problem } from "../errors.ts";
import { type CommandLine, commandLines, makes } from "./commands.ts";
import { add, type Advice, flagOf, type Maker, makerOf } from "./flags.ts";
import { ascTwins, emccTwins, rewrittenTwins } from "./twin_advice.ts";
import { foldersAround, type FoundFile, type ProjectFolder, stemOf } from "./project.ts";

/** What can be said of a module. */
export type Verdict =
  /** `combine` takes it. With advice it could be taken without a guess. */
  | { state: "usable"; advice: Advice | null }
  /** It would, if the module were built in another way. */
  | { state: "rebuild"; advice: Advice };

/** Codes that mean that something changed the module after the link. */
const CHANGED: readonly string[] = ["stale_relocations", "incomplete_relocations"];

/**
 * Says what to do with a module.
 *
 * @param module Where it lies.
 * @param facts What is known about it.
 * @param folders Every folder with files of a build.
 * @returns Whether `combine` takes it, and if not, what to change.
 */
export function judge(
  module: FoundFile,
  facts: Pick<ModuleFacts, "problems" | "warnings" | "imports" | "memory">,
  folders: readonly ProjectFolder[],
): Verdict {
  const [problem] = facts.problems;
  if (problem === undefined) {
    const guess = facts.warnings.find(({ code }) => code === "guessed_pointers");
    if (guess === undefined) return { state: "usable", advice: null };
    const advice = flagOf(module, makerOf(module, folders), folders);
    return { state: "usable", advice: advice ?? plainly(guess) };
  }
  const plain = plainly(problem);
  const missing = problem.code === "no_relocations";
  if (!missing && !CHANGED.includes(problem.code)) return { state: "rebuild", advice: plain };
  const maker = makerOf(module, folders);
  const rewriter = rewriterOf(module, folders);
  const after = rewriter && makes(rewriter, stemOf(module.path)) ? rewriter.rewriter : null;
  if (maker?.tool === "emcc" || madeByEmscripten(facts)) {
    const emcc = maker?.tool === "emcc" ? maker : null;
    return { state: "rebuild", advice: emccTwins(module, emcc, facts.memory, after) };
  }
  if (missing) {
    if (maker?.tool === "asc") return { state: "rebuild", advice: ascTwins(module, maker, after) };
    const advice = flagOf(module, maker, folders) ?? plain;
    return { state: "rebuild", advice: beforeRewriter(advice, rewriter, module, maker) };
  }
  if (rewriter !== null) {
    return { state: "rebuild", advice: useBefore(rewriter, module, maker) };
  }
  if (maker?.line && maker.tool === "clang" && !maker.line.text.includes("--no-wasm-opt")) {
    return { state: "rebuild", advice: add(maker.line, "--no-wasm-opt") };
  }
  return { state: "rebuild", advice: plain };
}

function plainly({ hint, message }: Problem): Advice {
  return { say: hint ?? message, lines: [], then: null };
}

function madeByEmscripten({ imports }: Pick<ModuleFacts, "imports">): boolean {
  return imports.some(({ name }) => /^_?emscripten_/.test(name));
}

/** The command that rewrites a finished module, if a folder around it has one. */
function rewriterOf(module: FoundFile, folders: readonly ProjectFolder[]): CommandLine | null {
  for (const folder of foldersAround(module.path, folders)) {
    const lines = commandLines(folder).filter(({ rewriter }) => rewriter !== null);
    if (lines.length > 0) {
      return lines.find((each) => makes(each, stemOf(module.path))) ?? lines[0];
    }
  }
  return null;
}

function useBefore(line: CommandLine, module: FoundFile, maker: Maker | null): Advice {
  const { file, place, rewriter, run } = line;
  return {
    say: `"${file}", ${place} runs ${rewriter}: give wasm-share the linker's own output, before ` +
      `${rewriter}`,
    lines: [],
    then: run,
    ...secondWay(line, module, maker),
  };
}

/** Records do not survive a rewriter, so the flag alone would not do. */
function beforeRewriter(
  advice: Advice,
  rewriter: CommandLine | null,
  module: FoundFile,
  maker: Maker | null,
): Advice {
  if (module.cargo !== null || rewriter === null) return advice;
  const { file, place, rewriter: name } = rewriter;
  return {
    ...advice,
    say: `${advice.say}, and give wasm-share the file before "${file}", ${place} runs ${name}`,
    ...secondWay(rewriter, module, maker),
  };
}

/** What wasm-bindgen makes is bound to one memory: a twin would not help. */
function secondWay(
  { rewriter }: CommandLine,
  module: FoundFile,
  maker: Maker | null,
): Pick<Advice, "more"> {
  if (rewriter === null || /^wasm-(bindgen|pack)$/.test(rewriter)) return {};
  return { more: rewrittenTwins(module, maker, rewriter) };
}
