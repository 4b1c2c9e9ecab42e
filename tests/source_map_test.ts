/** Source maps after a move: a library for source maps and real traps are the judges. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  codeShift,
  combine,
  inspect,
  instantiate,
  type ModuleInput,
  relocate,
  shiftSourceMap,
  WasmShareError,
  type WasmShareWarning,
} from "../mod.ts";
import { readDataUrl, sourceMapUrl, writeDataUrl } from "../src/move_source_map.ts";
import { writeString } from "../src/wasm_sections.ts";
import { withSourceMappingUrl } from "./cases/source_map.ts";
import { testCase } from "./host/cases.ts";
import { codeStart } from "./host/dwarf.ts";
import { traceMapping } from "./host/npm.ts";
import { assemble, type Section, section, sections } from "./host/sections.ts";
import { lineByDwarf, lineByMap, lineOf, offsetsOf, type Trap, TRAPS } from "./host/traps.ts";

const { decodedMappings, FlattenMap, originalPositionFor, TraceMap } = traceMapping;

const C = testCase("debug-c");
const mapOf = (name: string) =>
  Deno.readTextFileSync(new URL(`cases/${name}/base.wasm.map`, import.meta.url));
const C_MAP = mapOf("debug-c");

/** Columns where the mapping changes, and beside them. */
function columnsOf(map: string): number[] {
  const columns = decodedMappings(new FlattenMap(map)).flat().map(([column]) => column);
  return [...new Set(columns.flatMap((column) => [column - 1, column, column + 1]))];
}

/** Every byte of the file comes from where it came from before the shift. */
function assertShifted(after: string, before: string, bytes: number, what = ""): void {
  let checked = 0;
  const [shifted, old] = [new FlattenMap(after), new FlattenMap(before)];
  const at = (map: typeof old, column: number) => originalPositionFor(map, { line: 1, column });
  for (const column of columnsOf(before)) {
    if (column < 0 || column + bytes < 0) continue;
    assertEquals(at(shifted, column + bytes), at(old, column), `${what}: ${column} + ${bytes}`);
    checked++;
  }
  assert(checked > 0 || bytes < 0 || !columnsOf(before).length, what);
}

/** Numbers that are the same in every run. */
function* random(seed: number): Generator<number, never> {
  for (let state = seed;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** A map with segments of one, four and five fields. */
function randomMap(seed: number): string {
  const numbers = random(seed);
  const upTo = (limit: number) => Math.floor(numbers.next().value * limit);
  let column = upTo(3) * upTo(500);
  const line: number[][] = [];
  for (let left = upTo(12); left > 0; left--) {
    const fields = [[], [upTo(2), upTo(5000), upTo(90)], [upTo(2), upTo(9), 0, upTo(3)]][upTo(3)];
    line.push([column, ...fields]);
    column += 1 + upTo(upTo(2) ? 20 : 9000);
  }
  const decoded = { version: 3, sources: ["a.c", "b.c"], names: ["x", "y", "z"], mappings: [line] };
  const mappings = traceMapping.encodedMappings(
    // deno-lint-ignore no-explicit-any -- the library's type of decoded mappings is of tuples
    new TraceMap(decoded as any),
  );
  return JSON.stringify({ ...decoded, mappings });
}

Deno.test("shiftSourceMap() moves every mapping of the cases, and nothing else", () => {
  for (const name of ["debug-c", "debug-rust"]) {
    const before = mapOf(name);
    for (const bytes of [0, 1, 15, 16, 39, 70000, 2 ** 30, -1, -40]) {
      const after = shiftSourceMap(before, bytes);
      assertShifted(after, before, bytes, name);
      const { mappings: _, ...rest } = JSON.parse(after);
      const { mappings: __, ...old } = JSON.parse(before);
      assertEquals(rest, old);
      if (bytes >= -40) {
        assertEquals(
          shiftSourceMap(after, -bytes),
          JSON.stringify({ ...old, mappings: JSON.parse(before).mappings }),
        );
      }
    }
  }
});

Deno.test("shiftSourceMap() gives each byte of a random map its old origin", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const before = randomMap(seed);
    for (const bytes of [0, 7, 500, -3, -200, -6000, -(10 ** 6)]) {
      assertShifted(shiftSourceMap(before, bytes), before, bytes, `seed ${seed}`);
    }
  }
});

