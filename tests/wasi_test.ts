/** Modules that print through one WASI object: in this process, in Deno and in Node. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { WASI } from "node:wasi";
import { combine, instantiate, type WasiHost, WasmShareError } from "../mod.ts";
import { generateLoader } from "../src/write/loader.ts";
import { moduleAt } from "./host/cases.ts";
import { has, run } from "./host/output.ts";
import { module, refused } from "./host/refused.ts";
import { combined, type ModuleSpec } from "./host/wasm.ts";
import { inFolder } from "./temp.ts";

const one = moduleAt("wasi/one.wasm");
const two = moduleAt("wasi/two.wasm");
const command = moduleAt("wasi/command.wasm");

/** A host that keeps what was written, and fails if it is used before it has a memory. */
class Host implements WasiHost {
  text = "";
  memories: WebAssembly.Memory[] = [];
  readonly wasiImport = {
    fd_write: (_: number, list: number, count: number, written: number): number => {
      const { buffer } = this.memories[0];
      const view = new DataView(buffer);
      let total = 0;
      for (let at = list; at < list + 8 * count; at += 8) {
        const [start, length] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
        this.text += new TextDecoder().decode(new Uint8Array(buffer, start, length));
        total += length;
      }
      view.setUint32(written, total, true);
      return 0;
    },
    fd_fdstat_get: () => 8,
    fd_seek: () => 8,
    fd_close: () => 8,
    proc_exit: () => {},
    f: () => void (this.text += `[${this.memories.length}]`),
  };
  initialize({ exports }: { exports: { memory: WebAssembly.Memory } }) {
    this.memories.push(exports.memory);
  }
}

const constructed = "one: constructed\ntwo: constructed\n";
const afar = "two: hello, 7\none: hello, 8\ntwo: again, 9\ntwo: from afar\n";

Deno.test("two modules print through one host, which sees the shared memory", async () => {
  const set = await combine({ one, two });
  const host = new Host();
  const { memory, exports } = await instantiate(set, { wasi: host });
  assertEquals(host.memories, [memory], "initialised once");
  assertEquals(host.text, constructed);
  host.text = "";
  exports.two.greet(7);
  exports.one.greet(8);
  exports.two.greet(9);
  const before = memory.buffer.byteLength;
  const ptr = exports.two.greet_from(3_000_000) >>> 0;
  assert(ptr > 0 && memory.buffer.byteLength > before, "the memory grew");
  assertEquals(host.text, afar);
});

Deno.test("a command can be one of them, and is not run", async () => {
  const host = new Host();
  const { exports } = await instantiate(await combine({ one, command }), { wasi: host });
  assertEquals(host.text, "one: constructed\n");
  exports.command._start();
  assertEquals(host.text, "one: constructed\ncommand: run\n");
  const error = await assertRejects(
    () => combine({ a: command, one, b: command, c: command }),
    WasmShareError,
  );
  assertEquals(error.errors.map(({ code }) => code), ["several_commands"]);
  assertStringIncludes(error.message, 'modules "a", "b" and "c"');
});

Deno.test("WASI comes after a module's own imports and a module of that name, before shared ones", async () => {
  const wasi = "wasi_snapshot_preview1";
  const asker: ModuleSpec = {
    ...module("asker", [`${wasi}.f`], []),
    functions: [{ export: "_initialize", body: [0x10, 0] }],
  };
  const named: ModuleSpec = { ...module(wasi, [], ["f"]) };
  const host = new Host();
  const give = (text: string) => ({ [wasi]: { f: () => void (host.text += text) } });
  await instantiate(combined([asker]), {
    wasi: host,
    modules: { asker: give("own") },
    shared: give("shared"),
  });
  assertEquals([host.text, host.memories.length], ["own", 0], "not initialised for nobody");
  await instantiate(combined([asker, named]), { wasi: host, shared: give("shared") });
  assertEquals([host.text, host.memories.length], ["own", 0]);
  await instantiate(combined([asker]), { wasi: host, shared: give("shared") });
  assertEquals(host.text, "own[1]");
  const missing = module("other", [`${wasi}.g`], []);
  await instantiate(combined([missing]), { wasi: host, shared: { [wasi]: { g: () => {} } } });
  assertEquals(host.memories.length, 1, "it does not have g");
});

Deno.test("WASI of another version is served if the host says that it has it", async () => {
  const old = combined([module("old", ["wasi_unstable.f"], [])]);
  const host: WasiHost = new Host();
  assertEquals((await refused(old, { wasi: host })).code, "unresolved_import");
  host.getImportObject = () => ({ wasi_unstable: host.wasiImport });
  await instantiate(old, { wasi: host });
  const now = combined([module("now", ["wasi_snapshot_preview1.f"], [])]);
  assertEquals((await refused(now, { wasi: host })).code, "unresolved_import");
});

