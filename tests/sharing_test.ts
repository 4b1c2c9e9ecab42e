/**
 * What docs/sharing.md says is so: modules of five kinds hand each other records, texts, functions,
 * trait objects and C++ objects in one memory.
 */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  combine,
  type Combined,
  type CombineOptions,
  instantiate,
  type ModuleInput,
} from "../mod.ts";
import { view } from "../src/memory/mod.ts";
import { callSlot, newReading, Reading, readReading, slotOf, Text } from "./cases/sharing/host.ts";
import { moduleAt } from "./host/cases.ts";
import { inFolder } from "./temp.ts";

interface Language {
  reading_new(id: number, name: number, length: number): number;
  reading_free(reading: number): void;
  reading_count(): number;
  greeting(text: number): void;
  reading_check(reading: number): number;
  reading_scale(reading: number, by: number): void;
  reading_done(reading: number): void;
  reading_lend(id: number, visit: number, context: number): number;
  reading_visitor(): number;
}
interface C extends Language {
  malloc(size: number): number;
  free(block: number): void;
  countdown(left: number, own: number, other: number): number;
  countdown_step(): number;
  stack_here(): number;
  stack_of(slot: number): number;
  stack_visitor(): number;
}
interface Rust extends Omit<C, "malloc" | "free"> {
  buffer_new(length: number): number;
  buffer_free(block: number, length: number): void;
  names_lent(lend: number, count: number): number;
  parse_number(text: number, length: number, out: number): number;
  panics_visitor(): number;
}
interface Languages extends Record<string, Language> {
  c: C;
  cxx: Language;
  // deno-lint-ignore no-explicit-any -- no Language of the index signature lacks what Rust has
  rust: Rust & any;
}

/** What each language says of itself: `kind` of its records and its greeting. */
const LANGUAGES: Record<string, { kind: number; greeting: string; lent: string }> = {
  c: { kind: 1, greeting: "Grüße aus C", lent: "lent by C" },
  cxx: { kind: 2, greeting: "Grüße aus C++", lent: "lent by C++" },
  rust: { kind: 3, greeting: "Grüße aus Rust", lent: "lent by Rust" },
  core: { kind: 4, greeting: "Grüße aus dem Kern", lent: "lent by no_std" },
  zig: { kind: 5, greeting: "Grüße aus Zig", lent: "lent by Zig" },
};
const NAMES = Object.keys(LANGUAGES);
const PAIRS = NAMES.flatMap((from) => NAMES.map((to): [string, string] => [from, to]));

const named = (file: string, name = file) => ({ name, bytes: moduleAt(`sharing/${file}.wasm`) });

async function start<E extends object = Languages>(
  modules: ModuleInput[] = NAMES.map((name) => named(name)),
  options?: CombineOptions,
  imports?: WebAssembly.Imports,
): Promise<{ set: Combined; memory: WebAssembly.Memory; table: WebAssembly.Table; exports: E }> {
  const set = await combine(modules, options);
  const { memory, table, exports } = await instantiate<E>(set, imports);
  return { set, memory, table: table!, exports };
}

/** What `reading_check` must return, unsigned. */
function sumOf(r: { id: number; kind: number; value: number; name: string }): number {
  let sum = r.id * 31 + r.kind + Math.floor(r.value * 4);
  for (const byte of new TextEncoder().encode(r.name)) sum = Math.imul(sum, 31) + byte >>> 0;
  return sum;
}

const pages = (memory: WebAssembly.Memory) => memory.buffer.byteLength / 65536;

