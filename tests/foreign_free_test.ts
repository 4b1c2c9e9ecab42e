/**
 * `checks: { foreignFree: true }`: whoever frees a block of another module traps, in a function whose name says
 * whose block it was. Whatever a module frees of its own goes through. Without the check the same frees go
 * through in silence, which shows that the tests can fail.
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  combine,
  type Combined,
  type CombineOptions,
  instantiate,
  type ModuleInput,
  type ModuleOptions,
  WasmShareError,
} from "../mod.ts";
import * as z from "zod";
import { build } from "../src/build.ts";
import { layoutReport } from "../src/report/layout.ts";
import { importsOf } from "./cases/case.ts";
import { assertBehaves, cases, moduleAt, moves } from "./host/cases.ts";
import { has, run } from "./host/output.ts";
import { inFolder } from "./temp.ts";

const PAGE = 65536;
const CHECK: CombineOptions = { checks: { foreignFree: true } };

const at = (file: string, name = file, options: ModuleOptions = {}): ModuleInput => ({
  ...options,
  name,
  bytes: moduleAt(`frees/${file}.wasm`),
});

interface Frees {
  block(bytes: number): number;
  release(address: number, bytes?: number): void;
  release_one(address: number): void;
  resize(address: number, bytes: number, to?: number): number;
  churn(rounds: number, most: number): number;
  statics(): number;
  frame(): number;
  frees(): number;
  grow(pages: number): number;
  free(address: number): void;
  work(rounds: number, words: number): void;
  finish(): number;
  made(): number;
}
type Set = Record<string, Frees>;

/** What modules of C++ would print with. */
const wasi_snapshot_preview1 = { fd_close: () => 8, fd_seek: () => 8, fd_write: () => 8 };

async function start(set: Combined) {
  return await instantiate<Set>(set, { wasi_snapshot_preview1 });
}

/** It does not grow the memory, so that whatever claims the rest of it can be beside it. */
const first: ModuleInput = { name: "first", bytes: moduleAt("rust-nostd/base.wasm") };

/** The name of the function that a call trapped in; `null` if it returned. */
function trappedIn(call: () => unknown): string | null {
  try {
    call();
    return null;
  } catch (error) {
    assert(error instanceof WebAssembly.RuntimeError, String(error));
    return /free_in_[\w.-]+/.exec(error.stack ?? "")?.[0] ?? `another trap: ${error.stack}`;
  }
}

const isRust = (name: string) => name.startsWith("rust");
const foreign = (here: string, owner: string) => `free_in_${here}_of_a_block_of_${owner}`;

/** What a module in a set of frees may look like: how it comes to its heap. */
const KINDS: Record<string, ModuleInput[]> = {
  "staged malloc": [at("c", "a"), at("c", "b"), at("rust")],
  "malloc with its own size of the memory": [at("private", "a"), at("private", "b"), at("rust")],
  "allocators with pieces": [at("piece", "a"), at("piece", "b"), at("rust")],
  "Rust with LTO": [at("rust-lto", "rust-a"), at("rust-lto", "rust-b"), at("rust"), at("c")],
  "fixed heaps": [
    at("c", "a", { heap: 4 << 20 }),
    at("piece", "b", { heap: 4 << 20 }),
    at("rust", "rust", { heap: 4 << 20 }),
  ],
  "stacks that are checked, too": [
    at("c", "a", { stackGuard: "check" }),
    at("private", "b", { stackGuard: "check" }),
    at("rust", "rust", { stackGuard: "check" }),
  ],
  "one stack for all": [
    at("c", "a", { stack: "shared" }),
    at("private", "b", { stack: "shared" }),
    at("rust", "rust", { stack: "shared" }),
  ],
  "tables of their own": [
    at("c", "a", { table: "separate" }),
    at("piece", "b"),
    at("rust", "rust", { table: "separate" }),
  ],
};