Deno.test("what is no WASI object, or has been used, is refused", async () => {
  const set = combined([module("a", ["wasi_snapshot_preview1.f"], [])]);
  const { hint } = await refused(set, {});
  assertStringIncludes(hint, "{ wasi, shared");
  for (const wrong of [{ wasiImport: {} }, { initialize() {} }, 7, {}]) {
    const error = await refused(set, { wasi: wrong as unknown as WasiHost });
    assertEquals(error.errors[0].code, "invalid_option");
    assertStringIncludes(error.message, "Cannot use imports.wasi: it has no ");
  }
  const used = new WASI({ version: "preview1", returnOnExit: true });
  used.initialize({ exports: { memory: new WebAssembly.Memory({ initial: 1 }) } });
  const error = await refused(await combine({ one }), { wasi: used });
  assertEquals(error.code, "instantiation_failed");
  assertStringIncludes(error.message, "Cannot initialize imports.wasi: ");
  assertStringIncludes(error.hint, "of its own");
});

const program = `\
import { WASI } from "node:wasi";
import { instantiate } from "./mod.js";
const wasi = new WASI({ version: "preview1", returnOnExit: true });
const { memory, exports } = await instantiate({ wasi });
exports.two.greet(7);
exports.one.greet(8);
exports.two.greet(9);
const before = memory.buffer.byteLength;
if (!exports.two.greet_from(3_000_000) || memory.buffer.byteLength === before) throw new Error();
exports.command._start();
`;

Deno.test("a generated loader takes node:wasi, in Node and in Deno, and its types do", async () => {
  const set = await combine({ one, two, command });
  const files = set.names.map((name) => ({ name, path: `${name}.wasm` }));
  const texts = generateLoader(set, { loader: "js", inline: false, files });
  const contents: Record<string, string | Uint8Array> = {
    "package.json": '{ "type": "module", "private": true }\n',
    "main.js": program,
    ...Object.fromEntries(texts.map(({ path, text }) => [path, text])),
    ...Object.fromEntries(files.map(({ path }, at) => [path, set.modules[at]])),
  };
  await inFolder(contents, async (folder) => {
    const wanted = { ok: true, text: `${constructed}${afar}command: run` };
    const main = folder.file("main.js");
    assertEquals(await run(Deno.execPath(), ["run", "-A", "--no-config", main]), wanted);
    if (await has("node", "WASI in Node")) assertEquals(await run("node", [main]), wanted);
  });
});

Deno.test("the types of a loader ask for WASI or its functions, and for the rest", async () => {
  const asks = (imports: string[]) => combined([module("a", imports, [])]);
  const check = async (imports: string[], lines: string[]) => {
    const files = [{ name: "a", path: "a.wasm" }];
    const [, { text }] = generateLoader(asks(imports), { loader: "js", inline: false, files });
    const use = [
      'import { instantiate } from "./mod.d.ts";',
      "declare const node: import('node:wasi').WASI;",
      "declare class Shim {",
      "  wasiImport: { [key: string]: (...args: any[]) => unknown };",
      "  initialize(instance: { exports: { memory: WebAssembly.Memory; _initialize?: () => unknown } }): void;",
      "}",
      "const shim = new Shim();",
      ...lines.map((line) => `await instantiate(${line});`),
    ];
    let wrong: string[] = [];
    await inFolder({ "mod.d.ts": text, "use.ts": use.join("\n") }, async (folder) => {
      const { ok, text } = await run(Deno.execPath(), [
        "check",
        "--no-config",
        folder.file("use.ts"),
      ]);
      wrong = lines.filter((_, at) => text.includes(`/use.ts:${at + 8}:`));
      assertEquals(ok, wrong.length === 0, text);
    });
    return wrong;
  };
  const wasi = "wasi_snapshot_preview1.fd_write";
  assertEquals(
    await check([wasi], [
      "{ wasi: node }",
      "{ wasi: shim }",
      "{ wasi: shim, modules: { a: {} } }",
      "{ wasi_snapshot_preview1: shim.wasiImport }",
      "{ shared: { wasi_snapshot_preview1: node.wasiImport } }",
      "{ wasi: node, shared: { env: {} } }",
      "",
      "{}",
      "{ shared: {} }",
      "{ wasi: {} }",
    ]),
    ["", "{}", "{ shared: {} }", "{ wasi: {} }"],
  );
  assertEquals(
    await check([wasi, "env.log"], [
      "{ wasi: node, shared: { env: { log() {} } } }",
      "{ shared: { env: { log() {} }, wasi_snapshot_preview1: {} } }",
      "{ wasi: shim, modules: { a: { env: { log() {} } } } }",
      "{ wasi: node }",
      "{ wasi: node, shared: {} }",
      "{ wasi: node, shared: { env: {} } }",
      "{ shared: { env: { log() {} } } }",
    ]),
    [
      "{ wasi: node }",
      "{ wasi: node, shared: {} }",
      "{ wasi: node, shared: { env: {} } }",
      "{ shared: { env: { log() {} } } }",
    ],
  );
  assertEquals(await check(["env.log"], ["{ shared: { env: { log() {} } }, wasi: node }"]), []);
  assertEquals(await check([], ["{ wasi: node }", "{}", ""]), []);
});
