import { assert, assertEquals, assertThrows } from "@std/assert";
import { loadSide, wants } from "../bench/running/dylink.js";

const fixtures = new URL("../bench/fixtures/", import.meta.url);
const compiled = (path: string) =>
  new WebAssembly.Module(Deno.readFileSync(new URL(path, fixtures)));

Deno.test("the dynamic loader of the bench gives a side module memory, slots and names", () => {
  const memory = new WebAssembly.Memory({ initial: 4 });
  // deno-lint-ignore no-explicit-any -- exports of any module
  const main: any =
    new WebAssembly.Instance(compiled("dylink/main.wasm"), { env: { memory } }).exports;
  const module = compiled("dylink/side.wasm");
  const { size, align, slots } = wants(module);
  assert(size >= 80 && align === 64 && slots > 0, `${size} bytes, ${align}, ${slots} slots`);
  // deno-lint-ignore no-explicit-any -- exports of any module
  const side: any = loadSide(module, main, memory);
  // Addresses in its data were moved: functions of the main module, its own, and one without a name.
  assertEquals([0, 1, 2].map((at) => side.call(at, 10)), [20, 30, 40]);
  assertEquals([side.read(0), side.read(1)], [7, 5]);
  assertEquals([side.bump(), side.read(1)], [12, 12]);
  const word = new DataView(memory.buffer);
  assertEquals(word.getInt32(main.shared_count.value, true), 12);
  // A pointer is a slot of the one table, the same however it was taken.
  const table: WebAssembly.Table = main.__indirect_function_table;
  assertEquals(table.get(side.pointer(1))!(5), 15);
  assertEquals(table.get(side.pointer(0)), main.twice);
  // What malloc gave was aligned and zeroed.
  assertEquals(side.zeros(), 0);
  side.fill(4);
  assertEquals(side.zeros(), 4);
  const stack = main.__stack_pointer.value;
  assertEquals([side.deep(3), main.__stack_pointer.value], [
    0 + 15 + (1 + 1) + (2 + 2) + (3 + 3),
    stack,
  ]);
});

Deno.test("the dynamic loader refuses what is no side module", () => {
  assertThrows(() => wants(compiled("dylink/main.wasm")), Error, "dylink.0");
});
