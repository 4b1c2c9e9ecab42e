/**
 * Packages of crates, as `combine` built them (tests/cases/bindgen): everything that wasm-bindgen carries
 * across, for two packages in one memory.
 */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { run as byHand } from "./cases/bindgen/by_hand.js";
import { init, layout } from "./cases/bindgen/pkg/index.js";
import { init as initShared, layout as sharedLayout } from "./cases/bindgen/shared/index.js";
import { greet as early } from "./cases/bindgen/pkg/left.js";
import type { left as Left } from "./cases/bindgen/pkg/index.js";
import type { WasmShareError } from "../mod.ts";

const folder = new URL("cases/bindgen/pkg/", import.meta.url);

// Before anything else: what is called too early says so, and what fails leaves nothing behind.
const tooEarly = assertThrows(() => early("nobody", 0), Error);
const stale = await Deno.readFile(new URL("../shared/right.wasm", folder));
const failed = await assertRejects(() => init({ wasm: { right: stale } }), Error);
const nowhere = await assertRejects(() => init({ wasm: { right: new URL("none.wasm", folder) } }));
const unknown = await assertRejects(() => init({ wasm: { wrong: stale } } as never), Error);
// Every kind of source, and a call that comes while another one is running.
const bytesOf = (name: string) => Deno.readFile(new URL(`${name}.wasm`, folder));
const wasmResponse = new Response(await bytesOf("right"), {
  headers: { "content-type": "application/wasm" },
});
const [packages, again] = await Promise.all([
  init({ wasm: { left: WebAssembly.compile(await bytesOf("left")), right: wasmResponse } }),
  init(),
]);
const { memory, table, left, right, tally } = packages;
const both: [name: string, kit: typeof Left, say: (text: string) => string][] = [
  ["left", left, (text) => text],
  ["right", right as typeof Left, (text) => text.toUpperCase()],
];

Deno.test("a package: init is the only way in, and is run once", async () => {
  assertStringIncludes(tooEarly.message, 'Cannot use "left" yet: call and await init()');
  assertEquals(await init(), packages);
  assert(await init() === packages && again === packages);
  const error = await assertRejects(() => init({}), Error);
  assertEquals((error as WasmShareError).code, "invalid_option");
  assertStringIncludes(error.message, "it is initialised already");
  assertEquals(Object.keys(packages), ["memory", "table", "left", "right", "tally"]);
});

Deno.test("a package: modules of another build, missing ones and unknown names are refused", () => {
  assertEquals((failed as WasmShareError).code, "build_mismatch");
  assertEquals((nowhere as WasmShareError).code, "load_failed");
  assertEquals((unknown as WasmShareError).code, "invalid_option");
  assertStringIncludes(unknown.message, 'wasm["wrong"]');
});

Deno.test("a package: one memory, in which everything is where the layout says", () => {
  assert(memory instanceof WebAssembly.Memory);
  assert(table instanceof WebAssembly.Table);
  assert(tally.memory === memory);
  for (const [name, kit] of both) {
    const [data, stack] = kit.addresses();
    const placed = layout.modules.find((module) => module.name === name)!;
    assert(data >= placed.data!.start && data < placed.data!.end, `${name} ${data}`);
    assert(stack >= placed.stack!.start && stack < placed.stack!.end, `${name} ${stack}`);
    // Its own table: a slot means nothing to others.
    assertEquals(placed.table?.shared, false);
  }
});

Deno.test("a package: glue makes no memory, and cannot load anything", async () => {
  for await (const { name } of Deno.readDir(folder)) {
    if (!/^(left|right)\.(js|d\.ts)$/.test(name)) continue;
    const text = await Deno.readTextFile(new URL(name, folder));
    assert(!/WebAssembly\.Memory|initSync|__wbg_init|import\.meta/.test(text), name);
  }
  const { default: nothing } = await import("./cases/bindgen/pkg/left.js") as { default?: unknown };
  assertEquals(nothing, undefined);
});

