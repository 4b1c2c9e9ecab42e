/**
 * Files that were found → the modules of the config, each with a name, and what was left out. Pure.
 *
 * @module
 */
import { defaultName } from "../config/names.ts";
import type { ModuleFacts } from "../core/types.ts";
import type { Problem, WasmShareProblem } from "../errors.ts";
import { nameFault } from "../names.ts";
import { sectionsOf } from "../wasm_sections.ts";
import { judge } from "./advice.ts";
import type { Advice } from "./flags.ts";
import { foldersAround, type FoundFile, type ProjectFolder, stemOf } from "./project.ts";

/** A file with its content. */
export interface Candidate {
  file: FoundFile;
  bytes: Uint8Array;
  /** What is known about it; `null` if it cannot be read as a module. */
  facts: ModuleFacts | null;
  /** Why not. */
  errors: readonly WasmShareProblem[];
  /** Paths of the same program at other bases, the nearer one first; absent without any. */
  twins?: readonly string[];
  /** Name of the module if that of the file has a base in it. */
  stem?: string;
}

/** A module of the config. */
export interface ChosenModule {
  path: string;
  name: string;
  /** Paths of the same program at other bases, for the option `twin`; none for most. */
  twins: readonly string[];
  /** Whether `combine` takes it as it is. */
  usable: boolean;
  /** Why not. */
  problems: readonly Problem[];
  /** What to change; `null` if there is nothing to change. */
  advice: Advice | null;
}

/** A file that the config does not have. */
export interface LeftOut {
  path: string;
  /** Why, one sentence without a full stop. */
  reason: string;
  /** What is wrong with it; none if it is there in another build. */
  problems: readonly Problem[];
}

/** Codes of files that no build makes into a module: something else has to be given. */
const NO_MODULE: readonly string[] = ["object_file"];
/** Which build is taken first; those that are not cargo's come between. */
const PROFILES = ["release", "", "debug"];
const DEBUG = PROFILES.indexOf("debug");

/**
 * Decides which files are modules of the config.
 *
 * @param candidates The files.
 * @param folders Every folder with files of a build.
 * @param named Whether the user named the files: then each of them is meant.
 * @returns The modules in order, and the others.
 */
export function selectModules(
  candidates: readonly Candidate[],
  folders: readonly ProjectFolder[],
  named: boolean,
): { modules: ChosenModule[]; leftOut: LeftOut[] } {
  const leftOut: LeftOut[] = [];
  const judged: (Judged & { advice: Advice | null })[] = [];
  for (const candidate of candidates) {
    const { file, facts, errors } = candidate;
    const problems = facts?.problems ?? errors;
    const [problem] = problems;
    if (facts === null || NO_MODULE.includes(problem?.code)) {
      leftOut.push({ path: file.path, reason: reasonOf(problem), problems });
      continue;
    }
    if (!named && isOutput(candidate.bytes)) continue;
    const { state, advice } = judge(file, facts, folders);
    judged.push({ ...candidate, facts, usable: state === "usable", advice });
  }
  const builds = named ? judged.map((each) => [each]) : groups(judged, folders);
  const chosen: typeof judged = [];
  for (const group of builds) {
    const [best, ...others] = [...group].sort((a, b) =>
      // One for debugging is not what ships, even if it has records and the other has none.
      Number(rank(a) === DEBUG) - Number(rank(b) === DEBUG) ||
      Number(b.usable) - Number(a.usable) || rank(a) - rank(b)
    );
    chosen.push(best as typeof judged[number]);
    for (const { file } of others) {
      const reason = `Another build of "${best.file.path}"`;
      leftOut.push({ path: file.path, reason, problems: [] });
    }
  }
  const order = new Map(candidates.map(({ file }, index) => [file, index]));
  chosen.sort((a, b) => order.get(a.file)! - order.get(b.file)!);
  const names = namesOf(chosen.map(({ file, stem }) => stem ? `${stem}.wasm` : file.path));
  return {
    modules: chosen.map(({ file, usable, facts, advice, twins = [] }, index) => ({
      path: file.path,
      name: names[index],
      twins,
      usable,
      problems: facts.problems,
      advice,
    })),
    leftOut: leftOut.sort((a, b) => a.path < b.path ? -1 : 1),
  };
}

/**
 * A name for each module.
 *
 * @param paths The modules.
 * @returns Its stem, or that with a number if another module has it, on systems that do not tell
 * `A` from `a` either.
 */
export function namesOf(paths: readonly string[]): string[] {
  const used = new Set<string>();
  return paths.map((path) => {
    const stem = defaultName(path);
    const base = nameFault(stem) === null ? stem : "module";
    for (let number = 1;; number++) {
      const name = number === 1 ? base : `${base}-${number}`;
      const key = name.normalize("NFC").toLowerCase();
      if (used.has(key)) continue;
      used.add(key);
      return name;
    }
  });
}

interface Judged extends Candidate {
  facts: ModuleFacts;
  usable: boolean;
}

/** Puts builds of one program together: of another profile or target, copied, or rewritten. */
function groups(modules: readonly Judged[], folders: readonly ProjectFolder[]): Judged[][] {
  const found: Judged[][] = [];
  for (const module of modules) {
    const group = found.find((others) => others.some((each) => sameProgram(each, module, folders)));
    if (group !== undefined) group.push(module);
    else found.push([module]);
  }
  return found;
}

function sameProgram(a: Judged, b: Judged, folders: readonly ProjectFolder[]): boolean {
  if (stemOf(a.file.path) !== stemOf(b.file.path)) return false;
  if (a.file.cargo !== null && a.file.cargo.dir === b.file.cargo?.dir) return true;
  if (sameBytes(a.bytes, b.bytes)) return true;
  // Two programs may have one name. A copy that was rewritten has the exports of the one that was not.
  return a.usable !== b.usable && projectOf(a, folders) === projectOf(b, folders) &&
    exportsOf(a) === exportsOf(b);
}

function projectOf({ file }: Judged, folders: readonly ProjectFolder[]): string {
  return file.cargo?.dir ?? foldersAround(file.path, folders)[0]?.dir ?? ".";
}

function exportsOf({ facts }: Judged): string {
  return JSON.stringify(facts.exports.map(({ name }) => name).sort());
}

function rank({ file }: Judged): number {
  const known = PROFILES.indexOf(file.cargo?.profile ?? "");
  return known < 0 ? 1 : known;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Whether wasm-share itself made a module. */
function isOutput(bytes: Uint8Array): boolean {
  return sectionsOf(bytes).some(({ id, name }) => id === 0 && name === "wasm-share");
}

function reasonOf(problem: Problem): string {
  return problem.hint === undefined ? problem.message : `${problem.message}. ${problem.hint}`;
}
