/**
 * Decides in which order modules are instantiated. In: what their imports are bound to. Out: groups of
 * modules that import from each other, or what is wrong with them.
 *
 * @module
 */
import type { WasmShareProblem } from "../errors.ts";
import { type Bindable, type Binding, boundTo } from "./bind.ts";
import { hasInitialiser } from "./start.ts";

/** An import that is bound to another module of the set, or to the address of something there. */
interface Edge {
  to: number;
  /** It can be filled in once both modules are there. */
  waits: boolean;
  binding: Binding;
}

/**
 * Sorts the modules so that each comes after those that it imports from.
 *
 * Modules that import from each other are one group. In it the one that is listed first in the set is
 * made first, as a program is started before its plug-ins; what it imports from the others has to
 * wait. What is left of the group is sorted in the same way.
 *
 * @param set The modules.
 * @param bindings What {@linkcode bind} gave for them.
 * @param early Names of those that come first, with what they import from: their allocators must
 *   take their memory before another module grows it.
 * @param mayWait Whether an import from another module can be filled in later: that of a function,
 *   with a trampoline.
 * @returns Positions in the set in the order of instantiation, by groups, and a problem for each
 *   cycle of imports that cannot wait.
 */
export function order(
  set: readonly Bindable[],
  bindings: readonly Binding[][],
  early: readonly string[],
  mayWait: (importer: number, binding: Binding) => boolean,
): { groups: number[][]; problems: WasmShareProblem[] } {
  const problems: WasmShareProblem[] = [];
  const isEarly = (at: number) => early.includes(set[at].name) ? 0 : 1;
  const ranked = [...set.keys()].sort((a, b) => isEarly(a) - isEarly(b));
  const edges = bindings.map((list, at) =>
    list.flatMap((binding): Edge[] => {
      const { source } = binding;
      const isAddress = source.from === "address";
      const target = isAddress ? source.of : source;
      if (target?.from !== "set" || target.index === at) return [];
      // A start function, or what it calls in another module, would read an address that is not there yet, and
      // nobody would notice.
      const waits = isAddress ? !set.some(({ started }) => started) : mayWait(at, binding);
      return [{ to: target.index, waits, binding }];
    })
  );
  /** Modules that reach each other, after those that they import from (Tarjan's algorithm). */
  const groupsOf = (nodes: readonly number[]): number[][] => {
    const groups: number[][] = [];
    const numbers = new Map<number, number>();
    const path: number[] = [];
    const visit = (at: number): number => {
      const number = numbers.size;
      let lowest = number;
      numbers.set(at, number);
      path.push(at);
      for (const { to } of edges[at]) {
        if (!nodes.includes(to)) continue;
        if (!numbers.has(to)) lowest = Math.min(lowest, visit(to));
        else if (path.includes(to)) lowest = Math.min(lowest, numbers.get(to)!);
      }
      if (lowest === number) groups.push(path.splice(path.indexOf(at)));
      return lowest;
    };
    for (const at of nodes) if (!numbers.has(at)) visit(at);
    return groups;
  };
  const sequence = (group: readonly number[]): number[] => {
    if (group.length === 1) return [...group];
    const nodes = ranked.filter((at) => group.includes(at));
    const needs = (at: number) => edges[at].find(({ to, waits }) => !waits && nodes.includes(to));
    const first = nodes.find((at) => !needs(at));
    if (first === undefined) problems.push(cycle(set, nodes[0], needs));
    const [next] = first === undefined ? nodes : [first];
    return [next, ...groupsOf(nodes.filter((at) => at !== next)).flatMap(sequence)];
  };
  const groups = groupsOf(ranked).map(sequence);
  for (const group of problems.length > 0 ? [] : groups) {
    for (const [place, at] of group.entries()) {
      // What waits would trap. What is there already would be called before it is initialised.
      const early = set[at].started &&
        edges[at].find(({ to }) =>
          group.slice(0, place).includes(to) && hasInitialiser(set[to].exports)
        );
      if (early) problems.push(startsEarly(set, at, early));
    }
  }
  return { groups, problems };
}

/** The problem of a start function on a cycle. */
function startsEarly(
  set: readonly Bindable[],
  at: number,
  { to, binding }: Edge,
): WasmShareProblem {
  const [name, other] = [set[at].name, set[to].name];
  return {
    code: "import_cycle",
    module: name,
    message: `Cannot instantiate module "${name}": its start function could call ` +
      `"${binding.module}.${binding.name}" before module "${other}" is initialised, which imports from it`,
    hint:
      "Link it without a start function, so that it begins in a constructor or in _initialize; or give " +
      `"${binding.module}.${binding.name}" in imports.modules[${JSON.stringify(name)}]`,
  };
}

/** The problem of modules of which each needs another one first. */
function cycle(
  set: readonly Bindable[],
  start: number,
  needs: (at: number) => Edge | undefined,
): WasmShareProblem {
  const path: number[] = [];
  let at = start;
  for (; !path.includes(at); at = needs(at)!.to) path.push(at);
  const round = [...path.slice(path.indexOf(at)), at].map((i) => `"${set[i].name}"`);
  const { module, name } = needs(at)!.binding;
  const kind = set[at].imports.find((i) => i.module === module && i.name === name)?.kind;
  const what = `"${module}.${name}" (${kind})`;
  return {
    code: "import_cycle",
    module: set[at].name,
    message: `Cannot instantiate modules ${round.join(" → ")}: they import from each other, and ` +
      `${what} cannot be filled in later`,
    hint: (boundTo(set[at], module, name) ? "Without bind, give " : "Give ") +
      `"${module}.${name}" in imports.modules[${JSON.stringify(set[at].name)}], import functions ` +
      "instead, or link these modules into one",
  };
}
