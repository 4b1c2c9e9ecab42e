/**
 * Files that lie beside a module and are the same program at other bases, by their names and, before
 * anything relies on that, by what a comparison says.
 *
 * @module
 */
import type { ModuleFacts } from "../core/types.ts";
import type { Candidate, LeftOut } from "./select.ts";

/** Ends of the name of a twin: `words.near.wasm`, `words-64k.wasm`, `words.far.wasm`. */
const ENDING = /^(.*[^/])[.-](near|64k|far)\.wasm$/i;
/** The base instead of that: `words.65536.wasm`, `words.131072.wasm`, `words.2147352576.wasm`. */
const NUMBER = /^(.*[^/])[.-](\d{4,10})\.wasm$/;

/** What was made of the files. */
export interface Paired {
  /** Modules; those with twins have what the comparison found as their facts. */
  candidates: Candidate[];
  leftOut: LeftOut[];
}

/** Compares a module with one or two twins, the nearer one first. */
export type Compare = (module: Candidate, twins: readonly Candidate[]) => Promise<ModuleFacts>;

/**
 * The name that `init` gives a twin and finds it by.
 *
 * @param path The module.
 * @param which The near or the far one.
 */
export function twinPath(path: string, which: "near" | "far"): string {
  return `${path.replace(/\.wasm$/, "")}.${which}.wasm`;
}

/**
 * The module that a file can be a twin of.
 *
 * @param path The file.
 * @returns The path that this module would have, or `null` if the file is not called like a twin.
 */
export function twinOf(path: string): string | null {
  const [, stem] = ENDING.exec(path) ?? [];
  return stem === undefined ? null : `${stem}.wasm`;
}

/**
 * Gives modules the twins that lie beside them.
 *
 * A module that `combine` takes without a guess needs none: files that look like its twins are left out if
 * they are, and else are modules themselves.
 *
 * @param candidates All files.
 * @param compare Compares.
 * @param named Whether the user named the files: then each that is no twin of another is a module.
 * @returns The modules without their twins.
 */
export async function pairTwins(
  candidates: readonly Candidate[],
  compare: Compare,
  named: boolean,
): Promise<Paired> {
  const byPath = new Map(candidates.map((each) => [each.file.path, each]));
  const taken = new Set<Candidate>();
  const paired = new Map<Candidate, Candidate>();
  const leftOut: LeftOut[] = [];
  for (const module of candidates) {
    const { path } = module.file;
    if (module.facts === null || twinOf(path) !== null && byPath.has(twinOf(path)!)) continue;
    const beside = candidates.filter((each) => twinOf(each.file.path) === path);
    if (beside.length === 0) continue;
    const isFar = ({ file }: Candidate) => /far\.wasm$/i.test(file.path);
    const near = beside.find((each) => !isFar(each)), far = beside.find(isFar);
    const twins = [near, far].filter((each) => each !== undefined);
    const facts = await compare(module, twins);
    if (!needsTwins(module.facts)) {
      // One twin cannot confirm all, but shows that it is one.
      if (named || facts.problems.some(({ code }) => code !== "twin_unconfirmed")) continue;
      const reason = `Twin of "${path}", which needs none`;
      for (const { file } of twins) leftOut.push({ path: file.path, reason, problems: [] });
    } else {
      paired.set(module, { ...module, facts, twins: twins.map(({ file }) => file.path) });
      for (const { file } of beside.filter((each) => !twins.includes(each))) {
        leftOut.push({ path: file.path, reason: `Another twin of "${path}"`, problems: [] });
      }
    }
    for (const each of needsTwins(module.facts) ? beside : twins) taken.add(each);
  }
  for (const [stem, group] of numbered(candidates.filter((each) => !taken.has(each)))) {
    const [module, ...twins] = group;
    if (module.facts === null || !needsTwins(module.facts)) continue;
    const facts = await compare(module, twins);
    // Versions have numbers, too.
    if (facts.problems.length > 0) continue;
    const paths = twins.map(({ file }) => file.path);
    paired.set(module, { ...module, facts, twins: paths, stem });
    for (const each of twins) taken.add(each);
  }
  return {
    candidates: candidates.filter((each) => !taken.has(each))
      .map((each) => paired.get(each) ?? each),
    leftOut,
  };
}

/** Whether a module could be moved, or moved better, with twins. */
function needsTwins({ problems, warnings }: ModuleFacts): boolean {
  return problems.length > 0 || warnings.some(({ code }) => code === "guessed_pointers");
}

/** Two or three files that differ by a number, the lowest one first. */
function numbered(candidates: readonly Candidate[]): [stem: string, group: Candidate[]][] {
  const groups = new Map<string, { base: number; each: Candidate }[]>();
  for (const each of candidates) {
    const [, stem, base] = NUMBER.exec(each.file.path) ?? [];
    if (stem === undefined) continue;
    groups.set(stem, [...groups.get(stem) ?? [], { base: Number(base), each }]);
  }
  return [...groups].filter(([, { length }]) => length === 2 || length === 3)
    .map(([stem, group]) => [
      stem.replace(/^.*\//, ""),
      group.sort((a, b) => a.base - b.base).map(({ each }) => each),
    ]);
}
