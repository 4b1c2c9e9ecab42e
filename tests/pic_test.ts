/** Kind `pic`: position independent objects linked without records. And builds that do not match. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import {
  combine,
  inspect,
  instantiate,
  type PointerPolicy,
  relocate,
  type WasmShareWarning,
} from "../mod.ts";
import { WasmShareError } from "../src/errors.ts";
import { generateLoader } from "../src/write/loader.ts";
import { callExports } from "./cases/case.ts";
import { assertBehaves, expected, moduleAt, moves, testCase } from "./host/cases.ts";
import { refused } from "./host/refused.ts";
import { assemble, section, sections } from "./host/sections.ts";
import { inFolder } from "./temp.ts";

const before = { name: "statics", bytes: moduleAt("c-statics/base.wasm") };
const variants = [["pic-c", "base"], ["pic-c", "plain"], ["pic-rust", "base"]] as const;
const flags: Record<string, string> = {
  rust: 'RUSTFLAGS="-C link-arg=--emit-relocs"',
  c: "-Wl,--emit-relocs",
};

for (const [name, link] of variants) {
  const module = testCase(name);
  const bytes = module.bytes(link);
  const input = (pointers?: PointerPolicy) => [before, { name: "it", bytes, pointers }];

  Deno.test(`${name}/${link}: pointers in data are guessed, with a warning`, async () => {
    const seen: WasmShareWarning[] = [];
    const set = await combine(input(), { onWarning: (warning) => seen.push(warning) });
    assertEquals(seen, set.warnings);
    assertEquals(set.warnings.map(({ code }) => code), ["guessed_pointers", "separate_table"]);
    const [guessed, table] = set.warnings;
    assertEquals([guessed.module, table.module], ["it", "it"]);
    const { proof: { guessed: count, records }, sites } = set.facts[1];
    assert(count > 0 && guessed.message.startsWith(`${count} words`), guessed.message);
    assertEquals([records, sites.data], [0, count]);
    for (const flag of Object.values(flags)) assert(guessed.hint!.includes(flag), guessed.hint);
    assert(table.hint!.includes("--emit-relocs"));
    const { memory, exports } = await instantiate(set);
    assertNotEquals(set.layout.modules[1].dataDelta, 0);
    assertBehaves(exports.it, memory, module, moves(set, 1));
  });

  Deno.test(`${name}/${link}: it keeps a table of its own`, async () => {
    const set = await combine([...input(), { ...before, name: "again" }]);
    const { table: own } = set.layout.modules[1];
    assertEquals([own!.shared, own!.start], [false, 1]);
    assertEquals(set.layout.modules.map(({ table }) => table!.start), [1, 1, 4]);
    const { exports, table } = await instantiate(set);
    const slot = name === "pic-rust" ? 12 : exports.it.operation_slot(1);
    assertEquals(exports.it.operation_slot(1), slot, "no slot moved");
    assertEquals(table!.length, set.layout.tableSize);
  });

  Deno.test(`${name}/${link}: pointers "error" and strict refuse it`, async () => {
    const runs = [
      () => combine(input("error")),
      () => combine(input(), { strict: true }),
      // For every module, whatever it says itself.
      () => combine(input("guess"), { strict: true }),
      () => combine(input(), { pointers: "error" }),
      () => relocate({ bytes, pointers: "error" }, 65536),
    ];
    for (const run of runs) {
      const error = await assertRejects(run, WasmShareError);
      assertEquals(error.code, "guessed_pointers");
      assert(error.hint.includes("--emit-relocs"), error.hint);
    }
    // The module's own word goes before the run's.
    await combine(input("guess"), { pointers: "error" });
  });

  Deno.test(`${name}/${link}: pointers "ignore" warns, and leaves them where they were`, async () => {
    const set = await combine(input("ignore"));
    assertEquals(set.warnings.map(({ code }) => code), ["ignored_pointers", "separate_table"]);
    const { memory, exports } = await instantiate(set);
    // The first call reads a pointer. The others may do anything now.
    const first = { ...module.described, calls: module.described.calls.slice(0, 1) };
    const [{ value }] = callExports(exports.it, memory, first, moves(set, 1));
    assertNotEquals([value], expected(first), "the pointers are needed");
  });

  Deno.test(`${name}/${link}: the name section is not needed`, async () => {
    const names = sections(bytes).find(({ name }) => name === "name");
    assert(names, "the module has names");
    const bare = assemble(sections(bytes).filter((each) => each !== names));
    const set = await combine([before, { name: "it", bytes: bare }]);
    const { memory, exports } = await instantiate(set);
    assertBehaves(exports.it, memory, module, moves(set, 1));
  });
}

Deno.test("a module without exported __heap_base has a heap base all the same", async () => {
  const [plain, base] = ["plain", "base"].map((link) => moduleAt(`pic-c/${link}.wasm`));
  const exported = (bytes: Uint8Array) => new TextDecoder().decode(section(bytes, 7));
  assert(exported(base).includes("__heap_base") && !exported(plain).includes("__heap_base"));
  for (const bytes of [plain, base]) {
    const { heap, data } = await inspect(bytes);
    assert(heap.base >= data!.end && heap.base < data!.end + 16);
  }
});

Deno.test("pic-mixed is refused", async () => {
  const bytes = moduleAt("pic-mixed/base.wasm");
  const error = await assertRejects(() => combine([before, bytes]), WasmShareError);
  assertEquals([error.code, error.section], ["mixed_position_independence", "code"]);
  assert(error.offset! > 0 && error.hint.includes("--emit-relocs"));
});

Deno.test("pic-data-first is refused: nothing says where its .bss lies", async () => {
  const bytes = moduleAt("pic-data-first/base.wasm");
  const error = await assertRejects(() => combine([before, bytes]), WasmShareError);
  assertEquals(error.code, "no_relocations");
  assert(error.message.includes(".bss") && error.hint.includes("--import-memory"));
});

Deno.test("a table of the user's own stays in its module", async () => {
  const bytes = moduleAt("own-table/base.wasm");
  const { layout } = await combine([moduleAt("c-statics/base.wasm"), bytes]);
  assertEquals([layout.modules[0].table?.shared, layout.modules[1].table], [true, null]);
});

for (const name of ["pic-c", "pic-rust"]) {
  Deno.test(`${name} with records moves with its slots, nothing guessed`, async () => {
    const module = testCase(name);
    const input = { name: "it", bytes: module.bytes("relocs") };
    const set = await combine([before, input], { strict: true, verify: true });
    assertEquals(set.warnings, []);
    assertEquals([set.facts[1].kind, set.facts[1].proof.guessed], ["relocs", 0]);
    const { table, dataDelta } = set.layout.modules[1];
    assert(table!.shared && table!.start === 4 && dataDelta !== 0);
    const { memory, exports } = await instantiate(set);
    assertBehaves(exports.it, memory, module, moves(set, 1));
  });
}

Deno.test("outputs of two builds are refused together: build_mismatch", async () => {
  const zig = { name: "zig", bytes: moduleAt("zig/base.wasm") };
  const [one, other] = [await combine([before, zig]), await combine([before, zig], 4096)];
  for (const at of [0, 1]) {
    const mixed = { ...one, modules: one.modules.with(at, other.modules[at]) };
    const error = await refused(mixed);
    assertEquals([error.code, error.module], ["build_mismatch", one.names[at]]);
  }
  assertEquals((await refused({ ...one, modules: [...one.modules].reverse() })).errors.length, 2);

  await inFolder({}, async (folder) => {
    const files = one.names.map((name) => ({ name, path: `${name}.wasm` }));
    const loader = generateLoader(one, { loader: "js", inline: false, files });
    for (const { path, text } of loader) await folder.write(path, text);
    for (const [at, { path }] of files.entries()) await folder.write(path, one.modules[at]);
    const { instantiate } = await import(`file://${folder.file("mod.js")}`);
    assertEquals(Object.keys((await instantiate()).exports), ["statics", "zig"]);
    await folder.write("zig.wasm", other.modules[1]);
    const error = await instantiate().then(() => null, (error: WasmShareError) => error);
    assertEquals([error?.code, error?.module], ["build_mismatch", "zig"]);
    assert(error.path.endsWith("zig.wasm"), error.path);
  });
});

Deno.test("records without their symbols are no reason to guess", async () => {
  const parts = sections(moduleAt("pic-c/relocs.wasm"));
  const bytes = assemble(parts.filter(({ name }) => name !== "linking"));
  const { kind, problems } = await inspect({ name: "pic-c", bytes });
  assertEquals([kind, ...problems.map(({ code }) => code)], ["none", "incomplete_relocations"]);
});
