import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type ImportsFor, instantiate } from "../src/runtime/mod.ts";
import { module, refused } from "./host/refused.ts";
import { combined, memoryImport, type ModuleSpec, tableImport } from "./host/wasm.ts";

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

Deno.test("instantiate() does not bind a module to itself, or an import to another kind", async () => {
  const self = await refused(combined([module("a", ["a.f", "env.f"], ["f"])]));
  assertStringIncludes(self.message, '"a.f" (function), "env.f" (function)');
  const global: ModuleSpec = { name: "g", global: { export: "f", value: 1 } };
  await instantiate(combined([module("a", ["env.f"], []), global, module("b", [], ["f"])]));
});
