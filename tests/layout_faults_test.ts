/** Layouts that cannot be: every problem of a run with its code, its module and its remedy. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { combine, type ModuleInput, relocate, WasmShareError } from "../mod.ts";
import { leb, module, section, text } from "./faults/edit.ts";
import { moduleAt } from "./host/cases.ts";

const linking = section(0, text("linking"), [2, 8, 1, 0]);
const exported = section(7, [1], text("memory"), [2, 0]);
const memory = section(5, [1, 0, 1]);
/** Slot 1 holds null. */
const slot = section(9, [1, 4, 0x41, 1, 0x0b, 1, 0xd0, 0x70, 0x0b]);
/** A module with so many table slots. */
const table = (slots: number) =>
  module(section(4, [1, 0x70, 0, ...leb(slots)]), memory, exported, slot, linking);

const [sites, page, pic, symbols, zlib] = ["refuse/sites", "refuse/page", "pic-c/base"]
  .concat("c-symbols/base", "zlib/base").map((path) => moduleAt(`${path}.wasm`));
const a = { name: "a", bytes: sites };
/** Its data is aligned to 4096. */
const p = { name: "p", bytes: page };
const b = { name: "b", bytes: moduleAt("c-statics/base.wasm") };
const OVERFLOW = "Lower the bases that are set, reduce the stacks";

type Problem = [code: string, module: string | undefined, message: string, hint: string];

const overflow = (bytes: number): Problem[] => [
  ["address_overflow", undefined, `they need ${bytes} bytes, and a memory has less`, OVERFLOW],
];
const misaligned = (module: string, align: number, base: number): Problem => [
  "misaligned_offset",
  module,
  `by a multiple of ${align}`,
  `Set base to 0x${base.toString(16)}`,
];
const low = (module: string, base = 1024): Problem => [
  "invalid_option",
  module,
  "addresses below 1024 are kept free",
  `Set base to 0x${base.toString(16)} or higher`,
];

/** Sets that `combine` refuses. */
const sets: [what: string, modules: ModuleInput[], options: unknown, problems: Problem[]][] = [
  ["data that ends behind 4 GiB", [{ ...a, base: 0xfffffff0 }], {}, overflow(0x100020000)],
  ["a heap that ends at 4 GiB", [{ ...a, base: 0xfffe0000 }], {}, overflow(2 ** 32)],
  ["a heap behind 4 GiB", [{ ...a, base: 0xffff0000 }, b], {}, overflow(0x100010000)],
  [
    "no room behind a base",
    [{ ...a, base: 0xfffff000 }, { ...b, stack: 0x10000 }],
    {},
    overflow(0x100010000),
  ],
  ["a stack of 4 GiB", [{ ...a, stack: 0xfffffff0 }], {}, overflow(0x100020000)],
  [
    "a stack of 8 GiB",
    [{ ...a, stack: 0xfffffff0, additionalStack: 0xfffffff0 }],
    {},
    overflow(0x200010000 + 0x10000),
  ],
  [
    "two stacks of 2 GiB",
    [{ ...a, stack: 2 ** 31 }, { ...b, stack: 2 ** 31 }],
    {},
    overflow(0x100020000),
  ],
  ["a heap of 4 GiB", [{ ...a, heap: 0xffffffff }], {}, overflow(0x100020000)],
  ["more stack for all", [a, b], 0xffffffff, overflow(0x200030000 + 0x10000)],
  [
    "a base above memory.maximum",
    [{ ...a, base: 0x1000000 }],
    { memory: { maximum: 16 } },
    [["memory_limit", undefined, "need 258 pages, memory.maximum allows 16", "to 258 or more"]],
  ],
  [
    "one page too few",
    [a, b],
    { memory: { maximum: 3 } },
    [["memory_limit", undefined, "need 4 pages, memory.maximum allows 3", "to 4 or more"]],
  ],
  [
    "one base for two",
    [{ ...a, base: 0x20000 }, { ...b, base: 0x20000 }],
    {},
    [["layout_overlap", "b", 'overlap module "a" (0x20000..0x201e0)', "Set its base to 0x20200"]],
  ],
  [
    "a base inside another module",
    [{ ...b, base: 0x20000 }, { ...a, base: 0x20100 }],
    {},
    [["layout_overlap", "a", 'overlap module "b"', "or remove it to place automatically"]],
  ],
  ["base 0", [{ ...a, base: 0 }], {}, [low("a")]],
  ["a base below 1024", [{ ...a, base: 1008 }], {}, [low("a")]],
  ["base 0 of a module aligned to 4096", [{ ...p, base: 0 }], {}, [low("p", 4096)]],
  ["a base off by 8", [{ ...a, base: 0x20008 }], {}, [misaligned("a", 16, 0x20010)]],
  ["a base off by 16 of 64", [{ ...b, base: 0x20010 }], {}, [misaligned("b", 64, 0x20040)]],
  ["a base off by 16 of 4096", [{ ...p, base: 0x20010 }], {}, [misaligned("p", 4096, 0x21000)]],
  [
    "a base off by 48 of 64 at the end",
    [{ ...b, base: 0xfffffff0 }],
    {},
    [misaligned("b", 64, 0xffffffc0)],
  ],
  [
    "a base of kind pic inside a page",
    [{ name: "i", bytes: pic, base: 0x21000 }],
    {},
    [misaligned("i", 65536, 0x30000)],
  ],
  [
    "a base without data",
    [{ name: "n", bytes: module(memory, exported, linking), base: 0x20000 }],
    {},
    [["invalid_option", "n", "the module has no data", "Remove base"]],
  ],
  [
    "no stack",
    [{ ...a, stack: 0 }],
    {},
    [["invalid_option", "a", "would overwrite its data", "Remove stack"]],
  ],
  [
    "a stack of 8 bytes",
    [{ ...a, stack: 8 }],
    {},
    [["invalid_option", "a", "the size is not a multiple of 16", "Set stack to 16"]],
  ],
  [
    "an allocator that takes what lies between two sizes, beside one that grows",
    [{ name: "s", bytes: symbols }, { name: "z", bytes: zlib }],
    {},
    [["heap_conflict", "s", 'with module "z"', "Set heap for this module"]],
  ],
  [
    "too many slots together",
    [{ name: "s", bytes: table(6_000_000) }, { name: "t", bytes: table(6_000_000) }],
    {},
    [["table_limit", undefined, "need 11999999 slots, engines allow 10000000", "Split the set"]],
  ],
  [
    "too many slots of one",
    [{ name: "s", bytes: table(10_000_001) }],
    {},
    [["table_limit", "s", "it has 10000001 slots", "check --table-base"]],
  ],
  [
    "one name for two",
    [a, { ...b, name: "a" }],
    {},
    [["duplicate_name", "a", 'the name "a"', "a name of its own"]],
  ],
  [
    "one name for three",
    [a, a, a],
    {},
    Array(2).fill(["duplicate_name", "a", 'the name "a"', "a name of its own"]),
  ],
  [
    "the name of a nameless one",
    [sites, { ...b, name: "module0" }],
    {},
    [["duplicate_name", "module0", 'the name "module0"', "a name of its own"]],
  ],
  [
    "more pages than there are addresses",
    [a],
    { memory: { maximum: 65537 } },
    [["invalid_option", undefined, "65537 as memory.maximum", "from 1 to 65536"]],
  ],
  [
    "everything at once",
    [{ ...a, base: 0, stack: 8 }, { ...b, base: 0x20008 }],
    {},
    [
      low("a"),
      misaligned("b", 64, 0x20040),
      ["invalid_option", "a", "the size is not a multiple of 16", "Set stack to 16"],
    ],
  ],
];

