/** `docs/relocations.md` has a row for every record type, and what it names is there. */
import { assert, assertEquals } from "@std/assert";
import { RELOCATION_TYPES } from "../src/core/words.ts";

const root = new URL("../", import.meta.url);
const text = Deno.readTextFileSync(new URL("docs/relocations.md", root));
const rows = text.split("\n").filter((line) => line.startsWith("|"))
  .map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim()));

Deno.test("docs/relocations.md has a full row for every record type", () => {
  const types = rows.filter(([number]) => /^\d+$/.test(number));
  assertEquals(types.map(([number, type]) => [Number(number), type]), [
    ...RELOCATION_TYPES.map((name, at): [number, string] => [at, `\`${name}\``]),
  ]);
  for (const row of rows) assert(row.every((cell) => cell !== ""), `An empty cell: ${row}`);
});

Deno.test("docs/relocations.md names cases and programs that are there", () => {
  const named = (kind: string) =>
    rows.flatMap((row) => row.at(-1)!.split(";"))
      .filter((part) => part.trim().startsWith(`${kind} `))
      .flatMap((part) => [...part.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  const cases = named("case");
  assert(cases.length > 15, "the table has another form");
  for (const name of cases) {
    assert(Deno.statSync(new URL(`tests/cases/${name}`, root)).isDirectory, name);
  }
  // The sources name their variants; a program is `<language>-<source>[-<variant>]`.
  const sources = (language: string) =>
    [...Deno.readDirSync(new URL(`tests/corpus/own/${language}/`, root))]
      .map(({ name }) => `${language}-${name.replace(/\.\w+$/, "")}`);
  const known = ["asm", "c", "cxx", "rust", "zig"].flatMap(sources);
  const programs = named("program");
  assert(programs.length > 40, "the table has another form");
  for (const name of programs) {
    assert(known.some((source) => name === source || name.startsWith(`${source}-`)), name);
  }
});

Deno.test("the names of record types are those of the core", async () => {
  const source = await Deno.readTextFile(
    new URL("rust-lib/relocator/src/inspect/types.rs", root),
  );
  const [, list] = source.match(/NAMES: \[&str; [^\]]*\] = \[([^\]]*)\]/)!;
  assertEquals([...list.matchAll(/"(\w+)"/g)].map(([, name]) => name), RELOCATION_TYPES);
});
