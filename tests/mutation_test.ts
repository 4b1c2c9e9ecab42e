/** Broken modules: refused, or they still behave as they do untouched. Never a crash of the core. */
import { assert, assertEquals } from "@std/assert";
import { combine, instantiate, type ModuleFacts, WasmShareError } from "../mod.ts";
import { callAll, callExports } from "./cases/case.ts";
import { moduleAt, moves, testCase } from "./host/cases.ts";
import { assemble, records, sections } from "./host/sections.ts";

const statics = testCase("c-statics");
const filler = moduleAt("rust-nostd/base.wasm");

type Outcome = { code: string } | { results: unknown; facts: ModuleFacts };

async function untouched(bytes: Uint8Array<ArrayBuffer>, each: typeof statics): Promise<unknown> {
  try {
    return (await callAll(bytes, each.described, {})).map(({ value }) => value);
  } catch {
    return "does not run";
  }
}

/** What becomes of a module behind another one. */
async function moved(bytes: Uint8Array<ArrayBuffer>, each: typeof statics): Promise<Outcome> {
  try {
    const set = await combine([filler, { name: "it", bytes }]);
    const results = await instantiate(set).then(
      ({ memory, exports }) =>
        callExports(exports.it, memory, { ...each.described, init: undefined }, moves(set, 1))
          .map(({ value }) => value),
      () => "does not run",
    ).catch((error) => `${error}`);
    return { results, facts: set.facts[1] };
  } catch (error) {
    if (!(error instanceof WasmShareError)) throw error;
    return { code: error.code };
  }
}

/** Refused for a reason of its own, or the same results. Tells which. */
async function check(bytes: Uint8Array<ArrayBuffer>, what: string, each = statics) {
  const outcome = await moved(bytes, each);
  if ("code" in outcome) {
    assert(outcome.code !== "internal_error", `${what}: ${outcome.code}`);
    return "refused";
  }
  const wanted = await untouched(bytes, each);
  if (wanted !== "does not run") assertEquals(outcome.results, wanted, what);
  return "accepted";
}

const trace = ({ proof }: ModuleFacts) => proof.missingRecords + proof.unlistedWords;

function tally(outcomes: string[]) {
  return outcomes.filter((each) => each === "refused").length;
}

Deno.test("a flipped bit in a section header is refused, or changes nothing", async () => {
  const good = statics.bytes();
  const outcomes: string[] = [];
  for (const { start, payload, name } of sections(good)) {
    const end = payload + (name ? 1 + name.length : 0);
    for (let at = start; at < end; at++) {
      for (const bit of [1, 2, 0x10, 0x80]) {
        const bytes = good.slice();
        bytes[at] ^= bit;
        outcomes.push(await check(bytes, `byte ${at} ^ ${bit}`));
      }
    }
  }
  assert(outcomes.length > 200 && tally(outcomes) > 150, `${tally(outcomes)} refused`);
});

Deno.test("a truncated module is refused, or changes nothing", async () => {
  const good = statics.bytes();
  const outcomes: string[] = [];
  for (let i = 0; i < 50; i++) {
    const length = Math.floor(good.length * i / 50);
    outcomes.push(await check(good.slice(0, length), `${length} bytes`));
  }
  const ends = sections(good).map(({ end }) => end).filter((end) => end < good.length);
  for (const end of ends) outcomes.push(await check(good.slice(0, end), `${end} bytes`));
  assert(tally(outcomes) >= 50, `${tally(outcomes)} refused`);
});

for (const name of ["c-statics", "zig", "rust-std"]) {
  const each = testCase(name);
  const parts = sections(each.bytes());
  for (const section of ["reloc.CODE", "reloc.DATA"]) {
    Deno.test(`${name} without one record of ${section} is refused, seen, or changes nothing`, async () => {
      const base = await moved(each.bytes(), each);
      assert("facts" in base);
      const at = parts.findIndex(({ name }) => name === section);
      const { bytes } = parts[at];
      const all = records(bytes);
      const step = Math.ceil(all.length / 40);
      const outcomes: string[] = [];
      for (const { type, start, end } of all.filter((_, i) => i % step === 0)) {
        const less = new Uint8Array([...bytes.subarray(0, start), ...bytes.subarray(end)]);
        const mutant = assemble(parts.with(at, { ...parts[at], bytes: less }));
        const outcome = await moved(mutant, each);
        // What was an address cannot be told from a number, but that a record is missing is seen.
        const seen = "facts" in outcome && trace(outcome.facts) > trace(base.facts);
        if (section === "reloc.DATA" && seen) outcomes.push("seen");
        else outcomes.push(await check(mutant, `record of type ${type} at ${start}`, each));
      }
      const caught = outcomes.filter((outcome) => outcome !== "accepted").length;
      assert(caught > outcomes.length / 2, outcomes.join());
    });
  }
}

Deno.test("no flipped bit anywhere crashes the core", async () => {
  for (const name of ["c-statics", "c-tls", "c-imports", "pic-c"]) {
    const good = testCase(name).bytes();
    for (let at = 0; at < good.length; at += name === "c-statics" ? 5 : 1) {
      const bytes = good.slice();
      bytes[at] ^= 1 << at % 8;
      await combine([filler, bytes]).catch((error) => {
        assert(error instanceof WasmShareError, `${name} ${at}: ${error}`);
        assert(error.code !== "internal_error", `${name}, byte ${at}: ${error.message}`);
      });
    }
  }
});