Deno.test("a package: package.json lists what is there", async () => {
  const npm = JSON.parse(await Deno.readTextFile(new URL("package.json", folder)));
  const present = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const own = ["package.json", "wasm-share.json"];
  assertEquals(npm.files, present.filter((name) => !own.includes(name)).sort());
  assertEquals(npm.exports, { ".": { types: "./index.d.ts", default: "./index.js" } });
  assertEquals([npm.type, npm.types], ["module", "./index.d.ts"]);
  assertEquals(
    npm.sideEffects,
    npm.files.filter((file: string) => file.includes("inline")).map((
      file: string,
    ) => `./${file}`),
  );
  assertEquals(npm.sideEffects.length, 2);
});

for (const [name, kit, say] of both) {
  Deno.test(`${name}: strings`, () => {
    assertEquals(kit.greet("Žofie", 0), say("Hello, Žofie!"));
    assertEquals(kit.greet("Žofie", 2), say("¡Hola, Žofie!"));
    assertEquals(kit.reversed("žluť 🐎"), "🐎 ťulž");
    assertEquals(kit.reversed(undefined), undefined);
    assertEquals(kit.greet("x".repeat(1 << 20), 0).length, (1 << 20) + 8);
  });

  Deno.test(`${name}: vectors`, () => {
    assertEquals(kit.squares(new Uint32Array([1, 2, 65535])), new Uint32Array([1, 4, 4294836225]));
    assertEquals(kit.sum(new Float64Array([0.5, 0.25])), 0.75);
    const bytes = new Uint8Array(5);
    kit.fill(bytes, 7);
    assertEquals(bytes, new Uint8Array(5).fill(7));
    assertEquals(kit.words("a bc  d"), ["a", "bc", "d"]);
  });

  Deno.test(`${name}: closures and functions`, () => {
    assertEquals(kit.twice((value: number) => value * 3, 7), 63);
    const [adder, other] = [kit.adder(10), kit.adder(0)];
    assertEquals([adder(1), other(5), adder(2), other(5)], [11, 5, 13, 10]);
    assertEquals(kit.lent(new Uint32Array([1, 2, 3])), 6);
    const kept = kit.keep(3)!;
    assertEquals(kept(4), 7);
    assertEquals(kit.keep(undefined), undefined);
    assertThrows(() => kept(4));
    const thrown = assertThrows(() => kit.twice(() => fail("out of cheese"), 1), RangeError);
    assertEquals(thrown.message, "out of cheese");
  });

  Deno.test(`${name}: classes`, () => {
    const counter = new kit.Counter("a");
    assertEquals([counter.step(2), counter.step(3), counter.count], [2, 5, 5]);
    counter.name = "b";
    const merged = counter.merge(new kit.Counter("c"));
    assertEquals([merged.name, merged.count], ["b+c", 5]);
    assertThrows(() => counter.step(1));
    merged.free();
    assertEquals(kit.other_side(kit.Side.Left), kit.Side.Right);
  });

  Deno.test(`${name}: errors`, () => {
    assertEquals(kit.parse("-17"), -17);
    const error = assertThrows(() => kit.parse("x"), Error);
    assertEquals(error.message, "invalid digit found in string");
    const value = { own: "value" };
    try {
      kit.refuse(value);
      assert(false, "it was not thrown");
    } catch (thrown) {
      assert(thrown === value);
    }
  });

  Deno.test(`${name}: values of JavaScript`, () => {
    const value = Symbol("x");
    const { type, text, value: same } = kit.describe(value) as Record<string, unknown>;
    assertEquals([type, text], ["symbol", undefined]);
    assert(same === value);
    assertEquals(kit.describe("x"), { type: "string", text: "x", value: "x" });
    assertEquals(kit.big(5n), -5n);
  });

  Deno.test(`${name}: async`, async () => {
    const slow = new Promise((resolve) => setTimeout(resolve, 5, "later"));
    assertEquals(await Promise.all([kit.later(slow), kit.later(Promise.resolve("now"))]), [
      say("later"),
      say("now"),
    ]);
    await assertRejects(() => kit.later(Promise.reject(new RangeError("no"))), RangeError, "no");
    assertEquals(await kit.later(Promise.resolve(1)).catch((error) => error), "no text");
  });

  Deno.test(`${name}: was started once, and has its own snippet`, () => {
    assertEquals(kit.starts(), 1);
    assertEquals(kit.noted(), [say("started")]);
  });
}

