import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { generate, GENERATED } from "../src/write/generate.ts";
import { initJs } from "../src/write/generated/init_js.ts";
import { linkJs } from "../src/write/generated/link_js.ts";
import { generateLoader, type LoaderOptions } from "../src/write/loader.ts";
import { ANSWER, has, output, run } from "./host/output.ts";
import { combined, reader, writer } from "./host/wasm.ts";

const deno = Deno.execPath();
const set = combined([writer, reader]);
const options: LoaderOptions = {
  loader: "js",
  inline: false,
  files: [{ name: "writer", path: "writer.wasm" }, { name: "reader", path: "reader.wasm" }],
};

Deno.test("the run-time sides in loaders and packages are current", async () => {
  for (const each of GENERATED) {
    const url = new URL(`../src/write/generated/${each.target}`, import.meta.url);
    const current = await Deno.readTextFile(url) === await generate(each);
    assert(current, `${each.target} is stale: run \`deno run -A src/write/generate.ts\``);
  }
  for (const text of [linkJs, initJs]) {
    assert(!/^\s*(import|export)\s/m.test(text), "it must stand alone");
  }
});

Deno.test("generateLoader() gives the same text for the same set", () => {
  const twice = [1, 2].map(() => generateLoader(combined([writer, reader]), options));
  assertEquals(twice[0], twice[1]);
  assertEquals(twice[0].map((f) => f.path), ["mod.js", "mod.d.ts"]);
  assertEquals(generateLoader(set, { ...options, loader: "ts" }).map((f) => f.path), ["mod.ts"]);
});

