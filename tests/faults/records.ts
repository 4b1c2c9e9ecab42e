/**
 * Relocation records of code that do not describe their module.
 *
 * @module
 */
import {
  type Fault,
  insert,
  leb,
  MANY,
  module,
  part,
  patch,
  pick,
  put,
  recordsOf,
  section,
  set,
  splice,
  symbol,
  text,
} from "./edit.ts";

const [LEB, SLEB, I32, TYPE, GLOBAL, FUNCTION, SLOT_SLEB] = [3, 4, 5, 6, 7, 0, 1];
const STALE = "run wasm-share on the linker's own output";
const COMPLETE = "Check that the file is complete";

/** Faults of records in code. */
export function codeRecords(good: Uint8Array): Fault[] {
  const of = "reloc.CODE";
  const [first] = recordsOf(good, of);
  const [address] = recordsOf(good, of, SLEB);
  const [access] = recordsOf(good, of, LEB);
  const [type] = recordsOf(good, of, TYPE);
  const [global] = recordsOf(good, of, GLOBAL);
  const [call] = recordsOf(good, of, FUNCTION);
  const [slot] = recordsOf(good, of, SLOT_SLEB);
  const code = part(good, 10);
  // One more than there are: wasm-ld counts that of an undefined weak function.
  const [count] = pick(good, { of, field: "count" });
  const records = part(good, of);
  const targets: [name: string, why: string, target: number[]][] = [
    ["99", "a section that is not there", [99]],
    ["max", "section 2^32 - 1", MANY],
    ["type", "the type section", [0]],
    ["global", "the global section", leb(indexOf(good, 6))],
    ...["linking", of, "reloc.DATA"].map((name): [string, string, number[]] => [
      name,
      `the section ${name}`,
      leb(indexOf(good, name)),
    ]),
  ];
  const stale = (name: string, why: string, bytes: Fault["bytes"], offset: number): Fault => (
    { name, why, bytes, code: "stale_relocations", section: "code", offset, hint: STALE }
  );
  const inRecord = (
    code: Fault["code"],
    hint: string,
    name: string,
    why: string,
    bytes: Fault["bytes"],
    offset = first.start,
  ): Fault => ({ name, why, bytes, code, section: of, offset, hint });
  return [
    inRecord(
      "unsupported_relocation",
      "types 0 to 26 are known",
      "record-type-27",
      "A record has a type that does not exist",
      put(good, first.fields.type, [27]),
    ),
    inRecord(
      "unsupported_relocation",
      "types 0 to 26 are known",
      "record-type-255",
      "A record has the largest type",
      put(good, first.fields.type, [255]),
    ),
    ...[14, 15, 16, 17, 18, 19, 22, 24, 25].map((wide) =>
      inRecord(
        "memory64",
        "Build for wasm32",
        `record-type-${wide}`,
        `A record has type ${wide}, of a 64-bit memory`,
        put(good, first.fields.type, [wide]),
      )
    ),
    inRecord(
      "malformed_module",
      COMPLETE,
      "record-offset-too-long",
      "The offset of a record takes six bytes",
      put(good, first.fields.offset, leb(first.fields.offset.value, 6)),
    ),
    inRecord(
      "malformed_module",
      COMPLETE,
      "record-offset-too-large",
      "The offset of a record is 2^35 - 1",
      put(good, first.fields.offset, [0xff, 0xff, 0xff, 0xff, 0x7f]),
    ),
    inRecord(
      "malformed_module",
      COMPLETE,
      "record-addend-too-long",
      "The addend of a record takes six bytes",
      put(good, first.fields.addend, leb(0, 6)),
    ),
    inRecord(
      "malformed_module",
      "Use the linker's own output",
      "low-count",
      "The header of reloc.CODE counts one record less than there are",
      set(good, count, recordsOf(good, of).length - 1),
      recordsOf(good, of).at(-1)!.start,
    ),
    ...[1, 2, 0xffff].map((more) =>
      inRecord(
        "incomplete_relocations",
        "A relocation record was removed",
        `count-of-code-${more}-more`,
        `The header of reloc.CODE counts ${more} more than it did, and no operand explains it`,
        set(good, count, count.value + more),
        records.start,
      )
    ),
    stale(
      "no-such-symbol",
      "A record names a symbol behind the last one",
      set(good, access.fields.index, 99),
      access.site,
    ),
    stale(
      "no-such-type",
      "A record of call_indirect names a type behind the last one",
      set(good, type.fields.index, 99),
      type.site,
    ),
    stale(
      "address-of-function",
      "The record of an address names a function",
      set(good, address.fields.index, symbol(good, "half")),
      address.site,
    ),
    stale(
      "function-is-data",
      "The record of a call names data",
      set(good, call.fields.index, symbol(good, "numbers")),
      call.site,
    ),
    stale(
      "global-is-data",
      "The record of a global names data that no global holds",
      set(good, global.fields.index, symbol(good, "numbers")),
      global.site,
    ),
    stale(
      "slot-of-data",
      "The record of a table slot names data",
      set(good, slot.fields.index, symbol(good, "numbers")),
      slot.site,
    ),
    stale(
      "slot-of-another",
      "The record of a table slot names another function",
      set(good, slot.fields.index, symbol(good, "half")),
      slot.site,
    ),
    stale(
      "other-addend",
      "The addend of an address is 4 more than it was",
      set(good, access.fields.addend, access.fields.addend.value + 4),
      access.site,
    ),
    stale(
      "code-offset-max",
      "A record of code has the largest offset",
      put(good, recordsOf(good, of).at(-1)!.fields.offset, MANY),
      code.end,
    ),
    stale(
      "code-offset-at-end",
      "The last record of code begins three bytes before the end of the section",
      set(good, recordsOf(good, of).at(-1)!.fields.offset, code.bytes.length - 3),
      code.end,
    ),
    stale(
      "inside-operand",
      "A record points one byte behind the start of its operand",
      set(good, access.fields.offset, access.fields.offset.value + 1),
      access.site + 1,
    ),
    stale(
      "before-operand",
      "A record points to the instruction, not to its operand",
      set(good, address.fields.offset, address.fields.offset.value - 1),
      address.site - 1,
    ),
    stale(
      "code-overlap",
      "Two records of code are for one place",
      splice(good, access.start, access.start, good.subarray(access.start, access.end)),
      access.site,
    ),
    stale(
      "word-in-code",
      "A record of a 32-bit word points into code",
      put(good, address.fields.type, [I32]),
      address.site,
    ),
    stale(
      "access-of-constant",
      "The record of a load points to the operand of i32.const",
      put(good, address.fields.type, [LEB]),
      address.site,
    ),
    stale(
      "section-offset-in-code",
      "A record of debug information points into code",
      put(good, address.fields.type, [9]),
      address.site,
    ),
    stale(
      "distance-in-code",
      "A record of a distance (MEMORY_ADDR_LOCREL_I32) points into code",
      put(good, address.fields.type, [23]),
      address.site,
    ),
    {
      ...stale(
        "code-records-for-data",
        "reloc.CODE names the data section",
        set(good, pick(good, { of, field: "target" })[0], indexOf(good, 11)),
        part(good, 11).body + first.fields.offset.value,
      ),
      section: "data",
    },
    inRecord(
      "stale_relocations",
      STALE,
      "records-twice",
      "There are two sections reloc.CODE",
      insert(good, records.end, good.subarray(records.start, records.end)),
      records.end,
    ),
    ...targets.map(([name, why, target]) =>
      inRecord(
        "stale_relocations",
        STALE,
        `target-${name}`,
        `reloc.CODE is for ${why}`,
        put(good, pick(good, { of, field: "target" })[0], target),
        records.start,
      )
    ),
    {
      ...inRecord(
        "stale_relocations",
        STALE,
        "target-of-another",
        "reloc.DATA is for the code section, and so is reloc.CODE",
        set(good, pick(good, { of: "reloc.DATA", field: "target" })[0], indexOf(good, 10)),
        part(good, "reloc.DATA").start,
      ),
      section: "reloc.DATA",
    },
    {
      name: "renamed-records",
      why: "reloc.CODE has another name",
      bytes: put(good, pick(good, { item: of, field: "name" })[0], text("relow.CODE").slice(1)),
      code: "incomplete_relocations",
      section: "code",
      offset: first.site,
      hint: "The section reloc.CODE was removed",
    },
  ];
}

