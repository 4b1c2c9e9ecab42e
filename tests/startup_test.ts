/** What runs when a set is made: each module's own start, once each, in the order of imports. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { combine, instantiate, type ModuleInput, WasmShareError } from "../mod.ts";
import { generateLoader } from "../src/write/loader.ts";
import { run } from "./host/output.ts";
import { trampolineModule } from "../src/set/trampolines.ts";
import { combined, encode, memoryImport, type ModuleSpec } from "./host/wasm.ts";
import { inFolder } from "./temp.ts";

const ENTRIES = ["start", "_initialize", "__wasm_call_ctors", "__wasm_apply_data_relocs"] as const;
type Entry = typeof ENTRIES[number];

/** Body of a call. */
const call = (index: number) => [0x10, index];

/**
 * A module that tells the host `name.entry` whenever one of its functions runs.
 *
 * Functions 0 to 3 are the host's, 4 to 7 those that tell. `calls` adds, to one of them, a call of
 * another.
 */
function telling(
  name: string,
  entries: readonly Entry[],
  more: { calls?: Partial<Record<Entry, Entry>>; imports?: string[]; exports?: string[] } = {},
): ModuleInput {
  const imports = more.imports ?? [];
  const first = ENTRIES.length + imports.length;
  const position = (entry: Entry) => first + ENTRIES.indexOf(entry);
  const spec: ModuleSpec = {
    name,
    imports: [
      ...ENTRIES.map((entry) => ({ module: name, name: entry, kind: "function" as const })),
      ...imports.map((at) => {
        const [module, name] = at.split(".");
        return { module, name, kind: "function" as const };
      }),
    ],
    functions: [
      ...ENTRIES.map((entry, at) => {
        const then = more.calls?.[entry];
        return {
          export: entry !== "start" && entries.includes(entry) ? entry : undefined,
          body: [...call(at), ...(then ? call(position(then)) : [])],
        };
      }),
      ...(more.exports ?? []).map((name) => ({ export: name, body: [] })),
    ],
    start: entries.includes("start") ? position("start") : undefined,
  };
  return { name, bytes: encode(spec) };
}

/** Makes a set; what ran, in order. */
async function ran(...inputs: ModuleInput[]): Promise<string[]> {
  const told: string[] = [];
  const set = await combine(inputs);
  const modules = set.names.map((name) => [
    name,
    { [name]: Object.fromEntries(ENTRIES.map((e) => [e, () => void told.push(`${name}.${e}`)])) },
  ]);
  await instantiate(set, { modules: Object.fromEntries(modules) });
  return told;
}

for (let bits = 0; bits < 16; bits++) {
  const entries = ENTRIES.filter((_, at) => bits >> at & 1);
  Deno.test(`with ${entries.join(", ") || "nothing"}: each once, in its place`, async () => {
    const has = (entry: Entry) => entries.includes(entry);
    const wanted = [
      ...(has("start") ? ["a.start"] : []),
      ...(has("__wasm_apply_data_relocs") ? ["a.__wasm_apply_data_relocs"] : []),
      ...(has("_initialize")
        ? ["a._initialize"]
        : has("__wasm_call_ctors")
        ? ["a.__wasm_call_ctors"]
        : []),
    ];
    assertEquals(await ran(telling("a", entries)), wanted);
  });
}

Deno.test("what the start function runs already, directly or not, does not run again", async () => {
  const all = [...ENTRIES];
  const cases: [Partial<Record<Entry, Entry>>, Entry[]][] = [
    [{ start: "__wasm_call_ctors" }, ["start", "__wasm_call_ctors", "__wasm_apply_data_relocs"]],
    [{ start: "__wasm_apply_data_relocs" }, ["start", "__wasm_apply_data_relocs", "_initialize"]],
    [
      { start: "_initialize", _initialize: "__wasm_call_ctors" },
      ["start", "_initialize", "__wasm_call_ctors", "__wasm_apply_data_relocs"],
    ],
    [
      { start: "__wasm_apply_data_relocs", __wasm_apply_data_relocs: "__wasm_call_ctors" },
      ["start", "__wasm_apply_data_relocs", "__wasm_call_ctors"],
    ],
    // As reactors do it.
    [
      { _initialize: "__wasm_call_ctors" },
      ["start", "__wasm_apply_data_relocs", "_initialize", "__wasm_call_ctors"],
    ],
  ];
  for (const [calls, wanted] of cases) {
    assertEquals(await ran(telling("a", all, { calls })), wanted.map((entry) => `a.${entry}`));
  }
});

Deno.test("the start function can be one of them itself", async () => {
  const spec: ModuleSpec = {
    name: "a",
    imports: [{ module: "a", name: "__wasm_call_ctors", kind: "function" }],
    functions: [{ export: "__wasm_call_ctors", body: [0x10, 0] }],
    start: 1,
  };
  assertEquals(await ran({ name: "a", bytes: encode(spec) }), ["a.__wasm_call_ctors"]);
});