for (const [what, inputs] of Object.entries(KINDS)) {
  Deno.test(`${what}: a block of another module is a trap that names both, wherever it lies`, async () => {
    const set = await combine(inputs, CHECK);
    assertEquals(set.warnings.filter(({ code }) => code === "unchecked_free"), []);
    const { memory, exports } = await start(set);
    const blocks: Record<string, [address: number, bytes: number][]> = {};
    for (const name of set.names) {
      blocks[name] = [];
      // Small ones from the heap that the layout gives, large ones from pages that grow.
      for (const bytes of [8, 200, 5000, 40_000, 300_000, 900_000]) {
        const address = exports[name].block(bytes) >>> 0;
        assert(
          address >= 1024 && address + bytes <= memory.buffer.byteLength,
          `${name}: ${address}`,
        );
        blocks[name].push([address, bytes]);
      }
    }
    // Each trap leaves the allocator as it was: the check comes first.
    for (const here of set.names) {
      for (const owner of set.names) {
        for (const [address, bytes] of blocks[owner]) {
          if (here === owner) continue;
          const place = `${here}, block of ${bytes} bytes of ${owner} at ${address}`;
          const wanted = foreign(here, owner);
          assertEquals(trappedIn(() => exports[here].release(address, bytes)), wanted, place);
          assertEquals(
            trappedIn(() => exports[here].resize(address, bytes, bytes * 2)),
            wanted,
            place,
          );
          // Not the start: an address inside a large block may be in another page. With LTO an assertion of
          // Rust's allocator, which only reads, was copied into the caller and comes first.
          const inside = trappedIn(() => exports[here].release(address + bytes - 1, 1));
          if (/^rust-[ab]$/.test(here)) assert(inside !== null, place);
          else assertEquals(inside, wanted, place);
        }
      }
    }
    for (const name of set.names) {
      for (const [address, bytes] of blocks[name]) {
        const moved = exports[name].resize(
          address,
          isRust(name) ? bytes : bytes + 100,
          bytes + 100,
        );
        assert(moved !== 0);
        exports[name].release(moved, bytes + 100);
      }
      if (!isRust(name)) exports[name].release(0);
      if ("churn" in exports[name]) assertEquals(exports[name].churn(20_000, 3000), 0, name);
    }
  });
}

Deno.test("addresses in static data and stacks of others trap, too", async () => {
  const set = await combine([at("c", "a"), at("piece", "b"), at("rust")], CHECK);
  const { exports: { a, b, rust } } = await start(set);
  assertEquals(trappedIn(() => b.release(a.statics())), foreign("b", "a"));
  assertEquals(trappedIn(() => rust.release(a.statics(), 4)), foreign("rust", "a"));
  assertEquals(trappedIn(() => rust.resize(a.frame(), 4, 8)), foreign("rust", "a"));
  assertEquals(trappedIn(() => a.release(rust.statics())), foreign("a", "rust"));
  assertEquals(trappedIn(() => b.release(rust.statics())), foreign("b", "rust"));
  // The last byte that the layout gives a module, and the first.
  for (const { module, kind, start, end } of set.layout.regions) {
    for (const address of [Math.max(start, 1024), end - 1]) {
      for (const here of ["a", "b"] as const) {
        if (kind === "reserved" || module === here) continue;
        const call = () => ({ a, b })[here].release(address);
        assertEquals(trappedIn(call), foreign(here, module), `${here}: ${kind} of ${module}`);
      }
    }
  }
});

Deno.test("a stack that modules share is nobody's", async () => {
  const set = await combine([at("c", "a"), at("piece", "b"), at("rust")], {
    ...CHECK,
    stack: "shared",
  });
  const { memory, exports: { a, b } } = await start(set);
  const address = a.frame() & ~15;
  const { stack, sharedStack } = set.layout.modules[0];
  assert(sharedStack && stack && stack.start <= address && address < stack.end);
  new Uint32Array(memory.buffer, address - 8, 2).set([16, 0]);
  assertEquals(trappedIn(() => b.release(address)), null);
  assertEquals(trappedIn(() => b.release(a.statics())), foreign("b", "a"));
});

