/**
 * One allocator for a set: which module gives its allocation functions, which take them, and by which names.
 *
 * In: what the transformer found in each module. Out: what each module has to be rewritten by, or why it cannot
 * be.
 *
 * @module
 */
import { type Allocation, allocationByCore, type CoreModule, inspectByCore } from "../core/mod.ts";
import type { LayoutBinding, LayoutPlan } from "../core/types.ts";
import { WasmShareError, type WasmShareProblem } from "../errors.ts";
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

/** A module that does not allocate. */
const NO_ALLOCATION: Allocation = {
  entries: {},
  imports: [],
  cCallsRust: false,
  ownNew: false,
  mallocAlign: 8,
  claims: false,
};

/** What the transformer has to do to one module; `null` if nothing. */
export type AllocatorPass =
  | {
    pass: "give_allocator";
    c_over_rust: boolean;
    rust_over_c: boolean;
    malloc_align: number;
    exports: string[];
  }
  | {
    pass: "take_allocator";
    from: string;
    malloc_align: number;
    exports: Record<string, string>;
  }
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
function planAllocator(
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
  plan.problems.push(...unfit(provider, modules, found));
  const { entries: own, mallocAlign, cCallsRust } = found[at];
  const missing = (names: readonly string[], hint: string) =>
    plan.problems.push({
      code: "allocator_missing",
      message: `Cannot use module "${provider}" as allocator: it has no ${names.join(", ")}`,
      hint,
      module: provider,
    });
  const [inC, inRust] = [C, RUST].map((list) => list.some((entry) => entry in own));
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
  if (cCallsRust) {
    plan.problems.push({
      code: "allocator_partial",
      message:
        `Cannot use module "${provider}" as allocator: its malloc is made of Rust's allocator, ` +
        "and blocks of the one are not blocks of the other",
      hint: "Name another module, or remove that malloc: Rust's allocator serves C, too",
      module: provider,
    });
    return plan;
  }

  const others = found.filter((_, index) => index !== at);
  const taken = new Set(
    others.flatMap(({ entries, imports }) => [...Object.keys(entries), ...imports]),
  );
  const cNeeded = new Set(C.filter((entry) => taken.has(entry)));
  const rustNeeded = RUST.some((entry) => taken.has(entry));
  const facade = !inC && cNeeded.size > 0;
  // Whatever the two do by themselves, blocks of both become the same.
  const adapts = inC && inRust;
  const offered = facade ? C : C.filter((entry) => entry in own);
  if (inC || facade) {
    const aligned = ["aligned_alloc", "memalign"].find((entry) => offered.includes(entry));
    const absent = new Set([...cNeeded].filter((entry) => !offered.includes(entry)));
    // Rust says which alignment it wants.
    if ((rustNeeded || adapts) && !aligned) absent.add("aligned_alloc");
    if (absent.size > 0) missing([...absent], LINK(...absent));
    const adapted = ["malloc", "free", aligned, "realloc", "calloc"];
    for (const entry of rustNeeded ? adapted : []) {
      if (entry && offered.includes(entry)) cNeeded.add(entry);
    }
  }
  const needed = inC || facade
    ? C.filter((entry) => cNeeded.has(entry))
    : rustNeeded
    ? [...RUST]
    : [];
  // What is exported already is called by its name; the functions of a facade are new.
  const isExported = (entry: string) => !facade && !!own[entry];
  const names = Object.fromEntries(
    needed.map((entry) => [entry, isExported(entry) ? own[entry]! : `wasm-share.${entry}`]),
  );
  const malloc_align = facade ? 16 : mallocAlign;
  for (const [index, { entries, imports }] of found.entries()) {
    if (index === at) continue;
    plan.binds[index] = imports.map((entry): LayoutBinding => ({
      from: ["env", entry],
      to: [provider, names[entry]],
    }));
    const taken = Object.keys(entries);
    if (taken.length === 0) continue;
    const rust = taken.some((entry) => RUST.includes(entry));
    const used = Object.entries(names).filter(([entry]) => taken.includes(entry) || rust);
    const exports = Object.fromEntries(used);
    plan.passes[index] = { pass: "take_allocator", from: provider, malloc_align, exports };
    for (const [, to] of used) plan.binds[index].push({ from: [provider, to], to: [provider, to] });
  }
  const exports = needed.filter((entry) => !isExported(entry));
  if (exports.length > 0 || facade || adapts) {
    plan.passes[at] = {
      pass: "give_allocator",
      c_over_rust: facade,
      rust_over_c: adapts,
      malloc_align,
      exports,
    };
  }
  return plan;
}

