/**
 * `allocator`: one module allocates for all. Blocks go from every module to every other one and are freed there,
 * in C, C++ and Rust; without the option that breaks a heap, which is shown, too.
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  combine,
  type Combined,
  type CombineOptions,
  instantiate,
  type ModuleInput,
  WasmShareError,
} from "../mod.ts";
import { importsOf as caseImports } from "./cases/case.ts";
import { assertBehaves, cases, moduleAt, moves } from "./host/cases.ts";

// deno-lint-ignore no-explicit-any -- exports of several modules
type Exports = any;

const input = (file: string, options: object = {}): ModuleInput => ({
  name: file,
  bytes: moduleAt(`allocators/${file}.wasm`),
  ...options,
});
const set = (files: string[], options: CombineOptions): Promise<Combined> =>
  combine(files.map((file) => input(file)), options);

/** One way to make, change and free blocks. */
interface Side {
  module: string;
  make(size: number, seed: number): number;
  lost(block: number, size: number, seed: number): number;
  resize?(block: number, old: number, size: number, seed: number): number;
  drop(block: number, size: number): void;
}

/** Every way that a module has. Rust needs the alignment back; 1 fits all blocks. */
function sides(module: string, e: Exports): Side[] {
  if (e.make_aligned) {
    return [1, 8, 16, 64, 4096].flatMap((align) =>
      [0, 1].map((zeroed): Side => ({
        module,
        make: (size, seed) => e.make_aligned(size, align, seed, zeroed),
        lost: (...args) => e.lost(...args),
        resize: (block, old, size, seed) => e.resize_aligned(block, old, align, size, seed),
        drop: (block, size) => e.drop_aligned(block, size, align),
      }))
    );
  }
  return (e.resize ? [0, 1, 2, 3, 4] : [0]).map((how): Side => ({
    module,
    make: (size, seed) => e.make(how, size, seed),
    lost: (...args) => e.lost(...args),
    resize: e.resize && ((block, old, size, seed) => e.resize(block, size, seed, old)),
    drop: (block) => e.drop(block),
  }));
}

/** Makes blocks on every side and frees them on every other one; how many bytes were lost. */
function exchange(exports: Record<string, Exports>, rounds: number): number {
  const all = Object.entries(exports).flatMap(([name, each]) => sides(name, each));
  const held: { block: number; size: number; seed: number }[] = [];
  let state = 1;
  const next = (below: number) => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
  let lost = 0;
  for (let round = 0; round < rounds; round++) {
    const maker = all[next(all.length)];
    const size = 1 + next(next(8) === 0 ? 70_000 : 700);
    const block = maker.make(size, round);
    // Not every C module has every function.
    if (block === 0) continue;
    held.push({ block, size, seed: round });
    if (held.length < 200) continue;
    const [old] = held.splice(next(held.length), 1);
    const dropper = all[next(all.length)];
    lost += dropper.lost(old.block, old.size, old.seed);
    dropper.drop(old.block, old.size);
  }
  for (const { block, size, seed } of held) {
    const dropper = all[next(all.length)];
    lost += dropper.lost(block, size, seed);
    dropper.drop(block, size);
  }
  for (const each of Object.values(exports)) lost += each.wrong?.() ?? each.wrongs?.() ?? 0;
  return lost;
}

const everybody = ["full", "lite", "cpp", "rust"];

for (const provider of ["full", "rust"]) {
  for (const files of [everybody, [...everybody].reverse()]) {
    Deno.test(`${provider} allocates for ${files}: each frees what any allocated`, async () => {
      const combined = await set(files, { allocator: provider });
      const { memory, exports } = await instantiate<Record<string, Exports>>(combined);
      assertEquals(exchange(exports, 20_000), 0);
      const pages = memory.buffer.byteLength;
      assertEquals(exchange(exports, 20_000), 0);
      // What was freed was given to others: the memory grows no more.
      assert(memory.buffer.byteLength <= pages + 4 * 65536, `${pages} ${memory.buffer.byteLength}`);
      for (const { name, allocator, heap } of combined.layout.modules) {
        assertEquals(allocator, name === provider ? null : provider);
        if (name !== provider) assertEquals([heap.size, heap.claim], [0, "none"]);
      }
    });
  }
}

Deno.test("without the option, freeing a block of another module breaks a heap", async () => {
  const { exports } = await instantiate<Record<string, Exports>>(await set(everybody, {}));
  let outcome: unknown;
  try {
    outcome = exchange(exports, 20_000);
  } catch (error) {
    outcome = error;
  }
  assert(outcome !== 0, "nothing broke");
});