Deno.test("without the check the same frees go through in silence", async () => {
  const inputs = [at("c", "a"), at("piece", "b"), at("rust")];
  const block = async (owner: string) => {
    const set = await combine(inputs);
    assertEquals(set.layout.checks, undefined);
    assert(!set.layout.modules.some(({ foreignFree }) => foreignFree));
    const { exports } = await start(set);
    return { exports, address: exports[owner].block(400_000) >>> 0 };
  };
  for (const [here, owner] of [["a", "b"], ["b", "a"], ["b", "rust"], ["a", "rust"]]) {
    const { exports, address } = await block(owner);
    assertEquals(
      trappedIn(() => exports[here].release(address, 400_000)),
      null,
      `${here}, ${owner}`,
    );
  }
  const { exports, address } = await block("b");
  assertEquals(trappedIn(() => exports.b.resize(exports.a.block(400_000), 500_000)), null);
  assertEquals(trappedIn(() => exports.b.release(address)), null);
});

Deno.test("millions of blocks of their own are freed while the memory grows, and none traps", async () => {
  const heaps = (file: string, name: string): ModuleInput => ({
    name,
    bytes: moduleAt(`heaps/${file}.wasm`),
  });
  const inputs = [heaps("staged", "a"), heaps("private", "b"), heaps("rust", "rust")];
  const set = await combine(inputs, CHECK);
  const { memory, exports } = await start(set);
  for (let turn = 0; turn < 170; turn++) {
    for (const name of set.names) exports[name].work(6000, 24 + turn * 2);
  }
  assertEquals(set.names.map((name) => exports[name].finish()), [0, 0, 0]);
  const made = set.names.reduce((sum, name) => sum + exports[name].made(), 0);
  assert(made > 3_000_000, `${made} blocks`);
  assert(memory.buffer.byteLength / PAGE > set.neededPages + 50);
});

Deno.test("blocks in static data belong to the module whose data it is", async () => {
  const set = await combine([at("arena", "a"), at("arena", "b"), at("c")], CHECK);
  const { exports: { a, b, c } } = await start(set);
  const block = a.block(100);
  assertEquals(trappedIn(() => b.release(block)), foreign("b", "a"));
  assertEquals(trappedIn(() => c.resize(block, 200)), foreign("c", "a"));
  assertEquals(trappedIn(() => a.release(c.block(100))), foreign("a", "c"));
  a.release(a.resize(block, 200));
});

Deno.test("C++: delete is checked through free, once", async () => {
  const set = await combine([at("cxx"), at("rust")], CHECK);
  const names = set.layout.modules[0].foreignFree!.checked;
  assertEquals(names, ["dlfree"], "all others do nothing but call it");
  const { exports: { cxx, rust } } = await start(set);
  const block = rust.block(100);
  assertEquals(trappedIn(() => cxx.release(block)), foreign("cxx", "rust"));
  assertEquals(trappedIn(() => cxx.release_one(block)), foreign("cxx", "rust"));
  assertEquals(trappedIn(() => cxx.free(block)), foreign("cxx", "rust"));
  assertEquals(trappedIn(() => rust.release(cxx.block(100), 100)), foreign("rust", "cxx"));
  rust.release(block, 100);
  cxx.release(cxx.block(100));
  cxx.release(0);
});

Deno.test("a growth that fails is noted nowhere", async () => {
  const inputs = [at("c", "a"), at("private", "b"), at("piece"), at("rust")];
  const set = await combine(inputs, { ...CHECK, memory: { maximum: 64 } });
  const { memory, exports } = await start(set);
  const { start: from, end } = set.layout.checks!.foreignFree;
  const map = () => new Uint8Array(memory.buffer).slice(from, end);
  for (const name of set.names) {
    const before = map();
    assertEquals(exports[name].block(100 << 20), 0, name);
    assertEquals(map(), before, name);
    assertEquals(exports[name].block(300_000) !== 0, true, name);
  }
  // What was noted is what there is.
  const noted = map();
  assertEquals(
    noted.slice(memory.buffer.byteLength / PAGE),
    new Uint8Array(65536).slice(memory.buffer.byteLength / PAGE),
  );
  assertEquals([...new Set(noted)].sort(), [0, 1, 2, 3, 4]);
});

