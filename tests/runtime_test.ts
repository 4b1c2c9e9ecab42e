import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ImportsFor, instantiate, WasmShareError } from "../src/runtime/mod.ts";
import { module, refused } from "./host/refused.ts";
import {
  combined,
  encode,
  memoryImport,
  type ModuleSpec,
  reader,
  tableImport,
  writer,
} from "./host/wasm.ts";

const log = { env: { log: () => {} } };

Deno.test("instantiate() shares one memory and binds modules to each other", async () => {
  const seen: number[] = [];
  const { memory, table, exports } = await instantiate(combined([writer, reader]), {
    env: { log: (value: number) => seen.push(value) },
  });
  assertEquals(table, null);
  assertEquals(Object.keys(exports), ["writer", "reader"], "in the order of the set");
  exports.writer.put(2000, 21);
  assertEquals(exports.reader.get(2000), 21);
  assertEquals(exports.writer["get-twice"](2000), 42);
  exports.reader.show(2000);
  assertEquals(seen, [21]);
  assertEquals(new Uint32Array(memory.buffer)[500], 21);
  assert((exports.writer.memory as unknown) === memory);
});

Deno.test("instantiate() gives modules one table, or one of their own", async () => {
  const callee = (name: string, slot: number, value: number, ownTable?: number): ModuleSpec => ({
    name,
    imports: [tableImport],
    functions: [{ results: ["i32"], body: [0x41, value] }, {
      export: "call",
      params: ["i32"],
      results: ["i32"],
      body: [0x20, 0, 0x11, 0, 0],
    }],
    elements: { slot, functions: [0] },
    ownTable,
  });
  const set = combined([callee("a", 1, 11), callee("b", 2, 22), callee("c", 1, 33, 2)], {
    tableSize: 3,
  });
  const { exports, table } = await instantiate(set);
  assertEquals([exports.a.call(2), exports.b.call(1)], [22, 11], "across modules");
  assertEquals(exports.c.call(1), 33, "its own");
  assertEquals([table!.length, table!.get(0)], [3, null]);
  assertEquals(table!.get(1)(), 11);
});

Deno.test("instantiate() makes the memory as the layout says", async () => {
  const set = combined([{ name: "a", imports: [memoryImport] }], { maximumPages: 2 });
  const { memory } = await instantiate(set);
  assertEquals(memory.buffer.byteLength, 65536);
  assertEquals(memory.grow(1), 1);
  await assertRejects(() => Promise.resolve().then(() => memory.grow(1)), RangeError);
});

Deno.test("instantiate() refuses modules of another build, all of them, before it makes any", async () => {
  const set = combined([writer, reader]);
  const other = combined([writer, reader], { build: "f".repeat(32) });
  for (
    const [wrong, why] of [
      [other.modules[1], `it is of build "${"f".repeat(32)}"`],
      [encode(reader), 'it carries no "wasm-share" section'],
      [
        encode(reader, { v: 1, build: set.buildId, module: "reader", index: 0 }),
        'it is module 0 ("reader")',
      ],
      [encode(reader, "{"), "is not JSON"],
      [encode(reader, "null"), "is not JSON"],
      [encode(reader, { v: 2, build: set.buildId }), 'is of version "2"'],
      [set.modules[0], 'it is module 0 ("writer") of the build, and module 1 is expected'],
    ] as const
  ) {
    const error = await refused({ ...set, modules: [set.modules[0], wrong] }, log);
    assertEquals([error.code, error.module], ["build_mismatch", "reader"]);
    assertStringIncludes(error.message, why);
  }
  const both = await refused({ ...set, modules: other.modules }, log);
  assertEquals(both.errors.map((e) => e.module), ["writer", "reader"]);
});

Deno.test("instantiate() initialises each module once, and primes its allocator right then", async () => {
  const calls: unknown[] = [];
  const entry = (name: string, at: number) => ({ export: name, body: [0x10, at] });
  const imports = (name: string): ModuleSpec["imports"] => [
    { module: name, name: "init", kind: "function" },
    { module: name, name: "ctors", kind: "function" },
    { module: name, name: "start", kind: "function" },
    { module: name, name: "malloc", kind: "function", params: ["i32"] },
    { module: name, name: "free", kind: "function", params: ["i32"] },
  ];
  const heap = [
    {
      export: "my_malloc",
      params: ["i32" as const],
      results: ["i32" as const],
      body: [0x20, 0, 0x10, 3, 0x41, 48],
    },
    { export: "my_free", params: ["i32" as const], body: [0x20, 0, 0x10, 4] },
  ];
  const host = (name: string) => ({
    init: () => void calls.push(`${name} init`),
    ctors: () => void calls.push(`${name} ctors`),
    start: () => void calls.push(`${name} start`),
    malloc: (n: number) => void calls.push(`${name} malloc ${n}`),
    free: (p: number) => void calls.push(`${name} free ${p}`),
  });
  await instantiate(
    combined([
      {
        name: "both",
        imports: imports("both"),
        functions: [entry("_initialize", 0), entry("__wasm_call_ctors", 1)],
      },
      { name: "ctors", imports: imports("ctors"), functions: [entry("__wasm_call_ctors", 1)] },
      {
        name: "command",
        imports: imports("command"),
        functions: [entry("_start", 2), entry("__wasm_call_ctors", 1)],
      },
      {
        name: "heap",
        imports: imports("heap"),
        functions: [entry("_initialize", 0), ...heap],
        startup: {
          module: "heap",
          action: "prime_allocator",
          malloc: "my_malloc",
          free: "my_free",
        },
      },
    ]),
    Object.fromEntries(["both", "ctors", "command", "heap"].map((n) => [n, host(n)])),
  );
  assertEquals(calls, ["heap init", "heap malloc 1", "heap free 48", "both init", "ctors ctors"]);
});

Deno.test("instantiate() wraps what the engine throws", async () => {
  const cases: [ModuleSpec, ImportsFor | undefined, string][] = [
    [module("a", ["env.f"], []), { env: { f: 7 } }, 'Cannot instantiate module "a": '],
    [
      { name: "a", functions: [{ export: "_initialize", body: [0x00] }] },
      undefined,
      'Cannot start module "a" with its "_initialize": unreachable',
    ],
    [
      {
        name: "a",
        functions: [{ export: "m", params: ["i32"], results: ["i32"], body: [0x41, 0] }],
        startup: { module: "a", action: "prime_allocator", malloc: "m", free: "m" },
      },
      undefined,
      'Cannot start module "a": "m" returned 0',
    ],
  ];
  for (const [spec, imports, message] of cases) {
    const set = combined([spec]);
    const error = await assertRejects(() => instantiate(set, imports), WasmShareError, message);
    assertEquals([error.code, error.module], ["instantiation_failed", "a"]);
    assert(error.cause);
  }
  const set = combined([module("a", [], [])]);
  const broken = { ...set, modules: [set.modules[0].slice(0, 12)] };
  const error = await assertRejects(() => instantiate(broken), WasmShareError, "Cannot compile");
  assertEquals(error.code, "instantiation_failed");
});
