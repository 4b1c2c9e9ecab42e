/** The function table grows at run time, whoever grows it: nobody loses a slot. */
import { assert, assertEquals } from "@std/assert";
import { combine, instantiate, type ModuleInput } from "../mod.ts";
import { moduleAt } from "./host/cases.ts";

const file = (path: string, name: string): ModuleInput => ({
  name,
  bytes: moduleAt(`${path}.wasm`),
});
const grow = (name: string) => file("growth/grow", name);

/** Every slot that a module has, called: it does what it did. */
function assertWhole(module: Record<string, (...args: number[]) => number>, caller = module) {
  assertEquals(caller.call(module.own_slot(0), 10), 11);
  assertEquals(caller.call(module.own_slot(1), 10), 9);
}

for (const names of [["a", "b"], ["b", "a"]]) {
  Deno.test(`two modules and the host grow one table in turn: ${names}`, async () => {
    const set = await combine(names.map(grow));
    const size = set.layout.tableSize;
    const { table, exports } = await instantiate(set);
    const [first, second] = names.map((name) => exports[name]);
    assertEquals(table!.length, size, "linked with max = min");
    assertEquals(first.append(0), size, "growable");
    assertEquals(second.append(1), size + 1);
    assertEquals(table!.grow(3), size + 2);
    table!.set(size + 3, second.call);
    assertEquals(first.grow(2), size + 5);
    assertEquals(second.append(0), size + 7);
    for (const module of [first, second]) {
      assertWhole(module, first);
      assertWhole(module, second);
      assertEquals(module.call(size, 5), 6, "the first one's plus");
      assertEquals(module.call(size + 1, 5), 4, "the second one's minus");
      assertEquals(module.call(size + 7, 5), 6);
    }
    assertEquals([table!.get(size + 4), table!.get(size + 5), table!.get(0)], [null, null, null]);
    assert(table!.get(size + 3) === second.call);
  });
}

Deno.test("new slots of functions that are imported by address, among modules that grow", async () => {
  const dynamic = (name: string) => file(`dynamic/${name}`, name);
  for (
    const inputs of [
      [grow("grow"), dynamic("user"), dynamic("owner"), dynamic("code")],
      [dynamic("code"), dynamic("owner"), dynamic("user"), grow("grow")],
    ]
  ) {
    const set = await combine(inputs);
    const { table, exports: { grow, user, owner, code } } = await instantiate(set);
    assertEquals(table!.length, set.layout.tableSize + 1, "thrice");
    const slot = user.function(1);
    assertEquals(slot, set.layout.tableSize);
    assertEquals(grow.append(0), slot + 1);
    assertEquals(table!.grow(1, owner.twice), slot + 2);
    assertEquals(grow.append(1), slot + 3);
    assertWhole(grow);
    assertEquals([user.call_through(1, 4), code.function(1), owner.call(slot, 3)], [12, slot, 9]);
    assertEquals([grow.call(slot + 1, 1), grow.call(slot + 3, 1)], [2, 0]);
    assertEquals([grow.call(slot, 5), grow.call(owner.twice_pointer(), 5)], [15, 10]);
  }
});

/** A set in which the first module, `own`, has a table of its own. */
async function beside(path: string) {
  const own = { ...file(path, "own") as { bytes: Uint8Array }, table: "separate" as const };
  const { table, exports } = await instantiate(await combine([own, grow("a"), grow("b")]));
  return { table: table!, exports };
}

Deno.test("with a table of its own a module grows that one", async () => {
  const { table, exports } = await beside("growth/import");
  const size = table.length;
  assertEquals(exports.own.append(1), 3, "its own: slots 1 and 2 are taken");
  assertEquals(table.length, size);
  assertEquals(exports.a.append(0), size);
  assertEquals(exports.own.append(0), 4);
  assertEquals([exports.own.call(3, 1), exports.own.call(4, 1)], [0, 2]);
  for (const name of ["own", "a", "b"]) assertWhole(exports[name]);
});

Deno.test("a table of its own that is defined has the limits that its linker gave it", async () => {
  const { table, exports } = await beside("growth/grow");
  const bytes = moduleAt("growth/grow.wasm");
  const untouched = (await WebAssembly.instantiate(bytes)).instance.exports as typeof exports.own;
  assertEquals([untouched.append(1), exports.own.append(1)], [-1, -1]);
  assertEquals(exports.a.append(0), table.length - 1);
  for (const name of ["own", "a", "b"]) assertWhole(exports[name]);
});