Deno.test("a record that one language made is read, changed and released by every other", async () => {
  const { memory, exports } = await start();
  const out = exports.c.malloc(Text.size);
  for (const [from, to] of PAIRS) {
    const what = `${from} → ${to}`;
    // The name lies in the consumer's data; the maker takes it as a pointer and a length.
    exports[to].greeting(out);
    const text = Text.read(view(memory), out);
    const name = view(memory).utf8(text.ptr, text.len);
    assertEquals(name, LANGUAGES[to].greeting, what);

    const reading = exports[from].reading_new(7, text.ptr, text.len);
    const { kind } = LANGUAGES[from];
    assertEquals(exports[from].reading_count(), 1, what);
    assertNotEquals(Reading.read(view(memory), reading).name, text.ptr, "the name is a copy");
    assertEquals(
      exports[to].reading_check(reading) >>> 0,
      sumOf({ id: 7, kind, value: 10.5, name }),
      what,
    );

    exports[to].reading_scale(reading, 3);
    assertEquals(readReading(memory, reading), { id: 7, value: 31.5, name }, what);
    assertEquals(
      exports[from].reading_check(reading) >>> 0,
      sumOf({ id: 7, kind, value: 31.5, name }),
      what,
    );

    exports[to].reading_done(reading);
    assertEquals(exports[from].reading_count(), 0, what);
  }
});

Deno.test("what is released goes back to its owner: the memory does not grow", async () => {
  const { memory, exports } = await start();
  const before = pages(memory);
  const out = exports.c.malloc(Text.size);
  exports.zig.greeting(out);
  const { ptr, len } = Text.read(view(memory), out);
  // One at a time: 10,000 that stay would take more than a megabyte.
  for (const [from, to] of PAIRS) {
    for (let time = 0; time < 10_000; time++) {
      exports[to].reading_done(exports[from].reading_new(time, ptr, len));
    }
  }
  // Each heap may have asked for its first pages.
  assert(pages(memory) - before < 8, `${pages(memory) - before} pages more`);
});

Deno.test("without releasing, the memory does grow", async () => {
  for (const name of NAMES.filter((name) => name !== "core")) {
    const { memory, exports } = await start();
    const before = pages(memory);
    const out = exports.c.malloc(Text.size);
    exports.zig.greeting(out);
    const { ptr, len } = Text.read(view(memory), out);
    for (let time = 0; time < 10_000; time++) exports[name].reading_new(time, ptr, len);
    assert(pages(memory) - before >= 8, `${name}: ${pages(memory) - before} pages more`);
  }
});

Deno.test("the pool of Rust without std says when it is full, or the name too long", async () => {
  const { memory, exports } = await start();
  const text = exports.c.malloc(33);
  const all = [0, 1, 2, 3].map((id) => exports.core.reading_new(id, text, 0));
  assert(all.every((reading) => reading !== 0));
  assertEquals(exports.core.reading_new(5, text, 0), 0, "full");
  exports.c.reading_done(all[2]);
  assertEquals(exports.core.reading_new(5, text, 33), 0, "too long");
  assertEquals(exports.core.reading_new(5, text, 32), all[2]);
  assertEquals(readReading(memory, all[2]).id, 5);
});

Deno.test("a text of no bytes is taken and handed out", async () => {
  const { memory, exports } = await start();
  for (const [from, to] of PAIRS) {
    const reading = exports[from].reading_new(1, 16, 0);
    assertNotEquals(reading, 0);
    assertEquals(readReading(memory, reading).name, "");
    assertEquals(
      exports[to].reading_check(reading),
      sumOf({ id: 1, kind: LANGUAGES[from].kind, value: 1.5, name: "" }),
    );
    exports[to].reading_done(reading);
  }
});

Deno.test("a function of each language is called by every other, with a record on its stack", async () => {
  const { memory, exports } = await start();
  const sum = exports.c.malloc(4);
  for (const [from, to] of PAIRS) {
    view(memory).u32[sum >>> 2] = 100;
    const result = exports[from].reading_lend(6, exports[to].reading_visitor(), sum);
    const { kind, lent } = LANGUAGES[from];
    const expected = sumOf({ id: 6, kind, value: 9, name: lent }) + 100 >>> 0;
    assertEquals(result >>> 0, expected, `${from} calls ${to}`);
    assertEquals(view(memory).u32[sum >>> 2], expected, `${from} calls ${to}`);
  }
});