Deno.test("generateLoader() names files as bundlers need it, and imports nothing", () => {
  const files = [{ name: "writer", path: ".\\wasm\\50%#1?.wasm" }, options.files[1]];
  const [{ text }] = generateLoader(set, { ...options, files });
  assertStringIncludes(text, 'new URL("./wasm/50%25%231%3F.wasm", import.meta.url)');
  assertStringIncludes(text, 'new URL("./reader.wasm", import.meta.url)');
  assert(!/^import\s|from\s+"|"node:fs\/promises"/m.test(text));
  assertStringIncludes(text, "// @generated");
  const [inline] = generateLoader(set, { ...options, inline: true });
  assert(!inline.text.includes("new URL("));
});

Deno.test("the loader runs in Deno with read permission of its folder alone", async () => {
  using out = await output();
  const args = ["run", "--no-prompt", "--no-config", `--allow-read=${out.dir}`, out.at("main.js")];
  assertEquals(await run(deno, args), { ok: true, text: ANSWER });
});

Deno.test("an inline loader runs in Deno without permission", async () => {
  using out = await output({ inline: true });
  const args = ["run", "--no-prompt", "--no-config", out.at("main.js")];
  assertEquals(await run(deno, args), { ok: true, text: ANSWER });
});

Deno.test("a TypeScript loader runs in Deno", async () => {
  using out = await output({ loader: "ts" });
  const args = ["run", "--check", "--no-config", `--allow-read=${out.dir}`, out.at("main.js")];
  assertEquals(await run(deno, args), { ok: true, text: ANSWER });
});

Deno.test("the loader runs in Node", async () => {
  if (!await has("node", "the loader in Node")) return;
  for (const inline of [false, true]) {
    using out = await output({ inline });
    assertEquals(await run("node", [out.at("main.js")]), { ok: true, text: ANSWER });
  }
});

/** Type-checks a program against the generated types. */
async function check(text: string, loader: "js" | "ts" = "js") {
  using out = await output({ loader });
  await Deno.writeTextFile(out.at("use.ts"), text.replaceAll("mod.js", `mod.${loader}`));
  return await run(deno, ["check", "--no-config", out.at("use.ts")]);
}

for (const loader of ["js", "ts"] as const) {
  Deno.test(`the types of a ${loader} loader are exact`, async () => {
    const good = await check(
      `
      import { build, type Exports, instantiate, layout } from "./mod.js";
      const { memory, table, exports } = await instantiate({ env: { log: (n: number) => {} } });
      await instantiate({ shared: { env: { log() {} } } });
      await instantiate({ modules: { reader: { env: { log() {} } } } });
      const none: null = table, id: string = build, pages: number = memory.grow(layout.neededPages);
      const twice: number = exports.writer["get-twice"](exports.reader.level.value);
      const pair: [number, bigint] = exports.writer.pair();
      const wide: bigint = exports.reader.wide(1n);
      const own: WebAssembly.Memory = exports.writer.memory;
      const name: "writer" | "reader" = layout.modules[0].name;
      export type { Exports };
    `,
      loader,
    );
    assert(good.ok, good.text);
    const bad = [
      "instantiate()",
      "instantiate({})",
      "instantiate({ env: { log: (n: bigint) => {} } })",
      "instantiate({ modules: { nobody: {} } })",
      "(await instantiate({ env: { log() {} } })).exports.reader.wide(1)",
      "(await instantiate({ env: { log() {} } })).exports.reader.nothing()",
    ];
    const lines = [
      'import { instantiate } from "./mod.js";',
      ...bad.map((line) => `await ${line};`),
    ];
    const { ok, text } = await check(lines.join("\n"), loader);
    assert(!ok);
    for (const [i, line] of bad.entries()) assertStringIncludes(text, `/use.ts:${i + 2}:`, line);
  });
}

Deno.test("generateLoader() makes imports optional if the host need not give any", () => {
  const [, { text }] = generateLoader(
    combined([{ name: "a", functions: [{ export: "default", body: [] }] }]),
    { ...options, files: [{ name: "a", path: "a.wasm" }] },
  );
  assertStringIncludes(text, "instantiate(imports?: Imports): Promise<Instance>");
  assertStringIncludes(text, "    default(): void;");
});

/** Serves a loader with changes; what its `run()` gives, or the error. */
async function served(
  change: (path: string, file: () => Promise<Response>) => Response | Promise<Response>,
): Promise<{ answer?: string; error?: { code: string; message: string; errors: unknown[] } }> {
  using out = await output();
  const types: Record<string, string> = { js: "text/javascript", wasm: "application/wasm" };
  await using server = Deno.serve({ port: 0, onListen() {} }, ({ url }) => {
    const path = new URL(url).pathname.slice(1);
    return change(path, async () =>
      new Response(await Deno.readFile(out.at(path)), {
        headers: { "content-type": types[path.split(".").at(-1)!] },
      }));
  });
  const { port } = server.addr;
  const main = `import { run } from "http://localhost:${port}/program.js";
    const result = await run().then((answer) => ({ answer }), (e) => ({
      error: { code: e.code, message: e.message, errors: e.errors, name: e.name } }));
    console.log(JSON.stringify(result));`;
  await Deno.writeTextFile(out.at("remote.js"), main);
  const host = `localhost:${port}`;
  const args = ["run", "--no-config", "--no-lock", `--allow-net=${host}`, `--allow-import=${host}`];
  const { ok, text } = await run(deno, [...args, `--reload=http://${host}`, out.at("remote.js")]);
  assert(ok, text);
  return JSON.parse(text.split("\n").at(-1)!);
}

const isWasm = (path: string) => path.endsWith(".wasm");

Deno.test("the loader fetches, whatever the content type", async () => {
  assertEquals(await served((_, file) => file()), { answer: ANSWER });
  for (const type of ["text/plain", "application/wasm; charset=utf-8", ""]) {
    const { answer } = await served(async (path, file) => {
      const response = await file();
      if (!isWasm(path)) return response;
      const bytes = await response.bytes();
      return new Response(bytes, { headers: type ? { "content-type": type } : {} });
    });
    assertEquals(answer, ANSWER, `content type "${type}"`);
  }
});

Deno.test("the loader reports every file that it cannot fetch, with address and status", async () => {
  const { error } = await served((path, file) =>
    isWasm(path) ? new Response("no", { status: 404, statusText: "Not Found" }) : file()
  );
  assertEquals([error!.code, error!.errors.length], ["load_failed", 2]);
  assertStringIncludes(error!.message, "/writer.wasm answered 404 Not Found");
  assertStringIncludes(error!.message, "/reader.wasm answered 404 Not Found");
  const page = await served((path, file) =>
    path === "reader.wasm"
      ? new Response("<!doctype html>", { headers: { "content-type": "text/html" } })
      : file()
  );
  assertEquals(page.error!.code, "load_failed");
  assertStringIncludes(page.error!.message, "/reader.wasm (text/html) is not a WebAssembly module");
});

/** Runs the loader in Deno and in Node after a change in its folder; the error's code and text. */
async function broken(change: (at: (path: string) => string) => Promise<void>): Promise<string[]> {
  using out = await output();
  await change(out.at);
  await Deno.writeTextFile(
    out.at("main.js"),
    `import { run } from "./program.js";
     console.log(await run().then(String, (e) => e.code + ": " + e.message));`,
  );
  const results = [await run(deno, ["run", "-A", "--no-config", out.at("main.js")])];
  if (await has("node", "errors of the loader in Node")) {
    results.push(await run("node", [out.at("main.js")]));
  }
  return results.map(({ text }) => text);
}

Deno.test("the loader refuses a file of another build", async () => {
  const other = combined([writer, reader], { build: "e".repeat(32) });
  for (const text of await broken((at) => Deno.writeFile(at("reader.wasm"), other.modules[1]))) {
    assertStringIncludes(text, 'build_mismatch: Cannot instantiate module "reader"');
    assertStringIncludes(text, "(at reader.wasm");
  }
});

Deno.test("the loader names a file that is missing", async () => {
  for (const text of await broken((at) => Deno.remove(at("reader.wasm")))) {
    assertStringIncludes(text, 'load_failed: Cannot load module "reader"');
    assertStringIncludes(text, "(at reader.wasm");
  }
});

Deno.test("the loader decodes data: addresses, which bundlers make of small files", async () => {
  const text = await broken(async (at) => {
    const source = await Deno.readTextFile(at("mod.js"));
    const base64 = (await Deno.readFile(at("reader.wasm"))).toBase64();
    const percent = [...await Deno.readFile(at("writer.wasm"))]
      .map((byte) => "%" + byte.toString(16).padStart(2, "0")).join("");
    const changed = source
      .replace("./reader.wasm", `data:application/wasm;base64,${base64}`)
      .replace("./writer.wasm", `data:application/wasm,${percent}`);
    await Deno.writeTextFile(at("mod.js"), "globalThis.fetch = undefined;\n" + changed);
  });
  for (const answer of text) assertEquals(answer, ANSWER);
});
