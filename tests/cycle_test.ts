/** Modules that import from each other: made, bound without JavaScript in between, and initialised. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { combine, instantiate, type ModuleInput, WasmShareError } from "../mod.ts";
import { order } from "../src/runtime/order.ts";
import { moduleAt } from "./host/cases.ts";
import { refused } from "./host/refused.ts";
import { encode, type ModuleSpec } from "./host/wasm.ts";
import { loads } from "./host/loads.ts";

type Import = NonNullable<ModuleSpec["imports"]>[number];
type Type = "i32" | "i64" | "f32" | "f64" | "v128" | "externref" | "funcref";

const input = (spec: ModuleSpec): ModuleInput => ({ name: spec.name, bytes: encode(spec) });
const ring = (...names: string[]): ModuleInput[] =>
  names.map((name) => ({ name, bytes: moduleAt(`cycle/${name}.wasm`) }));
const imported = (
  at: string,
  params: Type[] = [],
  results: Type[] = [],
): Import => {
  const [module, name] = at.split(".");
  return { module, name, kind: "function", params, results };
};

for (const names of [["left", "right"], ["right", "left"], ["a", "b", "c"], ["b", "a", "c"]]) {
  Deno.test(`${names.join(" and ")} call each other`, async () => {
    const set = await combine(ring(...names));
    assertEquals(set.layout.trampolines?.imports.length, names.length * 3);
    const { exports } = await instantiate(set);
    for (const name of names) {
      assertEquals(exports[name].sum(100), 5050);
      assertEquals(exports[name].pointed(10), 55, "through a slot of the table");
      // 5 + … + 1 + (1 * 2^5) + (0.5 + 5)
      assertEquals(exports[name].wide(5n, 1, 0.5), 15n + 37n);
      assertEquals(exports[name].initialised(), 1, "initialised once");
    }
  });
}

Deno.test("a cycle is initialised when all of it is made, the first module of the set first", async () => {
  const { exports } = await instantiate(await combine(ring("b", "c", "a")));
  // What each constructor saw of the next one. The order is b, then c → a, so a before c.
  assertEquals(
    ["b", "c", "a"].map((name) => exports[name].before()),
    [0, 1, 1],
  );
  const other = (await instantiate(await combine(ring("c", "b", "a")))).exports;
  assertEquals(["a", "b", "c"].map((name) => other[name].before()), [1, 1, 0]);
});

Deno.test("modules beside a cycle keep their places: before it what it needs, after it what needs it", async () => {
  const calls: string[] = [];
  const spec = (name: string, imports: string[]): ModuleSpec => ({
    name,
    imports: [imported(`host.${name}`), ...imports.map((at) => imported(at))],
    functions: [{ export: "f", body: [] }, { export: "_initialize", body: [0x10, 0] }],
  });
  const host = Object.fromEntries(
    ["user", "app", "plugin", "base"].map((name) => [name, () => void calls.push(name)]),
  );
  const set = await combine([
    input(spec("user", ["app.f"])),
    input(spec("app", ["plugin.f", "base.f"])),
    input(spec("plugin", ["app.f"])),
    input(spec("base", [])),
  ]);
  assertEquals(set.layout.trampolines?.imports, [
    { module: "app", from: ["plugin", "f"] },
    { module: "plugin", from: ["app", "f"] },
  ]);
  await instantiate(set, { host });
  assertEquals(calls, ["base", "app", "plugin", "user"]);
});

Deno.test("only what has to wait goes through a trampoline, and nothing through JavaScript", async () => {
  const reexporting = (name: string, other: string): ModuleSpec => ({
    name,
    imports: [imported(`${other}.f`, ["i32"], ["i32"])],
    functions: [{ export: "f", params: ["i32"], results: ["i32"], body: [0x20, 0, 0x41, 1, 0x6a] }],
  });
  const set = await combine([input(reexporting("a", "b")), input(reexporting("b", "a"))]);
  const given: Record<string, WebAssembly.Imports>[] = [];
  const { instantiate: original } = WebAssembly;
  WebAssembly.instantiate = ((...args: Parameters<typeof original>) => {
    given.push(args[1] as never);
    return original(...args);
  }) as typeof original;
  let exports;
  try {
    ({ exports } = await instantiate(set));
  } finally {
    WebAssembly.instantiate = original;
  }
  const [, first, second] = given;
  assert((second.a as { f?: unknown }).f === exports.a.f, "b gets the function itself");
  const trampoline = (first.b as unknown as { f: (n: number) => number }).f;
  assert((trampoline as unknown) !== exports.b.f);
  assertEquals(trampoline(41), 42);
  // Only functions of WebAssembly can be in a table.
  new WebAssembly.Table({ element: "anyfunc", initial: 1 }).set(0, trampoline);
});

for (const names of [["app", "plugin"], ["plugin", "app"]]) {
  Deno.test(`a program and its plug-in, each with malloc: ${names.join(", ")}`, async () => {
    const own = await instantiate(await combine(ring(...names)));
    assertEquals(own.exports.app.registered(), 1, "the plug-in called back in its constructor");
    // One allocator for both: what the plug-in allocates the program frees.
    const set = await combine(ring(...names), { allocator: "app" });
    const { exports: { app } } = await instantiate(set);
    assertEquals(app.registered(), 1);
    assertEquals([app.run(100), app.run(50)], [107, 157]);
    const at = app.malloc(5000);
    app.free(at);
    for (let i = 0; i < 1000; i++) app.run(5000);
    assertEquals(app.malloc(5000), at, "nothing was lost");
  });
}

Deno.test("without a cycle there are no trampolines", async () => {
  const set = await combine([
    input({ name: "a", imports: [imported("b.f")], functions: [{ export: "f", body: [] }] }),
    input({ name: "b", functions: [{ export: "f", body: [] }] }),
  ]);
  assertEquals(set.layout.trampolines, undefined);
});

Deno.test("every type of value passes, several and none", async () => {
  const params: Type[] = ["i32", "i64", "f32", "f64", "v128", "externref", "funcref"];
  const all = params.flatMap((_, at) => [0x20, at]);
  const a: ModuleSpec = {
    name: "a",
    imports: [imported("b.all", params, params), imported("b.none")],
    functions: [{ export: "nothing", body: [0x10, 1] }],
  };
  // A vector cannot come from JavaScript: it is i32x4.splat of a number, and one lane comes back.
  a.functions!.push({
    export: "lane",
    params: ["i32", "externref", "funcref"],
    results: ["i32"],
    body: [
      ...[0x20, 0, 0x42, 7, 0x43, 0, 0, 0, 0x40, 0x44, 0, 0, 0, 0, 0, 0, 8, 0x40],
      ...[0x20, 0, 0xfd, 0x11, 0x20, 1, 0x20, 2, 0x10, 0],
      // Both references are dropped, lane 3 is taken, and the return drops what is below.
      ...[0x1a, 0x1a, 0xfd, 0x1b, 3, 0x0f],
    ],
  });
  a.functions!.push({
    export: "numbers",
    params: ["externref", "funcref"],
    results: ["i32", "i64", "f32", "f64"],
    body: [
      ...[0x41, 5, 0x42, 7, 0x43, 0, 0, 0, 0x40, 0x44, 0, 0, 0, 0, 0, 0, 8, 0x40],
      ...[0x41, 9, 0xfd, 0x11, 0x20, 0, 0x20, 1, 0x10, 0, 0x1a, 0x1a, 0x1a],
    ],
  });
  a.functions!.push({
    export: "references",
    params: ["externref", "funcref"],
    results: ["externref", "funcref"],
    body: [
      ...[0x41, 5, 0x42, 7, 0x43, 0, 0, 0, 0x40, 0x44, 0, 0, 0, 0, 0, 0, 8, 0x40],
      ...[0x41, 9, 0xfd, 0x11, 0x20, 0, 0x20, 1, 0x10, 0, 0x0f],
    ],
  });
  const b: ModuleSpec = {
    name: "b",
    imports: [imported("a.nothing")],
    functions: [
      { export: "all", params, results: params, body: all },
      { export: "none", body: [] },
    ],
  };
  const set = await combine([input(a), input(b)]);
  const types = set.layout.trampolines!.imports.map(({ from }) => from.join("."));
  assertEquals(types, ["b.all", "b.none", "a.nothing"]);
  const { exports } = await instantiate(set);
  const object = {};
  const f = exports.b.none;
  assertEquals(exports.a.lane(6, object, f), 6);
  assertEquals(exports.a.numbers(object, f), [5, 7n, 2, 3]);
  const [reference, pointer] = exports.a.references(object, f);
  assert(reference === object && pointer === f);
  assertEquals(exports.a.nothing(), undefined);
});

Deno.test("the host can break a cycle, and then nothing waits", async () => {
  const set = await combine(ring("left", "right"));
  const own = { sum: (n: number) => n * 1000, wide: () => 0n, initialised: () => 5 };
  const { exports } = await instantiate(set, { modules: { right: { left: own } } });
  assertEquals(exports.left.sum(3), 3 + 2 + 1000);
  assertEquals(exports.right.before(), 5);
  assertEquals(exports.left.before(), 1, "right was initialised before it");
});

Deno.test("a generated loader makes a cycle", async () => {
  const set = await combine(ring("a", "b", "c"));
  const main = "const { exports } = await instantiate();\n" +
    "console.log(exports.a.sum(100), exports.b.pointed(10), exports.c.before());\n";
  for (const text of (await loads(set, main, "a cycle")).printed) assertEquals(text, "5050 55 1");
});

Deno.test("a start function that calls what is not there yet: which import, which module", async () => {
  const first: ModuleSpec = {
    name: "first",
    imports: [imported("second.f"), imported("second.g", [], ["i32"])],
    functions: [{ body: [0x10, 1, 0x1a] }, { export: "f", body: [] }],
    start: 2,
  };
  const second: ModuleSpec = {
    name: "second",
    imports: [imported("first.f")],
    functions: [
      { body: [0x10, 0] },
      { export: "f", body: [] },
      { export: "g", results: ["i32"], body: [0x41, 1] },
    ],
    start: 1,
  };
  const error = await assertRejects(
    async () => await instantiate(await combine([input(first), input(second)])),
    WasmShareError,
    'Cannot instantiate module "first": its start function calls "second.g" for module "first" before module "second" is made',
  );
  assertEquals([error.code, error.module], ["instantiation_failed", "first"]);
  assert(error.cause instanceof WebAssembly.RuntimeError);
  assertStringIncludes(error.hint, "Do this in a constructor or in _initialize");
  const other = await combine([input(second), input(first)]);
  await assertRejects(() => instantiate(other), WasmShareError, 'calls "first.f"');
  // The remedy.
  const { exports } = await instantiate(
    await combine([input({ ...second, start: undefined }), input(first)]),
  );
  assertEquals(exports.second.g(), 1);
});

Deno.test("a trap of a start function is no call that came too early", async () => {
  const a: ModuleSpec = {
    name: "a",
    imports: [imported("b.f")],
    functions: [{ export: "f", body: [0x00] }],
    start: 1,
  };
  const b: ModuleSpec = {
    name: "b",
    imports: [imported("a.f")],
    functions: [{ export: "f", body: [] }],
  };
  const set = await combine([input(a), input(b)]);
  const error = await assertRejects(() => instantiate(set), WasmShareError, 'module "a": ');
  assert(!error.message.includes("before module"), error.message);
});

Deno.test("a global on a cycle decides who comes first; two of them are refused by name", async () => {
  const importsGlobal = (name: string, from: string, more: Import[] = []): ModuleSpec => ({
    name,
    imports: [{ module: from, name: "g", kind: "global", type: "i32", mutable: true }, ...more],
    functions: [{ export: "f", body: [] }],
    global: { export: "g", value: 3 },
  });
  const b: ModuleSpec = {
    name: "b",
    imports: [imported("a.f")],
    functions: [{ export: "f", body: [] }],
    global: { export: "g", value: 3 },
  };
  // `a` is listed first, but needs the global of `b`.
  const set = await combine([input(importsGlobal("a", "b")), input(b)]);
  await instantiate(set);
  const both = await combine([
    input(importsGlobal("a", "b")),
    input(importsGlobal("b", "a", [imported("a.f")])),
  ]);
  const error = await refused(both);
  assertEquals([error.code, error.module], ["import_cycle", "a"]);
  assertStringIncludes(error.message, '"a" → "b" → "a"');
  assertStringIncludes(error.message, '"b.g" (global) cannot be filled in later');
  assertStringIncludes(error.hint, '"b.g" in imports.modules["a"]');
  const g = new WebAssembly.Global({ value: "i32", mutable: true }, 1);
  await instantiate(both, { modules: { a: { b: { g } } } });
});

Deno.test("order() waits as little as the rule allows, and always in the same way", () => {
  const graph = (edges: string, names: string) => {
    const set = [...names].map((name) => ({
      name,
      imports: [],
      exports: [],
      memoryImport: null,
      tableImport: null,
      sharedStack: null,
    }));
    const bindings = [...names].map((name) =>
      [...edges.matchAll(/(\w)(\w)/g)].filter(([, from]) => from === name).map(([, , to]) => ({
        module: to,
        name: "f",
        source: { from: "set" as const, index: names.indexOf(to), name: "f" },
      }))
    );
    const { groups, problems } = order(set, bindings, [], () => true);
    assertEquals(problems, []);
    return groups.map((group) => group.map((at) => names[at]).join("")).join(" ");
  };
  assertEquals(graph("ab bc", "abc"), "c b a");
  assertEquals(graph("ab ba", "ab"), "ab");
  assertEquals(graph("ab ba", "ba"), "ba");
  assertEquals(graph("ab ac ad ba ca da", "abcd"), "abcd", "an application and three plug-ins");
  assertEquals(graph("ab bc ca", "abc"), "acb", "b needs c, which needs only what is there");
  assertEquals(graph("ab ba cd dc bc", "abcd"), "cd ab", "two cycles, the one needs the other");
  assertEquals(graph("ab ba bc cb xa", "xabc"), "abc x");
});