Deno.test("a closure of Rust is a callback for every language", async () => {
  const { exports, table } = await start();
  for (const name of NAMES) {
    // An export of the module: into the table, as an address that Rust can call.
    const slot = slotOf(table, exports[name].reading_lend);
    assertEquals(exports.rust.names_lent(slot, 3), LANGUAGES[name].lent.length * 3, name);
  }
});

for (const language of ["c", "cxx", "rust", "zig"]) {
  Deno.test(`import by name: ${language} calls a store in every language`, async () => {
    for (const store of NAMES) {
      const { exports } = await start<
        { store: Language; user: { visit_store(id: number): number } }
      >(
        [named(store, "store"), named(`import-${language}`, "user")],
      );
      assertEquals(exports.user.visit_store(4), 6, store);
      assertEquals(exports.store.reading_count(), 0, `${store}: freed`);
    }
  });
}

Deno.test("the host reads and writes records, and frees by the owner's function", async () => {
  const { memory, exports } = await start();
  const { buffer_new, buffer_free } = exports.rust;
  for (const name of NAMES) {
    const maker = { reading_new: exports[name].reading_new, buffer_new, buffer_free };
    const reading = newReading(memory, maker, 3, "Zürich 🌍");
    assertEquals(readReading(memory, reading), { id: 3, value: 20.5, name: "Zürich 🌍" });
    assertEquals(
      exports.zig.reading_check(reading) >>> 0,
      sumOf({ id: 3, kind: LANGUAGES[name].kind, value: 20.5, name: "Zürich 🌍" }),
    );
    exports[name].reading_free(reading);
    assertEquals(exports[name].reading_count(), 0);
  }
});

Deno.test("the host calls a function pointer, and is called through one", async () => {
  const seen: unknown[] = [];
  const modules = [...NAMES.map((name) => named(name)), named("host")];
  const on_reading = (ptr: number, context: number) => {
    seen.push([readReading(memory, ptr).name, context]);
    return 77;
  };
  const { memory, table, exports } = await start<Languages>(modules, {}, { env: { on_reading } });
  const slot = (exports.host as unknown as { host_visitor(): number }).host_visitor();
  for (const name of NAMES) assertEquals(exports[name].reading_lend(2, slot, 5), 77);
  assertEquals(seen, NAMES.map((name) => [LANGUAGES[name].lent, 5]));

  const sum = exports.c.malloc(4);
  view(memory).u32[sum >>> 2] = 1;
  const reading = newReading(memory, exports.rust, 1, "x");
  const expected = sumOf({ id: 1, kind: 3, value: 20.5, name: "x" }) + 1;
  assertEquals(callSlot(table, exports.zig.reading_visitor(), reading, sum) >>> 0, expected);
  // deno-lint-ignore no-explicit-any -- it must be refused
  assertThrows(() => table.set(slot, (() => 0) as any), TypeError);
});

Deno.test("a typed array is empty after growth, a view is not", async () => {
  const { memory, exports } = await start();
  const mem = view(memory);
  const old = new Uint8Array(memory.buffer);
  const block = exports.rust.buffer_new(4 << 20) >>> 0;
  assertEquals([old.length, mem.u8.length], [0, memory.buffer.byteLength]);
  assertEquals(mem.u8[block], 0);
});

Deno.test("an address above 2 GiB comes as a negative number", async () => {
  const set = [{ ...named("c"), base: 0x8000_0000 }];
  const { memory, exports } = await start(set);
  const block = exports.c.malloc(8);
  assert(block < 0, `${block}`);
  const mem = view(memory);
  mem.u32[block >>> 2] = 7;
  assertEquals(mem.data.getUint32(block >>> 0, true), 7);
});

Deno.test("a function pointer called with another signature traps", async () => {
  const { exports } = await start();
  const slot = exports.c.stack_visitor(); // takes nothing
  assertThrows(() => exports.zig.reading_lend(1, slot, 0), WebAssembly.RuntimeError);
});

