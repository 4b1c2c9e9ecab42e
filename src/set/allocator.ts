/**
 * One allocator for a set: which module gives its allocation functions, which take them, and by which names.
 *
 * In: what the transformer found in each module. Out: what each module has to be rewritten by, or why it cannot
 * be.
 *
 * @module
 */
import type { Allocation, CoreModule } from "../core/mod.ts";
import type { LayoutBinding } from "../core/types.ts";
import type { WasmShareProblem } from "../errors.ts";
import { suggest } from "../suggest.ts";

const C: readonly string[] = [
  "malloc",
  "free",
  "calloc",
  "realloc",
  "aligned_alloc",
  "memalign",
  "posix_memalign",
  "malloc_usable_size",
];
const RUST: readonly string[] = [
  "__rust_alloc",
  "__rust_dealloc",
  "__rust_realloc",
  "__rust_alloc_zeroed",
];

/** What the transformer has to do to one module; `null` if nothing. */
export type AllocatorPass =
  | { pass: "give_allocator"; c_over_rust: boolean; rust_over_c: boolean; exports: string[] }
  | { pass: "take_allocator"; from: string; exports: Record<string, string> }
  | null;

/** How a set gets one allocator. */
export interface AllocatorPlan {
  /** One pass a module, in order. */
  passes: AllocatorPass[];
  /** For each module, its imports that are the allocation functions. */
  binds: LayoutBinding[][];
}

/**
 * Decides how a set gets one allocator.
 *
 * @param provider The option `allocator`: name of the module that allocates for all.
 * @param modules The modules.
 * @param found The allocation functions of each.
 * @returns The plan, and every problem: `invalid_option`, `allocator_missing`, `allocator_partial`.
 */
export function planAllocator(
  provider: string,
  modules: readonly CoreModule[],
  found: readonly Allocation[],
): AllocatorPlan & { problems: WasmShareProblem[] } {
  const plan: AllocatorPlan & { problems: WasmShareProblem[] } = {
    passes: modules.map(() => null),
    binds: modules.map(() => []),
    problems: [],
  };
  const at = modules.findIndex(({ name }) => name === provider);
  if (at < 0) {
    const names = modules.map(({ name }) => name);
    const near = suggest(provider, names);
    plan.problems.push({
      code: "invalid_option",
      message: `Cannot use "${provider}" as allocator: the set has no module of that name`,
      hint: near
        ? `Did you mean "${near}"?`
        : `Use one of ${names.map((n) => `"${n}"`).join(", ")}`,
    });
    return plan;
  }
  const own = found[at].entries;
  const has = (entries: Allocation["entries"], list: readonly string[]) =>
    list.some((entry) => entry in entries);
  const missing = (names: readonly string[], hint: string) =>
    plan.problems.push({
      code: "allocator_missing",
      message: `Cannot use module "${provider}" as allocator: it has no ${names.join(", ")}`,
      hint,
      module: provider,
    });
  const [inC, inRust] = [has(own, C), has(own, RUST)];
  // The others can be made of these two.
  const least = inC ? ["malloc", "free"] : ["__rust_alloc", "__rust_dealloc"];
  if (least.some((entry) => !(entry in own))) {
    const names = inC || inRust
      ? least.filter((entry) => !(entry in own))
      : ["malloc and free, nor Rust's allocation functions"];
    const rust = "Build it without LTO (lto = false), or name another module";
    missing(names, inRust && !inC ? rust : LINK("malloc", "free"));
    return plan;
  }

  // What each of the others calls, and what has to be there for it.
  const takers = modules.map((_, index) => index !== at && Object.keys(found[index].entries));
  const importers = found.map(({ imports }, index) => index === at ? [] : imports);
  const cNeeded = new Set(importers.flat());
  let rustNeeded = false;
  for (const taken of takers) {
    for (const entry of taken || []) {
      if (C.includes(entry)) cNeeded.add(entry);
      else rustNeeded = true;
    }
  }
  const facade = !inC && cNeeded.size > 0;
  const adapts = inC && inRust && !found[at].rustCallsC;
  const offered = facade ? C : C.filter((entry) => entry in own);
  if (inC || facade) {
    const aligned = ["aligned_alloc", "memalign"].find((entry) => offered.includes(entry));
    const absent = [...cNeeded].filter((entry) => !offered.includes(entry));
    // Rust says which alignment it wants.
    if ((rustNeeded || adapts) && !aligned) absent.push("aligned_alloc");
    if (absent.length > 0) missing([...new Set(absent)], LINK(...new Set(absent)));
    if (rustNeeded) {
      for (const entry of ["malloc", "free", aligned ?? ""]) if (entry) cNeeded.add(entry);
      for (const entry of ["realloc", "calloc"]) if (offered.includes(entry)) cNeeded.add(entry);
    }
  }
  const needed = inC || facade ? [...cNeeded] : rustNeeded ? [...RUST] : [];
  const order = [...C, ...RUST];
  needed.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  // What is exported already is called by its name; the functions of a facade are new.
  const names = Object.fromEntries(
    needed.map((entry) => [entry, (!facade && own[entry]) || `wasm-share.${entry}`]),
  );
  const exports = needed.filter((entry) => facade || !own[entry]);

  for (const [index, { name }] of modules.entries()) {
    if (index === at) continue;
    const entries = Object.keys(found[index].entries);
    plan.binds[index] = importers[index].map((entry): LayoutBinding => ({
      from: ["env", entry],
      to: [provider, names[entry]],
    }));
    if (entries.length === 0) {
      if (found[index].claims) plan.problems.push(unknownAllocator(name));
      continue;
    }
    const rust = entries.some((entry) => RUST.includes(entry));
    const used = Object.entries(names).filter(([entry]) => entries.includes(entry) || rust);
    plan.passes[index] = {
      pass: "take_allocator",
      from: provider,
      exports: Object.fromEntries(used),
    };
    for (const [, to] of used) plan.binds[index].push({ from: [provider, to], to: [provider, to] });
  }
  if (exports.length > 0 || facade || adapts) {
    plan.passes[at] = {
      pass: "give_allocator",
      c_over_rust: facade,
      rust_over_c: adapts,
      exports,
    };
  }
  return plan;
}

/** Whoever links the module can keep what nothing in it calls. */
const LINK = (...names: string[]) =>
  `Link it with ${names.map((name) => `-Wl,--export=${name}`).join(" ")}, or name another module`;

function unknownAllocator(module: string): WasmShareProblem {
  return {
    code: "allocator_partial",
    message:
      "Cannot replace the allocator of the module: it takes memory, and none of its functions " +
      "is one that is known (malloc, free, __rust_alloc, …)",
    hint:
      "Build it without LTO, or keep its symbols (no --strip-all before the linker's output is " +
      "combined); or leave allocator away",
    module,
  };
}
