/** Every case: moved by `combine` and by `relocate`, it does what the untouched module does. */
import { assert, assertEquals } from "@std/assert";
import { combine, inspect, instantiate, type ModuleInput, relocate } from "../mod.ts";
import { callAll, importsOf } from "./cases/case.ts";
import {
  assertBehaves,
  assertRelocatedBehaves,
  cases,
  expected,
  moduleAt,
  moves,
  type TestCase,
} from "./host/cases.ts";

// None of these grows the memory, so a module that claims it all can live with them.
const before: ModuleInput[] = [
  { name: "nostd", bytes: moduleAt("rust-nostd/base.wasm") },
  { name: "statics", bytes: moduleAt("c-statics/base.wasm") },
];

async function assertCombinedBehaves(testCase: TestCase, inputs: ModuleInput[], at: number) {
  const set = await combine(inputs, { verify: true });
  const { dataDelta, table } = set.layout.modules[at];
  assert(set.layout.modules[at].data === null || dataDelta !== 0, "it must move");
  assert(!table?.shared || table.size === 0 || table.start > 1, "it must get other slots");
  const { memory, exports } = await instantiate(set, importsOf(testCase.described));
  const others = set.layout.regions.filter(({ module }) => module !== set.names[at]);
  const held = () =>
    others.map(({ start, end }) => new Uint8Array(memory.buffer, start, end - start).slice());
  const unchanged = held();
  assertBehaves(exports[set.names[at]], memory, testCase, moves(set, at));
  assert(held().every((bytes, i) => equal(bytes, unchanged[i])), "it wrote into another's region");
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

for (const each of cases) {
  const { name, described } = each;
  const bytes = each.bytes();

  Deno.test(`${name} behaves the same untouched, second and third of a set`, async () => {
    const untouched = await callAll(bytes, described, {});
    assertEquals(untouched.map(({ value }) => value), expected(described));
    await assertCombinedBehaves(each, [before[1], { name: "it", bytes }, before[0]], 1);
    await assertCombinedBehaves(each, [...before, { name: "it", bytes }], 2);
  });

  Deno.test(`${name} behaves the same 1 MiB higher`, async () => {
    const facts = await inspect(bytes);
    const moved = await relocate({ bytes, verify: true }, 0x100000);
    await assertRelocatedBehaves(moved, facts, each, 0x100000);
  });
}