const statuses: [text: string, status: number, value?: number][] = [
  ["12.5", 0, 12.5],
  [" 3 ", 0, 3],
  ["twelve", 2],
];

Deno.test("errors cross as numbers", async () => {
  const { memory, exports } = await start();
  const out = exports.c.malloc(8);
  for (const [text, status, value] of statuses) {
    view(memory).f64[out >>> 3] = -1;
    const { ptr, len } = view(memory).writeUtf8(text, exports.c.malloc);
    assertEquals(exports.rust.parse_number(ptr, len, out), status, text);
    assertEquals(view(memory).f64[out >>> 3], value ?? -1, text);
    exports.c.free(ptr);
  }
  const bad = exports.c.malloc(2);
  view(memory).u8.set([0xc3, 0x28], bad);
  assertEquals(exports.rust.parse_number(bad, 2, out), 1);
  // What is not UTF-8 is no `&str`; the host shows U+FFFD.
  assertEquals(view(memory).utf8(bad, 2), "\ufffd(");
});

Deno.test("a panic in a callback is a trap, and leaves the caller's stack where it was", async () => {
  const { exports } = await start();
  const before = exports.c.stack_here();
  const panics = exports.rust.panics_visitor();
  assertThrows(() => exports.c.reading_lend(1, panics, 0), WebAssembly.RuntimeError);
  assert(exports.c.stack_here() < before, "the frame of reading_lend is still there");
});

Deno.test("an error thrown by the host does, too", async () => {
  const on_reading = () => {
    throw new Error("of the host");
  };
  const modules = [named("c"), named("host")];
  const { exports } = await start<{ c: C; host: { host_visitor(): number } }>(
    modules,
    {},
    { env: { on_reading } },
  );
  const before = exports.c.stack_here();
  const slot = exports.host.host_visitor();
  assertThrows(() => exports.c.reading_lend(1, slot, 0), Error, "of the host");
  assert(exports.c.stack_here() < before, "the frame of reading_lend is still there");
});

Deno.test("free of another module: a block has two owners", async () => {
  const { exports } = await start<{ a: C; b: C }>([named("c", "a"), named("c", "b")]);
  const block = exports.a.malloc(100);
  exports.b.free(block);
  assertEquals(exports.b.malloc(100), block, "the same block, which a never freed");
});

interface Exceptions {
  throw_slot(): number;
  guard(slot: number): number;
}

Deno.test("an exception of one module is not caught by another, but reaches the host", async () => {
  const { exports } = await start<Record<"a" | "b", Exceptions>>([
    named("exception", "a"),
    named("exception", "b"),
  ]);
  assertEquals(exports.a.guard(exports.a.throw_slot()), 42);
  assertEquals(exports.b.guard(exports.b.throw_slot()), 42);
  // deno-lint-ignore no-explicit-any -- not in the types of the engine
  const { Exception } = WebAssembly as any;
  assertThrows(() => exports.a.guard(exports.b.throw_slot()), Exception);
});

Deno.test("a callback runs on the stack of the module that has its code", async () => {
  const { set, exports } = await start();
  const stackOf = (name: string) => set.layout.modules[set.names.indexOf(name)].stack!;
  for (const [caller, called] of [["c", "rust"], ["rust", "c"], ["c", "c"], ["rust", "rust"]]) {
    const here = exports[caller as "c"].stack_of(exports[called as "c"].stack_visitor()) >>> 0;
    const { start, end } = stackOf(called);
    assert(start <= here && here < end, `${caller} → ${called}: ${here} in ${start}..${end}`);
  }
});