Deno.test("shiftSourceMap() moves the sections of an indexed map", () => {
  const at = (column: number, map: unknown) => ({ offset: { line: 0, column }, map });
  const inner = { version: 3, sections: [at(3, JSON.parse(randomMap(8)))] };
  const before = JSON.stringify({
    version: 3,
    sections: [at(10, JSON.parse(randomMap(4))), at(90000, inner)],
  });
  for (const bytes of [5, 4000, -10, -12, -500]) {
    assertShifted(shiftSourceMap(before, bytes), before, bytes);
  }
  const { sections } = JSON.parse(shiftSourceMap(before, 5));
  assertEquals(sections.map((each: { offset: unknown }) => each.offset), [
    { line: 0, column: 15 },
    { line: 0, column: 90005 },
  ]);
});

Deno.test("shiftSourceMap() takes text, text with a guard, and objects, and names the file", () => {
  const map = { version: 3, x_more: 1, sources: ["a.c"], names: [], mappings: "gBAAA,EACA" };
  const text = JSON.stringify(map);
  const shifted = JSON.stringify({ ...map, mappings: "oBAAA,EACA" });
  assertEquals(shiftSourceMap(map, 4), shifted);
  assertEquals(shiftSourceMap(text, 4), shifted);
  assertEquals(shiftSourceMap(`)]}'\n${text}`, 4), shifted);
  assertEquals(JSON.parse(shiftSourceMap(map, 0, "a.wasm")), { ...map, file: "a.wasm" });
  assertEquals(JSON.stringify(map), text);
  // Lines after the first one are empty in some maps.
  assertEquals(JSON.parse(shiftSourceMap({ ...map, mappings: "A;;" }, 2)).mappings, "E;;");
  assertEquals(JSON.parse(shiftSourceMap({ ...map, mappings: ",,C,C" }, 2)).mappings, "G,C");
  assertEquals(JSON.parse(shiftSourceMap({ ...map, mappings: "" }, 2)).mappings, "");
});

Deno.test("shiftSourceMap() refuses what is no map of a module", () => {
  const mappings = (mappings: unknown) => ({ version: 3, sources: [], mappings });
  const sections = (...sections: unknown[]) => ({ version: 3, sections });
  const cases: [string | object, string][] = [
    ["{", "it is not JSON"],
    ["null", "it is not a source map of version 3"],
    [{ version: 2, mappings: "" }, "it is not a source map of version 3"],
    [{ version: 3 }, 'it has no "mappings"'],
    [mappings(["A"]), 'it has no "mappings"'],
    [mappings("A;A"), "it has more than one line"],
    [mappings("A,!"), '"!" in its mappings is no digit'],
    [mappings("é"), '"é" in its mappings is no digit'],
    [mappings("AA"), "a mapping is not complete"],
    [mappings("AAAAAA"), "a mapping is not complete"],
    [mappings("Ag,A"), "a mapping is not complete"],
    [{ version: 3, sections: {} }, 'its "sections" are not a list'],
    [sections(null), "it has more than one line"],
    [sections({ offset: { line: 1, column: 0 }, map: mappings("") }), "it has more than one line"],
    [
      sections({ offset: { line: 0, column: -1 }, map: mappings("") }),
      "the offset of a section is not a column",
    ],
    [
      sections({ offset: { line: 0, column: 0 }, url: "x" }),
      "it is not a source map of version 3",
    ],
  ];
  for (const [map, fault] of cases) {
    const error = assertThrows(() => shiftSourceMap(map, 1), WasmShareError);
    assertEquals(
      [error.code, error.errors[0].message],
      ["invalid_option", `Cannot shift the source map: ${fault}`],
    );
  }
  const error = assertThrows(() => shiftSourceMap(C_MAP, 0.5), WasmShareError);
  assertStringIncludes(error.message, '"0.5" is not a whole number of bytes');
});

const custom = (name: string, bytes: Uint8Array) => ({ id: 0, name, bytes });
const urlSection = (url: string) => custom("sourceMappingURL", writeString(url));
const isMap = ({ name }: Pick<Section, "name">) => name === "sourceMappingURL";

/** `debug-c` with other sections in place of the one for the map: some before the code. */
function module(
  front: ReturnType<typeof custom>[],
  back: ReturnType<typeof custom>[] = [],
): Uint8Array<ArrayBuffer> {
  const parts = sections(C.bytes()).filter((each) => !isMap(each));
  // Records say the number of the section that they are for.
  const numbered = parts.map((part) =>
    part.name.startsWith("reloc.")
      ? { ...part, bytes: part.bytes.with(0, part.bytes[0] + front.length) }
      : part
  );
  return assemble([...front, ...numbered, ...back]);
}

