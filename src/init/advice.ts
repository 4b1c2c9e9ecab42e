/**
 * A module that `combine` refuses → the one thing to change, in the file where it belongs.
 *
 * @module
 */
import type { ModuleFacts } from "../core/types.ts";
import type { Problem } from "../errors.ts";
import { type CommandLine, commandLines, makes } from "./commands.ts";
import { add, type Advice, flagOf, type Maker, makerOf } from "./flags.ts";
import { foldersAround, type FoundFile, type ProjectFolder, stemOf } from "./project.ts";

/** What can be said of a module. */
export type Verdict =
  /** `combine` takes it. With advice it could be taken without a guess. */
  | { state: "usable"; advice: Advice | null }
  /** It would, if the module were built in another way. */
  | { state: "rebuild"; advice: Advice }
  /** No flag of its compiler helps. */
  | { state: "unsupported"; advice: Advice };

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
  facts: Pick<ModuleFacts, "problems" | "warnings" | "imports">,
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
  if (problem.code === "no_relocations") {
    const maker = makerOf(module, folders);
    if (maker?.tool === "emcc" || madeByEmscripten(facts)) {
      return { state: "unsupported", advice: unsupported("Emscripten", maker) };
    }
    if (maker?.tool === "asc") {
      return { state: "unsupported", advice: unsupported("AssemblyScript", maker) };
    }
    const advice = flagOf(module, maker, folders) ?? plain;
    return { state: "rebuild", advice: beforeRewriters(advice, module, folders) };
  }
  if (CHANGED.includes(problem.code)) {
    const maker = makerOf(module, folders);
    if (maker?.tool === "emcc" || madeByEmscripten(facts)) {
      return { state: "unsupported", advice: unsupported("Emscripten", maker) };
    }
    const rewriter = rewriterOf(module, folders);
    if (rewriter !== null) return { state: "rebuild", advice: useBefore(rewriter) };
    if (maker?.line && maker.tool === "clang" && !maker.line.text.includes("--no-wasm-opt")) {
      return { state: "rebuild", advice: add(maker.line, "--no-wasm-opt") };
    }
  }
  return { state: "rebuild", advice: plain };
}

function plainly({ hint, message }: Problem): Advice {
  return { say: hint ?? message, lines: [], then: null };
}

/** Twins, two builds at two addresses, are how such modules could be moved. Nothing reads them yet. */
function unsupported(name: string, maker: Maker | null): Advice {
  const where = maker?.line ? ` ("${maker.line.file}", ${maker.line.place})` : "";
  const instead = name === "Emscripten"
    ? "; clang with wasi-libc can build the same sources with records"
    : "";
  return {
    say: `${name}${where} leaves no relocation records that fit the finished module, and no flag ` +
      `changes that: wasm-share does not take its modules yet${instead}`,
    lines: [],
    then: null,
  };
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

function useBefore({ file, place, rewriter, run }: CommandLine): Advice {
  return {
    say: `"${file}", ${place} runs ${rewriter}: give wasm-share the linker's own output, before ` +
      `${rewriter}`,
    lines: [],
    then: run,
  };
}

/** Records do not survive a rewriter, so the flag alone would not do. */
function beforeRewriters(
  advice: Advice,
  module: FoundFile,
  folders: readonly ProjectFolder[],
): Advice {
  if (module.cargo !== null) return advice;
  const rewriter = rewriterOf(module, folders);
  if (rewriter === null) return advice;
  const { file, place, rewriter: name } = rewriter;
  return {
    ...advice,
    say: `${advice.say}, and give wasm-share the file before "${file}", ${place} runs ${name}`,
  };
}
