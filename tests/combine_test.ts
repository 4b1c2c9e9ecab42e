/** Sets of modules: who lives where, who owns the heap, what every module gets, what is refused. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  combine,
  type Combined,
  type CombineOptions,
  instantiate,
  type ModuleInput,
  WasmShareError,
} from "../mod.ts";
import { assertBehaves, cases, moduleAt, moves, testCase } from "./host/cases.ts";
import { sections } from "./host/sections.ts";
import { assertAllBehave, assertSound } from "./host/sets.ts";

const base = (name: string): ModuleInput => ({ name, bytes: moduleAt(`${name}/base.wasm`) });
const statics = moduleAt("c-statics/base.wasm");
const nostd = moduleAt("rust-nostd/base.wasm");

const small = cases.map(({ name }) => name);
const claimers = ["c-data-first", "c-malloc", "c-symbols", "cpp", "sqlite", "zlib"];
const growers = ["c-heap-piece", "pic-rust", "rust-std"];
const others = small.filter((name) => !claimers.includes(name));
const quiet = others.filter((name) => !growers.includes(name));
const rotated = (names: string[], by: number) => [...names.slice(by), ...names.slice(0, by)];

const orders: Record<string, string[]> = {
  "in order": others,
  "in reverse": [...others].reverse(),
  "rotated": rotated(others, 4),
  "with c-malloc first": ["c-malloc", ...others],
  "with c-malloc last": [...others, "c-malloc"],
  "with c-malloc between": rotated([...others, "c-malloc"], 3),
  ...Object.fromEntries(
    claimers.map((name) => [`with ${name} alone`, rotated([...quiet, name], 2)]),
  ),
};

for (const [what, names] of Object.entries(orders)) {
  Deno.test(`all cases in one memory behave, ${what}`, async () => {
    // c-symbols returns where its stack begins, which more stack moves.
    const additionalStack = names.includes("rust-std") ? 4096 : 0;
    const set = await combine(names.map(base), { verify: true, additionalStack });
    assertSound(set);
    await assertAllBehave(set);
  });
}

Deno.test("combine() gives the same bytes for the same modules, others for others", async () => {
  const [first, second] = [await combine(others.map(base)), await combine(others.map(base))];
  assertEquals(first.modules, second.modules);
  assertEquals([first.buildId, first.layout], [second.buildId, second.layout]);
  const more = await combine(others.map(base), 16);
  assert(more.buildId !== first.buildId);
});

Deno.test("a function of one module can be called by another through the shared table", async () => {
  const set = await combine(["rust-std", "c-statics", "zig"].map(base));
  const { exports, table } = await instantiate(set);
  const slot = exports["c-statics"].operation_slot(0);
  assertEquals(slot, set.layout.modules[1].table!.start + 1);
  assertEquals(table!.get(slot)!(7, 8), 15);
  // The same signature in Rust: i32, i32 → i32.
  assertEquals(exports["rust-std"].call_slot(slot, 7, 8), 15);
});

/** Calls of all modules of a set in turn, one of each. */
async function assertInterleaved(set: Combined): Promise<void> {
  const { memory, exports } = await instantiate(set);
  const queues = set.names.map((name, index) => ({ ...testCase(name), index, at: 0 }));
  const left = () => queues.filter(({ at, described }) => at < described.calls.length);
  while (left().length > 0) {
    for (const queue of left()) {
      const calls = [queue.described.calls[queue.at++]];
      const described = { ...queue.described, calls };
      const { name, index } = queue;
      assertBehaves(exports[name], memory, { name, described }, moves(set, index));
    }
  }
}

/** Those that build on what `memory.grow` returns, and those that take what lies between two sizes. */
const patient = ["c-malloc", "cpp", "sqlite", "zlib"];
const greedy = ["c-data-first", "c-symbols"];
/** What is set aside for one of the latter. */
const own = 16 * 65536;
const limited = (name: string): ModuleInput => ({
  name,
  bytes: moduleAt(`${name}/base.wasm`),
  heap: own,
});

Deno.test("two modules that claim all memory allocate side by side", async () => {
  for (const [i, a] of patient.entries()) {
    for (const b of patient.slice(i + 1)) {
      for (const names of [[a, b], [b, a]]) {
        const set = await combine(names.map(base), { verify: true });
        assertSound(set);
        const { modules, startup } = set.layout;
        assertEquals(
          startup.map(({ module, pages }) => [module, pages * 65536]),
          modules.flatMap(({ name, heap }) => name === "c-malloc" ? [[name, heap.end]] : []),
        );
        assertEquals(
          modules.map(({ name, memoryView, transforms }) => [name, memoryView, transforms]),
          modules.map(({ name, heap }) =>
            name === "c-malloc"
              ? [name, null, []]
              : [name, { pages: heap.end / 65536, limit: null }, ["memory_view"]]
          ),
        );
        await assertInterleaved(set);
      }
    }
  }
});

