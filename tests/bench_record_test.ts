import { assert, assertEquals } from "@std/assert";
import { renderPage } from "../bench/lib/html.ts";
import { newestRecord, quote, withQuote } from "../bench/lib/quote.ts";
import { entryOf, listed } from "../bench/lib/programs.ts";
import { recordFaults } from "../bench/lib/record.ts";

const root = new URL("../", import.meta.url);
const text = (path: string) => Deno.readTextFileSync(new URL(path, root));

Deno.test("every record is complete, and its page is made of it", () => {
  const names = [...Deno.readDirSync(new URL("bench/records/", root))].map(({ name }) => name);
  const records = names.filter((name) => name.endsWith(".json"));
  assert(records.length > 0);
  for (const name of records) {
    const record = JSON.parse(text(`bench/records/${name}`));
    assertEquals(recordFaults(record), [], name);
    assertEquals([record.short, `${record.date}.json`], [false, name]);
    assertEquals(record.sections.length, 5);
    // What is missed has a reason.
    for (
      const { what, met, why } of record.sections.flatMap((each: { targets: unknown[] }) =>
        each.targets
      )
    ) {
      assert(met || why, `${name}: ${what} was missed, and no reason is given`);
    }
    assertEquals(text(`bench/records/${name.replace(".json", ".html")}`), renderPage(record));
  }
});

Deno.test("README quotes the newest record, and nothing else", () => {
  const { name, record } = newestRecord();
  const readme = text("README.md");
  assertEquals(withQuote(readme, quote(name, record)), readme);
});

Deno.test("the programs are enough, and their answers are pinned", () => {
  const others = listed.filter(({ source }) => source);
  assert(listed.length >= 12 && others.length >= 6);
  assertEquals([...new Set(listed.map(({ language }) => language))].sort(), ["C", "Rust"]);
  assertEquals(new Set(listed.map(({ name }) => name)).size, listed.length);
  for (const program of listed) {
    // 1 to 5 are what the programs return if something failed.
    assert(program.expect > 5 && program.n > 0 && program.license, program.name);
    assert(entryOf(program).startsWith("run"), program.name);
  }
});