Deno.test("memory that the host grew is nobody's", async () => {
  const set = await combine([at("c", "a"), at("piece", "b")], CHECK);
  const { memory, exports: { a, b } } = await start(set);
  const address = memory.grow(2) * PAGE;
  // An allocator does not like it either, so the block looks like one of this one's.
  new Uint32Array(memory.buffer, address, 4).set([16, 0, 0, 0]);
  assertEquals(trappedIn(() => b.release(address + 8)), null);
  assertEquals(b.block(16) >>> 0, address + 8, "it is in the list of free blocks now");
  const grown = a.block(900_000);
  assert(grown >>> 0 > address, "memory that a grew lies above that of the host");
  assertEquals(trappedIn(() => b.release(grown)), foreign("b", "a"));
});

Deno.test("what an option keeps free is nobody's, and null and what is below 1024 go through", async () => {
  const reserved = [{ start: 0x40_0000, size: 65536 }];
  const set = await combine([at("piece", "a"), at("piece", "b")], {
    ...CHECK,
    memory: { reserved },
  });
  const { memory, exports: { a } } = await start(set);
  new Uint32Array(memory.buffer, 0x40_0000, 2).set([16, 0]);
  assertEquals(trappedIn(() => a.release(0x40_0008)), null);
  assertEquals(trappedIn(() => a.release(0)), null);
  assertEquals(trappedIn(() => a.release(1023)), null);
});

Deno.test("a module whose free is that of another is left to that one", async () => {
  const set = await combine([at("piece", "owner"), at("forward"), at("rust")], CHECK);
  assertEquals(set.layout.modules.map(({ foreignFree }) => foreignFree?.checked.length), [2, 0, 4]);
  assertEquals(set.warnings.filter(({ code }) => code === "unchecked_free"), []);
  const { exports: { owner, forward, rust } } = await start(set);
  const block = forward.block(100);
  forward.release(forward.resize(block, 5000));
  owner.release(forward.block(300_000));
  forward.release(owner.block(300_000));
  assertEquals(forward.frees(), 2);
  // What it hands on is checked there.
  assertEquals(trappedIn(() => forward.release(rust.block(8))), foreign("owner", "rust"));
  // What it grows itself is its own.
  const pages = forward.grow(1) * PAGE;
  assertEquals(trappedIn(() => rust.release(pages, 8)), foreign("rust", "forward"));
});

Deno.test("a free that hands the block to an import of another name is left alone, and named", async () => {
  const bind = Object.fromEntries(
    ["malloc", "free", "realloc"].map((name) => [`owner.the_${name}`, `owner.${name}`]),
  );
  const set = await combine([at("piece", "owner"), at("renamed", "renamed", { bind })], CHECK);
  assertEquals(set.layout.modules[1].foreignFree, { number: 2, checked: [] });
  const [warning, ...others] = set.warnings.filter(({ code }) => code === "unchecked_free");
  assertEquals([warning.module, others], ["renamed", []]);
  assertStringIncludes(warning.message, 'the block goes from "free", "realloc" to an import');
  const { exports: { owner, renamed } } = await start(set);
  renamed.release(renamed.resize(renamed.block(100), 5000));
  renamed.release(owner.block(300_000));
  assertEquals(trappedIn(() => renamed.release(renamed.statics())), foreign("owner", "renamed"));
});

