/**
 * Files that end too early, lies that cost time or memory, and oddities that change nothing.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { combine, relocate, WasmShareError } from "../mod.ts";
import { insert, leb, part, pick, section, splice, text } from "./faults/edit.ts";
import { faults } from "./faults/mod.ts";
import { moduleAt } from "./host/cases.ts";
import { assemble, sections } from "./host/sections.ts";

const good = moduleAt("refuse/sites.wasm");
const other = moduleAt("c-statics/base.wasm");

/** What becomes of a module behind another one, without custom sections. */
async function placed(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const { modules } = await combine([other, { name: "it", bytes }]);
  const plain = sections(modules[1]).filter(({ id }) => id !== 0);
  return new TextDecoder("latin1").decode(assemble(plain));
}

/** Whole and without a section that is needed. */
const needed = (name: string) => !["name", "producers", "target_features"].includes(name);

for (const file of ["sites", "debug", "pointers", "llvm-objcopy"]) {
  const whole = moduleAt(`refuse/${file}.wasm`);
  Deno.test(`${file} cut between two sections is refused, if one is gone that is needed`, async () => {
    const was = await placed(whole);
    const parts = sections(whole);
    for (const [at, { end }] of parts.entries()) {
      const cut = whole.slice(0, end);
      const gone = parts.slice(at + 1).map(({ id, name }) => name || `#${id}`);
      // Without a memory there is nothing to move. Engines refuse functions without bodies.
      if (gone.includes("#5")) continue;
      if (!gone.some(needed)) {
        assertEquals(await placed(cut), was, gone.join());
      } else if (gone.some((name) => name === "reloc.CODE" || name === "linking")) {
        await assertRejects(() => placed(cut), WasmShareError, undefined, gone.join());
      } else if (gone.includes("reloc.DATA")) {
        // Words in data look like addresses, or nothing names the functions in the table.
        const result = await placed(cut).catch((error) => error.code);
        assertEquals(result, "incomplete_relocations", gone.join());
      } else {
        // Records of debug information.
        assertEquals(await placed(cut), was);
        const { warnings } = await combine([{ name: "it", bytes: cut }]);
        const { start } = part(cut, ".debug_info");
        assertEquals(
          warnings.map(({ code, section, offset }) => [code, section, offset]),
          gone.includes("reloc..debug_info") ? [["stale_debug_info", ".debug_info", start]] : [],
        );
      }
    }
  });

  Deno.test(`${file} cut inside a section is refused at the header of that section`, async () => {
    const parts = sections(whole);
    // 50 places, the same each time.
    let state = 1;
    for (let left = 50; left > 0; left--) {
      state = state * 48271 % 0x7fffffff;
      const length = 8 + state % (whole.length - 8);
      const inside = parts.find(({ start, end }) => start < length && length < end);
      if (!inside) continue;
      const error = await assertRejects(() => placed(whole.slice(0, length)), WasmShareError);
      assertEquals(error.code, "malformed_module", `${length} bytes`);
      // If the header is whole, that is where the size stands that does not fit.
      const { start, payload } = inside;
      const at = length < payload ? length : start;
      assertEquals(error.offset, at, `${length} bytes, section at ${start}`);
    }
  });
}

Deno.test("no fault costs much time or memory", async () => {
  const all = faults();
  await placed(good);
  const before = Deno.memoryUsage().rss;
  for (const { name, bytes } of all) {
    const start = performance.now();
    await relocate(bytes, 65536).catch(() => {});
    const time = performance.now() - start;
    assert(time < 250, `${name}: ${time} ms`);
  }
  const grown = Deno.memoryUsage().rss - before;
  assert(grown < 128 << 20, `${grown} bytes`);
});

/** Odd, and the same module comes out. */
const harmless: [what: string, bytes: Uint8Array<ArrayBuffer>][] = [
  ["records of code in another order", swapped("reloc.CODE")],
  ["records of data in another order", swapped("reloc.DATA")],
  ["no name section", new Uint8Array(good.subarray(0, part(good, "name").start))],
  [
    "a name section that ends inside a name",
    splice(good, part(good, "name").end - 3, part(good, "name").end, []),
  ],
  ["one more custom section", noted()],
  ["an empty custom section with an empty name", insert(good, good.length, section(0, text("")))],
  ["a padded size of a section", padded()],
];

/** With two records of a section exchanged. */
function swapped(of: string): Uint8Array<ArrayBuffer> {
  const [first, second] = [0, 1].map((index) => pick(good, { of, item: "record", index }));
  const [start, middle, end] = [first[0].start, second[0].start, second.at(-1)!.end];
  return splice(good, start, end, [
    ...good.subarray(middle, end),
    ...good.subarray(start, middle),
  ]);
}

/** With a custom section behind those that records count. */
function noted(): Uint8Array<ArrayBuffer> {
  return insert(good, part(good, "target_features").start, section(0, text("note"), [1, 2, 3]));
}

/** With the size of the last section in five bytes. */
function padded(): Uint8Array<ArrayBuffer> {
  const { start, payload, end } = part(good, "target_features");
  const header = [0, ...leb(end - payload, 5)];
  return new Uint8Array([...good.subarray(0, start), ...header, ...good.subarray(payload)]);
}

for (const [what, bytes] of harmless) {
  Deno.test(`${what}: accepted, and the same module`, async () => {
    assertEquals(await placed(bytes), await placed(good));
  });
}