Deno.test("an allocator that takes what lies between two sizes is refused beside one that grows", async () => {
  for (const name of greedy) {
    for (const other of ["rust-std", "c-heap-piece", ...patient]) {
      for (const names of [[name, other], [other, name]]) {
        const error = await assertRejects(() => combine(names.map(base)), WasmShareError);
        assertEquals([error.code, error.module, error.errors.length], ["heap_conflict", name, 1]);
        assert(error.message.includes(`module "${other}"`), error.message);
        assert(error.message.includes("between two sizes"), error.message);
        assert(error.hint.startsWith("Set heap for this module"), error.hint);
      }
    }
  }
  const error = await assertRejects(() => combine(greedy.map(base)), WasmShareError);
  assertEquals(error.errors.map(({ code, module }) => [code, module]), [
    ["heap_conflict", "c-data-first"],
    ["heap_conflict", "c-symbols"],
  ]);
});

Deno.test("with heap, an allocator gets a region of its own, and no more", async () => {
  for (const name of greedy) {
    for (const other of ["rust-std", "c-heap-piece", ...patient]) {
      for (const inputs of [[limited(name), base(other)], [base(other), limited(name)]]) {
        const set = await combine(inputs, { verify: true });
        assertSound(set);
        const { heap, memoryView } = set.layout.modules[set.names.indexOf(name)];
        const pages = heap.end / 65536;
        assert(heap.size >= own && heap.size < own + 65536, `${heap.size}`);
        assertEquals(memoryView, { pages, limit: pages });
        await assertInterleaved(set);
      }
    }
  }
});

Deno.test("what a size of its own costs is said: debug information and records are dropped", async () => {
  const dropped = async (input: ModuleInput, options?: CombineOptions) => {
    const set = await combine([input, base("rust-std")], options);
    assertEquals(set.codeShifts[0], null);
    const kept = sections(set.modules[0]).map(({ name }) => name);
    return set.warnings.map(({ code, section = "", hint = "" }) => {
      assertEquals(code, "dropped_section");
      assert(!kept.includes(section), section);
      return [section, hint.split(":")[0]];
    });
  };
  const removed = "Remove heap, if this allocator can do without it";
  const debug = ["abbrev", "info", "str", "line", "loc", "ranges"].map((name) => `.debug_${name}`);
  const malloc = { name: "c-malloc", bytes: moduleAt("c-malloc/base.wasm"), heap: own };
  assertEquals(await dropped(malloc), debug.map((name) => [name, removed]));
  const records = ["linking", "reloc.CODE", "reloc.DATA"];
  assertEquals(
    await dropped(base("zlib"), { strip: false }),
    records.map((name) => [name, "Export malloc and free (-Wl,--export=malloc -Wl,--export=free)"]),
  );
});

Deno.test("all modules that claim all memory allocate in one", async () => {
  for (const names of [claimers, [...claimers].reverse(), ["rust-std", ...claimers]]) {
    const inputs = names.map((name) => greedy.includes(name) ? limited(name) : base(name));
    const set = await combine(inputs, { verify: true });
    assertSound(set);
    await assertInterleaved(set);
  }
});

/** c-malloc with its constructors, the first to allocate, under a name that nobody calls. */
function unconstructed(): ModuleInput {
  const bytes = moduleAt("c-malloc/base.wasm");
  const text = new TextDecoder("latin1").decode(bytes);
  const at = text.indexOf("_initialize");
  bytes.set(new TextEncoder().encode("_initialise"), at);
  return { name: "c-malloc", bytes };
}

/** Lets Rust grow the memory, then C allocate: how many of the bytes that Rust got change. */
async function overwritten(set: Combined): Promise<number> {
  const { memory, exports } = await instantiate(set);
  const from = memory.buffer.byteLength;
  exports["rust-std"].sort(300_000);
  const to = memory.buffer.byteLength;
  assert(to > from + 1_000_000, "Rust must grow the memory");
  const held = new Uint8Array(memory.buffer, from, to - from).slice();
  assertEquals(exports["c-malloc"].churn(500), 0);
  const now = new Uint8Array(memory.buffer, from, to - from);
  return held.reduce((count, byte, at) => count + Number(byte !== now[at]), 0);
}

