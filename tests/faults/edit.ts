/**
 * Changes one place of a module and leaves the rest as it is.
 *
 * @module
 */
import type { WasmShareErrorCode } from "../../mod.ts";
import { type Field, fields } from "../host/fields.ts";
import { sections } from "../host/sections.ts";

/** An input that must be refused, and what must be said of it. */
export interface Fault {
  name: string;
  why: string;
  bytes: Uint8Array<ArrayBuffer>;
  code: WasmShareErrorCode;
  section?: string;
  /** `null`: the fault is of the module as a whole. Not there: not checked. */
  offset?: number | null;
  /** A part of the hint. */
  hint: string;
  /** It is only seen when every instruction is decoded. */
  verify?: boolean;
}

/** The largest count that a vector can claim to have. */
export const MANY = [0xff, 0xff, 0xff, 0xff, 0x0f];

/** An unsigned LEB128 of at least `width` bytes. */
export function leb(value: number, width = 1): number[] {
  return value < 128 && width <= 1
    ? [value]
    : [value % 128 | 128, ...leb(Math.floor(value / 128), width - 1)];
}

/** The fields of a module that fit. */
export function pick(module: Uint8Array, like: Partial<Field>): Field[] {
  const wanted = Object.entries(like) as [keyof Field, unknown][];
  const found = fields(module).filter((each) => wanted.every(([key, is]) => each[key] === is));
  if (found.length === 0) throw new Error(`No field is like ${JSON.stringify(like)}`);
  return found;
}

/** Puts other bytes in place of `[start, end)`, and corrects the sizes of what they lie in. */
export function splice(
  module: Uint8Array,
  start: number,
  end: number,
  by: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const out = [...module.subarray(0, start), ...Array.from(by), ...module.subarray(end)];
  for (const { item, of, field, ...size } of fields(module)) {
    const isSize = field === "size" && (of === "header" || item === "subsection");
    if (!isSize || size.end > start || end > size.end + size.value) continue;
    const width = size.end - size.start;
    const bytes = leb(size.value + by.length - (end - start), width);
    if (bytes.length > width) throw new Error("A size does not fit");
    out.splice(size.start, width, ...bytes);
  }
  return new Uint8Array(out);
}

/** Gives a field other bytes. */
export function put(module: Uint8Array, field: Field, by: ArrayLike<number>) {
  return splice(module, field.start, field.end, by);
}

/** Gives a number another value. */
export function set(module: Uint8Array, field: Field, value: number) {
  return put(module, field, leb(value, field.end - field.start));
}

/** Bytes over those that are there; nothing else changes. */
export function patch(module: Uint8Array, at: number, by: ArrayLike<number>) {
  const out = new Uint8Array(module);
  out.set(by, at);
  return out;
}

/** A section by its id or name. `body` is where its content starts. */
export function part(module: Uint8Array, which: number | string) {
  const found = sections(module).find(({ id, name }) => which === id || id === 0 && which === name);
  if (!found) throw new Error(`No section ${which}`);
  return { ...found, body: found.end - found.bytes.length };
}

/** Without a section. */
export function without(module: Uint8Array, which: number | string) {
  const { start, end } = part(module, which);
  return new Uint8Array([...module.subarray(0, start), ...module.subarray(end)]);
}

/** With more bytes at an offset, between two sections. */
export function insert(module: Uint8Array, at: number, bytes: ArrayLike<number>) {
  return new Uint8Array([...module.subarray(0, at), ...Array.from(bytes), ...module.subarray(at)]);
}

/** A section as bytes. */
export function section(id: number, ...content: number[][]): number[] {
  const body = content.flat();
  return [id, ...leb(body.length), ...body];
}

/** A name with its length. */
export function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...leb(bytes.length), ...bytes];
}

/** A module of sections. */
export function module(...parts: number[][]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...parts.flat()]);
}

/** Where the first record of a `reloc.*` section points to, of those that name a symbol if it is given. */
export function firstSite(
  good: Uint8Array,
  of: "reloc.CODE" | "reloc.DATA",
  symbol?: string,
): number {
  const wanted = symbol === undefined
    ? null
    : pick(good, { item: "symbol", name: symbol })[0].index;
  // The index of TYPE_INDEX_LEB is that of a type.
  const record = pick(good, { of, item: "record", field: "index" }).find(({ kind, value }) =>
    wanted === null || kind !== 6 && value === wanted
  );
  if (!record) throw new Error(`No record names ${symbol}`);
  const [offset] = pick(good, { of, item: "record", index: record.index, field: "offset" });
  return part(good, of === "reloc.CODE" ? 10 : 11).body + offset.value;
}

/** One record with its fields. */
export interface Record {
  start: number;
  end: number;
  site: number;
  fields: { [field: string]: Field };
}

/** The records of a section, of one type if it is given. */
export function recordsOf(good: Uint8Array, of: string, kind?: number): Record[] {
  const all = pick(good, { of, item: "record", ...kind === undefined ? {} : { kind } });
  const { body } = part(good, of === "reloc.CODE" ? 10 : 11);
  return [...Map.groupBy(all, ({ index }) => index).values()].map((list) => {
    const fields = Object.fromEntries(list.map((field) => [field.field, field]));
    return {
      start: list[0].start,
      end: list.at(-1)!.end,
      site: body + fields.offset.value,
      fields,
    };
  });
}

/** The index of a symbol. */
export const symbol = (good: Uint8Array, name: string) =>
  pick(good, { item: "symbol", name })[0].index;
