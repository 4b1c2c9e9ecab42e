/**
 * Programs whose addresses are known from twins: the same program at other bases. Wherever they are
 * placed, they do what the untouched module does.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  combine,
  inspect,
  instantiate,
  type ModuleInput,
  relocate,
  WasmShareError,
} from "../mod.ts";
import { callAll, importsOf, type Link } from "./cases/case.ts";
import {
  assertBehaves,
  assertRelocatedBehaves,
  expected,
  moduleAt,
  moves,
  plus,
  type TestCase,
  twinCases,
} from "./host/cases.ts";

const PAGE = 0x10000;
const others: ModuleInput[] = [
  { name: "nostd", bytes: moduleAt("rust-nostd/base.wasm") },
  { name: "statics", bytes: moduleAt("c-statics/base.wasm") },
];

/** A link and its twins, as a user gives them. */
interface Twin {
  testCase: TestCase;
  link: string;
  /** How this link differs from what the case expects. */
  deltas: Link;
  near: string;
  far: string;
  /** What the near twin alone is refused with, and moving without `combine`. */
  refused?: string;
  fixed?: string;
}

const twins: Twin[] = twinCases.flatMap((testCase) =>
  Object.entries(testCase.described.twins!).map((
    [link, { of: [near, far], near: refused, fixed }],
  ) => ({
    testCase,
    link,
    deltas: testCase.described.links?.[link] ?? {},
    near,
    far,
    refused,
    fixed,
  }))
);

/** The module with both twins. */
function both({ testCase, link, near, far }: Twin) {
  return { bytes: testCase.bytes(link), twin: [testCase.bytes(near), testCase.bytes(far)] };
}

/** The same with one twin, the near one, if that is enough. */
function oneOrBoth(twin: Twin) {
  const { testCase, link, near } = twin;
  if (twin.refused) return both(twin);
  return { bytes: testCase.bytes(link), twin: testCase.bytes(near) };
}

Deno.test("there are twins of every compiler", () => {
  const names = new Set(twins.map(({ testCase: { name } }) => name));
  for (
    const each of ["assemblyscript", "c", "cpp", "emscripten", "rust", "rust-pic", "sqlite", "zig"]
  ) {
    assert(names.has(`twin-${each}`), each);
  }
  assert(twins.length >= 18, `${twins.length} twins`);
});

/** What the others need alone: a module that takes all memory above itself comes after them. */
const above = (await combine(others)).neededPages * PAGE;

/**
 * Places for data: a page further, and past the ends of two-byte and three-byte LEB128. Nothing lies below
 * `free` if the module may use what is below its data.
 */
function placesFor(
  start: number | undefined,
  claim: string,
  free: number,
): (number | undefined)[] {
  if (start === undefined) return [undefined];
  const low = claim === "none" ? [start + PAGE, start + 3 * PAGE] : [];
  return [...low, ...[0, 5, 300].map((pages) => above + start + free + pages * PAGE)];
}

for (const twin of twins) {
  const { testCase, link, deltas } = twin;
  const { name, described } = testCase;
  const title = `${name} ${link}`;

  Deno.test(`${title} behaves the same at several places`, async () => {
    const untouched = await callAll(testCase.bytes(link), described, deltas);
    assertEquals(untouched.map(({ value }) => value), expected(described));
    const { data, heap, twin: found } = await inspect(both(twin));
    const free = found?.stack.where === "below" ? Math.ceil(found.stack.top / PAGE) * PAGE : 0;
    for (const base of placesFor(data?.start, heap.claim, free)) {
      for (const input of [both(twin), oneOrBoth(twin)]) {
        const set = await combine([others[1], { ...input, name: "it", base }, others[0]]);
        const placed = set.layout.modules[1];
        if (base !== undefined) assertEquals(placed.data?.start, base);
        assertEquals(placed.dataDelta % PAGE, 0);
        const { memory, exports } = await instantiate(set, importsOf(described));
        assertBehaves(exports.it, memory, testCase, plus(deltas, moves(set, 1)));
      }
    }
  });

  Deno.test(`${title} behaves the same where it is put by itself`, async () => {
    const set = await combine([...others, { ...both(twin), name: "it" }], { verify: true });
    const { memory, exports } = await instantiate(set, importsOf(described));
    assert(set.facts[2].kind === "twin", set.facts[2].kind);
    assertBehaves(exports.it, memory, testCase, plus(deltas, moves(set, 2)));
  });
}

for (const twin of twins.filter(({ refused }) => refused)) {
  Deno.test(`${twin.testCase.name} ${twin.link} needs a twin that is far away`, async () => {
    const { testCase, link, near } = twin;
    const alone = { name: "it", bytes: testCase.bytes(link), twin: testCase.bytes(near) };
    const error = await assertRejects(() => combine([others[0], alone]), WasmShareError);
    for (const { code, module, hint } of error.errors) {
      assertEquals([code, module], [twin.refused, "it"]);
      assert(hint);
    }
  });
}

for (const twin of twins) {
  const { testCase, link, deltas, fixed } = twin;
  Deno.test(`${testCase.name} ${link} is moved by relocate`, async () => {
    for (const offset of [PAGE, 7 * PAGE, 300 * PAGE]) {
      const move = () => relocate(both(twin), offset);
      if (fixed) {
        assertEquals((await assertRejects(move, WasmShareError)).code, fixed);
        continue;
      }
      const facts = await inspect(both(twin));
      await assertRelocatedBehaves(await move(), facts, testCase, offset, deltas);
    }
    if (fixed) return;
    // What twins prove are moves by whole pages.
    const error = await assertRejects(() => relocate(both(twin), PAGE / 2), WasmShareError);
    assertEquals(error.code, "misaligned_offset");
  });
}