Deno.test("containers of C++ and Rust give the same results", async () => {
  const own = (await instantiate<Record<string, Exports>>(await set(["cpp", "rust"], {}))).exports;
  for (const provider of ["full", "rust"]) {
    const combined = await set(everybody, { allocator: provider });
    const { exports } = await instantiate<Record<string, Exports>>(combined);
    for (const name of ["cpp", "rust"]) {
      assertEquals(exports[name].churn(500), own[name].churn(500), name);
    }
  }
});

Deno.test("strings and vectors change their owner between C and Rust", async () => {
  for (const provider of ["full", "rust"]) {
    const combined = await set(["full", "rust", "lite"], { allocator: provider });
    const { memory, exports: { full, rust, lite } } = await instantiate<Record<string, Exports>>(
      combined,
    );
    for (let number = 0; number < 3000; number++) {
      const text = rust.text(number);
      const copy = lite.copy(text);
      const [one, other] = [text, copy].map((at) => cstr(memory, at));
      assertEquals([one, other], [`number ${number}`, `number ${number}`]);
      lite.drop(text);
      const sum = new TextEncoder().encode(one).reduce((a, b) => a + b, 0);
      assertEquals(rust.take(copy, one.length + 1), sum);
      // A function pointer to `free`, from whoever it is.
      const block = full.make(0, 100, 1);
      lite.call_free(full.free_address(), block);
    }
    assertEquals(memory.buffer.byteLength / 65536 <= combined.neededPages + 2, true);
  }
});

Deno.test("realloc and its kin on blocks of others", async () => {
  for (const provider of ["full", "rust"]) {
    const combined = await set(["full", "rust"], { allocator: provider });
    const { exports } = await instantiate<Record<string, Exports>>(combined);
    const { full, rust } = exports;
    for (let round = 0; round < 500; round++) {
      const sizes = [1 + round, 3 * round + 100, 40_000 + round, 7 + round % 5];
      let block = rust.make_aligned(sizes[0], 1, 5, 0);
      for (let at = 1; at < sizes.length; at++) {
        block = at % 2 === 1
          ? full.resize(block, sizes[at - 1], sizes[at], 5)
          : rust.resize_aligned(block, sizes[at - 1], 1, sizes[at], 5);
        assertEquals(full.lost(block, sizes[at], 5), 0);
      }
      full.drop(block);
    }
    assertEquals([full.wrong(), rust.wrongs()], [0, 0]);
  }
});

Deno.test("sizes that cannot be had are refused by the allocator, not by a trap", async () => {
  for (const provider of ["full", "rust"]) {
    const memory = { maximum: 256 };
    const combined = await set(["full", "lite", "rust"], { allocator: provider, memory });
    const { exports } = await instantiate<Record<string, Exports>>(combined);
    for (const { refuses } of [exports.full, exports.lite]) assertEquals(refuses(), 7);
    assertEquals(exports.rust.make_aligned(0x7fff_0000, 1, 0, 0), 0);
  }
});

Deno.test("Rust alone: its functions are imported as they are", async () => {
  const bytes = moduleAt("allocators/rust.wasm");
  const combined = await combine({ a: bytes, b: bytes, c: bytes }, { allocator: "b" });
  const imports = await importsOf(combined, 0);
  assertEquals(imports.filter(({ module }) => module === "b").map(({ name }) => name).sort(), [
    "wasm-share.__rust_alloc",
    "wasm-share.__rust_alloc_zeroed",
    "wasm-share.__rust_dealloc",
    "wasm-share.__rust_realloc",
  ]);
  const { exports } = await instantiate<Record<string, Exports>>(combined);
  assertEquals(exchange(exports, 20_000), 0);
});

Deno.test("the old allocator goes away, and so does what grows the memory", async () => {
  const [own, common] = await Promise.all(
    [{}, { allocator: "full" }].map((options) => set(everybody, options)),
  );
  for (const [index, name] of everybody.entries()) {
    const [before, after] = [own, common].map(({ modules }) => modules[index].length);
    if (name === "full") continue;
    assert(after < before - 5000, `${name}: ${before} → ${after}`);
    // 0x40 0x00: memory.grow. Nothing else in code is checked: few bytes look like it.
    const grow = await functionsThatGrow(common.modules[index]);
    assertEquals(grow, 0, name);
  }
});

