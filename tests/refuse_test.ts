/** What must be refused: with its code, the place, and what to do. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { build } from "../src/build.ts";
import { combine, inspect, relocate, WasmShareError, type WasmShareProblem } from "../mod.ts";
import { moduleAt } from "./host/cases.ts";
import { inFolder } from "./temp.ts";

const entries: { file: string; code: WasmShareProblem["code"] | null; why: string }[] = JSON.parse(
  Deno.readTextFileSync(new URL("cases/refuse/refuse.json", import.meta.url)),
);
const good = moduleAt("c-statics/base.wasm");

// Faults of a place in the file. The others are of the module as a whole.
const placed = [
  "not_wasm",
  "malformed_module",
  "component",
  "stale_relocations",
  "incomplete_relocations",
  "unclassified_global",
  "table_renumbering",
];

function assertReadable({ code, message, hint, module, offset }: WasmShareProblem, name: string) {
  assertEquals(module, name);
  assert(message.startsWith("Cannot ") && !message.endsWith("."), message);
  if (message !== "Cannot read the module: it is empty") assert(hint, `${code} has no hint`);
  assertEquals(offset !== undefined, placed.includes(code), `${code}: offset ${offset}`);
}

for (const { file, code, why } of entries) {
  const bytes = moduleAt(`refuse/${file}`);
  if (code === null) {
    Deno.test(`${file} is accepted`, async () => {
      assertEquals((await combine([good, { name: "it", bytes }])).names, ["module0", "it"]);
      await relocate(bytes, 65536);
    });
    continue;
  }
  Deno.test(`${file} is refused: ${why}`, async () => {
    const error = await assertRejects(
      () => combine([good, { name: "it", bytes }]),
      WasmShareError,
    );
    assertEquals(error.errors.map((each) => each.code), [code]);
    assertReadable(error.errors[0], "it");
    const { code: alone } = await assertRejects(() => relocate(bytes, 65536), WasmShareError);
    assertEquals(alone, code);
    const facts = await inspect({ name: "it", bytes }).catch((error) => error);
    if (!(facts instanceof WasmShareError)) {
      assertEquals(facts.problems.map((each: WasmShareProblem) => each.code), [code]);
    } else assert(["not_wasm", "component", "malformed_module"].includes(code), code);
  });
}

Deno.test("all bad modules of a run are reported in one error", async () => {
  const bad = entries.filter(({ code }) => code !== null);
  const inputs = bad.map(({ file }) => ({ name: file, bytes: moduleAt(`refuse/${file}`) }));
  const error = await assertRejects(
    () => combine([good, ...inputs.slice(0, 9), { name: "good", bytes: good }, ...inputs.slice(9)]),
    WasmShareError,
  );
  assertEquals(
    error.errors.map(({ module, code }) => `${module}: ${code}`),
    bad.map(({ file, code }) => `${file}: ${code}`),
  );
  for (const { file } of bad) assert(error.message.includes(file), file);
});

Deno.test("a refused build leaves the files of an earlier run as they are", async () => {
  await inFolder({ "a.wasm": good, "b.wasm": moduleAt("zig/base.wasm") }, async (folder) => {
    const request = {
      cwd: folder.path,
      files: ["a.wasm", "b.wasm"],
      config: null,
      mode: "production",
      check: false,
      overrides: {
        dir: folder.file("out"),
        additionalStack: null,
        strict: null,
        inline: null,
        loader: null,
      },
    };
    await build(request);
    const state = async () => {
      const names = (await folder.list()).filter((name) => name.startsWith("out/"));
      assert(names.length >= 5, names.join());
      return await Promise.all(names.map(async (name) => {
        const { mtime } = await Deno.stat(folder.file(name));
        return { name, mtime, bytes: await Deno.readFile(folder.file(name)) };
      }));
    };
    const before = await state();
    for (const { file, code } of entries) {
      await folder.write("b.wasm", moduleAt(`refuse/${file}`));
      if (code === null) continue;
      const error = await assertRejects(() => build(request), WasmShareError);
      assertEquals([error.code, error.module], [code, "b"]);
    }
    assertEquals(await state(), before);
    // The check can fail: a module that is accepted does change the files.
    await folder.write("b.wasm", moduleAt("c-tls/base.wasm"));
    await build(request);
    assertNotEquals(await state(), before);
  });
});
