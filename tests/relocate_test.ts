/** One module moved as a whole; what is known of a module. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { combine, getHeapBase, inspect, relocate, WasmShareError } from "../mod.ts";
import { assertRelocatedBehaves, cases, moduleAt, testCase } from "./host/cases.ts";
import { globals, memoryImage, records, section, sections } from "./host/sections.ts";

const CODE = 10;
const names = (module: Uint8Array) => sections(module).map(({ id, name }) => name || id);

for (const each of cases) {
  const { name } = each;
  const bytes = each.bytes();

  Deno.test(`relocate() of ${name} by 0 keeps memory, code and globals`, async () => {
    const { kind } = await inspect(bytes);
    const moved = await relocate(bytes, 0);
    assertEquals(memoryImage(moved), memoryImage(bytes));
    if (kind === "relocs") assertEquals(section(moved, CODE), section(bytes, CODE));
    assertEquals(globals(moved), globals(bytes));
    assert(!names(moved).some((name) => name === "linking" || `${name}`.startsWith("reloc.")));
  });
}

const movable = ["c-statics", "c-tls", "c-malloc", "cpp", "rust-std", "zig", "zlib", "sqlite"];
for (const name of movable) {
  Deno.test(`relocate() of ${name} can be repeated`, async () => {
    const module = testCase(name);
    const from = { bytes: module.bytes(), strip: false };
    const once = await relocate(from, 0x30000);
    const twice = await relocate({ bytes: once, strip: false }, 0x14540);
    const direct = await relocate(from, 0x44540);
    assertEquals(twice.length, direct.length);
    assertEquals(twice.findIndex((byte, at) => byte !== direct[at]), -1);
    await assertRelocatedBehaves(
      await relocate(twice, 0x100000),
      await inspect(from),
      module,
      0x144540,
    );
  });
}

Deno.test("relocate() gives an empty heap at newHeapBase", async () => {
  const bytes = moduleAt("c-symbols/base.wasm");
  const moved = await relocate({ bytes, strip: false }, 0x100000, 0x200000);
  const { heap } = await inspect({ bytes: moved, strip: false });
  assertEquals([heap.base, heap.end], [0x200000, 0x200000]);
  const memory = new WebAssembly.Memory({ initial: 32 });
  const table = new WebAssembly.Table({ element: "anyfunc", initial: 1 });
  const { instance } = await WebAssembly.instantiate(moved as Uint8Array<ArrayBuffer>, {
    env: { memory, __indirect_function_table: table },
  });
  const { __heap_base, __heap_end, heap_base, heap_base_in_data, data_end } = instance
    // deno-lint-ignore no-explicit-any -- a module of the case
    .exports as any;
  assertEquals([__heap_base.value, __heap_end.value], [0x200000, 0x200000]);
  assertEquals([heap_base(), heap_base_in_data()], [0x200000, 0x200000]);
  assertEquals(data_end(), 65900 + 0x100000);
});

Deno.test("relocate() refuses what it cannot do, with the code", async (t) => {
  const statics = moduleAt("c-statics/base.wasm");
  const nostd = moduleAt("rust-nostd/base.wasm");
  const refused: [string, () => Promise<unknown>, string][] = [
    ["an offset of 8", () => relocate(nostd, 8), "misaligned_offset"],
    ["half an alignment of 64", () => relocate(statics, 32), "misaligned_offset"],
    ["16 for kind pic", () => relocate(moduleAt("pic-c/base.wasm"), 16), "misaligned_offset"],
    ["beyond 4 GiB", () => relocate(nostd, 2 ** 32 - 0x100000), "address_overflow"],
    ["below 0", () => relocate(nostd, -0x200000), "address_overflow"],
    ["no whole number", () => relocate(nostd, 0.5), "invalid_option"],
    ["2^32", () => relocate(nostd, 2 ** 32), "invalid_option"],
    ["a negative heap base", () => relocate(nostd, 0, -16), "invalid_option"],
    ["a stack", () => relocate({ bytes: nostd, stack: 65536 }, 0), "invalid_option"],
    ["more stack", () => relocate({ bytes: nostd, additionalStack: 16 }, 0), "invalid_option"],
    ["a base", () => relocate({ bytes: nostd, base: 65536 }, 0), "invalid_option"],
  ];
  for (const [what, action, code] of refused) {
    await t.step(what, async () => {
      const error = await assertRejects(action, WasmShareError);
      assertEquals(error.code, code);
      assert(error.hint && error.module === "module0", error.message);
    });
  }
});

// As `llvm-nm` or the exported global tells, from the links themselves.
const heapBases: Record<string, number> = {
  "c-symbols": 65904,
  "c-data-first": 34160,
  "c-statics": 72080,
  "rust-std": 1076096,
  "rust-nostd": 1048912,
  "pic-rust": 1076032,
  "pic-c": 67648,
  "sqlite": 147440,
};
Deno.test("getHeapBase() gives __heap_base, exported or not", async () => {
  for (const [name, base] of Object.entries(heapBases)) {
    const bytes = moduleAt(`${name}/base.wasm`);
    assertEquals(await getHeapBase(bytes), base, name);
    const { exports } = await WebAssembly.instantiate(bytes, { env: envOf() })
      .then(({ instance }) => instance);
    const global = exports.__heap_base as WebAssembly.Global | undefined;
    if (global) assertEquals(global.value, base, name);
  }
  const moved = await relocate({ bytes: moduleAt("rust-std/base.wasm"), strip: false }, 0x50000);
  assertEquals(await getHeapBase(moved), 1076096 + 0x50000);
  for (const [file, code] of [["text", "not_wasm"], ["plain", "no_relocations"]]) {
    const bytes = moduleAt(`refuse/${file}.wasm`);
    assertEquals((await assertRejects(() => getHeapBase(bytes), WasmShareError)).code, code);
  }
});

function envOf() {
  return { memory: new WebAssembly.Memory({ initial: 64 }) };
}

Deno.test("inspect() proves every record, of every case", async () => {
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
  for (const { name, bytes, has } of cases) {
    for (const link of ["base", "moved", "slots", "relocs"].filter(has)) {
      const { kind, sites, proof, problems } = await inspect({ bytes: bytes(link), verify: true });
      assertEquals(problems, [], `${name}/${link}`);
      assertEquals(sites.code + sites.data + sites.debug + sites.globals, sites.total, name);
      assertEquals(sites.memory + sites.table, sites.total, name);
      if (kind !== "relocs") {
        assertEquals([proof.records, proof.guessed > 0], [0, true], name);
        continue;
      }
      assertEquals(sum(proof.proved) + sum(proof.skipped), proof.records, `${name}/${link}`);
      assert(!("undefined" in { ...proof.proved, ...proof.skipped }), "each has a name");
      assertEquals(proof.guessed, 0, name);
      assertEquals(countRecords(bytes(link)), proof.records, `${name}/${link}`);
    }
  }
});

/** How many records there are, counted without the core. */
function countRecords(module: Uint8Array): number {
  return sections(module)
    .filter(({ name }) => name.startsWith("reloc."))
    .reduce((sum, { bytes }) => sum + records(bytes).length, 0);
}

