/** Options of the shared memory and of the table: where nothing may lie, how large, under which names. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { combine, type CombineOptions, instantiate, WasmShareError } from "../mod.ts";
import { cases, testCase } from "./host/cases.ts";
import { assertAllBehave, assertSound } from "./host/sets.ts";

const base = (name: string) => ({ name, bytes: testCase(name).bytes() });
const three = () => ["c-statics", "rust-nostd", "c-symbols"].map(base);

Deno.test("memory.reserved keeps ranges free, wherever they lie", async () => {
  const reserved = [
    { start: 0x12000, size: 0x3000 },
    { start: 0x200000, size: 0x10000 },
  ];
  const set = await combine(three(), { memory: { reserved } });
  assertSound(set);
  for (const { start, size } of reserved) {
    const inside = set.layout.regions.filter((r) => r.start < start + size && start < r.end);
    assertEquals(inside.map(({ kind, module }) => [kind, module]), [["reserved", ""]]);
  }
  assert(set.neededPages * 65536 >= 0x210000, "the memory holds them");
  await assertAllBehave(set);
});

Deno.test("memory.reserved can lie below every region", async () => {
  const set = await combine(three(), { memory: { reserved: [{ start: 16, size: 16 }] } });
  assertSound(set);
  assertEquals(set.layout.regions[0].kind, "reserved");
  assert(set.layout.modules[0].stack!.start > 1024, "its stack is not at address 0 then");
});

Deno.test("memory.reserved refuses ranges that overlap each other or a base", async () => {
  const refused = async (options: CombineOptions, bases: number[] = []) => {
    const inputs = three().map((input, at) => ({ ...input, base: bases[at] }));
    const error = await assertRejects(() => combine(inputs, options), WasmShareError);
    return [error.code, error.module];
  };
  const at = (start: number, size: number) => ({ start, size });
  assertEquals(
    await refused({ memory: { reserved: [at(4096, 16), at(4104, 8)] } }),
    ["layout_overlap", undefined],
  );
  assertEquals(
    await refused({ memory: { reserved: [at(0x20000, 16)] } }, [0x20000]),
    ["layout_overlap", "c-statics"],
  );
});

Deno.test("memory.initial, memory.align and memory.import are kept", async () => {
  const set = await combine(three(), {
    memory: { initial: 100, align: 4096, import: "host.shared.memory" },
  });
  assertSound(set);
  assertEquals(set.neededPages, 100);
  for (const { dataDelta, memoryImport } of set.layout.modules) {
    assertEquals([Math.abs(dataDelta % 4096), memoryImport], [0, ["host", "shared.memory"]]);
  }
  const { memory } = await instantiate(set);
  assertEquals(memory.buffer.byteLength, 100 * 65536);
  await assertAllBehave(set);
  const error = await assertRejects(
    () => combine(three(), { memory: { initial: 100, maximum: 99 } }),
    WasmShareError,
  );
  assertEquals(error.code, "memory_limit");
});

Deno.test("options of the memory that cannot be are refused, all in one error", async () => {
  const memory = {
    initial: 0,
    align: 48,
    import: "memory",
    reserved: [{ start: 0xffff_fff0, size: 32 }],
    shared: true,
    maximun: 3,
  } as unknown as CombineOptions["memory"];
  const error = await assertRejects(() => combine(three(), { memory }), WasmShareError);
  assertEquals(error.errors.map(({ code }) => code), Array(6).fill("invalid_option"));
});

Deno.test("table: separate gives a module a table of its own", async () => {
  const names = ["cpp", "c-statics", "rust-nostd"];
  for (const alone of [["cpp"], ["c-statics", "rust-nostd"], names]) {
    const set = await combine(names.map((name) => ({
      ...base(name),
      ...alone.includes(name) && { table: "separate" as const },
    })));
    assertSound(set);
    assertEquals(set.warnings.filter(({ code }) => code === "separate_table"), []);
    for (const { name, table } of set.layout.modules) {
      assertEquals(table?.shared, table ? !alone.includes(name) : undefined, name);
    }
    await assertAllBehave(set);
  }
  const all = await combine(names.map(base), { table: "separate" });
  assertEquals(all.layout.tableSize, 0);
  await assertAllBehave(all);
});

Deno.test("every case behaves with a table of its own, around a reserved range", async () => {
  for (const { name } of cases) {
    const set = await combine([base(name)], {
      table: "separate",
      memory: { reserved: [{ start: 0x10000, size: 0x100000 }] },
    });
    assertSound(set);
    await assertAllBehave(set);
  }
});
