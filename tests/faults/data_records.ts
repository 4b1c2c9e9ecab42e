/**
 * Relocation records of data that do not describe their module, and sections of them that are gone.
 *
 * @module
 */
import {
  type Fault,
  leb,
  MANY,
  part,
  pick,
  put,
  recordsOf,
  set,
  splice,
  symbol,
  without,
} from "./edit.ts";

const [LEB, I32] = [3, 5];
const STALE = "run wasm-share on the linker's own output";

/** Faults of records in data. */
export function dataRecords(good: Uint8Array): Fault[] {
  const of = "reloc.DATA";
  const all = recordsOf(good, of);
  const [word] = recordsOf(good, of, I32);
  const data = part(good, 11);
  const ends = segments(good);
  const stale = (name: string, why: string, bytes: Fault["bytes"], offset: number): Fault => (
    { name, why, bytes, code: "stale_relocations", section: "data", offset, hint: STALE }
  );
  const moved = (to: number) => set(good, word.fields.offset, to - data.body);
  return [
    stale(
      "data-offset-max",
      "A record of data has the largest offset",
      put(good, all.at(-1)!.fields.offset, MANY),
      data.end,
    ),
    stale(
      "in-segment-header",
      "A record points into the header of a data segment",
      moved(data.body + 1),
      data.body + 1,
    ),
    stale(
      "across-segment-end",
      "A record points to the last two bytes of a data segment",
      moved(ends[0] - 2),
      ends[0] - 2,
    ),
    stale(
      "at-segment-end",
      "A record points to the first byte behind a data segment",
      moved(ends[0]),
      ends[0],
    ),
    stale(
      "data-overlap",
      "Two records of data share a byte",
      splice(
        set(good, pick(good, { of, field: "count" })[0], all.length + 1),
        word.end,
        word.end,
        [
          I32,
          ...leb(word.fields.offset.value + 3),
          ...good.subarray(word.fields.index.start, word.end),
        ],
      ),
      word.site + 3,
    ),
    stale(
      "leb-in-data",
      "A record of an operand points into data",
      put(good, word.fields.type, [LEB]),
      word.site,
    ),
    stale(
      "no-such-symbol-in-data",
      "A record of data names a symbol behind the last one",
      set(good, word.fields.index, 99),
      word.site,
    ),
    stale(
      "slot-in-data",
      "The record of an address in data names a table slot",
      splice(good, word.start, word.end, [
        2,
        ...good.subarray(word.fields.offset.start, word.fields.index.start),
        ...leb(symbol(good, "half")),
      ]),
      word.site,
    ),
  ];
}

/** Where the bytes of each data segment end. */
function segments(good: Uint8Array): number[] {
  const { body, end } = part(good, 11);
  const found: number[] = [];
  let at = body;
  const number = () => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = good[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  for (let left = number(); left > 0; left--) {
    at += 2;
    number();
    at += 1;
    const length = number();
    at += length;
    found.push(at);
  }
  if (at !== end) throw new Error("The data section was not understood");
  return found;
}

/** Whole sections that are gone. `pointers` and `debug` have addresses of functions alone in data. */
export function goneRecords(good: Uint8Array, pointers: Uint8Array, debug: Uint8Array): Fault[] {
  const unnamed = (name: string, why: string, bytes: Fault["bytes"]): Fault => ({
    name,
    why,
    bytes,
    code: "incomplete_relocations",
    section: "element",
    offset: part(bytes, 9).start,
    hint: "A relocation record was removed",
  });
  return [
    ...Object.entries({ pointers, debug }).map(([name, bytes]) =>
      unnamed(
        `no-function-pointers-${name}`,
        "reloc.DATA was removed, which listed addresses of functions only",
        without(bytes, "reloc.DATA"),
      )
    ),
    ...Object.entries({ pointers, debug }).map(([name, bytes]) => {
      const [record] = recordsOf(bytes, "reloc.DATA", 2);
      const [count] = pick(bytes, { of: "reloc.DATA", field: "count" });
      return unnamed(
        `no-function-pointer-${name}`,
        "The only record that names a function in the table was removed, and the count corrected",
        splice(set(bytes, count, count.value - 1), record.start, record.end, []),
      );
    }),
    {
      name: "no-records-at-all",
      why: "Both reloc.CODE and reloc.DATA were removed, linking was kept",
      bytes: without(without(good, "reloc.CODE"), "reloc.DATA"),
      code: "incomplete_relocations",
      section: "code",
      offset: recordsOf(good, "reloc.CODE")[0].site,
      hint: "The section reloc.CODE was removed",
    },
  ];
}
