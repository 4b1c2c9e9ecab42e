import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { LayoutPlan } from "../src/core/types.ts";
import { factsReport, typeText } from "../src/report/facts.ts";
import { filesReport, filesSummary } from "../src/report/files.ts";
import { layoutReport } from "../src/report/layout.ts";
import { ANSI } from "../src/report/paint.ts";
import { problemReport, warningReport } from "../src/report/problems.ts";
import { columns, count, duration, hex, size } from "../src/report/units.ts";
import { facts } from "./fake.ts";

const span = (start: number, end: number) => ({ start, end, size: end - start });
const memoryImport: [string, string] = ["env", "memory"];
const common = {
  dataDelta: 0,
  memoryImport,
  tableImport: null,
  memoryView: null,
  stackGuard: null,
  allocator: null,
  sharedStack: null,
  transforms: [],
  kind: "relocs",
};

const PLAN = {
  neededPages: 34,
  maximumPages: null,
  tableSize: 15,
  stackPointer: null,
  end: 0x210000,
  regions: [
    { module: "parser", kind: "stack", ...span(0x400, 0x100400), align: 16 },
    { module: "parser", kind: "data", ...span(0x100400, 0x11a000), align: 16 },
    { module: "c", kind: "data", ...span(0x11a000, 0x11a234), align: 16 },
    { module: "parser", kind: "heap", ...span(0x11a240, 0x210000), align: 16 },
  ],
  modules: [
    {
      ...common,
      name: "parser",
      stack: span(0x400, 0x100400),
      data: span(0x100400, 0x11a000),
      heap: { ...span(0x11a240, 0x210000), claim: "all" },
      table: { shared: true, ...span(1, 13) },
    },
    {
      ...common,
      name: "c",
      stack: null,
      data: span(0x11a000, 0x11a234),
      heap: { ...span(0, 0), claim: "piece" },
      table: { shared: false, ...span(1, 2) },
    },
    {
      ...common,
      name: "pure",
      stack: null,
      data: null,
      heap: { ...span(0, 0), claim: "none" },
      table: null,
    },
  ],
  startup: [],
} as LayoutPlan;

Deno.test("layoutReport() aligns regions, slots and totals", () => {
  assertEquals(
    layoutReport(PLAN),
    `
module  region  start       end         size
parser  stack   0x00000400  0x00100400  1 MiB
parser  data    0x00100400  0x0011a000  103 KiB
c       data    0x0011a000  0x0011a234  564 B
parser  heap    0x0011a240  0x00210000  983 KiB
parser  table   slot 1      slot 13     12 slots
c       table   slot 1      slot 2      1 slot, its own table
c       heap    -           -           from memory.grow
pure    none    -           -           uses no memory

memory: 34 pages (2.1 MiB); table: 15 slots
`.trim(),
  );
  assertStringIncludes(
    layoutReport({ ...PLAN, maximumPages: 100 }),
    "(2.1 MiB), at most 100 pages",
  );
});

Deno.test("layoutReport() says which modules check what they free", () => {
  const foreignFree = { ...span(0x120000, 0x130000), bytesPerPage: 1 as const };
  const [parser, c, pure] = PLAN.modules;
  const modules = [
    { ...parser, foreignFree: { number: 1, checked: ["dlfree", "realloc"] } },
    { ...c, foreignFree: { number: 2, checked: [] } },
    pure,
  ];
  const plan: LayoutPlan = { ...PLAN, modules, checks: { foreignFree } };
  const last = (plan: LayoutPlan) => layoutReport(plan).split("\n").at(-1);
  assertEquals(last(plan), "checked: frees of blocks of other modules, in parser (2 functions)");
  assertEquals(
    last({ ...plan, modules: PLAN.modules }),
    "checked: frees of blocks of other modules, in no module",
  );
});

Deno.test("layoutReport() says who allocates for whom", () => {
  const modules = PLAN.modules.map((module) =>
    module.name === "c" ? { ...module, allocator: "parser" } : module
  );
  const last = layoutReport({ ...PLAN, modules }).split("\n").at(-1);
  assertEquals(last, "allocator: that of parser, for c, too");
});

Deno.test("size() and duration() read well at every boundary", () => {
  const sizes = [0, 1, 1023, 1024, 1536, 65536, 102400, 1048575, 1048576, 2 ** 32];
  assertEquals(sizes.map(size), [
    "0 B",
    "1 B",
    "1023 B",
    "1 KiB",
    "1.5 KiB",
    "64 KiB",
    "100 KiB",
    "1 MiB",
    "1 MiB",
    "4 GiB",
  ]);
  assertEquals([0.84, 9.96, 42.4, 999.7, 1300].map(duration), [
    "0.8 ms",
    "10 ms",
    "42 ms",
    "1.0 s",
    "1.3 s",
  ]);
});

Deno.test("hex(), count() and columns() keep their width", () => {
  assertEquals([hex(0), hex(0xffffffff), hex(2 ** 32)], [
    "0x00000000",
    "0xffffffff",
    "0x100000000",
  ]);
  assertEquals([count(1, "slot"), count(0, "slot"), count(2, "entry", "entries")], [
    "1 slot",
    "0 slots",
    "2 entries",
  ]);
  assertEquals(columns([["a", "1"], ["bcd", "10"]], [1]), ["a     1", "bcd  10"]);
});

