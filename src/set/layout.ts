/**
 * A look at a finished plan by somebody who did not make it: the core makes it, in Rust.
 *
 * @module
 */
import type { LayoutPlan, LayoutRegion, Span } from "../core/types.ts";
import { WasmShareError } from "../errors.ts";

/** Below it there is neither data nor heap: a null pointer with a small offset must hit nothing. */
const FIRST_ADDRESS = 1024;
const PAGE = 65536;

/**
 * Checks a layout: no two regions and no two modules' table slots overlap, all of them lie where they
 * may, are aligned, and are those of the modules.
 *
 * @param layout The plan.
 * @throws {WasmShareError} `internal_error`: a finding is a defect of this project.
 */
export function checkLayout(layout: LayoutPlan): void {
  const fault = layoutFault(layout);
  if (fault === null) return;
  throw new WasmShareError({
    code: "internal_error",
    message: `The layout is wrong: ${fault}`,
    hint: "This is a defect of wasm-share: please report it with the modules and the config",
  });
}

/**
 * What is wrong with a layout.
 *
 * @param layout The plan.
 * @returns The first fault, or `null`.
 */
export function layoutFault(layout: LayoutPlan): string | null {
  const { regions, modules, neededPages, maximumPages, tableSize, end } = layout;
  if (neededPages > 65536 || neededPages > (maximumPages ?? 65536)) {
    return `it needs ${neededPages} pages, and the memory has ${maximumPages ?? 65536} at most`;
  }
  if (end > neededPages * PAGE) return "it ends outside the memory";
  for (const [at, region] of regions.entries()) {
    const fault = regionFault(region, end, regions[at - 1]);
    if (fault) return `the ${region.kind} of module "${region.module}" ${fault}`;
  }
  // By place: there can be thousands.
  const listed = new Map(regions.map((region) => [`${region.kind} ${region.start}`, region]));
  const owned = new Set<LayoutRegion>();
  for (const { name, stack, data, heap, sharedStack } of modules) {
    for (const [kind, span] of Object.entries({ stack, data, heap })) {
      if (span === null || span.size === 0) continue;
      const region = listed.get(`${kind} ${span.start}`);
      const owner = kind === "stack" && sharedStack !== null ? "" : name;
      if (region?.end !== span.end || region.module !== owner) {
        return `the ${kind} of module "${name}" is not in the list of regions`;
      }
      owned.add(region);
    }
  }
  const nobodys = regions.find((region) => region.kind !== "reserved" && !owned.has(region));
  if (nobodys) return `the ${nobodys.kind} at ${nobodys.start} is no module's`;

  const slots = modules.flatMap(({ name, table }) => table?.shared ? { name, ...table } : [])
    .filter(({ size }) => size > 0).sort((a, b) => a.start - b.start);
  for (const [at, { name, start, end }] of slots.entries()) {
    // Slot 0 is the null function pointer.
    if (start < 1 || end > tableSize) {
      return `the table slots of module "${name}" lie outside the table`;
    }
    if (at > 0 && start < slots[at - 1].end) {
      return `modules "${slots[at - 1].name}" and "${name}" share table slots`;
    }
  }
  return null;
}

function regionFault(region: LayoutRegion, end: number, before?: LayoutRegion): string | null {
  const { kind, start, size, align } = region;
  if (start < 0 || size !== region.end - start || size <= 0) return "is no range";
  if (region.end > end && kind !== "reserved") return "lies outside the memory";
  if ((kind === "data" || kind === "heap") && start < FIRST_ADDRESS) {
    return "lies below the first address";
  }
  // Data is aligned relative to where its linker put it.
  if (kind !== "data" && start % align !== 0) return `is not aligned to ${align}`;
  if (before && overlap(before, region)) {
    return `overlaps the ${before.kind} of module "${before.module}"`;
  }
  return null;
}

function overlap(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}
