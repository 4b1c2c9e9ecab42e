/** Modules that are no twins, or that prove too little: refused, never guessed. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { combine, inspect, relocate, WasmShareError, type WasmShareProblem } from "../mod.ts";
import { moduleAt } from "./host/cases.ts";

/** An entry of `refuse.json`. */
interface Entry {
  file: string;
  twin: string[];
  code: WasmShareProblem["code"];
  message: string;
  why: string;
}

const entries: Entry[] = JSON.parse(
  Deno.readTextFileSync(new URL("cases/twin-refuse/refuse.json", import.meta.url)),
);
const read = (file: string) => moduleAt(`twin-refuse/${file}`);
const good = { name: "good", bytes: moduleAt("c-statics/base.wasm") };

for (const { file, twin, code, message, why } of entries) {
  Deno.test(`${file} with ${twin.join(" and ")} is refused: ${why}`, async () => {
    const it = { name: "it", bytes: read(file), twin: twin.map(read) };
    const errors = [
      await assertRejects(() => combine([good, it]), WasmShareError),
      await assertRejects(() => relocate(it, 65536), WasmShareError),
    ];
    const { problems } = await inspect(it);
    for (const found of [...errors.map((error) => error.errors), problems]) {
      assert(found.length > 0);
      for (const problem of found) {
        assertEquals([problem.code, problem.module], [code, "it"], problem.message);
        assert(problem.message.match(/^(Cannot|The twin) /) && !problem.message.endsWith("."));
        assertStringIncludes(problem.message, message);
        assert(problem.hint);
      }
    }
  });
}

Deno.test("the list of twins that are none has nothing twice, and the true ones pass", async () => {
  const all = entries.map(({ file, twin }) => [file, ...twin].join());
  assertEquals(new Set(all).size, all.length);
  assert(all.length >= 25, `${all.length}`);
  const [bytes, near, far] = ["base", "near", "far"].map((name) => read(`${name}.wasm`));
  for (const twin of [near, [near], [near, far]]) {
    assertEquals((await inspect({ bytes, twin })).problems, []);
    await combine([good, { name: "it", bytes, twin }]);
  }
});

Deno.test("all modules that are no twins are reported in one error", async () => {
  const bad = entries.map(({ file, twin }, at) => ({
    name: `m${at}`,
    bytes: read(file),
    twin: twin.map(read),
  }));
  const error = await assertRejects(
    () => combine([good, ...bad.slice(0, 5), { ...good, name: "good2" }, ...bad.slice(5)]),
    WasmShareError,
  );
  const found = new Set(error.errors.map(({ module, code }) => `${module}: ${code}`));
  assertEquals([...found], entries.map(({ code }, at) => `m${at}: ${code}`));
});

Deno.test("twins prove moves by multiples of their distance only", async () => {
  // A bit field of an address, which a twin a MiB away does not show.
  const it = { name: "it", bytes: read("folded.wasm"), twin: read("folded-mib.wasm") };
  assertEquals((await inspect(it)).problems, []);
  const { data } = await inspect(it);
  const error = await assertRejects(
    () => combine([{ ...it, base: data!.start + 0x10000 }]),
    WasmShareError,
  );
  assertEquals(error.code, "misaligned_offset");
  const set = await combine([good, it]);
  assertEquals(set.layout.modules[1].dataDelta % 0x100000, 0);
});