/** The same map for a module whose code starts elsewhere. */
const mapFor = (module: Uint8Array) =>
  shiftSourceMap(C_MAP, codeStart(module) - codeStart(C.bytes()));

/** Something that moves everything behind it. */
const other: ModuleInput = { name: "other", bytes: testCase("rust-nostd").bytes() };

/** What a module says of its map, read without the package. */
function urlOf(bytes: Uint8Array): string | undefined {
  const found = section(bytes, "sourceMappingURL");
  if (found.length === 0) return undefined;
  const digits = found.findIndex((byte) => byte < 128) + 1;
  return new TextDecoder().decode(found.subarray(digits));
}

/** The frames of a trap, as lines of the sources, and by the line table. */
function frames({ stack }: Error, bytes: Uint8Array, map: string): string[] {
  return offsetsOf(stack!).map((offset) => {
    const line = lineByMap(map, offset);
    assertEquals(line, lineByDwarf(bytes, offset));
    return line;
  });
}

/** Calls an export that traps. */
function trapOf(exports: WebAssembly.Exports, trap: Trap): Error {
  return assertThrows(
    () => (exports[trap.export] as (...args: number[]) => void)(...trap.args),
    WebAssembly.RuntimeError,
  );
}

async function assertTraps(set: Awaited<ReturnType<typeof combine>>, at: number, map: string) {
  const { exports } = await instantiate(set);
  for (const trap of TRAPS.filter((trap) => trap.module === "debug-c")) {
    const lines = frames(trapOf(exports[set.names[at]], trap), set.modules[at], map);
    assertEquals(lines.at(-1), lineOf(trap, trap.outer), trap.export);
    if (trap.inner) assertEquals(lines[0], lineOf(trap, trap.inner), trap.export);
  }
}

/** The warnings of a run, as text. */
const said = (warnings: WasmShareWarning[]) =>
  warnings.filter(({ code }) => code === "source_map_dropped").map(({ message }) => message);

Deno.test("a trap in a moved module leads to the same lines as in the untouched one", async () => {
  const names = ["debug-c", "debug-rust"] as const;
  const set = await combine(names.map((name) => ({
    name,
    bytes: testCase(name).bytes(),
    sourceMap: mapOf(name),
  })));
  assertEquals(set.warnings, []);
  const moved = await instantiate(set);
  for (const [index, name] of names.entries()) {
    const untouched = testCase(name).bytes();
    const { instance } = await WebAssembly.instantiate(untouched);
    const map = set.sourceMaps[index]!;
    assertEquals(JSON.parse(map).file, `${name}.wasm`);
    assertEquals(urlOf(set.modules[index]), `${name}.wasm.map`);
    const shift = set.codeShifts[index]!;
    assertEquals(shift, codeStart(set.modules[index]) - codeStart(untouched));
    assert(shift !== 0);
    for (const trap of TRAPS.filter(({ module }) => module === name)) {
      const before = trapOf(instance.exports, trap);
      const after = trapOf(moved.exports[name], trap);
      assertEquals(offsetsOf(after.stack!), offsetsOf(before.stack!).map((at) => at + shift));
      const lines = frames(after, set.modules[index], map);
      assertEquals(lines, frames(before, untouched, mapOf(name)));
      assertEquals(lines.at(-1), lineOf(trap, trap.outer), trap.export);
      if (trap.inner) assertEquals(lines[0], lineOf(trap, trap.inner), trap.export);
    }
  }
});