Deno.test("pages that memory.initial adds are nobody's if the claimer looked before", async () => {
  const options = { ...CHECK, memory: { initial: 64 } };
  const set = await combine([at("c", "a"), at("piece", "b")], options);
  assertEquals(set.layout.startup.map(({ module }) => module), ["a"]);
  const { memory, exports: { b } } = await start(set);
  const address = 63 * PAGE;
  assert(address > set.layout.end && memory.buffer.byteLength === 64 * PAGE);
  new Uint32Array(memory.buffer, address, 2).set([16, 0]);
  assertEquals(trappedIn(() => b.release(address + 8)), null);
});

for (const provider of ["full", "rust"]) {
  Deno.test(`with allocator: "${provider}" that module checks, what any of them frees`, async () => {
    const names = ["full", "lite", "cpp", "rust"];
    const modules = names.map((name): ModuleInput => ({
      name,
      bytes: moduleAt(`allocators/${name}.wasm`),
    }));
    const set = await combine(modules, { ...CHECK, allocator: provider });
    assertEquals(set.warnings.filter(({ code }) => code === "unchecked_free"), []);
    for (const { name, foreignFree } of set.layout.modules) {
      assertEquals(foreignFree!.checked.length > 0, name === provider, name);
    }
    interface Side {
      make(how: number, size: number, seed: number): number;
      drop(block: number): void;
      make_aligned(size: number, align: number, seed: number, zeroed: number): number;
      drop_aligned(block: number, size: number, align: number): void;
    }
    const { exports } = await instantiate<Record<string, Side>>(set, { wasi_snapshot_preview1 });
    const make = (name: string, size: number) =>
      exports[name].make?.(0, size, 1) ?? exports[name].make_aligned(size, 16, 1, 0);
    const drop = (name: string, block: number, size: number) =>
      exports[name].drop?.(block) ?? exports[name].drop_aligned?.(block, size, 16);
    for (let round = 0; round < 3000; round++) {
      const size = 1 + round * 37 % (round % 10 === 0 ? 90_000 : 900);
      const block = make(names[round % 4], size);
      drop(names[(round >> 2) % 4], block, size);
    }
    for (const { name: owner, data } of set.layout.modules) {
      if (owner === provider) continue;
      // Data of the module that frees is none of the provider's, either.
      for (const name of names) {
        const address = (data!.start + 63) & ~63;
        assertEquals(trappedIn(() => drop(name, address, 8)), foreign(provider, owner), name);
      }
    }
  });
}

Deno.test("a module that allocates and in which nothing frees by name is named in a warning", async () => {
  for (const file of ["unnamed", "inlined"]) {
    const set = await combine([at(file), at("rust")], CHECK);
    const [warning, ...others] = set.warnings.filter(({ code }) => code === "unchecked_free");
    assertEquals([warning.module, others], [file, []]);
    assertStringIncludes(warning.hint!, "build without LTO");
    const { exports } = await start(set);
    // Its own frees are not seen, its pages are.
    const block = exports[file].block(300_000);
    assertEquals(trappedIn(() => exports.rust.release(block, 300_000)), foreign("rust", file));
    assertEquals(trappedIn(() => exports[file].release(exports.rust.block(300_000))), null);
  }
});

Deno.test("the last claimer owns the pages that memory.initial adds", async () => {
  const options = { ...CHECK, memory: { initial: 64 } };
  const only: ModuleInput = { name: "only", bytes: moduleAt("heaps/arena.wasm") };
  const set = await combine([at("arena", "a"), only], options);
  assertEquals([set.layout.startup, set.layout.modules[1].memoryView], [[], null]);
  const { memory, exports } = await start(set);
  const block = exports.only.block(1 << 20);
  assert(block + (1 << 20) > set.layout.end && memory.buffer.byteLength === 64 * PAGE);
  const end = block + (1 << 20) - 1;
  assertEquals(trappedIn(() => exports.a.release(block)), foreign("a", "only"));
  assertEquals(trappedIn(() => exports.a.release(end)), foreign("a", "only"));
});