/** The index of a section in its module. */
function indexOf(good: Uint8Array, which: number | string): number {
  const { start } = part(good, which);
  return pick(good, { of: "header", field: "id" }).findIndex((id) => id.start === start);
}

/** A record that is right in all but that it points into the middle of an instruction. */
export function hiddenRecord(good: Uint8Array): Fault {
  const of = "reloc.CODE";
  const [address] = recordsOf(good, of, SLEB).filter(({ fields }) =>
    fields.index.value === symbol(good, "numbers")
  );
  const last = recordsOf(good, of).at(-1)!;
  const [count] = pick(good, { of, field: "count" });
  const { body, end } = part(good, 10);
  // Behind the last record there is room in the code of a function: the bytes of an i32.const in
  // those of an f64.const, then as much as must be.
  const start = good.findIndex((_, at) => at > last.site + 8 && at < end && good[at] === 0x21) + 2;
  const constant = [0x44, 0x41, ...good.subarray(address.site, address.site + 5), 0, 0, 0x1a];
  const changed = patch(good, start, constant);
  const offset = start + 2;
  const record = [SLEB, ...leb(offset - body), ...leb(symbol(good, "numbers")), 0];
  return {
    name: "inside-instruction",
    why: "A record points to bytes of an f64.const that look like an i32.const",
    bytes: splice(set(changed, count, count.value + 1), last.end, last.end, record),
    code: "stale_relocations",
    section: "code",
    offset,
    hint: STALE,
    verify: true,
  };
}

