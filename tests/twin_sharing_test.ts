/**
 * Two copies of a program from twins in one memory, and memory of others between the pages that their
 * allocators get.
 */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { combine, instantiate, type ModuleInput, WasmShareError } from "../mod.ts";
import { callExports, type Case, importsOf, type Link } from "./cases/case.ts";
import { expected, moduleAt, moves, plus, type TestCase, twinCases } from "./host/cases.ts";

const PAGE = 0x10000;
const CANARY = 0xa5;
/** As much as any case allocates. */
const HEAP = 0x1000000;

/** Programs whose allocator can live with no other one in the same memory, but in a region of its own. */
const GREEDY = new Set([
  "twin-assemblyscript imported", // exports no function that allocates
  "twin-assemblyscript stub",
  "twin-emscripten base",
  "twin-emscripten small",
]);
/** Programs that grow the memory, or whose allocator does. */
const GROWING = /^twin-(assemblyscript|c-malloc|cpp|emscripten|rust|sqlite)/;

/** Programs whose stack does not move with their data, but is set at run time. */
const APART = /^twin-(c (base|opt)|c-malloc|cpp|rust|sqlite|zig)/;

function inputs(testCase: TestCase, link: string, heap?: number) {
  const twin = testCase.described.twins![link].of.map((each) => testCase.bytes(each));
  const input = { bytes: testCase.bytes(link), twin, heap };
  return [{ ...input, name: "left" }, { ...input, name: "right" }];
}

/** One call at a time, now here and now there, with `between` after each. */
function alternate(
  sides: { exports: Record<string, unknown>; link: Link }[],
  memory: WebAssembly.Memory,
  described: Case,
  between: () => void,
) {
  const results: (number | string)[][] = sides.map(() => []);
  for (const call of described.calls) {
    for (const [at, { exports, link }] of sides.entries()) {
      const one = { ...described, init: undefined, calls: [call] };
      results[at].push(callExports(exports, memory, one, link)[0].value);
      between();
    }
  }
  return results;
}

/** Takes pages at the end of the memory, and tells how many of their bytes were overwritten since. */
function canaries(memory: WebAssembly.Memory) {
  const taken: number[] = [];
  return {
    take() {
      const start = memory.grow(1) * PAGE;
      new Uint8Array(memory.buffer, start, PAGE).fill(CANARY);
      taken.push(start);
    },
    lost: () =>
      taken.reduce(
        (sum, start) =>
          sum + new Uint8Array(memory.buffer, start, PAGE).filter((byte) => byte !== CANARY).length,
        0,
      ),
    pages: () => taken.length,
  };
}

for (const testCase of twinCases) {
  for (const link of Object.keys(testCase.described.twins!)) {
    const title = `${testCase.name} ${link}`;
    const { described } = testCase;

    Deno.test(`${title} runs twice in one memory`, async () => {
      if (GREEDY.has(title)) {
        const error = await assertRejects(() => combine(inputs(testCase, link)), WasmShareError);
        assertEquals(error.code, "heap_conflict");
      }
      const set = await combine(inputs(testCase, link, GREEDY.has(title) ? HEAP : undefined));
      const { memory, exports } = await instantiate(set, importsOf(described));
      const sides = set.names.map((name, at) => ({
        exports: exports[name],
        link: plus(described.links?.[link] ?? {}, moves(set, at)),
      }));
      const [left, right] = set.layout.modules;
      if (left.data) assertNotEquals(left.dataDelta, right.dataDelta);
      if (APART.test(title)) {
        const [a, b] = [left.stack!, right.stack!];
        assert(a.end <= b.start || b.end <= a.start, "each has a stack of its own");
      }
      const results = alternate(sides, memory, described, () => {});
      assertEquals(results, [expected(described), expected(described)]);
    });

    if (!GROWING.test(title)) continue;
    Deno.test(`${title} leaves pages alone that others took while it allocates`, async () => {
      const set = await combine(inputs(testCase, link, GREEDY.has(title) ? HEAP : undefined));
      const { memory, exports } = await instantiate(set, importsOf(described));
      const sides = set.names.map((name, at) => ({
        exports: exports[name],
        link: plus(described.links?.[link] ?? {}, moves(set, at)),
      }));
      const { take, lost, pages } = canaries(memory);
      take();
      const results = alternate(sides, memory, described, take);
      assertEquals(results, [expected(described), expected(described)]);
      assert(pages() > 10);
      assertEquals(lost(), 0, "bytes of other modules were overwritten");
    });
  }
}

Deno.test("programs of all compilers live in one memory", async () => {
  const link = "base";
  const chosen = twinCases.filter(({ described }) => described.twins![link]);
  assert(chosen.length >= 11, `${chosen.length}`);
  const all: ModuleInput[] = chosen.map((testCase) => {
    const greedy = GREEDY.has(`${testCase.name} ${link}`);
    return { ...inputs(testCase, link, greedy ? HEAP : undefined)[0], name: testCase.name };
  });
  // One with records among them.
  const set = await combine([...all, { name: "statics", bytes: moduleAt("c-statics/base.wasm") }]);
  const env = Object.assign({}, ...chosen.map(({ described }) => importsOf(described).env));
  const { memory, exports } = await instantiate(set, { env });
  for (const [at, { name, described }] of chosen.entries()) {
    const one = { ...described, init: undefined };
    const deltas = plus(described.links?.[link] ?? {}, moves(set, at));
    const results = callExports(exports[name], memory, one, deltas);
    assertEquals(results.map(({ value }) => value), expected(described), name);
  }
  assertEquals(exports.statics.operate(0, 7, 8), 15);
});
