/**
 * Facts of a module → text.
 *
 * @module
 */
import type { ExternType, ModuleFacts, ModuleKind, TwinFacts } from "../core/types.ts";
import { signatureText } from "../describe.ts";
import { type Paint, PLAIN } from "./paint.ts";
import { problemReport, warningReport } from "./problems.ts";
import { columns, count, hex, size } from "./units.ts";

const KINDS: Record<ModuleKind, string> = {
  relocs: "relocs: every address is listed",
  pic: "pic: position independent, without records",
  twin: "twin: every address is what differs between the bases",
  dylink: "dylink: a side module",
  none: "none: nothing is known about its addresses",
};

const CLAIMS: Record<ModuleFacts["heap"]["claim"], string> = {
  none: "none of its own (memory.grow alone, or no allocator)",
  piece: "up to __heap_end, then memory.grow",
  all: "everything above __heap_base",
};

/**
 * Everything that is known about a module.
 *
 * @param facts The facts.
 * @param paint Colours; none by default.
 * @returns Lines without a final newline.
 */
export function factsReport(facts: ModuleFacts, paint: Paint = PLAIN): string {
  const lines = [
    `${paint.bold(facts.name)}  ${paint.dim(size(facts.bytes))}`,
    ...columns(summary(facts)).map((line) => `  ${line}`),
    ...list("imports", facts.imports.map((each) => [`${each.module}.${each.name}`, each.type])),
    ...list("exports", facts.exports.map((each) => [each.name, each.type])),
  ];
  if (facts.warnings.length > 0) lines.push(warningReport(facts.warnings, paint));
  if (facts.problems.length > 0) lines.push(problemReport(facts.problems, paint));
  else lines.push(`${paint.green("✔")} combine accepts it`);
  return lines.join("\n");
}

/**
 * The type of an import or export on one line.
 *
 * @param type The type.
 * @returns `func (i32, i64) → f32`, `global mut i32`, `memory 2..16 pages`, `table funcref 3 slots`
 */
export function typeText(type: ExternType): string {
  switch (type.kind) {
    case "function":
      return `func ${signatureText(type.params, type.results)}`;
    case "tag":
      return `tag (${type.params.join(", ")})`;
    case "global":
      return `global ${type.mutable ? "mut " : ""}${type.type}`;
    case "memory":
      return `memory ${limits(type.min, type.max, "page")}`;
    case "table":
      return `table ${type.type} ${limits(type.min, type.max, "slot")}`;
    default:
      return type satisfies never;
  }
}

function summary(
  { kind, memory, table, stack, data, heap, sites, proof, twin, problems }: ModuleFacts,
): string[][] {
  const rows = [["kind", KINDS[kind]]];
  const owned = (imported: boolean, module: string | null, name: string | null) =>
    imported ? `imported as ${module}.${name}` : "defined";
  rows.push([
    "memory",
    memory
      ? `${limits(memory.minPages, memory.maxPages, "page")}, ${
        owned(memory.imported, memory.module, memory.name)
      }`
      : "none",
  ]);
  // It has a memory, and nothing says what of it the module uses.
  // The reader stopped before it knew.
  const unread = problems.length > 0 && data === null && proof.records === 0;
  const unknown = memory !== null && (kind === "none" || kind === "dylink" || unread);
  const none = unknown ? "unknown" : "none";
  rows.push(["stack", stack ? span(stack) : none]);
  rows.push([
    "data",
    data
      ? `${span(data)}, ${count(data.segments, "segment")}, moves by multiples of ${data.alignment}`
      : none,
  ]);
  if (memory) {
    const known = !unknown || heap.base > 0;
    rows.push(["heap", known ? `from ${hex(heap.base)}: ${CLAIMS[heap.claim]}` : none]);
  }
  rows.push([
    "table",
    table
      ? `${limits(table.min, table.max, "slot")}, ${
        owned(table.imported, table.module, table.name)
      }, uses ${table.slots} from ${table.first}`
      : "none",
  ]);
  if (unknown) return [...rows, ["sites", none]];
  if (twin) rows.push(...twinRows(twin));
  rows.push([
    "sites",
    `${sites.total}: ${sites.code} in code, ${sites.data} in data, ${sites.debug} in debug info, ` +
    `${sites.globals} in globals; ${sites.memory} addresses, ${sites.table} table slots`,
  ]);
  const proved = Object.values(proof.proved).reduce((sum, n) => sum + n, 0);
  const skipped = Object.values(proof.skipped).reduce((sum, n) => sum + n, 0);
  const parts = [`${count(proof.records, "record")}, ${proved} proved, ${skipped} stay`];
  if (proof.missingRecords > 0) parts.push(`${proof.missingRecords} not written by the linker`);
  if (proof.unlistedWords > 0) parts.push(`${proof.unlistedWords} unlisted words like addresses`);
  if (proof.guessed > 0) parts.push(`${proof.guessed} guessed`);
  rows.push(["proof", parts.join(", ")]);
  return rows;
}

function twinRows(twin: TwinFacts): string[][] {
  const { distances, slotDistances, instructions, code, data, globals, slots } = twin;
  const far = (list: number[]) => list.map((distance) => `+${hex(distance)}`).join(" and ");
  const rows = [
    ["bases", `${far(distances)}: ${count(distances.length, "twin")}`],
    [
      "differ",
      `${count(code, "operand")}, ${count(data, "word")} of data, ${count(globals, "global")}, ` +
      `${count(slots, "table slot")} of ${count(instructions, "instruction")} compared`,
    ],
  ];
  if (slotDistances.length > 0) rows.push(["slots", far(slotDistances)]);
  if (twin.pages > 0) rows.push(["pages", `${count(twin.pages, "number")} of a page`]);
  if (twin.negated > 0) rows.push(["negated", count(twin.negated, "address", "addresses")]);
  const { stack } = twin;
  if (stack.where === "inside") rows.push(["stack", "above the data, moves with it"]);
  if (stack.where === "below") {
    rows.push(["stack", `perhaps below ${hex(stack.top)}: these addresses are kept free`]);
  }
  return rows;
}

function list(title: string, items: [name: string, type: ExternType][]): string[] {
  if (items.length === 0) return [];
  const rows = items.map(([name, type]) => [name, typeText(type)]);
  return [`  ${title}`, ...columns(rows).map((line) => `    ${line}`)];
}

function span({ start, end, size: bytes }: { start: number; end: number; size: number }): string {
  return `${hex(start)}..${hex(end)} (${size(bytes)})`;
}

function limits(min: number, max: number | null, unit: string): string {
  if (max === null) return `${count(min, unit)} or more`;
  return max === min ? count(min, unit) : `${min}..${count(max, unit)}`;
}
