/**
 * `checks: { foreignFree: true }`: what each module has to know to see whose block it frees, and what is said
 * about modules in which that cannot be seen.
 *
 * @module
 */
import type { WasmShareWarning } from "../errors.ts";
import type { LayoutModule, LayoutPlan, ModuleFacts, Span } from "./types.ts";

/** Owner of the region in which modules note their pages: no name of a module holds a colon. */
const OWNER_MAP = "checks: foreignFree";
/** Pages of 64 KiB that a memory can have. */
const MOST_PAGES = 65536;
const PAGE = 65536;

/** Options of the transformer's pass `foreign_free`. Ranges are `[start, end)` in bytes. */
export interface ForeignFreeRequest {
  module: string;
  number: number;
  map: number;
  wide: boolean;
  heap: [number, number];
  others: { module: string; number: number; spans: [number, number][] }[];
}

/** What the pass found. */
export interface FoundFrees {
  /** How many times the module grows the memory. */
  grows: number;
  /** Names of the functions that check. */
  checked: string[];
  /** Names of those that hand the block to an import of which is not known that it frees. */
  unknown: string[];
  /** Whether there is a function that frees, whatever became of it. */
  found: boolean;
}

/**
 * The size of the owner map: one number a page, 0 for nobody.
 *
 * @param facts The modules of the set.
 * @returns Bytes; 0 if no module has a memory.
 */
export function ownerMapSize(facts: readonly ModuleFacts[]): number {
  if (!facts.some(({ memory }) => memory !== null)) return 0;
  return facts.length > 255 ? 2 * MOST_PAGES : MOST_PAGES;
}

/**
 * Adds the check to a layout.
 *
 * @param layout The layout; without an owner map it stays as it is.
 * @returns The layout with `checks`, and what the pass has to know of each module; `null` if it has no memory.
 */
export function planForeignFree(
  layout: LayoutPlan,
): { layout: LayoutPlan; requests: (ForeignFreeRequest | null)[] } {
  const map = layout.regions.find(({ module }) => module === OWNER_MAP);
  if (map === undefined) return { layout, requests: layout.modules.map(() => null) };
  const { start, end, size } = map;
  const owners = layout.modules.map((module, index) => ({
    module: module.name,
    number: index + 1,
    spans: ownSpans(module, layout),
  }));
  const wide = size > MOST_PAGES;
  const requests = layout.modules.map(({ name, heap, memoryImport }, index) =>
    memoryImport === null ? null : {
      module: name,
      number: index + 1,
      map: start,
      wide,
      heap: [heap.start, heap.end] as [number, number],
      others: owners.filter((_, other) => other !== index && layout.modules[other].memoryImport),
    }
  );
  const modules = layout.modules.map((module, index) =>
    requests[index] === null ? module : {
      ...module,
      transforms: [...module.transforms, "foreign_free"],
      foreignFree: { number: index + 1, checked: [] },
    }
  );
  const foreignFree = { start, end, size, bytesPerPage: wide ? 2 as const : 1 as const };
  return { layout: { ...layout, modules, checks: { foreignFree } }, requests };
}

/** What the layout gives a module, neighbours put together: fewer comparisons. */
function ownSpans(
  { name, stack, sharedStack, data, heap, memoryView }: LayoutModule,
  { end, neededPages, startup }: LayoutPlan,
): [number, number][] {
  // It takes what lies between its heap and the end of the memory at its first use.
  const claims = heap.claim === "all" && heap.size > 0 && memoryView === null &&
    !startup.some(({ module }) => module === name);
  const rest = claims && neededPages * PAGE > end ? span(end, neededPages * PAGE) : null;
  // A stack that modules share is nobody's.
  const ownStack = sharedStack === null ? stack : null;
  const parts = [data, ownStack, heap, rest].filter((part) => part !== null);
  const spans: [number, number][] = [];
  for (const each of parts.sort((a, b) => a.start - b.start)) {
    if (each.size === 0) continue;
    const last = spans.at(-1);
    if (last !== undefined && each.start === last[1]) last[1] = each.end;
    else spans.push([each.start, each.end]);
  }
  return spans;
}

function span(start: number, end: number): Span {
  return { start, end, size: end - start };
}

/**
 * What has to be said of a module whose frees are not, or not all, checked.
 *
 * @param placed The module.
 * @param found What the pass found.
 * @returns The warning `unchecked_free`, if the module allocates.
 */
export function uncheckedFree(
  { name: module, heap }: Pick<LayoutModule, "name" | "heap">,
  { grows, unknown, found }: FoundFrees,
): WasmShareWarning[] {
  if (heap.claim === "none" && grows === 0) return [];
  const warn = (why: string, hint: string): WasmShareWarning[] => [{
    code: "unchecked_free",
    message: `Cannot check what this module frees: it allocates, and ${why}`,
    hint,
    module,
  }];
  if (!found) {
    return warn(
      "no function is called free, operator delete or __rust_dealloc",
      "Keep them apart and named: build without LTO, compile the allocator with -fno-inline, and do " +
        "not strip names",
    );
  }
  if (unknown.length === 0) return [];
  const names = unknown.map((name) => `"${name}"`).join(", ");
  return warn(
    `the block goes from ${names} to an import`,
    "Import what frees it under its own name (free, realloc, __rust_dealloc); if the import does not " +
      "free it, call it from another function",
  );
}