/**
 * No record of code at all, and an address in an operand that does not look padded: shortened after
 * the link, or from 2^27 on, where every operand takes five bytes.
 */
export function unlisted(): Fault[] {
  const fault = (name: string, why: string, address: number[], more: number[] = []): Fault => {
    const code = [0x41, ...address, 0x1a, ...more];
    const bytes = module(
      section(1, [1, 0x60, 0, 0]),
      section(3, [1, 0]),
      section(5, [1, 0, ...leb(2 ** 27 / 65536 + 1)]),
      section(7, [1], text("memory"), [2, 0]),
      section(10, [1, code.length + 2, 0, ...code, 0x0b]),
      section(11, [1, 0, 0x41, ...address, 0x0b, 4, 1, 2, 3, 4]),
      // One data segment, called "d".
      section(0, text("linking"), [2, 5, 5, 1, 1, 0x64, 0, 0]),
      section(0, text("reloc.CODE"), [4, 0]),
    );
    return {
      name,
      why,
      bytes,
      code: "incomplete_relocations",
      section: "code",
      offset: part(bytes, 10).body + 3,
      hint: "before any tool that rewrites it",
    };
  };
  return [
    fault("short-address", "reloc.CODE is empty, and an address is not padded", leb(1024)),
    fault(
      "short-address-beside-number",
      "The same, with a number whose bytes look like a padded operand",
      leb(1024),
      // f64.const, drop
      [0x44, 0x41, 0x80, 0x80, 0x80, 0x80, 0, 0, 0, 0x1a],
    ),
    fault("high-address", "reloc.CODE is empty, and data lies at 2^27", leb(2 ** 27, 5)),
  ];
}
