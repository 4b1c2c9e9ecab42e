/**
 * The linker as the oracle: the same objects linked at another base, or with other table slots, are
 * what `combine` must make of the first link. Read without the core.
 */
import { assertEquals } from "@std/assert";
import { combine, inspect, relocate } from "../mod.ts";
import { cases, type TestCase } from "./host/cases.ts";
import { assemble, elements, globals, memoryImage, section, sections } from "./host/sections.ts";
import { encode } from "./host/wasm.ts";

const CODE = 10;

/** Equality of bytes, with the first difference instead of two long dumps. */
function assertSameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assertEquals(actual.length, expected.length, `${what}: length`);
  const at = actual.findIndex((byte, at) => byte !== expected[at]);
  assertEquals(at, -1, `${what}: byte ${at} is ${actual[at]}, and the linker has ${expected[at]}`);
}

/** Data, elements and globals as linked; the stack pointer, the first global, `above` it. */
function assertSameState(actual: Uint8Array, linked: Uint8Array, above = 0): void {
  const image = memoryImage(actual);
  const wanted = memoryImage(linked);
  assertEquals(image.start, wanted.start, "first byte of data");
  assertSameBytes(image.bytes, wanted.bytes, "data");
  const lowered = globals(actual).map((each, at) =>
    at === 0 ? { ...each, value: each.value - above } : each
  );
  assertEquals(lowered, globals(linked), "globals");
  assertEquals(elements(actual), elements(linked), "elements");
}

/** A module with slots and no memory. Its function stands in each slot, and takes its own address. */
function filler(slots: number): Uint8Array {
  const bytes = encode({
    name: "filler",
    // i32.const 1 in five bytes, drop.
    functions: [{ body: slots > 0 ? [0x41, 0x81, 0x80, 0x80, 0x80, 0, 0x1a] : [] }],
    imports: [{ module: "env", name: "__indirect_function_table", kind: "table" }],
    elements: { slot: 1, functions: Array(slots).fill(0) },
  });
  // `encode` imports a table of at least 0 slots.
  const parts = sections(bytes).map((part) =>
    part.id === 2 ? { ...part, bytes: part.bytes.with(-1, 1 + slots) } : part
  );
  const custom = (name: string, content: number[]) => ({
    id: 0,
    name,
    bytes: new Uint8Array(content),
  });
  const code = parts.findIndex(({ id }) => id === CODE);
  // Symbol 0 is function 0, called "f". TABLE_INDEX_SLEB at offset 4, behind the number of functions,
  // the size of the first, that of its locals, and i32.const.
  const symbols = [2, 8, 6, 1, 0, 0, 0, 1, 0x66];
  const records = slots > 0 ? [1, 1, 4, 0] : [0];
  return assemble([...parts, custom("linking", symbols), custom("reloc.CODE", [code, ...records])]);
}

const dataOf = (module: Uint8Array) => memoryImage(module).bytes;

async function assertMoves({ bytes, described }: TestCase, from: string, link: string) {
  const { dataDelta = 0, stackDelta = 0 } = described.links![link];
  const [base, linked] = [bytes(from), bytes(link)];
  const { data, heap, kind } = await inspect(base);
  if (kind === "pic") {
    // Without records the base that the code adds moves, where the linker changes what it adds to;
    // and what is in the start function is encoded anew. So behaviour has to prove the code.
    const set = await combine([{ bytes: base, base: data!.start + dataDelta }]);
    const image = memoryImage(set.modules[0]);
    assertEquals(image.start, memoryImage(linked).start);
    assertSameBytes(image.bytes, memoryImage(linked).bytes, "data");
    return;
  }
  // Moved as a whole where the stack moves as well, or where the end of the heap is stored.
  const whole = stackDelta > 0 || heap.claim === "piece";
  const actual = whole
    ? await relocate(base, dataDelta)
    : (await combine([{ bytes: base, base: data!.start + dataDelta }])).modules[0];
  assertSameBytes(section(actual, CODE), section(linked, CODE), "code");
  assertSameState(actual, linked, whole ? dataDelta - stackDelta : 0);
}

/**
 * Behind other slots, the module differs from the one behind none where the linker's two links
 * differ, and is there as the linker has it.
 */
async function assertSlots({ bytes, described }: TestCase, from: string, link: string) {
  const { slotDelta = 0 } = described.links![link];
  const [base, linked] = [bytes(from), bytes(link)];
  const [none, some] = await Promise.all([0, slotDelta].map(async (slots) => {
    const set = await combine([filler(slots), base]);
    assertEquals(set.layout.modules[1].table?.start, 1 + slots);
    return set.modules[1];
  }));
  assertEquals(elements(some), elements(linked), "elements");
  const values = (module: Uint8Array) => globals(module).map(({ value }) => value);
  const slots = values(none).map((value, at) => value + values(linked)[at] - values(base)[at]);
  if (slots.join() !== values(some).join()) {
    // Position independent code adds to __table_base. The linker moved that; the core moves what is
    // added, so all but one global must be the linker's, and pic_test.ts has to prove the code.
    const others = slots.flatMap((slot, at) => slot === values(some)[at] ? [] : [at]);
    assertEquals(others.map((at) => [values(base)[at], values(some)[at]]), [[1, 1]], "globals");
    return;
  }
  const parts = { code: (module: Uint8Array) => section(module, CODE), data: dataOf };
  for (const [what, part] of Object.entries(parts)) {
    const [before, after] = [part(base), part(linked)];
    const wanted = part(none).map((byte, at) => before[at] === after[at] ? byte : after[at]);
    assertSameBytes(part(some), wanted, what);
  }
}

for (const each of cases) {
  for (const [link, { dataDelta, slotDelta }] of Object.entries(each.described.links ?? {})) {
    if (!(dataDelta || slotDelta) || !each.has(link)) continue;
    const from = link.includes("-") ? link.slice(0, link.lastIndexOf("-")) : "base";
    Deno.test(`${each.name}: the linker agrees with ${from} made ${link}`, async () => {
      await (dataDelta ? assertMoves : assertSlots)(each, from, link);
    });
  }
}