Deno.test("what a module exports already is called by that name, and it stays as it is", async () => {
  const combined = await set(["exported", "lite"], { allocator: "exported" });
  const [provider, taker] = combined.layout.modules;
  const imports = (await importsOf(combined, 1)).filter(({ module }) => module === "exported");
  assert(imports.some(({ name }) => name === "malloc"), JSON.stringify(imports));
  assert(imports.some(({ name }) => name === "wasm-share.calloc"), JSON.stringify(imports));
  assertEquals(provider.transforms, ["give_allocator"]);
  assertEquals(taker.transforms, ["take_allocator"]);
  const plain = await combine([input("exported"), {
    name: "c",
    bytes: moduleAt("c-malloc/base.wasm"),
  }], { allocator: "exported" });
  // That one needs calloc, too.
  assertEquals(plain.layout.modules[0].transforms, ["give_allocator"]);
});

Deno.test("a module that imports malloc and free gets those", async () => {
  const combined = await combine([
    input("full"),
    { name: "borrower", bytes: moduleAt("allocators/borrower.wasm") },
  ], { allocator: "full" });
  assertEquals(combined.layout.modules[1].transforms, []);
  const { exports } = await instantiate<Record<string, Exports>>(combined);
  assertEquals(exports.borrower.work(1000), 0);
});

Deno.test("with a shared stack and stack checks", async () => {
  const combined = await set(everybody, {
    allocator: "rust",
    stack: "shared",
    stackGuard: "check",
  });
  const { exports } = await instantiate<Record<string, Exports>>(combined);
  assertEquals(exchange(exports, 5000), 0);
});

Deno.test("builds with and without it, and with another one, are different builds", async () => {
  const ids = await Promise.all(
    [{}, { allocator: "a" }, { allocator: "b" }].map(async (options) => {
      const bytes = moduleAt("allocators/rust.wasm");
      return (await combine({ a: bytes, b: bytes }, options)).buildId;
    }),
  );
  assertEquals(new Set(ids).size, 3);
});

Deno.test("every case gives the same results with the allocator of another module", async () => {
  const taken: string[] = [];
  for (const provider of ["full", "rust"]) {
    for (const { name, described, bytes } of cases) {
      const modules = [input(provider), { name: "it", bytes: bytes() }];
      const combined = await combine(modules, { allocator: provider }).catch((error) => error);
      if (combined instanceof WasmShareError) {
        const refused = REFUSED[name];
        assert(refused !== undefined, `${name}: ${combined.message}`);
        assertEquals(combined.code, "allocator_partial");
        assertStringIncludes(combined.message, refused);
        continue;
      }
      assertEquals(REFUSED[name], undefined, name);
      if (combined.layout.modules[1].transforms.includes("take_allocator")) taken.push(name);
      const { memory, exports } = await instantiate(combined, caseImports(described));
      assertBehaves(exports.it, memory, { name, described }, moves(combined, 1));
    }
  }
  assertEquals([...new Set(taken)], [
    "c-malloc",
    "cpp",
    "rust-std",
    "sqlite",
    "zlib",
  ]);
});

/** What is refused, and why: what has no records, and allocators that nobody knows. */
const REFUSED: Record<string, string> = {
  "c-data-first": "none of its functions",
  "c-heap-piece": "none of its functions",
  "c-symbols": "none of its functions",
  "pic-rust": "none of its functions",
};

