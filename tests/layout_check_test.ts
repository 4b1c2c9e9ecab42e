/** The look at a finished plan: every way in which a plan can be wrong is seen. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { combine } from "../mod.ts";
import { layoutFault } from "../src/set/layout.ts";
import type { LayoutPlan } from "../src/core/types.ts";
import { moduleAt } from "./host/cases.ts";

const { layout } = await combine([
  { name: "a", bytes: moduleAt("c-malloc/base.wasm") },
  { name: "b", bytes: moduleAt("stack/nested.wasm"), stack: "shared" },
  { name: "c", bytes: moduleAt("zlib/base.wasm"), stack: "shared" },
  { name: "d", bytes: moduleAt("rust-std/base.wasm") },
], { memory: { maximum: 1000, reserved: [{ start: 0x2_0000, size: 64 }] } });

Deno.test("a good layout has no fault", () => assertEquals(layoutFault(layout), null));

const region = (plan: LayoutPlan, kind: string, module: string) =>
  plan.regions.find((each) => each.kind === kind && each.module === module)!;
const move = (span: { start: number; end: number }, by: number) => {
  span.start += by;
  span.end += by;
};
const faults: [what: string, spoil: (plan: LayoutPlan) => void, fault: string][] = [
  ["too many pages", (plan) => plan.neededPages = 65537, "it needs 65537 pages"],
  ["more pages than allowed", (plan) => plan.maximumPages = 1, "and the memory has 1 at most"],
  ["an end outside", (plan) => plan.neededPages = 1, "ends outside the memory"],
  ["an overlap", (plan) => move(region(plan, "data", "c"), -16), "overlaps the"],
  ["data at 0", (plan) =>
    plan.regions.unshift({
      ...region(plan, "data", "a"),
      start: 0,
      end: 8,
      size: 8,
    }), "lies below the first address"],
  ["an empty region", (plan) => region(plan, "data", "a").size = 0, "is no range"],
  ["a region outside", (plan) => {
    const last = plan.regions.at(-1)!;
    [last.end, last.size] = [plan.end + 16, plan.end + 16 - last.start];
  }, "lies outside the memory"],
  ["a crooked stack", (plan) => move(region(plan, "stack", "a"), 8), "is not aligned to 16"],
  [
    "data that is not listed",
    (plan) => move(plan.modules[0].data!, 16),
    'data of module "a" is not',
  ],
  [
    "another's stack",
    (plan) => plan.modules[1].stack = plan.modules[0].stack,
    'stack of module "b"',
  ],
  [
    "a shared stack as one's own",
    (plan) => plan.modules[1].sharedStack = null,
    'module "b" is not',
  ],
  ["nobody's heap", (plan) => {
    const { heap } = plan.modules.find(({ heap }) => heap.size > 0)!;
    heap.end = heap.start;
    heap.size = 0;
  }, "is no module's"],
  ["slot 0", (plan) => {
    const table = plan.modules.find(({ table }) => table?.size)!.table!;
    move(table, -table.start);
  }, "outside the table"],
  ["slots behind the table", (plan) => plan.tableSize--, "outside the table"],
  ["shared slots", (plan) => {
    const [one, other] = plan.modules.flatMap(({ table }) => table?.size ? table : []);
    move(other, one.end - 1 - other.start);
  }, "share table slots"],
];

for (const [what, spoil, fault] of faults) {
  Deno.test(`${what} is seen`, () => {
    const plan = structuredClone(layout);
    spoil(plan);
    assertStringIncludes(layoutFault(plan) ?? "nothing", fault);
  });
}
