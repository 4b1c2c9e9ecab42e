/** The `package.json` beside the loader: written for Node, never over that of somebody else. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { build, type BuildRequest } from "../src/build.ts";
import { combine, wasm } from "./fake.ts";
import { has, run } from "./host/output.ts";
import { type Folder, inFolder } from "./temp.ts";

const NOTHING = { dir: null, additionalStack: null, strict: null, inline: null, loader: null };
const TEXT = '{ "private": true, "type": "module" }\n';
const FILE = "out/package.json";

/** Builds one module into `out`; `state path` of each file. */
async function states(
  { path }: Folder,
  request: Partial<BuildRequest> = {},
  tools: Parameters<typeof build>[1] = { combine },
): Promise<string[]> {
  const defaults = { files: ["a.wasm"], config: null, mode: "production", check: false };
  const { files } = await build({
    cwd: path,
    ...defaults,
    overrides: NOTHING,
    ...request,
  }, tools);
  return files.map((file) => `${file.state} ${file.path}`);
}

function inProject(
  files: Record<string, string>,
  test: (folder: Folder) => Promise<void>,
): Promise<void> {
  return inFolder({ "a.wasm": wasm("a"), ...files }, test);
}

/** What the manifest lists. */
async function listed(folder: Folder): Promise<string[]> {
  const { outputs } = JSON.parse(await folder.read("out/wasm-share.json"));
  return outputs.map(({ file }: { file: string }) => file);
}

Deno.test("build() writes package.json beside mod.js, and lists it", async () => {
  await inProject({}, async (folder) => {
    assert((await states(folder)).includes("new package.json"));
    assertEquals(await folder.read(FILE), TEXT);
    assert((await listed(folder)).includes("package.json"));
    assert((await states(folder, { check: true })).includes("unchanged package.json"));
    await Deno.remove(folder.file(FILE));
    assert((await states(folder, { check: true })).includes("new package.json"));
    await folder.write(FILE, '{ "type": "commonjs" }');
    assert((await states(folder, { check: true })).includes("changed package.json"));
    await states(folder);
    assertEquals(await folder.read(FILE), TEXT);
  });
});

Deno.test("build() writes no package.json beside mod.ts or without a loader", async () => {
  await inProject({}, async (folder) => {
    await states(folder);
    for (const loader of ["ts", false] as const) {
      const overrides = { ...NOTHING, loader };
      const found = await states(folder, { overrides });
      assertEquals(found.filter((line) => line.includes("package.json")), [
        ...loader === "ts" ? ["leftover package.json"] : [],
      ]);
    }
    assertEquals((await folder.list()).includes(FILE), false);
  });
});

Deno.test("build() leaves the package.json of somebody else alone", async () => {
  const theirs = '{ "name": "app", "type": "commonjs" }';
  await inProject({ [FILE]: theirs }, async (folder) => {
    for (const check of [false, true, false]) {
      const found = await states(folder, { check });
      assertEquals(found.filter((line) => line.includes("package.json")), []);
    }
    assertEquals((await listed(folder)).includes("package.json"), false);
    assertEquals(await folder.read(FILE), theirs);
    assert((await states(folder, { check: true })).every((line) => line.startsWith("unchanged")));
  });
  await inProject({ "out/package.json/file": "in the way" }, async (folder) => {
    assertEquals((await states(folder)).some((line) => line.includes("package.json")), false);
  });
});

Deno.test("build() knows its own package.json without a manifest, and by one of any name", async () => {
  const modules = ["a.wasm"];
  const json = (output: object) => JSON.stringify({ modules, output });
  const files = {
    "none.json": json({ manifest: false }),
    "my.json": json({ manifest: "my.json" }),
  };
  await inProject(files, async (folder) => {
    for (const config of ["none.json", "my.json"]) {
      await states(folder, { files: [], config });
      const found = await states(folder, { files: [], config, check: true });
      assert(found.includes("unchanged package.json"), config);
    }
    await folder.write(FILE, "{}");
    const found = await states(folder, { files: [], config: "my.json", check: true });
    assert(found.includes("changed package.json"));
  });
});

Deno.test("a CommonJS project imports the loader in Node", async () => {
  if (!await has("node", "the loader in a CommonJS project")) return;
  const files = {
    // As `npm init -y` writes it.
    "package.json": '{ "name": "app", "version": "1.0.0", "type": "commonjs" }',
    "main.mjs": 'import { instantiate } from "./out/mod.js";\nconsole.log(typeof instantiate);\n',
  };
  await inProject(files, async (folder) => {
    const overrides = { ...NOTHING, inline: true };
    await states(folder, { overrides });
    const main = [folder.file("main.mjs")];
    assertEquals(await run("node", main), { ok: true, text: "function" });
    await Deno.remove(folder.file(FILE));
    const { ok, text } = await run("node", main);
    assertEquals(ok, false, "the test must fail without the file");
    assertStringIncludes(text, "instantiate");
  });
});