Deno.test("a map in the module moves with it, wherever its section lies", async () => {
  // The length of the section depends on the shift, and the other way round. Percent-encoding is
  // long, so the new section is shorter; with padding, lengths cross those where numbers grow.
  for (
    const encode of [
      writeDataUrl,
      (map: string) => `data:,${map.replace(/[#%?"]/g, encodeURIComponent)}`,
    ]
  ) {
    for (const place of ["front", "back"]) {
      for (const padding of place === "front" ? [0, 1, 2, 3, 11000, 11800, 12000] : [0]) {
        let bytes = module([]);
        let map = "";
        // The same circle for whoever makes such an input.
        for (let last = -1; last !== codeStart(bytes);) {
          last = codeStart(bytes);
          const parsed = { ...JSON.parse(mapFor(bytes)), x: "x".repeat(padding) };
          map = JSON.stringify(parsed).padEnd(map.length);
          const url = urlSection(encode(map));
          bytes = place === "front" ? module([url]) : module([], [url]);
        }
        const set = await combine([other, { name: "it", bytes }]);
        assertEquals(set.warnings, []);
        assertEquals(set.sourceMaps, [null, null]);
        const after = readDataUrl(urlOf(set.modules[1])!)!;
        assertEquals(set.codeShifts[1], codeStart(set.modules[1]) - codeStart(bytes));
        assertShifted(after, map, set.codeShifts[1]!, `${place} ${padding}`);
        assertEquals(JSON.parse(after).sourcesContent, JSON.parse(C_MAP).sourcesContent);
        await assertTraps(set, 1, after);

        const moved = await relocate(bytes, 0x100000);
        assertShifted(readDataUrl(urlOf(moved)!)!, map, codeShift(bytes, moved));
      }
    }
  }
});

Deno.test("a map outside, named before the code, is shifted by the length of its new name too", async () => {
  for (const url of ["a", "a-long/folder/".repeat(20)]) {
    const bytes = module([urlSection(url)]);
    const map = mapFor(bytes);
    for (const name of ["it", "ü and %", "n".repeat(200)]) {
      const set = await combine([other, { name, bytes, sourceMap: map }]);
      assertEquals(set.warnings, []);
      assertEquals(decodeURIComponent(urlOf(set.modules[1])!), `${name}.wasm.map`);
      assertShifted(set.sourceMaps[1]!, map, set.codeShifts[1]!);
      assertEquals(set.codeShifts[1], codeStart(set.modules[1]) - codeStart(bytes));
      await assertTraps(set, 1, set.sourceMaps[1]!);
    }
  }
});

Deno.test("sourceMap as a data: URL, or for relocate(), puts the map into the module", async () => {
  const bytes = C.bytes();
  const { modules, sourceMaps, codeShifts } = await combine([
    other,
    { name: "it", bytes, sourceMap: writeDataUrl(C_MAP) },
  ]);
  assertEquals(sourceMaps[1], null);
  assertShifted(readDataUrl(urlOf(modules[1])!)!, C_MAP, codeShifts[1]!);
  for (const sourceMap of [C_MAP, writeDataUrl(C_MAP)]) {
    const moved = await relocate({ bytes, sourceMap }, 0x100000);
    assertShifted(readDataUrl(urlOf(moved)!)!, C_MAP, codeShift(bytes, moved));
  }
});

Deno.test("a map that nobody gave is dropped if the code was shifted, and kept if not", async () => {
  const http = withSourceMappingUrl(module([]), "https://example.com/a.map");
  const relative = C.bytes();
  for (const bytes of [http, relative]) {
    const set = await combine([other, { name: "it", bytes }]);
    assertEquals(urlOf(set.modules[1]), undefined);
    assertEquals(said(set.warnings), [
      `The source map "${urlOf(bytes)}" was dropped: the code lies ${
        set.codeShifts[1]
      } bytes later in the file`,
    ]);
    assertEquals(urlOf(await relocate(bytes, 0x100000)), undefined);
  }
  // Nothing but numbers changes in a module that was moved before.
  const again: ModuleInput = { bytes: await relocate({ bytes: http, strip: false }, 65536) };
  const named = withSourceMappingUrl(again.bytes, "https://example.com/a.map");
  const moved = await relocate({ bytes: named, strip: false }, 65536);
  assertEquals(codeShift(named, moved), 0);
  assertEquals(urlOf(moved), "https://example.com/a.map");
});

Deno.test("a module that names no map gets the one that is given", async () => {
  const bytes = module([]);
  const outside = await combine([other, { name: "it", bytes, sourceMap: mapFor(bytes) }]);
  assertEquals([outside.warnings, urlOf(outside.modules[1])], [[], "it.wasm.map"]);
  await assertTraps(outside, 1, outside.sourceMaps[1]!);
  const sourceMap = writeDataUrl(mapFor(bytes));
  const inside = await combine([other, { name: "it", bytes, sourceMap }]);
  await assertTraps(inside, 1, readDataUrl(urlOf(inside.modules[1])!)!);
  const broken = await combine([other, { name: "it", bytes, sourceMap: "{" }]);
  assertEquals(said(broken.warnings), ["The source map was dropped: it is not JSON"]);
  const none = await combine([other, { name: "it", bytes }]);
  assertEquals(broken.modules[1].length, none.modules[1].length);
});