/** Moves that `relocate` refuses. */
const moves: [what: string, ...args: Parameters<typeof relocate>][] = [
  ["misaligned_offset: not a multiple of 16: Use 0 or 16", a, 8],
  ["misaligned_offset: not a multiple of 16: Use -16 or 0", a, -8],
  ["misaligned_offset: not a multiple of 4096: Use 0 or 4096", p, 16],
  ["misaligned_offset: not a multiple of 65536: Use 0 or 65536", { name: "i", bytes: pic }, 4096],
  ["address_overflow: address 0x0 would become -16: from 0 to 2^32 - 1", a, -16],
  ["address_overflow: outside the 4 GiB: from 0 to 2^32 - 1", a, 0xfffffff0],
  ["address_overflow: 0x20000 would become 4294967296: from 0 to 2^32 - 1", a, 0xfffe0000],
  ["invalid_option: not a whole number of bytes: below 2^32", a, 1.5],
  ["invalid_option: not a whole number of bytes: below 2^32", a, 2 ** 32],
  ["invalid_option: the moved module ends at 0x201e0: Use 0x201e0 or higher", a, 65536, 16],
  ["invalid_option: 0x30001: it is not a multiple of 16: Use 0x30010", a, 65536, 0x30001],
];

function assertProblems({ errors }: WasmShareError, wanted: Problem[]) {
  assertEquals(
    errors.map(({ code, module }) => [code, module]),
    wanted.map(([code, module]) => [code, module]),
  );
  for (const [at, { message, hint = "", section, offset }] of errors.entries()) {
    assertStringIncludes(message, wanted[at][2]);
    assertStringIncludes(hint, wanted[at][3]);
    assertEquals([section, offset], [undefined, undefined], "a place in a file");
  }
}

for (const [what, modules, options, problems] of sets) {
  Deno.test(`combine() refuses ${what}`, async () => {
    const error = await assertRejects(
      () => combine(modules, options as Parameters<typeof combine>[1]),
      WasmShareError,
    );
    assertProblems(error, problems);
  });
}

for (const [what, input, ...args] of moves) {
  Deno.test(`relocate() by ${args} refuses with ${what}`, async () => {
    const error = await assertRejects(() => relocate(input, ...args), WasmShareError);
    const [code, ...rest] = what.split(": ");
    const { name } = input as { name: string };
    assertProblems(error, [[code, name, rest.slice(0, -1).join(": "), rest.at(-1)!]]);
  });
}
