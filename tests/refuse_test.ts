/** What must be refused: with its code, the place, and what to do. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { build } from "../src/build.ts";
import { combine, inspect, relocate, WasmShareError, type WasmShareProblem } from "../mod.ts";
import type { Fault } from "./faults/edit.ts";
import { faults } from "./faults/mod.ts";
import { moduleAt } from "./host/cases.ts";
import { inFolder } from "./temp.ts";

/** An entry of `refuse.json`. A place that is not there is not checked. */
interface Entry {
  file: string;
  code: WasmShareProblem["code"] | null;
  section?: string | null;
  offset?: number | null;
  hint: string;
  why: string;
}

const entries: Entry[] = JSON.parse(
  Deno.readTextFileSync(new URL("cases/refuse/refuse.json", import.meta.url)),
);
const good = moduleAt("c-statics/base.wasm");
const made = faults();
/** What a file can have that stops `inspect` too. */
const unread = ["not_wasm", "component", "malformed_module", "multiple_memories"]
  .concat("unsupported_type");

type Wanted = Pick<Fault, "code" | "section" | "offset" | "hint">;

/** One problem, with the code, the place and the remedy. */
function assertProblem(problems: readonly WasmShareProblem[], wanted: Wanted) {
  assertEquals(problems.length, 1);
  const [{ code, message, hint, module, section, offset }] = problems;
  assertEquals([code, module], [wanted.code, "it"], message);
  assert(message.startsWith("Cannot ") && !message.endsWith("."), message);
  assertStringIncludes(hint ?? "", wanted.hint, message);
  assertEquals(section, wanted.section, message);
  if (wanted.offset !== undefined) assertEquals(offset, wanted.offset ?? undefined, message);
  else assert(offset !== undefined, "no offset");
}

/** `combine`, `relocate` and `inspect` say the same. */
async function assertRefused(input: Partial<Fault>, wanted: Wanted) {
  const { bytes, verify = false } = input as Fault;
  const it = { name: "it", bytes, verify };
  const set = await assertRejects(() => combine([good, it]), WasmShareError);
  assertProblem(set.errors, wanted);
  // Types do not move, and `relocate` has nothing to say of them.
  if (wanted.code === "unsupported_type") await relocate(it, 65536);
  else {
    const alone = await assertRejects(() => relocate(it, 65536), WasmShareError);
    assertProblem(alone.errors, wanted);
  }
  const facts = await inspect(it).catch((error) => error);
  if (facts instanceof WasmShareError) {
    assert(unread.includes(wanted.code), wanted.code);
    assertProblem(facts.errors, wanted);
  } else assertProblem(facts.problems, wanted);
}

for (const { file, code, section, offset, hint, why } of entries) {
  const bytes = moduleAt(`refuse/${file}`);
  if (code === null) {
    Deno.test(`${file} is accepted`, async () => {
      assertEquals((await combine([good, { name: "it", bytes }])).names, ["module0", "it"]);
      await relocate(bytes, 65536);
    });
    continue;
  }
  Deno.test(`${file} is refused: ${why}`, async () => {
    await assertRefused({ bytes }, { code, section: section ?? undefined, offset, hint });
  });
}

for (const { name, why, bytes, verify, ...wanted } of made) {
  Deno.test(`${name} is refused: ${why}`, async () => {
    await assertRefused({ bytes, verify }, wanted);
  });
}

Deno.test("the catalogue is as long as it says, and has nothing twice", () => {
  const names = [...entries.map(({ file }) => file), ...made.map(({ name }) => name)];
  assertEquals(new Set(names).size, names.length);
  const bad = entries.filter(({ code }) => code !== null).length + made.length;
  assert(bad >= 250, `${bad} inputs`);
});

Deno.test("all bad modules of a run are reported in one error", async () => {
  const bad = [
    ...entries.filter(({ code }) => code !== null).map(({ file, code }) => (
      { name: file, code, bytes: moduleAt(`refuse/${file}`) }
    )),
    ...made.filter(({ verify }) => !verify),
  ];
  const inputs = bad.map(({ name, bytes }) => ({ name, bytes }));
  const error = await assertRejects(
    () => combine([good, ...inputs.slice(0, 9), { name: "good", bytes: good }, ...inputs.slice(9)]),
    WasmShareError,
  );
  assertEquals(
    error.errors.map(({ module, code }) => `${module}: ${code}`),
    bad.map(({ name, code }) => `${name}: ${code}`),
  );
  for (const { name } of bad) assertStringIncludes(error.message, name);
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
    const bad = [
      ...entries.map(({ file, code }) => ({ code, bytes: moduleAt(`refuse/${file}`) })),
      ...made.filter(({ verify }) => !verify),
    ];
    for (const { code, bytes } of bad) {
      if (code === null) continue;
      await folder.write("b.wasm", bytes);
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