/** What is wrong with modules, whoever allocates. */
function unfit(
  provider: string,
  modules: readonly CoreModule[],
  found: readonly Allocation[],
): WasmShareProblem[] {
  return modules.flatMap(({ name, heap }, index): WasmShareProblem[] => {
    const { entries, claims, ownNew } = found[index];
    const takes = name !== provider && Object.keys(entries).length > 0;
    if (ownNew) {
      return [{
        code: "allocator_partial",
        message:
          "Cannot replace the allocator of the module: its operator new or operator delete does not " +
          "use malloc and free",
        hint: "Remove these operators, or build without LTO, so that they call malloc and free",
        module: name,
      }];
    }
    if (takes && heap !== undefined) {
      return [{
        code: "invalid_option",
        message: `Cannot give the module a heap: module "${provider}" allocates for it`,
        hint: "Remove heap, or allocator",
        module: name,
      }];
    }
    return name !== provider && !takes && claims ? [unknownAllocator(name)] : [];
  });
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

/** A set with one allocator, or with one each. */
export interface CommonAllocator {
  /** The modules, of which those that take an allocator get no heap. */
  inputs: CoreModule[];
  /** How it is done; `null` if each keeps its own. */
  plan: AllocatorPlan | null;
  /** What tells builds apart by this and by the option `bind`. */
  salt: string;
}

/** Why what is left of an allocator could not be seen: no record says where the heap begins. */
function unlisted(
  { name, conversion }: CoreModule,
  { entries }: Allocation,
): WasmShareProblem | null {
  const isTwin = conversion?.kind === "twin";
  if (!isTwin && (conversion === undefined || Object.keys(entries).length === 0)) return null;
  return {
    code: "allocator_partial",
    message: `Cannot tell whether the module "${name}" has an allocator of its own: ` +
      (isTwin ? "twins show" : "a side module shows") + " addresses, not where its heap begins",
    hint: "Link it with --emit-relocs, or remove allocator",
    module: name,
  };
}

/**
 * Gives a set one allocator, if that is asked for.
 *
 * @param allocator The option.
 * @param inputs The modules.
 * @returns The modules, and how it is done.
 * @throws {WasmShareError} With every problem of every module.
 */
export async function commonAllocator(
  allocator: string | undefined,
  inputs: CoreModule[],
): Promise<CommonAllocator> {
  const binds = inputs.map(({ bind = {} }) => bind);
  const bound = binds.some((bind) => Object.keys(bind).length > 0);
  if (allocator === undefined) {
    return { inputs, plan: null, salt: bound ? JSON.stringify(binds) : "" };
  }
  const problems: WasmShareProblem[] = [];
  const failed: (string | undefined)[] = [];
  const found = await Promise.all(inputs.map(async (input) => {
    try {
      if (input.refused) throw new WasmShareError(input.refused);
      const facts = await inspectByCore(input);
      problems.push(...facts.problems as WasmShareProblem[]);
      if (facts.problems.length === 0) {
        const allocation = await allocationByCore(input.name, input.bytes);
        const unknown = unlisted(input, allocation);
        if (unknown === null) return allocation;
        problems.push(unknown);
      }
    } catch (error) {
      if (!(error instanceof WasmShareError)) throw error;
      problems.push(...error.errors);
    }
    failed.push(input.name);
    return NO_ALLOCATION;
  }));
  const planned = planAllocator(allocator, inputs, found);
  // What is wrong with a module itself says more than that it does not allocate.
  problems.push(...planned.problems.filter(({ module }) => !module || !failed.includes(module)));
  if (problems.length > 0) throw new WasmShareError(problems);
  const { passes, binds: bindings } = planned;
  const plan = { passes, binds: bindings };
  return {
    inputs: inputs.map((input, index) => ({
      ...input,
      noHeap: plan.passes[index]?.pass === "take_allocator",
    })),
    plan,
    salt: JSON.stringify([binds, plan]),
  };
}

/**
 * Adds to a layout who allocates for whom.
 *
 * @param layout The layout.
 * @param plan What {@linkcode commonAllocator} decided.
 * @param allocator The option.
 * @returns The layout with `allocator`, the passes and the bindings.
 */
export function withAllocator(
  layout: LayoutPlan,
  plan: AllocatorPlan | null,
  allocator: string | undefined,
): LayoutPlan {
  const modules = layout.modules.map((module, index) => {
    const pass = plan?.passes[index] ?? null;
    const bind = plan?.binds[index] ?? [];
    return {
      ...module,
      allocator: bind.length > 0 ? allocator! : null,
      transforms: pass ? [pass.pass, ...module.transforms] : module.transforms,
      ...(bind.length > 0 && { bind }),
    };
  });
  return { ...layout, modules };
}
