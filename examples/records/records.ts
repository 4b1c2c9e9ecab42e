/**
 * Three modules in one memory: Rust writes records, C reads them, Zig changes them, each by pointer.
 * Nothing is copied from one module to another. For Deno, Node, Bun and browsers.
 */
import { struct, view } from "../../src/memory/mod.ts";

/** The same layout as `Record` in the three sources. */
const Row = struct({
  name: "u32",
  nameLength: "u32",
  category: "u32",
  quantity: "u32",
  price: "f32",
  total: "f32",
  code: ["u8", 8],
});

/** `Summary` in `stats`. */
const Summary = struct({
  count: "u32",
  sum: "f32",
  smallest: "f32",
  largest: "f32",
  mean: "f32",
  top: "u32",
});

/** What the loader gives. */
export interface Modules {
  memory: WebAssembly.Memory;
  // deno-lint-ignore no-explicit-any -- the loader has exact types once it is generated
  exports: Record<"parser" | "stats" | "transform", Record<string, (...args: any[]) => number>>;
}

const input = `bolt,hardware,400,0.25
hammer,tools,12,18.5
saw,tools,7,22.75
nail,hardware,2500,0.02
lamp,electric,31,14.2
cable,electric,120,1.9
drill,tools,5,89.99
`;
const discount = 12.5;
const [byTotal, aboveMean] = [2, 0];

/**
 * Runs the example.
 *
 * @param modules What the loader's `instantiate()` gave.
 * @param log Receives a line of text.
 * @returns What is wrong with the answer, one line each; empty if all is right.
 */
export function run({ memory, exports }: Modules, log: (line: string) => void): string[] {
  const { parser, stats, transform } = exports;
  const mem = view(memory);
  const wrong: string[] = [];
  const check = (what: string, actual: unknown, expected: unknown) => {
    const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (left !== right) wrong.push(`${what} is ${left}, expected ${right}`);
  };
  const text = (ptr: number) => mem.utf8(mem.u32[ptr >>> 2], mem.u32[(ptr >>> 2) + 1]);

  // Rust parses: the text is written once, and records point into it.
  const written = mem.writeUtf8(input, parser.alloc);
  const count = parser.parse(written.ptr, written.len);
  if (count < 0) return [text(parser.last_text())];
  const records = parser.records() >>> 0;
  const address = (index: number) => records + index * Row.size;
  const name = (index: number) => {
    const { name, nameLength } = Row.read(mem, address(index));
    const inside = name >= written.ptr && name + nameLength <= written.ptr + written.len;
    if (!inside) wrong.push(`the name of record ${index} was copied`);
    return mem.utf8(name, nameLength);
  };
  log(`parser (Rust) wrote ${count} records at 0x${records.toString(16)}`);

  const rows = expectedRows();
  check("number of records", count, rows.length);
  for (const [index, row] of rows.entries()) compare(index, row);

  // C reads them, and weighs each with a function of the Rust module.
  const before = Summary.read(mem, stats.summarize(records, count, parser.weigher(byTotal)) >>> 0);
  const top = records + rows.findIndex((row) => row.total === largest(rows)) * Row.size;
  check("summary", before, summary(rows, top));
  log(`stats (C) read them: ${before.sum.toFixed(2)} in total, mean ${before.mean.toFixed(2)}`);
  log(`  the top record is ${text(parser.describe(before.top))}`);
  for (let index = 0; index < stats.metric_count(); index++) {
    const metric = mem.cstr(stats.metric_name(index));
    const value = stats.metric(index, records, count);
    check(metric, value, metrics(rows)[metric]);
    log(`  ${metric}: ${value.toFixed(2)}`);
  }

  // Zig changes them in place: only those that pass a test of the C module.
  const names: Record<string, number> = {};
  for (let index = 0; index < transform.operation_count(); index++) {
    names[mem.cstr(transform.operation_name(index))] = index;
  }
  const changed = transform.apply(names.discount, records, count, discount, stats.test(aboveMean));
  const factor = Math.fround(1 - Math.fround(discount / 100));
  const dear = rows.filter((row) => row.total > before.mean);
  for (const row of dear) {
    row.price = Math.fround(row.price * factor);
    row.total = Math.fround(row.quantity * row.price);
  }
  check("discounted records", changed, dear.length);
  transform.apply(names.shout, records, count, 0, 0);
  transform.sort(records, count);
  for (const row of rows) row.name = row.name.toUpperCase();
  rows.sort((left, right) => right.total - left.total);
  log(`transform (Zig) gave ${changed} of them ${discount} % off, and sorted all`);

  // Rust reads what Zig changed, and so does C.
  for (const [index, row] of rows.entries()) {
    compare(index, row);
    const line = text(parser.describe(address(index)));
    const { name, category, quantity, price, total } = row;
    check(
      `record ${index} as text`,
      line,
      `${name} (${category}): ${quantity} x ${price.toFixed(2)} = ${total.toFixed(2)}`,
    );
    log(`  ${line}`);
  }
  const after = Summary.read(mem, stats.summarize(records, count, parser.weigher(byTotal)) >>> 0);
  check("last summary", after, summary(rows, records));
  check("the text", mem.utf8(written.ptr, 4), "BOLT");
  parser.dealloc(written.ptr, written.len);
  log(`stats (C) read them again: ${after.sum.toFixed(2)} in total`);
  return wrong;

  function compare(index: number, row: Row) {
    const { category, quantity, price, total, code } = Row.read(mem, address(index));
    const { ...expected } = row;
    const letters = mem.utf8(address(index) + Row.size - 8, code.length).replace(/\0+$/, "");
    check(`record ${index}`, {
      name: name(index),
      category: text(parser.category_name(category)),
      quantity,
      price,
      total,
    }, expected);
    check(`code of record ${index}`, letters, row.name.slice(0, 8));
  }
}

interface Row {
  name: string;
  category: string;
  quantity: number;
  price: number;
  total: number;
}

/** The answer without any module. */
function expectedRows(): Row[] {
  return input.trim().split("\n").map((line) => {
    const [name, category, ...numbers] = line.split(",");
    const [quantity, price] = numbers.map((number) => Math.fround(Number(number)));
    return { name, category, quantity, price, total: Math.fround(quantity * price) };
  });
}

function sum(values: number[]): number {
  return values.reduce((total, value) => Math.fround(total + value), 0);
}

function largest(rows: Row[]): number {
  return Math.max(...rows.map((row) => row.total));
}

function summary(rows: Row[], top: number) {
  const totals = rows.map((row) => row.total);
  return {
    count: rows.length,
    sum: sum(totals),
    smallest: Math.min(...totals),
    largest: largest(rows),
    mean: Math.fround(sum(totals) / rows.length),
    top,
  };
}

function metrics(rows: Row[]): Record<string, number> {
  return {
    total: sum(rows.map((row) => row.total)),
    items: rows.reduce((items, row) => items + row.quantity, 0),
    dearest: Math.max(...rows.map((row) => row.price)),
  };
}
