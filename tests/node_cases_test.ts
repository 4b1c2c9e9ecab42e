/** Every case in Node: combined here, written with its generated loader, imported and called there. */
import { assertEquals } from "@std/assert";
import { combine, type ModuleInput } from "../mod.ts";
import { generateLoader } from "../src/write/loader.ts";
import { cases, expected, moduleAt, moves, type TestCase } from "./host/cases.ts";
import { esbuild } from "./host/npm.ts";
import { has, run } from "./host/output.ts";
import { type Folder, inFolder } from "./temp.ts";

const filler: ModuleInput = { name: "filler", bytes: moduleAt("rust-nostd/base.wasm") };
const claimers = ["c-data-first", "c-symbols", "cpp", "sqlite", "zlib"];

/** Combines, writes, and tells what Node must call. */
async function write(folder: Folder, dir: string, modules: readonly TestCase[], inline = false) {
  const inputs = modules.map(({ name, bytes }) => ({ name, bytes: bytes() }));
  const set = await combine([filler, ...inputs], modules.length > 1 ? 8192 : 0);
  const files = set.names.map((name) => ({ name, path: `${name}.wasm` }));
  for (const { path, text } of generateLoader(set, { loader: "js", inline, files })) {
    await folder.write(`${dir}/${path}`, text);
  }
  for (const [at, { path }] of files.entries()) {
    if (!inline) await folder.write(`${dir}/${path}`, set.modules[at]);
  }
  return {
    folder: dir,
    modules: modules.map(({ name, described }, at) => ({
      name,
      described,
      link: moves(set, at + 1),
    })),
  };
}

Deno.test("every case behaves the same in Node, through the generated loader", async () => {
  if (!await has("node", "the cases in Node")) return;
  await inFolder({ "package.json": '{ "type": "module", "private": true }\n' }, async (folder) => {
    const sets = [];
    for (const each of cases) sets.push(await write(folder, each.name, [each]));
    const many = cases.filter(({ name }) => !claimers.includes(name));
    sets.push(await write(folder, "together", many));
    sets.push(await write(folder, "inline", many, true));

    const text = (path: string) => Deno.readTextFile(new URL(path, import.meta.url));
    const { code } = await esbuild.transform(await text("cases/case.ts"), { loader: "ts" });
    await esbuild.stop();
    await folder.write("case.js", code);
    await folder.write("main.js", await text("host/cases_main.js"));
    await folder.write("sets.json", JSON.stringify(sets));

    const answer = await run("node", [folder.file("main.js")]);
    assertEquals(answer.ok, true, answer.text);
    const results = JSON.parse(answer.text);
    assertEquals(Object.keys(results).length, cases.length + 2);
    for (const { folder: dir, modules } of sets) {
      const wanted = modules.map(({ described }) => expected(described));
      assertEquals(results[dir], wanted, dir);
    }
  });
});