Deno.test("more than 255 modules: the map has two bytes a page", async () => {
  const inputs = Array.from({ length: 300 }, (_, index) => at("piece", `m${index}`));
  const set = await combine(inputs, CHECK);
  const { start: from, size, bytesPerPage } = set.layout.checks!.foreignFree;
  assertEquals([size, bytesPerPage], [131072, 2]);
  const { memory, exports } = await start(set);
  const last = exports.m299;
  const [small, large] = [last.block(8), last.block(300_000)];
  assertEquals(new Uint16Array(memory.buffer, from)[large >>> 16], 300);
  for (const name of ["m0", "m43", "m254", "m255", "m256"]) {
    for (const block of [small, large]) {
      assertEquals(trappedIn(() => exports[name].release(block)), foreign(name, "m299"));
    }
    // 300 and 44 differ in the upper byte only.
    const block = exports[name].block(300_000);
    assertEquals(trappedIn(() => last.release(block)), foreign("m299", name));
    exports[name].release(block);
  }
  last.release(small);
  last.release(large);
});

Deno.test("255 modules: the map has one byte a page", async () => {
  const inputs = Array.from({ length: 255 }, (_, index) => at("piece", `m${index}`));
  const set = await combine(inputs, CHECK);
  assertEquals(set.layout.checks!.foreignFree.bytesPerPage, 1);
  const { exports } = await start(set);
  const block = exports.m254.block(300_000);
  assertEquals(trappedIn(() => exports.m0.release(block)), foreign("m0", "m254"));
  exports.m254.release(block);
});

Deno.test("layout, build id and code say that it is on", async () => {
  const inputs = [at("c", "a"), at("rust")];
  const [bare, checked] = [await combine(inputs), await combine(inputs, CHECK)];
  assertEquals(checked.buildId === bare.buildId, false);
  const { foreignFree } = checked.layout.checks!;
  const region = checked.layout.regions.find(({ module }) => module === "checks: foreignFree")!;
  assertEquals([region.kind, region.start, region.size], ["reserved", foreignFree.start, 65536]);
  assertEquals(checked.layout.modules.map(({ foreignFree }) => foreignFree?.number), [1, 2]);
  assertEquals(checked.layout.modules.map(({ transforms }) => transforms), [
    ["foreign_free"],
    ["foreign_free"],
  ]);
  assertEquals(checked.codeShifts, [null, null]);
  assertEquals((await combine(inputs, { checks: {} })).buildId, bare.buildId);
  assertEquals((await combine(inputs, { checks: { foreignFree: false } })).modules, bare.modules);
  // The same again, byte by byte.
  assertEquals((await combine(inputs, CHECK)).modules, checked.modules);
});

Deno.test("the map never is where anything else is, and the memory holds it when modules start", async () => {
  const list = [at("c", "a"), at("private", "b"), at("piece", "p"), at("rust")];
  for (let turn = 0; turn < list.length; turn++) {
    list.push(list.shift()!);
    const options: CombineOptions = {
      ...CHECK,
      memory: { reserved: [{ start: 0x20_0000, size: 100 }, { start: 0x60_0000, size: 10 }] },
    };
    const { layout } = await combine(list, options);
    const map = layout.checks!.foreignFree;
    for (const { module, start, end } of layout.regions) {
      if (module !== "checks: foreignFree") assert(end <= map.start || map.end <= start, module);
    }
    for (const { pages } of layout.startup) assert(map.end <= pages * PAGE);
    assert(map.end <= layout.neededPages * PAGE);
  }
});

Deno.test("modules with nothing to check, or without a memory, stay as they are", async () => {
  const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  const plain = moduleAt("stack/o2.wasm");
  const inputs = [{ name: "none", bytes }, { name: "plain", bytes: plain }, at("rust")];
  const set = await combine(inputs, CHECK);
  assertEquals(set.layout.modules.map(({ transforms, foreignFree }) => [transforms, foreignFree]), [
    [[], undefined],
    [[], { number: 2, checked: [] }],
    [["foreign_free"], set.layout.modules[2].foreignFree],
  ]);
  assertEquals(set.codeShifts.map((shift) => shift === null), [false, false, true]);
  assertEquals(set.warnings.filter(({ module }) => module !== "rust"), []);
  // A set without any memory needs no map.
  const nothing = await combine([{ bytes }], CHECK);
  assertEquals([nothing.layout.checks, nothing.neededPages], [undefined, 0]);
});