Deno.test("inspect() counts the sites of two modules as they are known to be", async () => {
  const statics = await inspect(moduleAt("c-statics/base.wasm"));
  assertEquals(statics.sites, {
    total: 74,
    code: 50,
    data: 23,
    debug: 0,
    globals: 1,
    memory: 68,
    table: 6,
  });
  assertEquals(statics.proof.skipped, {
    "undefined weak data symbol: stays 0": 3,
    "function without a table slot: stays 0": 2,
  });
  const imports = await inspect(moduleAt("c-imports/base.wasm"));
  assertEquals([imports.sites.globals, imports.sites.table, imports.proof.records], [4, 4, 13]);
  assertEquals(imports.imports.map(({ name }) => name).sort(), ["one", "other"]);
});

Deno.test("combine() moves a module that it moved before, if it was not stripped", async () => {
  const zig = testCase("zig");
  const first = await combine([moduleAt("c-statics/base.wasm"), {
    bytes: zig.bytes(),
    strip: false,
  }]);
  const facts = await inspect(first.modules[1]);
  assertEquals(facts.data!.start, first.layout.modules[1].data!.start);
  assertEquals(facts.table!.first, first.layout.modules[1].table!.start);
  const stripped = await combine([zig.bytes()]);
  const { code } = await assertRejects(() => combine(stripped.modules), WasmShareError);
  assertEquals(code, "no_relocations");
});