Deno.test("filesReport() says what was done, or what is not current", () => {
  const files = [
    { path: "a.wasm", state: "new", size: 2048 },
    { path: "mod.js", state: "changed", size: 10 },
    { path: "mod.d.ts", state: "unchanged", size: 500 },
    { path: "b.wasm", state: "leftover", size: 0 },
  ] as const;
  assertEquals(filesReport("out", files, false).split("\n"), [
    "written    out/a.wasm    2 KiB",
    "written    out/mod.js     10 B",
    "unchanged  out/mod.d.ts  500 B",
    "removed    out/b.wasm",
  ]);
  assertEquals(filesReport("out", files, true).split("\n").map((line) => line.split("  ")[0]), [
    "missing",
    "stale",
    "current",
    "left over",
  ]);
  assertEquals(filesSummary(files), "2 files written, 1 unchanged, 1 removed");
});

Deno.test("problemReport() and warningReport() show place and remedy", () => {
  const problem = {
    code: "stale_relocations",
    message: `Cannot move module "a": 0x400 is stored`,
    hint: "Add --no-wasm-opt",
    section: "code",
    offset: 31,
  } as const;
  const place = `Cannot move module "a": 0x400 is stored (section code, at offset 0x1f)`;
  assertEquals(
    problemReport([problem, problem]),
    Array(2).fill(`✖ ${place} [stale_relocations]\n  → Add --no-wasm-opt`).join("\n"),
  );
  assert(warningReport([{ code: "separate_table", message: "It has its own" }]).startsWith("⚠ It"));
  assert(problemReport([problem], ANSI).startsWith("\x1b[31m✖\x1b[39m "));
});

Deno.test("typeText() reads like the text format", () => {
  assertEquals(
    [
      typeText({ kind: "function", params: [], results: [] }),
      typeText({ kind: "function", params: ["i32", "i64"], results: ["f32"] }),
      typeText({ kind: "function", params: [], results: ["i32", "f64"] }),
      typeText({ kind: "global", type: "i32", mutable: true }),
      typeText({ kind: "memory", min: 1, max: null }),
      typeText({ kind: "memory", min: 2, max: 16 }),
      typeText({ kind: "table", type: "funcref", min: 3, max: 3 }),
      typeText({ kind: "tag", params: ["i32"] }),
    ],
    [
      "func () → ()",
      "func (i32, i64) → f32",
      "func () → (i32, f64)",
      "global mut i32",
      "memory 1 page or more",
      "memory 2..16 pages",
      "table funcref 3 slots",
      "tag (i32)",
    ],
  );
});

Deno.test("factsReport() shows everything that is known", () => {
  const text = factsReport(facts("parser", {
    table: { imported: false, module: null, name: null, min: 4, max: 4, first: 1, slots: 3 },
    imports: [{
      module: "env",
      name: "log",
      type: { kind: "function", params: ["i32"], results: [] },
    }],
    exports: [{ name: "memory", type: { kind: "memory", min: 2, max: null } }],
  }));
  assertEquals(
    text,
    `
parser  1.5 KiB
  kind    relocs: every address is listed
  memory  2 pages or more, defined
  stack   0x00000400..0x00010400 (64 KiB)
  data    0x00010400..0x00010800 (1 KiB), 1 segment, moves by multiples of 16
  heap    from 0x00010800: everything above __heap_base
  table   4 slots, defined, uses 3 from 1
  sites   3: 2 in code, 1 in data, 0 in debug info, 0 in globals; 3 addresses, 0 table slots
  proof   5 records, 3 proved, 2 stay
  imports
    env.log  func (i32) → ()
  exports
    memory  memory 2 pages or more
✔ combine accepts it
`.trim(),
  );
});

Deno.test("factsReport() ends with why combine refuses a module", () => {
  const problems = [{ code: "no_relocations", message: "Cannot move it", hint: "Add a flag" }];
  const text = factsReport(facts("x", {
    kind: "none",
    memory: null,
    stack: null,
    data: null,
    problems: problems as never,
  }));
  assert(text.endsWith("\n✖ Cannot move it [no_relocations]\n  → Add a flag"));
  assert(!text.includes("accepts"));
  assert(!text.includes("heap"));
});

Deno.test("factsReport() does not say what nobody knows", () => {
  const nothing = { stack: null, data: null, heap: { base: 0, end: 0, claim: "none" } } as const;
  const lines = (kind: "none" | "dylink" | "relocs", more = {}) =>
    factsReport(facts("x", { kind, ...nothing, ...more })).split("\n").slice(1);
  for (const kind of ["none", "dylink"] as const) {
    assertEquals(lines(kind).slice(2, 7), [
      "  stack   unknown",
      "  data    unknown",
      "  heap    unknown",
      "  table   none",
      "  sites   unknown",
    ]);
  }
  // No memory: there is nothing to know.
  assertEquals(lines("none", { memory: null }).slice(2, 4), ["  stack   none", "  data    none"]);
  assert(
    lines("none", { heap: { ...nothing.heap, base: 4096 } }).some((line) =>
      line.startsWith("  heap    from 0x00001000")
    ),
  );
  assert(lines("relocs").includes("  data    none"));
});