Deno.test("null drops a map without a warning", async () => {
  const set = await combine([other, { name: "it", bytes: C.bytes(), sourceMap: null }]);
  assertEquals([urlOf(set.modules[1]), set.sourceMaps[1], set.warnings], [undefined, null, []]);
});

Deno.test("a map that cannot be used is dropped with the reason", async () => {
  const cases: [Uint8Array, string | undefined, string][] = [
    [C.bytes(), "{", 'The source map "base.wasm.map" was dropped: it is not JSON'],
    [
      module([], [urlSection("data:application/json;base64,!")]),
      undefined,
      'The source map "data:application/json;base64,!" was dropped: its data: URL cannot be decoded',
    ],
    [
      module([], [urlSection("data:,{}")]),
      undefined,
      'The source map "data:,{}" was dropped: it is not a source map of version 3',
    ],
    [
      module([urlSection("a.map")], [urlSection("b.map")]),
      C_MAP,
      "The source map was dropped: its section cannot be read",
    ],
    [
      module([], [custom("sourceMappingURL", new Uint8Array([9, 97]))]),
      C_MAP,
      "The source map was dropped: its section cannot be read",
    ],
    [
      module([], [custom("sourceMappingURL", new Uint8Array([1, 255]))]),
      C_MAP,
      "The source map was dropped: its section cannot be read",
    ],
  ];
  for (const [bytes, sourceMap, message] of cases) {
    const set = await combine([other, { name: "it", bytes, sourceMap }]);
    assertEquals(said(set.warnings), [message]);
    assertEquals(urlOf(set.modules[1]), undefined);
    assertEquals(set.codeShifts[1], codeStart(set.modules[1]) - codeStart(bytes));
    assertEquals(set.sourceMaps[1], null);
  }
});

Deno.test("a module that keeps its records can be moved again after its map was dropped", async () => {
  const bytes = module([urlSection("https://example.com/a.map")]);
  const once = await combine([other, { name: "it", bytes, strip: false }]);
  assertEquals(said(once.warnings).length, 1);
  assertEquals(urlOf(once.modules[1]), undefined);
  assertEquals((await inspect(once.modules[1])).problems, []);
  const { exports } = await instantiate(
    await combine([other, { name: "it", bytes: once.modules[1], verify: true }]),
  );
  assertEquals((exports.it.stock_total as (count: number) => number)(6), 230);
});

Deno.test("custom sections that name other debug information stay byte for byte", async () => {
  const kept = [
    custom("external_debug_info", writeString("debug/it.debug.wasm")),
    custom("build_id", new Uint8Array([4, 1, 2, 3, 4])),
  ];
  const bytes = module([kept[1]], [kept[0]]);
  const { modules } = await combine([other, { name: "it", bytes }]);
  for (const moved of [modules[1], await relocate(bytes, 65536)]) {
    for (const { name, bytes } of kept) assertEquals(section(moved, name), bytes);
  }
});

Deno.test("a map of code that is written anew is dropped", async () => {
  const bytes = withSourceMappingUrl(testCase("pic-c").bytes(), "pic.map");
  const set = await combine([other, { name: "it", bytes, sourceMap: C_MAP }]);
  assert(set.layout.modules[1].transforms.length > 0);
  assertEquals([set.codeShifts[1], set.sourceMaps[1]], [null, null]);
  assertEquals(urlOf(set.modules[1]), undefined);
  const dropped = set.warnings.filter(({ code }) => code === "dropped_section");
  assertEquals(dropped.map(({ section }) => section), ["sourceMappingURL"]);
});

Deno.test("sourceMap is checked like other options", async () => {
  const input = { bytes: C.bytes(), sourceMap: 1 } as unknown as ModuleInput;
  const error = await combine([input]).catch((error) => error);
  assert(error instanceof WasmShareError);
  assertStringIncludes(error.message, "Cannot use 1 as sourceMap: it is neither a string nor null");
});

Deno.test("codeShift() is 0 without code, and for broken files", () => {
  assertEquals(codeShift(C.bytes(), C.bytes()), 0);
  assertEquals(codeShift(new Uint8Array(), new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 10])), 0);
  assertEquals(sourceMapUrl(new TextEncoder().encode("not wasm, not at all")), undefined);
});