Deno.test("two modules call each other in turn; the deeper, the more stack", async () => {
  const down = async (left: number, ...[options]: [CombineOptions?]) => {
    const { exports } = await start([named("zig"), named("c"), named("rust")], options);
    const [own, other] = [exports.c.countdown_step(), exports.rust.countdown_step()];
    return exports.c.countdown(left, own, other);
  };
  assertEquals(await down(500), 500 * 501 / 2);
  const deep = 4000;
  const guarded = await down(deep, { stackGuard: "check" }).catch((error: Error) => error.stack);
  assert(/stack_overflow_in_c\b/.test(String(guarded)), `${guarded}`);
  const more: CombineOptions = { stackGuard: "check", additionalStack: 1 << 20 };
  assertEquals(await down(deep, more), deep * (deep + 1) / 2);
});

interface ShapeMaker {
  shape_new(round: number, size: number): number;
  shape_free(shape: number): void;
  shape_count(): number;
  with_closure(run: number, add: number): number;
  operation(): number;
  failing_operation(): number;
  count_call(): number;
  twice_slot(): number;
  any(which: number): number;
}
interface ShapeUser {
  shape_area(shape: number): number;
  runner(): number;
  apply(operation: number, a: number, b: number): number;
  shape_name_sum(shape: number): number;
  own_area(size: number): number;
  is_square(shape: number): number;
  count_call(): number;
  twice_slot(): number;
  is_copied(value: number): number;
  is_shared_square(value: number): number;
  is_u32(value: number): number;
}

async function shapes(): Promise<
  { memory: WebAssembly.Memory; table: WebAssembly.Table; maker: ShapeMaker; user: ShapeUser }
> {
  const modules = [named("c"), named("rust-maker", "maker"), named("rust-user", "user")];
  const { memory, table, exports } = await start<{ maker: ShapeMaker; user: ShapeUser }>(modules);
  return { memory, table, ...exports };
}

Deno.test("two Rust modules of one compiler: trait objects", async () => {
  const { memory, maker, user } = await shapes();
  const circle = maker.shape_new(1, 5);
  const square = maker.shape_new(0, 6);
  assertEquals([user.shape_area(circle), user.shape_area(square)], [75, 36]);
  assertEquals(user.own_area(7), 49);
  const sum = (text: string) => new TextEncoder().encode(text).reduce((sum, byte) => sum + byte, 0);
  assertEquals(user.shape_name_sum(circle), sum("red circle"));
  assertEquals(user.shape_name_sum(square), sum("square"));
  assertEquals([user.is_square(circle), user.is_square(square)], [0, 1]);
  maker.shape_free(circle);
  maker.shape_free(square);
  assertEquals(maker.shape_count(), 0);
  const before = pages(memory);
  for (let size = 0; size < 50_000; size++) {
    const shape = maker.shape_new(1, size % 1000);
    assertEquals(user.shape_area(shape), 3 * (size % 1000) ** 2);
    maker.shape_free(shape);
  }
  assertEquals(pages(memory), before);
});

Deno.test("two Rust modules of one compiler: closures and fn pointers", async () => {
  const { maker, user } = await shapes();
  assertEquals(maker.with_closure(user.runner(), 7), 1007 + 2007 + 1);
  assertEquals(user.apply(maker.operation(), 4, 2), 42);
  assertThrows(() => user.apply(maker.failing_operation(), 1, 0), WebAssembly.RuntimeError);
});

Deno.test("two Rust modules have statics, generic functions and own types of their own", async () => {
  const { table, maker, user } = await shapes();
  assertEquals([maker.count_call(), maker.count_call(), user.count_call()], [1, 2, 1]);
  const slots = [maker.twice_slot(), user.twice_slot()];
  assertNotEquals(slots[0], slots[1]);
  assertEquals(slots.map((slot) => callSlot(table, slot, 21)), [42, 42]);
  // A type that each compiled for itself, one of a crate that both were built with, one of Rust.
  const [copied, square, number] = [0, 1, 2].map((which) => maker.any(which));
  const is = (value: number) => [
    user.is_copied(value),
    user.is_shared_square(value),
    user.is_u32(value),
  ];
  assertEquals([is(copied), is(square), is(number)], [[0, 0, 0], [0, 1, 0], [0, 0, 1]]);
});