Deno.test("prime_allocator keeps an allocator that claims all memory out of what Rust grew", async () => {
  for (const inputs of [[base("rust-std"), unconstructed()], [unconstructed(), base("rust-std")]]) {
    const set = await combine(inputs);
    assertEquals(set.layout.startup, [
      {
        module: "c-malloc",
        action: "prime_allocator",
        malloc: "malloc",
        free: "free",
        pages: set.neededPages,
      },
    ]);
    assertEquals(set.warnings.map(({ code, module }) => [code, module]), [
      ["allocator_order", "c-malloc"],
    ]);
    assertEquals(await overwritten(set), 0);
    const unprimed = { ...set, layout: { ...set.layout, startup: [] } };
    assert(await overwritten(unprimed) > 100_000, "without the step they must overlap");
  }
});

Deno.test("every module gets additionalStack, the first one too", async () => {
  const input = (more: object = {}) => ({ bytes: statics, ...more });
  const sizes = async (inputs: ModuleInput[], options: number | CombineOptions) => {
    const set = await combine(inputs, options);
    assertSound(set);
    return set.layout.modules.map(({ stack }) => stack!.size - 65536);
  };
  assertEquals(await sizes([input(), input(), input()], 4096), [4096, 4096, 4096]);
  assertEquals(await sizes([input(), input()], { additionalStack: 1000 }), [1008, 1008]);
  const own = [input({ additionalStack: 32 }), input(), input({ additionalStack: 0 })];
  assertEquals(await sizes(own, 64), [32, 64, 0]);
  const sized = [input({ stack: 1024 }), input({ stack: 131072, additionalStack: 16 })];
  assertEquals(await sizes(sized, 32), [1024 + 32 - 65536, 65536 + 16]);
  assertEquals(await sizes([statics], 0), [0]);
  // The program itself sees it.
  const set = await combine(["c-statics", "c-symbols"].map(base), 4096);
  const { exports } = await instantiate(set);
  const { start, end, size } = set.layout.modules[1].stack!;
  assertEquals(size, 65536 + 4096);
  assertEquals([exports["c-symbols"].stack_low(), exports["c-symbols"].stack_high()], [start, end]);
});

Deno.test("a base places the data exactly, in any order", async () => {
  const set = await combine([
    { name: "c-statics", bytes: statics, base: 0x200000 },
    { name: "rust-nostd", bytes: nostd, base: 0x120000 },
    base("zig"),
  ]);
  assertSound(set);
  const starts = set.layout.modules.map(({ data }) => data!.start);
  assertEquals(starts.slice(0, 2), [0x200000, 0x120000]);
  await assertAllBehave(set);
});

Deno.test("memory.maximum is kept", async () => {
  const { neededPages } = await combine([nostd]);
  const set = await combine([{ name: "rust-nostd", bytes: nostd }], {
    memory: { maximum: neededPages },
  });
  const { memory } = await instantiate(set);
  let grew = true;
  try {
    memory.grow(1);
  } catch {
    grew = false;
  }
  assertEquals(grew, false);
});

Deno.test("combine() refuses what it cannot place, with the code", async (t) => {
  const at = (base: number, name?: string) => ({ bytes: statics, base, name });
  const refused: [string, ModuleInput[], CombineOptions, string][] = [
    ["a base off the alignment", [at(0x20020)], {}, "misaligned_offset"],
    ["the same base twice", [at(65536, "a"), at(65536, "b")], {}, "layout_overlap"],
    ["a base in another's data", [at(65536, "a"), at(65536 + 6464, "b")], {}, "layout_overlap"],
    ["a base below 1024", [at(64)], {}, "invalid_option"],
    ["a maximum too small", [nostd], { memory: { maximum: 16 } }, "memory_limit"],
    ["a maximum of 0", [nostd], { memory: { maximum: 0 } }, "invalid_option"],
    ["a base near 4 GiB", [at(2 ** 32 - 64)], {}, "address_overflow"],
    ["stacks of 4 GiB", [statics, nostd], { additionalStack: 2 ** 31 }, "address_overflow"],
    ["two of a name", [base("zig"), base("zig")], {}, "duplicate_name"],
    ["a default name twice", [{ name: "module1", bytes: statics }, nostd], {}, "duplicate_name"],
    ["a stack of 1000 bytes", [{ bytes: statics, stack: 1000 }], {}, "invalid_option"],
    ["a stack below 0", [{ bytes: statics, stack: -16 }], {}, "invalid_option"],
    ["half a byte of stack", [statics], { additionalStack: 0.5 }, "invalid_option"],
  ];
  for (const [what, inputs, options, code] of refused) {
    await t.step(what, async () => {
      const error = await assertRejects(() => combine(inputs, options), WasmShareError);
      assertEquals(error.code, code, error.message);
      assert(error.hint, error.message);
    });
  }
});
