/** Addresses that a loader fills in: `GOT.mem.*`, `GOT.func.*`, and pointers in data. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  combine,
  inspect,
  instantiate,
  type ModuleInput,
  relocate,
  WasmShareError,
} from "../mod.ts";
import type { ImportsFor } from "../src/runtime/mod.ts";
import { leb, part, patch, pick } from "./faults/edit.ts";
import { moduleAt } from "./host/cases.ts";
import { refused } from "./host/refused.ts";
import { encode, type ModuleSpec } from "./host/wasm.ts";
import { loads } from "./host/loads.ts";

const dynamic = (name: string, as = name): ModuleInput => ({
  name: as,
  bytes: moduleAt(`dynamic/${name}.wasm`),
});
const statics: ModuleInput = { name: "statics", bytes: moduleAt("c-statics/base.wasm") };
const valueOf = (global: unknown): number => (global as WebAssembly.Global).value;
const word = (memory: WebAssembly.Memory, at: number) =>
  new DataView(memory.buffer).getInt32(at >>> 0, true);

for (
  const [title, names] of [
    ["before", ["statics", "user", "owner"]],
    ["after", ["owner", "statics", "user"]],
  ] as const
) {
  Deno.test(`a module listed ${title} the owner shares its data and functions`, async () => {
    const inputs = names.map((name) => name === "statics" ? statics : dynamic(name));
    const set = await combine(inputs);
    const { memory, table, exports: { user, owner } } = await instantiate(set);
    assertEquals(user.constructed(), 1);
    assertEquals(user.at_start(), 30 + 15, "the constructor saw pointers and data");
    assertEquals(user.bump(3), 8);
    assertEquals(owner.read_counter(), 8, "one variable");
    assertEquals(user.pointer(0) >>> 0, valueOf(owner.counter) >>> 0);
    assertEquals(word(memory, valueOf(owner.counter)), 8);
    assertEquals(user.pointer(1), valueOf(owner.numbers) + 8, "an addend in data");
    assertEquals(user.number(3), valueOf(owner.numbers) + 12, "an addend in code");
    assertEquals([user.through(0), user.through(1), user.through(2)], [8, 30, 7]);
    assertEquals(owner.sum_numbers(), 100, "nothing was written beside its place");
    assertEquals([user.call_through(0, 21), user.call_through(1, 5), user.direct(2)], [42, 15, 10]);
    // Function pointers compare equal in all modules: that of `twice` is the owner's own slot.
    assertEquals([user.function(0), user.stored(0)], [
      owner.twice_pointer(),
      owner.twice_pointer(),
    ]);
    assertEquals(user.function(1), user.stored(1));
    assertNotEquals(user.function(0), user.function(1));
    assertEquals(owner.call(user.function(1), 7), 21);
    assert(table!.get(user.function(1)) === owner.thrice);
    assert(user.function(1) >= set.layout.tableSize, "a new slot, at the end");
    assertEquals(user.maybe_pointer(), 0, "weak, and nobody has it");
  });
}

for (const options of [{ stack: "shared" }, { stackGuard: "check" }, { verify: true }] as const) {
  Deno.test(`addresses are filled in with ${JSON.stringify(options)}, too`, async () => {
    const set = await combine([statics, dynamic("user"), dynamic("owner")], options);
    const { exports: { user, owner } } = await instantiate(set);
    assertEquals([user.at_start(), user.bump(1), owner.read_counter()], [45, 6, 6]);
    assertEquals([user.through(1), user.through(2), user.call_through(1, 2)], [30, 7, 6]);
  });
}

Deno.test("two modules get the same new slot, also for a function under another name", async () => {
  const set = await combine([
    dynamic("code"),
    dynamic("owner"),
    dynamic("user"),
    dynamic("code", "again"),
  ]);
  const { exports: { code, owner, user, again } } = await instantiate(set);
  assertEquals(code.function(0), owner.twice_pointer(), "owner.twice, which it calls doubled");
  for (const f of [code.function(1), again.function(1)]) assertEquals(f, user.function(1));
  assertEquals([code.add(1), again.add(1), user.bump(1), owner.read_counter()], [6, 7, 8, 8]);
  assertEquals(code.direct(3), 69);
});

Deno.test("strong and weak: what nobody has is named, unless it is weak", async () => {
  const error = await refused(await combine([dynamic("user")]));
  assertEquals([error.code, error.errors.length], ["unresolved_import", 1]);
  assertStringIncludes(
    error.message,
    '"GOT.func.thrice" (global), "GOT.func.twice" (global), "GOT.mem.counter" (global), ' +
      '"GOT.mem.numbers" (global), "env.thrice" (function), "env.twice" (function)',
  );
  assert(!error.message.includes("maybe"));
  const has: ModuleSpec = { name: "has", global: { export: "maybe", value: 48, mutable: false } };
  const { exports } = await instantiate(
    await combine([dynamic("user"), dynamic("owner"), { name: "has", bytes: encode(has) }]),
  );
  assertEquals(exports.user.maybe_pointer(), 48);
});

Deno.test("the host can give an address, and functions of modules; not one of its own", async () => {
  const { exports: { f } } = new WebAssembly.Instance(
    new WebAssembly.Module(encode({
      name: "",
      functions: [{
        export: "f",
        params: ["i32"],
        results: ["i32"],
        body: [0x20, 0, 0x41, 1, 0x6a],
      }],
    })),
  );
  const number = (value: number) => new WebAssembly.Global({ value: "i32", mutable: true }, value);
  const imports = (twice: unknown): ImportsFor => ({
    env: { twice, thrice: f } as WebAssembly.ModuleImports,
    "GOT.mem": { counter: number(48), numbers: number(64) },
  });
  const set = await combine([dynamic("user")]);
  const { exports: { user }, memory } = await instantiate(set, imports(f));
  assertEquals([user.pointer(0), user.pointer(1), user.call_through(0, 9)], [48, 72, 10]);
  assertEquals(user.function(0), user.function(1), "one function, one pointer");
  user.bump(2);
  assertEquals(word(memory, 48), 2);
  const error = await assertRejects(
    () => instantiate(set, imports((n: number) => n)),
    WasmShareError,
    'Cannot give module "user" the address of a function',
  );
  assertEquals([error.code, error.module], ["instantiation_failed", "user"]);
  assertStringIncludes(error.hint, "A function of the host has no address");
});

Deno.test("bind names another symbol, for its address, too", async () => {
  const set = await combine([
    {
      ...dynamic("user") as { bytes: Uint8Array },
      bind: {
        "env.twice": "owner.thrice",
        "GOT.mem.counter": "owner.numbers",
      },
    },
    dynamic("owner"),
  ]);
  const { exports: { user, owner } } = await instantiate(set);
  assertEquals([user.call_through(0, 5), user.function(0)], [15, user.function(1)]);
  assertEquals(user.pointer(0), valueOf(owner.numbers));
  for (
    const [from, to, why] of [
      ["GOT.mem.counter", "owner.twice", "it imports the address of data"],
      ["GOT.func.twice", "owner.counter", "it imports the address of a function"],
    ]
  ) {
    const error = await assertRejects(
      () =>
        combine([
          { ...dynamic("user") as { bytes: Uint8Array }, bind: { [from]: to } },
          dynamic("owner"),
        ]),
      WasmShareError,
      why,
    );
    assertEquals([error.code, error.path], ["signature_mismatch", `bind["${from}"]`]);
  }
});

Deno.test("an exported global that is no address is not bound, and two owners are ambiguous", async () => {
  const other: ModuleSpec = { name: "other", global: { export: "counter", value: 3 } };
  const user = dynamic("user");
  const set = await combine([user, dynamic("owner"), { name: "other", bytes: encode(other) }]);
  assertEquals((await instantiate(set)).exports.user.through(0), 5);
  const rest = ["numbers", "twice", "thrice"].map((name) => ({ ...dynamic("owner"), name }));
  const two = await refused(await combine([user, ...rest.slice(0, 2) as ModuleInput[]]));
  assertEquals(new Set(two.errors.map(({ code }) => code)), new Set(["ambiguous_import"]));
  assertStringIncludes(two.message, '"GOT.mem.counter" is an export of modules "numbers" and');
  const wrong = await refused(
    await combine([dynamic("code"), { name: "other", bytes: encode(other) }]),
  );
  const found = wrong.errors.find(({ code }) => code === "signature_mismatch")!;
  assertStringIncludes(
    found.message,
    "the address of data, and the export is a global of type mut",
  );
});

Deno.test("owner and user can need each other: addresses are no cycle", async () => {
  const hooked: ModuleSpec = {
    name: "hooked",
    imports: [{
      module: "user",
      name: "bump",
      kind: "function",
      params: ["i32"],
      results: ["i32"],
    }],
    functions: [
      { export: "twice", params: ["i32"], results: ["i32"], body: [0x20, 0, 0x10, 0] },
      { export: "thrice", params: ["i32"], results: ["i32"], body: [0x20, 0] },
    ],
  };
  const values: ModuleSpec[] = ["counter", "numbers"].map((name, at) => ({
    name,
    global: { export: name, value: 32 + 16 * at, mutable: false },
  }));
  const inputs = [hooked, ...values].map((spec) => ({ name: spec.name, bytes: encode(spec) }));
  for (const list of [[dynamic("user"), ...inputs], [...inputs, dynamic("user")]]) {
    const { exports: { user } } = await instantiate(await combine(list));
    assertEquals(user.call_through(0, 4), 4, "through hooked.twice, which calls user.bump");
    assertEquals(user.direct(1), 5 + 1);
  }
});

Deno.test("a start function never sees an address that is not there yet", async () => {
  const looks = (name: string, symbol: string, from: string): ModuleSpec => ({
    name,
    imports: [
      { module: "GOT.mem", name: symbol, kind: "global", type: "i32", mutable: true },
      { module: from, name: "f", kind: "function" },
      { module: "host", name, kind: "function", params: ["i32"] },
    ],
    functions: [{ export: "f", body: [] }, { body: [0x23, 0, 0x10, 1] }],
    start: 3,
    global: { export: `of_${name}`, value: name === "a" ? 16 : 32, mutable: false },
  });
  const quiet = (spec: ModuleSpec): ModuleSpec => ({ ...spec, start: undefined });
  const input = (spec: ModuleSpec): ModuleInput => ({ name: spec.name, bytes: encode(spec) });
  const [a, b] = [looks("a", "of_b", "b"), looks("b", "of_a", "a")];
  const told: string[] = [];
  const host = { a: (n: number) => told.push(`a ${n}`), b: (n: number) => told.push(`b ${n}`) };
  // `a` is listed first, but only `b` can be made before it.
  const plain = { ...quiet(b), imports: [], functions: [{ export: "f", body: [] }] };
  await instantiate(await combine([input(a), input(plain)]), { host });
  assertEquals(told.splice(0), ["a 32"]);
  // What a start function calls elsewhere could look, too.
  for (const set of [[a, b], [a, quiet(b)], [quiet(a), b]]) {
    const error = await refused(await combine(set.map(input)), { host });
    assertEquals(error.code, "import_cycle");
    assertStringIncludes(error.message, "(global) cannot be filled in later");
  }
  await instantiate(await combine([quiet(a), quiet(b)].map(input)), { host });
  assertEquals(told, []);
});

Deno.test("with a table of its own a module gets its slots there", async () => {
  const own: ModuleInput = { ...dynamic("user") as { bytes: Uint8Array }, table: "separate" };
  const error = await assertRejects(() => combine([own, dynamic("owner")]), WasmShareError);
  assertEquals(error.code, "invalid_option");
  assertStringIncludes(error.message, '"GOT.func.');
  assertStringIncludes(error.hint, "--import-table");
});

Deno.test("relocate() moves the places that the linker's function stores to", async () => {
  const bytes = moduleAt("dynamic/user.wasm");
  const offset = 0x100000;
  const moved = await relocate(bytes, offset);
  const i32 = (value: number) => new WebAssembly.Global({ value: "i32", mutable: true }, value);
  const made = async (module: Uint8Array) => {
    const memory = new WebAssembly.Memory({ initial: 40 });
    const table = new WebAssembly.Table({ element: "anyfunc", initial: 4 });
    const { instance: { exports } } = await WebAssembly.instantiate(
      module as Uint8Array<ArrayBuffer>,
      {
        env: { memory, __indirect_function_table: table, twice: () => 0, thrice: () => 0 },
        "GOT.mem": { counter: i32(48), numbers: i32(64), maybe: i32(0) },
        "GOT.func": { twice: i32(1), thrice: i32(2) },
      },
    );
    // deno-lint-ignore no-explicit-any -- exports of any module
    const own = exports as any;
    own.__wasm_apply_data_relocs();
    return { own, memory: (own.memory ?? memory) as WebAssembly.Memory };
  };
  const { own, memory } = await made(moved);
  assertEquals([own.pointer(0), own.pointer(1), own.stored(0), own.stored(1)], [48, 72, 1, 2]);
  assertEquals(own.pointer(2), (await made(bytes)).own.pointer(2) + offset);
  const old = new Uint8Array(memory.buffer, 65536, 0x10000);
  assert(old.every((byte) => byte === 0), "nothing is stored at the old places");
});

Deno.test("GOT imports and symbols that do not fit are stale records", async () => {
  const bytes = moduleAt("dynamic/code.wasm");
  assertEquals((await inspect(bytes)).problems, []);
  // The record says `counter`, the file then says the GOT entry of a function, or nothing that is there.
  const [site] = pick(bytes, { of: "reloc.CODE", kind: 7, field: "offset" });
  const at = part(bytes, 10).body + site.value;
  for (const value of [1, 2, 90]) {
    const { problems } = await inspect(patch(bytes, at, leb(value, 5)));
    assertEquals(problems.map(({ code }) => code), ["stale_relocations"], `global ${value}`);
  }
  assertEquals((await inspect(patch(bytes, at, leb(0, 5)))).problems, []);
});

Deno.test("with its records kept, a moved module can be moved again", async () => {
  const inputs = ["statics", "code", "owner"].map((name): ModuleInput =>
    name === "statics" ? statics : dynamic(name)
  );
  const first = await combine(inputs, { strip: false, verify: true });
  const again = await combine(
    first.modules.map((bytes, at) => ({ bytes, name: first.names[at] })).reverse(),
    { verify: true },
  );
  const { exports: { code, owner } } = await instantiate(again);
  assertEquals([code.add(4), owner.read_counter(), code.function(0)], [
    9,
    9,
    owner.twice_pointer(),
  ]);
  // Code of the module with pointers in data was written anew, and its records are gone.
  const user = await combine([dynamic("user"), dynamic("owner")], { strip: false });
  assert(
    user.warnings.some(({ code, section }) => code === "dropped_section" && section === "linking"),
  );
  assertEquals(user.codeShifts[0], null);
});

Deno.test("a generated loader fills addresses in", async () => {
  const set = await combine([dynamic("user"), dynamic("owner")]);
  const main = "const { exports: { user, owner } } = await instantiate();\n" +
    "console.log(user.bump(4), owner.read_counter(), user.at_start(), " +
    "user.function(0) === owner.twice_pointer(), user.call_through(1, 3));\n";
  const { printed, types } = await loads(set, main, "addresses");
  for (const text of printed) assertEquals(text, "9 9 45 true 9");
  assertStringIncludes(types, "instantiate(imports?: Imports)", "nothing to be given");
});