const refused: [what: string, files: string[], allocator: string, code: string, text: string][] = [
  ["no such module", ["full", "rust"], "ful", "invalid_option", 'Did you mean "full"?'],
  ["no aligned_alloc for Rust", ["lite", "rust"], "lite", "allocator_missing", "aligned_alloc"],
  ["an allocator in its callers", ["full", "inlined"], "full", "allocator_partial", "make still"],
  ["a copy of free", ["full", "half"], "full", "allocator_partial", "drop still refers to state"],
  ["nothing but copies", ["full", "gone"], "full", "allocator_partial", "none of its functions"],
  [
    "where the heap began, in data",
    ["full", "partial-heap_in_data"],
    "full",
    "allocator_partial",
    "its data refers to __heap_base",
  ],
  [
    "a copy of malloc",
    ["full", "partial-pool"],
    "full",
    "allocator_partial",
    "make still refers to",
  ],
  [
    "copies of Rust's functions where they are given",
    ["partial-facade", "lite"],
    "partial-facade",
    "allocator_partial",
    "still refers to",
  ],
  [
    "copies of Rust's functions beside malloc",
    ["partial-both", "rust"],
    "partial-both",
    "allocator_partial",
    "still refers to",
  ],
  [
    "the same in a module that takes",
    ["full", "partial-both"],
    "full",
    "allocator_partial",
    "still refers to",
  ],
  [
    "what cannot be read",
    ["full", "partial-fp16"],
    "full",
    "malformed_module",
    "Cannot read module",
  ],
  [
    "malloc made of Rust's allocator",
    ["partial-shim", "rust"],
    "partial-shim",
    "allocator_partial",
    "its malloc is made of Rust's allocator",
  ],
  [
    "a destructor called free",
    ["full", "partial-destructor"],
    "full",
    "allocator_partial",
    "it has free and nothing that allocates",
  ],
  [
    "operator new with a pool",
    ["full", "partial-operator_new"],
    "full",
    "allocator_partial",
    "its operator new",
  ],
  ["free with another type", ["full", "partial-import"], "full", "signature_mismatch", "env.free"],
  ["Rust after LTO", ["full", "lto"], "full", "allocator_partial", "lto = false"],
];
for (const [what, files, allocator, code, text] of refused) {
  Deno.test(`refused: ${what}`, async () => {
    const error = await assertRejects(() => set(files, { allocator }), WasmShareError);
    assertEquals(error.code, code, error.message);
    assertStringIncludes(`${error.message} → ${error.hint}`, text);
  });
}

Deno.test("every problem of the set is said, and not what follows from others", async () => {
  const error = await assertRejects(
    () =>
      combine([
        { name: "a", bytes: Uint8Array.of(1, 2, 3, 4) },
        input("partial-operator_new"),
        input("full", { heap: 65536 }),
      ], { allocator: "a" }),
    WasmShareError,
  );
  assertEquals(error.errors.map(({ code, module }) => [code, module]), [
    ["not_wasm", "a"],
    ["allocator_partial", "partial-operator_new"],
    ["invalid_option", "full"],
  ]);
});

Deno.test("Rust's functions over malloc with a header of their own become the same as malloc", async () => {
  const combined = await set(["partial-counted", "rust", "lite"], { allocator: "partial-counted" });
  const { exports } = await instantiate<Record<string, Exports>>(combined);
  const { "partial-counted": counted, rust, lite } = exports;
  for (let round = 0; round < 2000; round++) {
    lite.drop(counted.boxed());
    rust.drop_aligned(counted.boxed(), 24, 8);
    counted.unbox(rust.make_aligned(24, 8, round, 0));
    counted.unbox(lite.make(0, 24, round));
  }
  assertEquals(exchange({ rust, lite }, 5000), 0);
});

Deno.test("a function of the program's own that is called free stays what it is", async () => {
  for (const allocator of ["full", "partial-local"]) {
    const combined = await set(["full", "partial-local"], { allocator });
    const { exports } = await instantiate<Record<string, Exports>>(combined);
    const { full, "partial-local": local } = exports;
    assertEquals(local.test(), 1);
    for (let round = 0; round < 2000; round++) {
      full.drop(local.make(1000));
      local.drop(full.make(0, 1000, round));
    }
  }
});

Deno.test("a module that allocates nothing is left alone, and one without allocator cannot give", async () => {
  const files: ModuleInput[] = [input("full"), {
    name: "s",
    bytes: moduleAt("c-statics/base.wasm"),
  }];
  const combined = await combine(files, { allocator: "full" });
  assertEquals(combined.layout.modules.map(({ transforms }) => transforms), [[], []]);
  const error = await assertRejects(() => combine(files, { allocator: "s" }), WasmShareError);
  assertEquals([error.code, error.module], ["allocator_missing", "s"]);
});

function cstr(memory: WebAssembly.Memory, at: number): string {
  const bytes = new Uint8Array(memory.buffer, at >>> 0);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

async function importsOf({ modules }: Combined, index: number) {
  const module = await WebAssembly.compile(modules[index] as Uint8Array<ArrayBuffer>);
  return WebAssembly.Module.imports(module);
}

/** Whether a module contains `memory.grow`: engines tell if its memory is fixed. */
async function functionsThatGrow(module: Uint8Array): Promise<number> {
  const { allocationByCore } = await import("../src/core/mod.ts");
  return (await allocationByCore("it", module)).claims ? 1 : 0;
}
