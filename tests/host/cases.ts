/**
 * The cases of `tests/cases` for tests in Deno: their modules, what they return, and how far a
 * combined set moved each of them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Combined } from "../../src/core/options.ts";
import type { ModuleFacts } from "../../src/core/types.ts";
import { moduleIn } from "../cases/delta.ts";
import { callExports, type Case, importsOf, type Link } from "../cases/case.ts";

const root = new URL("../cases/", import.meta.url);

/** A folder of `tests/cases` with a `case.json`. */
export interface TestCase {
  name: string;
  described: Case;
  /** One of its modules, `base` by default. */
  bytes(link?: string): Uint8Array<ArrayBuffer>;
  /** Tells whether that module was committed. */
  has(link: string): boolean;
}

/** A case by its name. */
export function testCase(name: string): TestCase {
  const folder = new URL(`${name}/`, root);
  return {
    name,
    described: JSON.parse(Deno.readTextFileSync(new URL(`${name}/case.json`, root))),
    bytes: (link = "base") => moduleIn(folder, link),
    has: (link) => ["wasm", "delta"].some((kind) => isFile(new URL(`${link}.${kind}`, folder))),
  };
}

function isFile(url: URL): boolean {
  try {
    return Deno.statSync(url).isFile;
  } catch {
    return false;
  }
}

const accepted = [...Deno.readDirSync(root)]
  // Other folders hold modules that tests call in ways of their own.
  .filter(({ name, isDirectory }) => isDirectory && isFile(new URL(`${name}/case.json`, root)))
  .map(({ name }) => testCase(name))
  .filter(({ described }) => described.refuse === undefined)
  .sort((a, b) => a.name < b.name ? -1 : 1);

/** All cases that `combine` accepts as they are, by name. */
export const cases: readonly TestCase[] = accepted.filter(({ described }) =>
  !described.twins && !described.sides
);

/** All cases with side modules. */
export const sideCases: readonly TestCase[] = accepted.filter(({ described }) => described.sides);

/** All cases that `combine` accepts with their twins. */
export const twinCases: readonly TestCase[] = accepted.filter(({ described }) => described.twins);

/** One of the modules in `tests/cases/refuse`, or of the example. */
export function moduleAt(path: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(path, root));
}

/** What the calls of a case return at the linker's own addresses. */
export function expected({ calls }: Case): (number | string)[] {
  return calls.map(({ trap, expect }) => trap ? "trap" : expect!);
}

/** How far a combined set moved the parts of one module. */
export function moves(combined: Combined, index: number): Link {
  const { heap, stack, table } = combined.facts[index];
  const to = combined.layout.modules[index];
  return {
    dataDelta: to.dataDelta,
    heapDelta: to.heap.start - heap.base,
    heapEndDelta: to.heap.end - heap.end,
    stackDelta: stack && to.stack ? to.stack.end - stack.end : 0,
    slotDelta: table && to.table ? to.table.start - table.first : 0,
  };
}

/** How far {@linkcode relocate} moves: everything alike. */
export const movesBy = (delta: number): Link => ({
  dataDelta: delta,
  heapDelta: delta,
  heapEndDelta: delta,
  stackDelta: delta,
});

/** Calls an instance that is initialised already, and demands what the untouched module returns. */
export function assertBehaves(
  // deno-lint-ignore no-explicit-any -- exports of any module
  exports: any,
  memory: WebAssembly.Memory,
  { name, described }: Pick<TestCase, "name" | "described">,
  link: Link,
): void {
  const results = callExports(exports, memory, { ...described, init: undefined }, link);
  assertEquals(results.map(({ value }) => value), expected(described), name);
}

/** The sum of two moves. */
export function plus(a: Link, b: Link): Link {
  const keys = ["dataDelta", "heapDelta", "heapEndDelta", "stackDelta", "slotDelta"] as const;
  return Object.fromEntries(keys.map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]));
}

/** Instantiates one relocated module by hand, initialises it, and calls it. */
export async function assertRelocatedBehaves(
  moved: Uint8Array,
  facts: ModuleFacts,
  testCase: TestCase,
  delta: number,
  link: Link = {},
): Promise<void> {
  const minPages = facts.memory?.minPages ?? 0;
  const { table } = facts;
  const memory = new WebAssembly.Memory({ initial: minPages + Math.ceil(delta / 65536) });
  const { exports } = await instantiateByHand(moved, memory, {
    slots: (table?.first ?? 0) + (table?.slots ?? 0),
    env: importsOf(testCase.described).env,
    init: testCase.described.init,
  });
  assertBehaves(exports, memory, testCase, plus(link, movesBy(delta)));
}

/** Instantiates a moved module with a memory and a table, as a host without this package would. */
export async function instantiateByHand(
  bytes: Uint8Array,
  memory: WebAssembly.Memory,
  more: { slots?: number; env?: WebAssembly.ModuleImports; init?: string } = {},
): Promise<WebAssembly.Instance> {
  const table = new WebAssembly.Table({ element: "anyfunc", initial: more.slots ?? 0 });
  const module = await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
  const instance = await WebAssembly.instantiate(module, {
    env: { ...more.env, memory, __indirect_function_table: table },
  });
  if (more.init) (instance.exports[more.init] as () => void)();
  return instance;
}