Deno.test("a buffer of one package is read and written by the others, without a copy", () => {
  for (const [[, owner], [, guest]] of [[both[0], both[1]], [both[1], both[0]]]) {
    using buffer = new owner.Buffer(1000, 7);
    const { ptr, len } = buffer;
    assertEquals(guest.sum_at(ptr, len), 7000);
    assertEquals(tally.tally(ptr, len, 7), 1000);
    guest.bump_at(ptr, len);
    assertEquals(buffer.bytes(), new Uint8Array(1000).fill(8));
    assertEquals(new Uint8Array(memory.buffer, ptr, len), buffer.bytes());
    assertEquals(tally.tally(ptr, len, 8), 1000);
  }
  assertEquals(tally.total(), 4000);
});

Deno.test("who grows the memory leaves the views of nobody behind", () => {
  const before = memory.buffer;
  using buffer = new left.Buffer(64, 1);
  const view = new Uint8Array(before);
  for (const [, grower] of both) {
    const size = memory.buffer.byteLength;
    assertEquals(grower.ask(size), 1);
    assert(memory.buffer.byteLength > size, "the memory did not grow");
    // Strings, vectors and classes of both, through views that were detached.
    for (const [, kit, say] of both) {
      assertEquals(kit.greet("x", 0), say("Hello, x!"));
      assertEquals(kit.squares(new Uint32Array([3])), new Uint32Array([9]));
    }
    assertEquals(right.sum_at(buffer.ptr, buffer.len), 64);
  }
  assertEquals(view.length, 0, "a view that the host kept is detached");
});

Deno.test("blocks of both allocators lie side by side", () => {
  const buffers = Array.from({ length: 200 }, (_, at) => {
    const [, kit] = both[at % 2];
    return { at, buffer: new kit.Buffer(1 + at * 37, at & 0xff) };
  });
  for (const { at, buffer } of buffers) {
    const [, other] = both[(at + 1) % 2];
    assertEquals(other.sum_at(buffer.ptr, buffer.len), buffer.len * (at & 0xff), `${at}`);
  }
  for (const { buffer } of buffers) buffer.free();
});

Deno.test("one table and one allocator: function pointers and vectors change owners", async () => {
  const { memory, table, left, right, tally } = await initShared();
  assert(memory !== packages.memory);
  const [a, b] = sharedLayout.modules.map(({ table }) => table!);
  assertEquals([a.shared, b.shared, table.length], [true, true, sharedLayout.tableSize]);
  using buffer = new left.Buffer(9, 3);
  assert(right.slot() >= b.start && right.slot() < b.end);
  assertEquals(left.call_slot(right.slot(), buffer.ptr, buffer.len), 27);
  assertEquals(right.call_slot(left.slot(), buffer.ptr, buffer.len), 27);
  // Each makes a vector; the other makes it longer, which moves it, and frees it.
  for (let round = 0; round < 100; round++) {
    assertEquals(right.take(left.give(new Uint32Array([1, 2, 3])), 1000), 6000);
    assertEquals(left.take(right.give(new Uint32Array([4])), 1000), 4000);
  }
  // Closures call through the table.
  assertEquals([left.adder(1)(2), right.adder(3)(4)], [3, 7]);
  assertEquals([left.greet("a", 1), right.greet("b", 1)], ["Ahoj, a!", "AHOJ, B!"]);
  assertEquals(await right.later(left.later(Promise.resolve("both"))), "BOTH");
  assertEquals(tally.tally(buffer.ptr, buffer.len, 3), 9);
});

Deno.test("one stack for all", async () => {
  const { left, right } = await initShared();
  const end = sharedLayout.stackPointer!;
  for (const kit of [left, right]) {
    const [, local] = kit.addresses();
    assert(local < end && local > end - 4096, `${local}`);
    assertEquals(kit.deep(200), 200);
  }
});

// Last: a module that trapped should not be used any more.
Deno.test("an overflow of the stack is a trap that says so", () => {
  assertEquals([left.deep(50), right.deep(50)], [50, 50]);
  const error = assertThrows(() => right.deep(1000), WebAssembly.RuntimeError);
  assertStringIncludes(error.stack!, "stack_overflow_in_right");
});

Deno.test("a panic is a trap", () => {
  assertThrows(() => left.index(new Uint32Array([1]), 1), WebAssembly.RuntimeError);
});

Deno.test("the recipe by hand", async () => {
  assertEquals(await byHand(), [2000, true]);
});

function fail(message: string): never {
  throw new RangeError(message);
}