Deno.test("a start function that cannot be read is refused, if it matters what it runs", async () => {
  const spec = (name: string): ModuleSpec => ({
    name: "a",
    // No instruction of WebAssembly.
    functions: [{ body: [0xff] }, { export: name, body: [] }],
    start: 0,
  });
  const error = await assertRejects(
    () => combine({ a: encode(spec("_initialize")) }),
    WasmShareError,
  );
  assertEquals([error.code, error.module], ["linker_function", "a"]);
  const { layout } = await combine({ a: encode(spec("other")) });
  assertEquals(layout.modules[0].started, []);
});

Deno.test("in the order of imports, each module as a whole", async () => {
  const of = (name: string, imports: string[]) =>
    telling(name, ENTRIES, { imports, exports: ["f"] });
  const each = (name: string) =>
    ["start", "__wasm_apply_data_relocs", "_initialize"].map((entry) => `${name}.${entry}`);
  assertEquals(
    await ran(of("a", ["b.f", "c.f"]), of("b", ["c.f"]), of("c", [])),
    [...each("c"), ...each("b"), ...each("a")],
  );
});

Deno.test("on a cycle all are made, get their addresses, and then each is initialised", async () => {
  const of = (name: string, imports: string[]) =>
    telling(name, ENTRIES.filter((entry) => entry !== "start"), { imports, exports: ["f"] });
  const inits = (name: string) =>
    ["__wasm_apply_data_relocs", "_initialize"].map((entry) => `${name}.${entry}`);
  assertEquals(
    await ran(of("user", ["b.f"]), of("a", ["b.f"]), of("b", ["a.f", "base.f"]), of("base", [])),
    [
      ...inits("base"),
      ...["a.__wasm_apply_data_relocs", "b.__wasm_apply_data_relocs"],
      ...["a._initialize", "b._initialize"],
      ...inits("user"),
    ],
  );
});

Deno.test("a start function that could call what is not initialised yet is refused", async () => {
  const a = telling("a", ["_initialize"], { imports: ["b.f"], exports: ["f"] });
  const b = telling("b", ["start"], { imports: ["a.f"], exports: ["f"] });
  const error = await assertRejects(() => ran(a, b), WasmShareError);
  assertEquals([error.code, error.module], ["import_cycle", "b"]);
  assertStringIncludes(error.message, 'could call "a.f" before module "a" is initialised');
  // Without something to initialise there is nothing to wait for.
  assertEquals(await ran(telling("a", [], { imports: ["b.f"], exports: ["f"] }), b), ["b.start"]);
});

Deno.test("allocators on a cycle claim their memory while it ends where the layout says", async () => {
  const type = { params: [], results: [] };
  const spec = (name: string, other: string): ModuleSpec => ({
    name,
    imports: [memoryImport, { module: other, name: "f", kind: "function" }, {
      module: "host",
      name,
      kind: "function",
      params: ["i32"],
    }],
    functions: [
      { export: "f", body: [] },
      // The size of the memory, at its first use.
      { export: "_initialize", body: [0x3f, 0, 0x10, 1] },
      { export: "malloc", params: ["i32"], results: ["i32"], body: [0x3f, 0, 0x10, 1, 0x20, 0] },
      { export: "free", params: ["i32"], body: [] },
    ],
    startup: { module: name, action: "prime_allocator", malloc: "malloc", free: "free" },
  });
  const set = combined([spec("a", "b"), spec("b", "a")]);
  const imports = [{ module: "a", from: ["b", "f"] }, { module: "b", from: ["a", "f"] }];
  const functions = imports.map(({ module }) => ({
    type: { ...type, kind: "function" },
    name: module,
  }));
  const layout = {
    ...set.layout,
    neededPages: 5,
    startup: set.layout.startup.map((step, at) => ({ ...step, pages: 2 + at })),
    trampolines: {
      wasm: trampolineModule(functions as Parameters<typeof trampolineModule>[0]).toBase64(),
      imports: imports as { module: string; from: [string, string] }[],
    },
  };
  const told: string[] = [];
  const tell = (name: string) => (pages: number) => void told.push(`${name} ${pages}`);
  const { memory } = await instantiate({ ...set, layout }, {
    host: { a: tell("a"), b: tell("b") },
  });
  assertEquals(told, ["a 2", "a 2", "b 3", "b 3"]);
  assertEquals(memory.buffer.byteLength, 5 * 65536);
});

Deno.test("a generated loader knows what a start function runs", async () => {
  const set = await combine([telling("a", ENTRIES, { calls: { start: "_initialize" } })]);
  const [js] = generateLoader(set, {
    loader: "js",
    inline: true,
    files: [{ name: "a", path: "a.wasm" }],
  });
  const main = `import { instantiate } from "./mod.js";
const told = [];
const a = Object.fromEntries(${JSON.stringify(ENTRIES)}.map((e) => [e, () => told.push(e)]));
await instantiate({ modules: { a: { a } } });
console.log(told.join(" "));
`;
  await inFolder({ "mod.js": js.text, "main.js": main }, async (folder) => {
    const args = ["run", "--no-config", folder.file("main.js")];
    assertEquals(await run(Deno.execPath(), args), {
      ok: true,
      text: "start _initialize __wasm_apply_data_relocs",
    });
  });
});
