/**
 * Side modules (`dylink.0`): placed by `combine`, they do what a dynamic loader makes of them, and what the
 * same sources do when they are linked statically.
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { combine, inspect, instantiate, type ModuleInput } from "../mod.ts";
import { callAll, importsOf } from "./cases/case.ts";
import { callSide } from "./cases/side.ts";
import { assertBehaves, expected, moduleAt, sideCases, testCase } from "./host/cases.ts";

const statics: ModuleInput = { name: "other", bytes: moduleAt("c-statics/base.wasm") };

/** The side modules of a case by name, the one to call first. */
function sides(name: string): Record<string, Uint8Array<ArrayBuffer>> {
  const it = testCase(name);
  const [[first, others]] = Object.entries(it.described.sides!);
  return Object.fromEntries([first, ...others].map((each) => [each, it.bytes(each)]));
}

function inputs(name: string): ModuleInput[] {
  const { described, bytes } = testCase(name);
  const modules: ModuleInput[] = Object.entries(sides(name)).map(([name, bytes]) => ({
    name,
    bytes,
  }));
  if (described.libc) {
    // Its tables of logarithms and the like hold numbers that look like addresses, and no pointers.
    const assumeNoDataPointers = true;
    modules.push({ name: described.libc, bytes: bytes(described.libc), assumeNoDataPointers });
  }
  return modules;
}

Deno.test("there are side modules of every kind", () => {
  const names = sideCases.map(({ name }) => name);
  for (const each of ["c", "cpp", "pair", "pie", "emscripten", "sha256", "vm", "zlib", "sqlite"]) {
    assert(names.includes(`dylink-${each}`), each);
  }
});

for (const each of sideCases) {
  const { name, described } = each;
  const [called] = Object.keys(sides(name));

  Deno.test(`${name}: a dynamic loader and the linker agree on what it does`, async () => {
    const libc = described.libc ? each.bytes(described.libc) : undefined;
    const loaded = await callSide(sides(name), described, libc);
    assertEquals(loaded.map(({ value }) => value), expected(described));
    if (!each.has("static")) return;
    const linked = await callAll(each.bytes("static"), described, {});
    assertEquals(linked.map(({ value }) => value), expected(described));
  });

  Deno.test(`${name} behaves the same second and last of a set`, async () => {
    for (const modules of [[statics, ...inputs(name)], [...inputs(name), statics]]) {
      const set = await combine(modules);
      for (const [at, facts] of set.facts.entries()) {
        const isSide = set.names[at] in sides(name);
        assertEquals(facts.kind, isSide ? "dylink" : "relocs", set.names[at]);
      }
      const { memory, exports } = await instantiate(set, importsOf(described));
      assertBehaves(exports[called], memory, each, {});
    }
  });

  Deno.test(`${name} is placed for good: no base is left to be added when it runs`, async () => {
    const set = await combine([statics, ...inputs(name)]);
    for (const [at, name] of set.names.entries()) {
      const module = await WebAssembly.compile(set.modules[at] as Uint8Array<ArrayBuffer>);
      const imports = WebAssembly.Module.imports(module).map(({ name }) => name);
      for (const base of ["__memory_base", "__table_base"]) {
        assert(!imports.includes(base), `${name} imports ${base}`);
      }
      assertEquals(WebAssembly.Module.customSections(module, "dylink.0").length, 0, name);
    }
  });

  if (Object.keys(sides(name)).length === 1) {
    Deno.test(`${name} runs twice in one memory`, async () => {
      const [it, ...libc] = inputs(name) as { name: string; bytes: Uint8Array }[];
      const set = await combine([
        { ...it, name: "left" },
        statics,
        { ...it, name: "right" },
        ...libc,
      ]);
      const { memory, exports } = await instantiate(set, importsOf(described));
      assertNotEquals(set.layout.modules[0].data?.start, set.layout.modules[2].data?.start);
      assertBehaves(exports.left, memory, each, {});
      assertBehaves(exports.right, memory, each, {});
    });
  }
}

Deno.test("inspect shows what a side module is, and finds nothing wrong with it", async () => {
  for (const { name } of sideCases) {
    for (const [link, bytes] of Object.entries(sides(name))) {
      const { kind, problems, data, memory } = await inspect({ name: link, bytes });
      assertEquals([kind, problems], ["dylink", []], `${name} ${link}`);
      assert(data && data.size > 0, `${name} ${link}`);
      assertEquals(memory?.imported, name !== "dylink-pie", name);
    }
  }
});

Deno.test("two side modules that use each other's symbols share them, in either order", async () => {
  const pair = testCase("dylink-pair");
  const both = inputs("dylink-pair");
  for (const modules of [both, both.toReversed()]) {
    const set = await combine([statics, ...modules]);
    const { memory, table, exports: { left, right } } = await instantiate(set);
    // One function has one slot for all, in the table of the set.
    const slot = right.right_function(1);
    assertEquals(table!.get(slot), left.left_twice);
    // The exported variable is an address in the memory of the set.
    const address = (left.left_count as unknown as WebAssembly.Global).value >>> 0;
    assertEquals(right.right_pointer(1) >>> 0, address);
    assertEquals(new DataView(memory.buffer).getInt32(address, true), 5);
    assertBehaves(left, memory, pair, {});
    assertEquals(new DataView(memory.buffer).getInt32(address, true), 13);
  }
});

Deno.test("a side module can be put at an address", async () => {
  const it = testCase("dylink-c");
  for (const base of [0x200000, 0x1234580, 0x2000040]) {
    const set = await combine([statics, { name: "it", bytes: it.bytes(), base }]);
    assertEquals(set.layout.modules[1].data?.start, base);
    const { memory, exports } = await instantiate(set);
    assertBehaves(exports.it, memory, it, {});
  }
});
