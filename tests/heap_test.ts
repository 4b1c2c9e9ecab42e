/**
 * Allocators that were each made to own all memory, in one memory: blocks with a pattern in every word, made
 * and freed in turn while the memory grows. The same without our handling loses patterns, which shows that the
 * test can fail.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { combine, type Combined, instantiate, type ModuleInput, WasmShareError } from "../mod.ts";
import { moduleAt } from "./host/cases.ts";

const at = (file: string) => moduleAt(`heaps/${file}.wasm`);
const named = (file: string, name = file) => ({ name, bytes: at(file) });

interface Canary {
  work(rounds: number, words: number): void;
  finish(): number;
  made(): number;
  refused?(): number;
  pages(): number;
  block(bytes: number): number;
  heap_base?(): number;
}

/** Lets all modules work in turn, from small to larger blocks; how much each made and lost. */
async function interleave(
  set: Combined,
  { turns, rounds, words = 24, first = set.names }: {
    turns: number;
    rounds: number;
    words?: number;
    first?: string[];
  },
): Promise<{ made: number; broken: Record<string, number>; pages: number }> {
  const { memory, exports } = await instantiate<Record<string, Canary>>(set);
  const order = [...first, ...set.names.filter((name) => !first.includes(name))];
  for (let turn = 0; turn < turns; turn++) {
    for (const name of order) exports[name].work(rounds, words + turn * 2);
  }
  const made = order.reduce((sum, name) => sum + exports[name].made(), 0);
  return {
    made,
    broken: Object.fromEntries(order.map((name) => [name, exports[name].finish()])),
    pages: memory.buffer.byteLength / 65536,
  };
}

const nothing = (names: string[]) => Object.fromEntries(names.map((name) => [name, 0]));

Deno.test("two mallocs of wasi-libc of 2022 and one of Rust share a memory that grows all the time", async () => {
  const set = await combine([named("staged", "a"), named("staged", "b"), named("rust")]);
  assertEquals(set.layout.startup.map(({ module }) => module), ["a", "b"]);
  const result = await interleave(set, { turns: 170, rounds: 6000 });
  assertEquals(result.broken, nothing(["a", "b", "rust"]));
  assert(result.made > 3_000_000, `${result.made} blocks`);
  assert(result.pages > set.neededPages + 50, `${result.pages} pages`);
});

Deno.test("allocators without exported malloc see a size of the memory of their own", async () => {
  const inputs = [named("private", "a"), named("rust"), named("private", "b"), named("staged")];
  const set = await combine(inputs);
  assertEquals(
    set.layout.modules.map(({ memoryView, transforms }) => [memoryView?.limit, ...transforms]),
    [[null, "memory_view"], [undefined], [null, "memory_view"], [undefined]],
  );
  const { broken, made } = await interleave(set, { turns: 60, rounds: 4000 });
  assertEquals(broken, nothing(["a", "rust", "b", "staged"]));
  assert(made > 900_000);
});

Deno.test("any order of modules and of first use will do", async () => {
  const list = [named("private"), named("staged"), named("rust")];
  for (const [x, y, z] of [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]) {
    const set = await combine([list[x], list[y], list[z]]);
    for (const first of [["rust"], ["private"], ["staged"]]) {
      const { broken } = await interleave(set, { turns: 8, rounds: 4000, words: 200, first });
      assertEquals(broken, nothing(set.names), `${set.names}, ${first} first`);
    }
  }
});

Deno.test("without our handling the same allocators overwrite each other", async () => {
  const set = await combine([named("staged", "a"), named("staged", "b"), named("rust")]);
  const bare = { ...set, layout: { ...set.layout, startup: [] } };
  let lost = 0;
  try {
    const { broken } = await interleave(bare, { turns: 8, rounds: 4000, words: 200 });
    lost = Object.values(broken).reduce((sum, n) => sum + n, 0);
  } catch (error) {
    // One may find its own lists destroyed.
    assert(error instanceof WebAssembly.RuntimeError, String(error));
    lost = Infinity;
  }
  assert(lost > 10_000, `${lost} words`);
});