Deno.test("a module of kind pic is found by its name section", async () => {
  const bytes = moduleAt("pic-rust/base.wasm");
  const set = await combine([{ name: "pic", bytes }, at("piece", "b")], CHECK);
  assertEquals([set.layout.modules[0].kind, set.facts[0].kind], ["pic", "pic"]);
  assertEquals(set.layout.modules[0].foreignFree!.checked.length, 4);
});

Deno.test("every case gives the same results with the check", async () => {
  for (const { name, described, bytes } of cases) {
    const set = await combine([first, { name: "it", bytes: bytes() }], CHECK);
    const { memory, exports } = await instantiate(set, importsOf(described));
    assertBehaves(exports.it, memory, { name, described }, moves(set, 1));
  }
});

Deno.test("a config with checks: files, manifest and report, and the trap in Node through the loader", async () => {
  const config = { modules: ["codec.wasm", "parser.wasm"], checks: { foreignFree: true } };
  const files = {
    "package.json": "{}",
    "codec.wasm": moduleAt("frees/rust.wasm"),
    "parser.wasm": moduleAt("frees/c.wasm"),
    "wasm-share.config.json": JSON.stringify(config),
    "main.mjs": `import { instantiate } from "./out/mod.js";
const { exports: { codec, parser } } = await instantiate();
parser.release(parser.block(100));
codec.release(codec.block(300000), 300000);
for (const bytes of [10, 300000]) {
  try { parser.release(codec.block(bytes)); } catch (error) { console.log(error.stack); }
  try { codec.release(parser.block(bytes), bytes); } catch (error) { console.log(error.stack); }
}
`,
  };
  await inFolder(files, async (folder) => {
    const overrides = {
      dir: null,
      additionalStack: null,
      strict: null,
      inline: null,
      loader: null,
    };
    const request = { cwd: folder.path, files: [], config: null, mode: "production", check: false };
    const { combined } = await build({ ...request, overrides });
    const report = layoutReport(combined.layout).split("\n");
    const map = report.find((line) => line.startsWith("checks: foreignFree"));
    assertStringIncludes(map ?? "", "reserved");
    assertStringIncludes(report.at(-1)!, "codec (4 functions), parser (2 functions)");
    const manifest = JSON.parse(await folder.read("out/wasm-share.json"));
    assertEquals(manifest.layout.checks, combined.layout.checks);
    const url = new URL("../schema/manifest.schema.json", import.meta.url);
    const schema = z.fromJSONSchema(JSON.parse(await Deno.readTextFile(url)));
    assertEquals(schema.safeParse(manifest).error?.issues, undefined);
    manifest.layout.checks.foreignFree.bytesPerPage = 3;
    assertEquals(schema.safeParse(manifest).success, false);

    if (!await has("node", "the trace in Node")) return;
    const { ok, text } = await run("node", [folder.file("main.mjs")]);
    assert(ok, text);
    assertEquals(text.split("free_in_parser_of_a_block_of_codec").length, 3, text);
    assertEquals(text.split("free_in_codec_of_a_block_of_parser").length, 3, text);
  });
});

Deno.test("an option that is wrong is refused by name", async () => {
  for (const checks of [true, { foreignfree: true }, { foreignFree: "yes" }]) {
    const options = { checks } as unknown as CombineOptions;
    const error = await assertRejects(() => combine([at("piece")], options), WasmShareError);
    assertEquals(error.code, "invalid_option");
    assertStringIncludes(error.message, "checks");
  }
});
