/**
 * A layout plan → the table of regions.
 *
 * @module
 */
import type { LayoutModule, LayoutPlan } from "../core/types.ts";
import { type Paint, PLAIN } from "./paint.ts";
import { columns, count, hex, size } from "./units.ts";

const PAGE = 65536;

/**
 * The regions of a plan by address, then the table's slots, then the totals.
 *
 * @param plan The plan.
 * @param paint Colours; none by default.
 * @returns Lines without a final newline.
 */
export function layoutReport(plan: LayoutPlan, paint: Paint = PLAIN): string {
  const rows = [["module", "region", "start", "end", "size"]];
  for (const { module, kind, start, end, size: bytes } of plan.regions) {
    // The stack that several share.
    const owner = module || (kind === "stack" ? "shared" : "");
    rows.push([owner, kind, hex(start), hex(end), size(bytes)]);
  }
  for (const { name, table } of plan.modules) {
    if (table === null) continue;
    const own = table.shared ? "" : ", its own table";
    const slots = `${count(table.size, "slot")}${own}`;
    rows.push([name, "table", `slot ${table.start}`, `slot ${table.end}`, slots]);
  }
  for (const module of plan.modules) rows.push(...absentRows(module, plan));
  const [head, ...body] = columns(rows);
  return [paint.dim(head), ...body, "", totals(plan), ...allocator(plan), ...checks(plan)].join(
    "\n",
  );
}

/** Who allocates for whom, if one does for others. */
function allocator({ modules }: LayoutPlan): string[] {
  const takers = modules.filter(({ allocator }) => allocator !== null);
  if (takers.length === 0) return [];
  const names = takers.map(({ name }) => name).join(", ");
  return [`allocator: that of ${takers[0].allocator}, for ${names}, too`];
}

/** Which modules check what. */
function checks(plan: LayoutPlan): string[] {
  if (plan.checks === undefined) return [];
  const modules = plan.modules.filter(({ foreignFree }) => foreignFree?.checked.length)
    .map(({ name, foreignFree }) => `${name} (${count(foreignFree!.checked.length, "function")})`);
  const list = modules.length > 0 ? modules.join(", ") : "no module";
  return [`checked: frees of blocks of other modules, in ${list}`];
}

/** What a module has no region for, and why. */
function absentRows(module: LayoutModule, plan: LayoutPlan): string[][] {
  const { name, heap, table, sharedStack } = module;
  const hasRegions = sharedStack !== null || plan.regions.some((region) => region.module === name);
  if (!hasRegions && table === null) return [[name, "none", "-", "-", "uses no memory"]];
  if (heap.size > 0 || heap.claim === "none") return [];
  return [[name, "heap", "-", "-", "from memory.grow"]];
}

function totals({ neededPages, maximumPages, tableSize }: LayoutPlan): string {
  const maximum = maximumPages === null ? "" : `, at most ${count(maximumPages, "page")}`;
  const table = tableSize === 0 ? "" : `; table: ${count(tableSize, "slot")}`;
  return `memory: ${count(neededPages, "page")} (${size(neededPages * PAGE)})${maximum}${table}`;
}
