/** The recipes of docs/compilers.md for modules without records: what they made runs in one memory. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { combine, inspect, instantiate, type ModuleInput } from "../mod.ts";
import { view } from "../src/memory/mod.ts";
import { moduleAt } from "./host/cases.ts";

const bytesOf = (name: string) => moduleAt(`compilers/${name}.wasm`);

/** The modules with twins, and the start of their texts. */
const TWINS: Record<string, string> = {
  assemblyscript: "AssemblyScript",
  "c-opt": "C",
  emscripten: "C",
  "rust-opt": "Rust",
};
const RECORDS: Record<string, string> = { c: "C", rust: "Rust", zig: "Zig" };
/** What imports it has besides the memory. */
const env = { abort: () => {}, emscripten_notify_memory_growth: () => {} };

function input(name: string): ModuleInput {
  const twin = [bytesOf(`${name}-near`), bytesOf(`${name}-far`)];
  // The allocator of Emscripten expects memory without gaps.
  const heap = name === "emscripten" ? 0x200000 : undefined;
  return { name, bytes: bytesOf(name), twin, heap };
}

Deno.test("docs/compilers.md: every recipe with twins makes a module whose addresses are found", async () => {
  const built = [...Deno.readDirSync(new URL("cases/compilers/", import.meta.url))]
    .map(({ name }) => name.replace(/-near\.wasm$/, "")).filter((name) => /^[^.]*$/.test(name));
  const folders = ["rust", "zig", "Makefile"];
  assertEquals(built.filter((each) => !folders.includes(each)).sort(), Object.keys(TWINS).sort());
  for (const name of Object.keys(TWINS)) {
    const { kind, problems, sites } = await inspect(input(name));
    assertEquals([kind, problems], ["twin", []], name);
    assert(sites.total > 10, name);
  }
});

Deno.test("docs/compilers.md: what the recipes with twins made runs in one memory", async () => {
  const records = Object.keys(RECORDS).map((name): ModuleInput => ({ name, bytes: bytesOf(name) }));
  const set = await combine([...records, ...Object.keys(TWINS).map(input)]);
  const { memory, exports } = await instantiate(set, { env });
  const read = (address: number) => {
    const all = new Uint8Array(memory.buffer);
    return new TextDecoder().decode(all.slice(address >>> 0, all.indexOf(0, address >>> 0)));
  };
  const texts = new Map<number, string>();
  const modules = { ...RECORDS, ...TWINS };
  for (const [maker, of] of Object.entries(modules)) {
    for (const [n, which] of ["first", "second"].entries()) {
      const address = exports[maker].text(n) >>> 0;
      assert(read(address).startsWith(`${which} of ${of}`), `${maker}: ${read(address)}`);
      texts.set(address, read(address));
      for (const reader of Object.keys(modules)) {
        assertEquals(exports[reader].length(address), read(address).length, `${maker} → ${reader}`);
      }
    }
  }
  assertEquals(texts.size, 2 * Object.keys(modules).length, "each has texts of its own");
  // Blocks of every allocator lie side by side. That of AssemblyScript collects what is not pinned.
  const owners = Object.keys(modules).filter((name) => exports[name].copy);
  assertEquals(owners.sort(), ["assemblyscript", "c", "c-opt", "emscripten", "rust", "rust-opt"]);
  const blocks: [string, number, string][] = [];
  for (let round = 0; round < 100; round++) {
    for (const owner of owners) {
      for (const [address, text] of texts) {
        const block = exports[owner].copy(address);
        if (owner === "assemblyscript") exports[owner].__pin(block);
        blocks.push([owner, block >>> 0, text]);
      }
    }
  }
  assertEquals(new Set(blocks.map(([, block]) => block)).size, blocks.length);
  for (const [owner, block, text] of blocks) assertEquals(read(block), text, owner);
});

Deno.test("docs/compilers.md: the side modules of the recipes use what others have", async () => {
  const set = await combine([
    { name: "plain", bytes: bytesOf("plain") },
    // Both others export a counter.
    {
      name: "side",
      bytes: bytesOf("side"),
      bind: { "env.count": "plain.count", "GOT.mem.counter": "plain.counter" },
    },
    { name: "emscripten", bytes: bytesOf("emscripten-side") },
  ]);
  assertEquals(set.facts.map(({ kind }) => kind), ["relocs", "dylink", "dylink"]);
  const { memory, exports: { plain, side, emscripten } } = await instantiate(set);
  const read = (address: number) => {
    const all = new Uint8Array(memory.buffer, address >>> 0);
    return new TextDecoder().decode(all.slice(0, all.indexOf(0)));
  };
  assertStringIncludes(read(side.text(0)), "first of PIC");
  assertStringIncludes(read(emscripten.text(1)), "second of plain C");
  assertEquals(emscripten.length(side.text(1)), side.length(side.text(1)));
  // One variable for both; the other module has one of its own.
  const counter = (plain.counter as unknown as WebAssembly.Global).value >>> 0;
  assertNotEquals(counter, 0);
  assertEquals(side.add(2), 42);
  assertEquals(plain.count(), 42);
  assertEquals(view(memory).i32[counter >>> 2], 42);
});
