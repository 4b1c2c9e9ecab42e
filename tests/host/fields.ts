/**
 * Every number, name and byte of the parts that say what moves: section headers, `linking`,
 * `reloc.*`. Made for changing one of them.
 *
 * @module
 */
import { Cursor, sections } from "./sections.ts";

/** One field, and where it lies in the file. */
export interface Field {
  /** `header`, or the name of the section whose content it is part of. */
  of: string;
  /** What it belongs to: a section, `symbol`, `segment`, `record`, … */
  item: string;
  /** Which one of those. */
  index: number;
  /** Type of the record, kind of the symbol, id of the section or subsection. */
  kind: number;
  /** What it says. */
  field: string;
  start: number;
  end: number;
  /** If it is a number. */
  value: number;
  /** Name of the symbol or section. */
  name: string;
}

/** Types whose record ends with an addend. */
export const WITH_ADDEND = [3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25];

/** Flags of a symbol. */
export const UNDEFINED = 0x10;
export const EXPLICIT_NAME = 0x40;
export const ABSOLUTE = 0x200;

/** All fields, in file order. */
export function fields(module: Uint8Array): Field[] {
  const found: Field[] = [];
  const reader = new Reader(module, found);
  for (const { id, name, start, end } of sections(module)) {
    const item = name || `#${id}`;
    reader.item = { of: "header", item, index: 0, kind: id, name: item };
    reader.at = start;
    reader.byte("id");
    reader.number("size");
    if (id === 0) reader.label("name");
    reader.item.of = name;
    if (name === "linking") readLinking(reader, end);
    if (name.startsWith("reloc.")) readRecords(reader, end);
  }
  return found;
}

/** Reads fields one after the other. */
class Reader extends Cursor {
  item!: Pick<Field, "of" | "item" | "index" | "kind" | "name">;

  constructor(bytes: Uint8Array, readonly found: Field[]) {
    super(bytes);
  }

  put(field: string, start: number, value: number): number {
    this.found.push({ ...this.item, field, start, end: this.at, value });
    return value;
  }

  byte(field: string): number {
    return this.put(field, this.at, this.bytes[this.at++]);
  }

  number(field: string): number {
    return this.put(field, this.at, this.u32());
  }

  label(field: string): string {
    const length = this.number(`${field} length`);
    const start = this.at;
    const text = new TextDecoder().decode(this.take(length));
    this.put(field, start, length);
    return text;
  }
}

function readRecords(r: Reader, end: number) {
  const { of } = r.item;
  r.number("target");
  r.number("count");
  for (let index = 0; r.at < end; index++) {
    r.item = { of, item: "record", index, kind: r.bytes[r.at], name: "" };
    r.byte("type");
    r.number("offset");
    r.number("index");
    const start = r.at;
    if (WITH_ADDEND.includes(r.item.kind)) r.put("addend", start, r.i32());
  }
}

function readLinking(r: Reader, end: number) {
  const of = "linking";
  r.number("version");
  while (r.at < end) {
    const kind = r.bytes[r.at];
    r.item = { of, item: "subsection", index: 0, kind, name: "" };
    r.byte("id");
    const size = r.number("size");
    const stop = r.at + size;
    // Start functions and groups say nothing of what moves.
    if (kind !== 5 && kind !== 8) {
      r.at = stop;
      continue;
    }
    const count = r.number("count");
    for (let index = 0; index < count; index++) {
      r.item = { of, item: kind === 8 ? "symbol" : "segment", index, kind, name: "" };
      if (kind === 8) readSymbol(r);
      else {
        r.label("name");
        r.number("alignment");
        r.number("flags");
      }
    }
    if (r.at !== stop) throw new Error(`A subsection of kind ${kind} was not understood`);
  }
}

function readSymbol(r: Reader) {
  const from = r.found.length;
  r.item.kind = r.bytes[r.at];
  r.byte("kind");
  const flags = r.number("flags");
  const defined = !(flags & UNDEFINED);
  if (r.item.kind === 1) {
    r.item.name = r.label("name");
    if (defined) ["segment", "offset", "size"].forEach((field) => r.number(field));
  } else {
    r.number("index");
    if (r.item.kind !== 3 && (defined || flags & EXPLICIT_NAME)) r.item.name = r.label("name");
  }
  for (const field of r.found.slice(from)) field.name = r.item.name;
}