Deno.test("what the module sees of the memory's size is its own", async () => {
  const set = await combine([named("private", "a"), named("private", "b"), named("rust")]);
  const { memory, exports } = await instantiate<Record<string, Canary>>(set);
  const [a, b] = set.layout.modules;
  assertEquals([a.heap.end, b.heap.end].map((end) => end / 65536), [
    exports.a.pages(),
    exports.b.pages(),
  ]);
  assertEquals(exports.rust.pages(), memory.buffer.byteLength / 65536);
  exports.b.work(3000, 400);
  assertEquals(exports.b.pages(), memory.buffer.byteLength / 65536, "b grew last");
  assertEquals(exports.a.pages(), a.heap.end / 65536);
});

for (const file of ["bump", "between", "arena"]) {
  const other = named("rust");

  Deno.test(`${file}: alone it needs nothing`, async () => {
    const set = await combine([named(file)]);
    assertEquals([set.layout.startup, set.layout.modules[0].memoryView], [[], null]);
    const { broken } = await interleave(set, { turns: 2, rounds: 1000 });
    assertEquals(broken, { [file]: 0 });
  });

  Deno.test(`${file}: with heap it lives in its region, whoever grows the memory`, async () => {
    const heap = 3 << 20;
    const inputs: ModuleInput[] = [{ ...named(file), heap }, other, {
      ...named(file, "two"),
      heap,
    }];
    const set = await combine(inputs);
    const { memory, exports } = await instantiate<Record<string, Canary>>(set);
    for (let turn = 0; turn < 60; turn++) {
      for (const name of set.names) exports[name].work(1000, 60);
    }
    for (const { name, heap } of set.layout.modules.filter(({ name }) => name !== "rust")) {
      assert(heap.size >= 3 << 20);
      assert(exports[name].refused!() > 0, "it must come to the end of its region");
      assert(exports[name].made() > 10_000);
      assertEquals(exports[name].heap_base!(), heap.start);
      assertEquals(exports[name].pages(), heap.end / 65536);
    }
    assert(memory.buffer.byteLength >= set.neededPages * 65536);
    assertEquals(set.names.map((name) => exports[name].finish()), [0, 0, 0]);
  });
}

for (const file of ["bump", "between"]) {
  Deno.test(`${file}: beside a module that grows the memory it is refused`, async () => {
    const error = await assertRejects(
      () => combine([named(file), named("rust")]),
      WasmShareError,
      'Cannot share the memory with module "rust"',
    );
    assertEquals([error.code, error.module], ["heap_conflict", file]);
    assert(error.hint.startsWith("Set heap for this module"));
  });
}

Deno.test("arena: it never grows, so a size of its own is enough", async () => {
  const set = await combine([named("arena"), named("rust"), named("arena", "two")]);
  assertEquals(set.layout.modules.map(({ memoryView }) => memoryView?.limit), [
    null,
    undefined,
    null,
  ]);
  const { broken } = await interleave(set, { turns: 4, rounds: 3000 });
  assertEquals(broken, nothing(set.names));
});

Deno.test("heap limits an allocator that only grows", async () => {
  const set = await combine([{ ...named("rust"), heap: 1 << 20 }, named("staged")]);
  const { heap, memoryView } = set.layout.modules[0];
  assertEquals([heap.start % 65536, heap.size], [0, 1 << 20]);
  assertEquals(memoryView, { pages: heap.start / 65536, limit: heap.end / 65536 });
  const { exports } = await instantiate<Record<string, Canary>>(set);
  const block = exports.rust.block(500_000) >>> 0;
  assert(heap.start <= block && block + 500_000 <= heap.end, "inside");
  assertEquals(exports.rust.block(600_000), 0, "no more");
  assert(exports.rust.block(100_000) !== 0);
  exports.staged.work(5000, 500);
  assertEquals(exports.staged.finish(), 0);
});