interface Animals {
  bird_new(): number;
  dog_new(): number;
  is_dog(animal: number): number;
  animal_count(): number;
  animal_use(animal: number): number;
  animal_delete(animal: number): void;
  same_type(a: number, b: number): number;
}

Deno.test("C++ objects: virtual calls and delete cross, dynamic_cast and typeid do not", async () => {
  const modules = [named("cxx-maker", "maker"), named("cxx-user", "user")];
  const { memory, exports } = await start<Record<"maker" | "user", Animals>>(modules);
  const { maker, user } = exports;
  const [bird, dog, own] = [maker.bird_new(), maker.dog_new(), user.dog_new()];
  assertEquals([user.animal_use(bird), user.animal_use(bird)], [203, 206]);
  assertEquals([user.animal_use(dog), user.animal_use(own)], [403, 403]);

  assertEquals([maker.is_dog(bird), maker.is_dog(dog), user.is_dog(own)], [1, 1, 1]);
  assertEquals([user.is_dog(bird), user.is_dog(dog), maker.is_dog(own)], [0, 0, 0]);
  assertEquals([user.same_type(dog, own), user.same_type(own, own)], [0, 1]);

  assertEquals(maker.animal_count(), 1);
  user.animal_delete(bird);
  assertEquals(maker.animal_count(), 0);
  const before = pages(memory);
  for (let time = 0; time < 50_000; time++) user.animal_delete(maker.bird_new());
  assertEquals([pages(memory), maker.animal_count()], [before, 0]);
});

Deno.test("C++ built for a whole program does not see classes of other modules", async () => {
  const modules = [named("cxx-maker", "maker"), named("cxx-whole-program", "user")];
  const { exports } = await start<Record<"maker" | "user", Animals>>(modules);
  // 203 would be right: a bird has two legs. The linker knew of none.
  assertEquals(exports.user.animal_use(exports.maker.bird_new()), 403);
});

Deno.test("the config of the guide combines, and its loader runs", async () => {
  await inFolder({}, async ({ path, read }) => {
    const config = new URL("cases/sharing/wasm-share.config.ts", import.meta.url);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "src/bin.ts", "combine", "-c", config.pathname, "-o", path],
      cwd: new URL("../", import.meta.url),
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const { instantiate, layout } = await import(`file://${path}/mod.js`);
    const { memory, exports } = await instantiate();
    const reading = exports.zig.reading_new(7, 1024, 0);
    const { heap } = layout.modules[3];
    assert(heap.size >= 1 << 20 && reading >= heap.start && reading < heap.end);
    assertEquals(readReading(memory, reading), { id: 7, value: 10.5, name: "" });
    exports.rust.reading_done(reading);
    assertEquals(exports.zig.reading_count(), 0);
    for (const file of ["mod.js", "mod.d.ts"]) {
      assert((await read(file)).includes("Who allocates frees"), `${file} says who frees`);
    }
  });
});

Deno.test("the config of the guide with one allocator: each frees records of the others", async () => {
  await inFolder({}, async ({ path, read }) => {
    const config = new URL("cases/sharing/allocator.config.ts", import.meta.url);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "src/bin.ts", "combine", "-c", config.pathname, "-o", path],
      cwd: new URL("../", import.meta.url),
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const { instantiate } = await import(`file://${path}/mod.js`);
    const { layout } = JSON.parse(await read("wasm-share.json"));
    assertEquals(
      layout.modules.map(({ allocator }: { allocator: string | null }) => allocator),
      [null, "c"],
    );
    const { memory, exports } = await instantiate();
    const { c, cxx } = exports;
    const pages = () => memory.buffer.byteLength / 65536;
    let before = 0;
    for (let round = 0; round < 30_000; round++) {
      const reading = [c, cxx][round % 2].reading_new(round, 1024, 0);
      assertEquals(readReading(memory, reading).id, round);
      // Each by the other's function.
      [cxx, c][round % 2].reading_free(reading);
      if (round === 1000) before = pages();
    }
    assertEquals(pages(), before);
  });
});
