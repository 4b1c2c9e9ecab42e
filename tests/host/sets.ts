/** What holds of every combined set. */
import { assert, assertEquals } from "@std/assert";
import { type Combined, instantiate } from "../../mod.ts";
import { importsOf } from "../cases/case.ts";
import { assertBehaves, moves, testCase } from "./cases.ts";
import { globals } from "./sections.ts";

/** Runs all calls of all modules of a set, the last module first. */
export async function assertAllBehave(set: Combined): Promise<void> {
  const env = Object.assign(
    {},
    ...set.names.map((name) => importsOf(testCase(name).described).env),
  );
  const { memory, exports } = await instantiate(set, { env });
  for (const [index, name] of [...set.names.entries()].reverse()) {
    assertBehaves(exports[name], memory, testCase(name), moves(set, index));
  }
}

/** What must hold of every plan. */
export function assertSound({ layout, modules }: Combined): void {
  const spans = [
    ...layout.regions,
    ...layout.modules.flatMap(({ name, heap }) =>
      heap.size ? [{ ...heap, module: name, kind: "heap" }] : []
    ).filter(({ start }) => !layout.regions.some((region) => region.start === start)),
  ].sort((a, b) => a.start - b.start);
  let end = 0;
  for (const span of spans) {
    assert(span.start >= end, `${span.module} ${span.kind} at ${span.start} overlaps`);
    assert(
      ["stack", "reserved"].includes(span.kind) || span.start >= 1024,
      `${span.module} at ${span.start}`,
    );
    assertEquals(span.size, span.end - span.start);
    end = span.end;
  }
  assert(layout.neededPages * 65536 >= end);
  let slot = 1;
  for (const { table } of layout.modules) {
    if (!table?.shared) continue;
    assert(table.start >= slot, `slot ${table.start}`);
    slot = table.end;
  }
  assert(slot <= layout.tableSize || slot === 1);
  for (const [index, { stack }] of layout.modules.entries()) {
    if (stack) assertEquals(globals(modules[index])[0].value, stack.end);
  }
}
