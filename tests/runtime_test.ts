import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ImportsFor, instantiate, WasmShareError } from "../src/runtime/mod.ts";
import type { Combined } from "../src/core/options.ts";
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

/** Runs it, demands that it fails, and that no instance was made on the way. */
async function refused(set: Combined, imports?: ImportsFor): Promise<WasmShareError> {
  const { instantiate: original } = WebAssembly;
  let made = 0;
  WebAssembly.instantiate = ((...args: Parameters<typeof original>) => {
    made++;
    return original(...args);
  }) as typeof original;
  try {
    const error = await assertRejects(() => instantiate(set, imports), WasmShareError);
    assertEquals(made, 0, "instances made");
    return error;
  } finally {
    WebAssembly.instantiate = original;
  }
}

/** A module with functions `() → ()` and imports of the same type. */
function module(name: string, imports: string[], exports: string[]): ModuleSpec {
  return {
    name,
    imports: imports.map((at) => {
      const [module, name] = at.split(".");
      return { module, name, kind: "function" };
    }),
    functions: exports.map((name) => ({ export: name, body: [] })),
  };
}

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

Deno.test("instantiate() passes the exported function itself", async () => {
  // Re-export of the import: the same function object must come back.
  const a: ModuleSpec = { ...module("a", [], ["f"]) };
  const b: ModuleSpec = {
    name: "b",
    imports: [tableImport, { module: "a", name: "f", kind: "function" }],
    elements: { slot: 1, functions: [0] },
  };
  const { exports, table } = await instantiate(combined([b, a], { tableSize: 2 }));
  assert(table!.get(1) === exports.a.f);
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

Deno.test("instantiate() lists everything that nothing provides", async () => {
  const set = combined([module("a", ["env.x", "host.y"], []), module("b", ["a.z"], [])]);
  const error = await refused(set);
  assertEquals(error.errors.map((e) => [e.code, e.module]), [
    ["unresolved_import", "a"],
    ["unresolved_import", "b"],
  ]);
  assertStringIncludes(error.errors[0].message, '"env.x" (function), "host.y" (function)');
  assertStringIncludes(error.errors[1].message, '"a.z" (function)');
});

Deno.test("instantiate() takes nothing from Object.prototype", async () => {
  const set = combined([module("a", ["env.toString", "constructor.name"], [])]);
  assertEquals((await refused(set, { env: {} })).code, "unresolved_import");
});

Deno.test("instantiate() looks imports up in the documented order", async () => {
  const table = (name: string): ModuleSpec => ({
    name: "asker",
    imports: [{ module: name, name: "f", kind: "function" }, tableImport],
    elements: { slot: 1, functions: [0] },
  });
  const bound = async (from: string, set: ModuleSpec[], imports?: ImportsFor) => {
    const made = await instantiate(combined([table(from), ...set], { tableSize: 2 }), imports);
    const f = made.table!.get(1);
    return Object.keys(made.exports).find((m) => made.exports[m].f === f) ?? f();
  };
  // Engines wrap a host function in another one, so these are told apart by what they do.
  const own = { f: () => {} };
  const calls: string[] = [];
  const host = (name: string) => ({ f: () => void calls.push(name) });
  const a = module("a", [], ["f"]);
  const b = module("b", [], ["f"]);
  const env = module("env", [], ["f"]);
  await bound("a", [a], { modules: { asker: { a: host("own") } }, shared: { a: host("shared") } });
  assertEquals(calls.splice(0), ["own"], "1. imports.modules");
  assertEquals(await bound("a", [a], { a: own }), "a", "2. the module of that name");
  assertEquals(await bound("env", [a, env], {}), "env", "2. also if its name is env");
  await bound("env", [a, b], { env: host("shared") });
  assertEquals(calls.splice(0), ["shared"], "3. the host, over two that would be ambiguous");
  assertEquals(await bound("env", [a]), "a", "4. env: any module");
  await bound("x", [a], { shared: { x: host("structured") } });
  assertEquals(calls.splice(0), ["structured"]);
  await bound("shared", [a], { shared: host("flat"), other: {} });
  assertEquals(calls.splice(0), ["flat"], "another key makes the imports plain ones");
  const error = await refused(combined([table("env"), a, b], { tableSize: 2 }));
  assertEquals(error.errors.map((e) => e.code), ["ambiguous_import"]);
  assertStringIncludes(error.message, 'modules "a" and "b"');
  await instantiate(combined([a, b])); // nobody asks: no error
});

Deno.test("instantiate() never binds what belongs to one module", async () => {
  const names = ["_start", "_initialize", "__wasm_x", "__heap_base", "__stack_pointer"];
  const set = combined([
    module("a", [], names),
    module("b", names.flatMap((n) => [`env.${n}`, `a.${n}`]), []),
  ]);
  const error = await refused(set);
  assertEquals(error.errors.length, 1);
  for (const name of names) assertStringIncludes(error.message, `"env.${name}"`);
  for (const name of names) assertStringIncludes(error.message, `"a.${name}"`);
});

Deno.test("instantiate() refuses a memory from the host, and unknown module names", async () => {
  const set = combined([{ name: "a", imports: [memoryImport] }]);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const error = await refused(set, { env: { memory } });
  assertEquals(error.code, "invalid_option");
  assertStringIncludes(error.message, '"env.memory"');
  const typo = await refused(set, { modules: { b: {} } });
  assertStringIncludes(typo.message, 'imports.modules["b"]');
});

Deno.test("instantiate() makes a module after those that it imports from", async () => {
  const order: string[] = [];
  const spec = (name: string, imports: string[], startup = false): ModuleSpec => ({
    ...module(name, ["host." + name, ...imports], []),
    functions: [
      { export: "f", body: [] },
      { export: "_initialize", body: [0x10, 0] },
      { export: "malloc", params: ["i32"], results: ["i32"], body: [0x20, 0] },
      { export: "free", params: ["i32"], body: [] },
    ],
    startup: startup
      ? { module: name, action: "prime_allocator", malloc: "malloc", free: "free" }
      : undefined,
  });
  const host = Object.fromEntries("abcd".split("").map((n) => [n, () => void order.push(n)]));
  const made = await instantiate(
    combined([spec("a", ["c.f"]), spec("b", []), spec("c", []), spec("d", ["b.f"], true)]),
    { host },
  );
  assertEquals(order, ["b", "d", "c", "a"], "allocators first, but after what they need");
  assertEquals(Object.keys(made.exports), ["a", "b", "c", "d"]);
});

Deno.test("instantiate() names the modules of a cycle", async () => {
  const set = combined([
    module("x", [], []),
    module("a", ["b.f"], ["f"]),
    module("b", ["c.f"], ["f"]),
    module("c", ["a.f"], ["f"]),
  ]);
  const error = await refused(set);
  assertEquals(error.code, "import_cycle");
  assertStringIncludes(error.message, '"a" → "b" → "c" → "a"');
  assertStringIncludes(error.hint, '"b.f" in imports.modules["a"]');
  await instantiate(set, { modules: { a: { b: { f: () => {} } } } }); // the remedy
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
