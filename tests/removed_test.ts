/**
 * One relocation record removed, each in turn: with the header's count as it was, and corrected. In
 * code the padded operand shows it, or the count. In data only some are noticed; which is written
 * down here.
 */
import { assert, assertEquals } from "@std/assert";
import { combine, WasmShareError, type WasmShareProblem } from "../mod.ts";
import { firstSite, part, pick, set, splice } from "./faults/edit.ts";
import { moduleAt } from "./host/cases.ts";
import { assemble, sections } from "./host/sections.ts";

const filler = moduleAt("rust-nostd/base.wasm");

const [SLOT, TABLE_NUMBER] = [2, 20];

type Section = "reloc.CODE" | "reloc.DATA";

/** A module without one of its records. */
interface Removed {
  bytes: Uint8Array<ArrayBuffer>;
  /** Type of the record, and where it pointed to. */
  type: number;
  site: number;
}

/** A module without each of its records in turn. */
function* removed(good: Uint8Array, of: Section, correct: boolean): Generator<Removed> {
  const [count] = pick(good, { of, field: "count" });
  const base = correct ? set(good, count, count.value - 1) : good;
  const { body } = part(good, of === "reloc.CODE" ? 10 : 11);
  const records = Map.groupBy(pick(base, { of, item: "record" }), ({ index }) => index);
  for (const record of records.values()) {
    const offset = record.find(({ field }) => field === "offset")!.value;
    const bytes = splice(base, record[0].start, record.at(-1)!.end, []);
    yield { bytes, type: record[0].kind, site: body + offset };
  }
}

interface Result {
  bytes: string;
  unlisted: number;
  problem?: WasmShareProblem;
}

async function outcome(bytes: Uint8Array<ArrayBuffer>): Promise<Result> {
  try {
    const { modules, facts } = await combine([filler, { name: "it", bytes }], 65536);
    const kept = sections(modules[1]).filter(({ name }) => name !== "wasm-share");
    return {
      bytes: new TextDecoder("latin1").decode(assemble(kept)),
      unlisted: facts[1].proof.unlistedWords,
    };
  } catch (error) {
    if (!(error instanceof WasmShareError)) throw error;
    return { bytes: "", unlisted: 0, problem: error.errors[0] };
  }
}

const files = ["sites", "llvm-objcopy", "debug", "pointers"];

for (const file of files) {
  const good = moduleAt(`refuse/${file}.wasm`);
  for (const correct of [false, true]) {
    const counted = correct ? "corrected" : "kept";
    Deno.test(`${file}: each missing record of code is noticed, the count ${counted}`, async () => {
      const was = await outcome(good);
      const header = part(good, "reloc.CODE").start;
      const weak = file === "sites" ? firstSite(good, "reloc.CODE", "absent") : null;
      let refused = 0;
      for (const { bytes, type, site } of removed(good, "reloc.CODE", correct)) {
        const { problem, ...is } = await outcome(bytes);
        const what = `record of type ${type} for ${site}`;
        // wasm-ld counts records of undefined weak symbols that it does not write, and their operand
        // is a padded 0. The number of a table has no form of its own, and does not change.
        const accepted = correct ? type === TABLE_NUMBER : site === weak;
        assertEquals(problem === undefined, accepted, what);
        if (problem === undefined) {
          assertEquals(is.bytes, was.bytes, what);
          continue;
        }
        const { code, section, offset, hint } = problem;
        const place = type === TABLE_NUMBER ? ["reloc.CODE", header] : ["code", site];
        assertEquals([code, section, offset], ["incomplete_relocations", ...place], what);
        assert(hint?.startsWith("A relocation record was removed"), hint);
        refused++;
      }
      assert(refused > 1, `${refused} refused`);
    });

    Deno.test(`${file}: missing records of data, the count ${counted}`, async () => {
      const was = await outcome(good);
      const elements = part(good, 9).start;
      const found = new Set<string>();
      for (const { bytes, type, site } of removed(good, "reloc.DATA", correct)) {
        const { problem, ...is } = await outcome(bytes);
        assert(problem || is.bytes !== was.bytes, "a record that does nothing");
        if (problem) {
          const place = type === SLOT ? ["element", elements] : ["data", site];
          assertEquals([problem.section, problem.offset], place);
        }
        found.add(`${type}: ${problem?.code ?? (is.unlisted > was.unlisted ? "seen" : "unseen")}`);
      }
      // MEMORY_ADDR_I32: the word looks like an address. If the count does not fit either, that is
      // reason enough to refuse; without it, plain numbers look the same (docs/errors.md), and it is
      // only counted in `proof.unlistedWords`.
      const address = correct ? "5: seen" : "5: incomplete_relocations";
      // TABLE_INDEX_I32: noticed if no other record names the function. A slot looks like any small
      // number.
      const slots = ["2: incomplete_relocations", ...file === "sites" ? ["2: unseen"] : []];
      for (const each of found) assert(each === address || slots.includes(each), each);
      for (const each of slots) assert(found.has(each), each);
      assertEquals(found.has(address), file === "sites" || file === "llvm-objcopy");
    });
  }
}
