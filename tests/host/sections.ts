/**
 * What a module holds, read without the core: sections, data, globals. Made for comparing links.
 *
 * @module
 */

/** A section: its id, for a custom one its name, and its bytes without header and name. */
export interface Section {
  id: number;
  name: string;
  bytes: Uint8Array;
  /** Offset in the file of the id, and of `bytes` or the custom name before it. */
  start: number;
  payload: number;
  end: number;
}

/** Reads LEB128 numbers, names and bytes one after the other. */
export class Cursor {
  constructor(readonly bytes: Uint8Array, public at = 0) {}

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  u32(): number {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  i32(): number {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = this.bytes[this.at++];
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 25 && byte & 0x40 ? value | -1 << (shift + 7) : value;
    }
  }

  take(length: number): Uint8Array {
    return this.bytes.subarray(this.at, this.at += length);
  }

  text(): string {
    return new TextDecoder().decode(this.take(this.u32()));
  }

  /** The value of `i32.const … end`. */
  constant(): number {
    if (this.bytes[this.at++] !== 0x41) throw new Error(`No i32.const at ${this.at - 1}`);
    const value = this.i32() >>> 0;
    if (this.bytes[this.at++] !== 0x0b) throw new Error(`No end at ${this.at - 1}`);
    return value;
  }
}

/** The sections of a module, in order. */
export function sections(module: Uint8Array): Section[] {
  const cursor = new Cursor(module, 8);
  const found: Section[] = [];
  while (!cursor.done) {
    const start = cursor.at;
    const id = module[cursor.at++];
    const size = cursor.u32();
    const payload = cursor.at;
    const end = payload + size;
    const name = id === 0 ? cursor.text() : "";
    found.push({ id, name, bytes: module.subarray(cursor.at, end), start, payload, end });
    cursor.at = end;
  }
  return found;
}

/** The bytes of the section with this id, or of the custom one with this name; empty if absent. */
export function section(module: Uint8Array, which: number | string): Uint8Array {
  const found = sections(module).find(({ id, name }) =>
    typeof which === "number" ? id === which : id === 0 && name === which
  );
  return found?.bytes ?? new Uint8Array();
}

/** The memory that the active data segments make, from the first byte that is not 0 to the last. */
export function memoryImage(module: Uint8Array): { start: number; bytes: Uint8Array } {
  const cursor = new Cursor(section(module, 11));
  const segments: { start: number; bytes: Uint8Array }[] = [];
  for (let left = cursor.done ? 0 : cursor.u32(); left > 0; left--) {
    const flags = cursor.u32();
    if (flags !== 0) throw new Error(`A data segment has flags ${flags}`);
    const start = cursor.constant();
    segments.push({ start, bytes: cursor.take(cursor.u32()) });
  }
  if (segments.length === 0) return { start: 0, bytes: new Uint8Array() };
  const low = Math.min(...segments.map(({ start }) => start));
  const image = new Uint8Array(
    Math.max(0, ...segments.map(({ start, bytes }) => start + bytes.length)) - low,
  );
  for (const { start, bytes } of segments) image.set(bytes, start - low);
  const first = image.findIndex((byte) => byte !== 0);
  const last = image.findLastIndex((byte) => byte !== 0);
  return { start: low + first, bytes: image.subarray(first, last + 1) };
}

/** Type, mutability and value of each defined global; `null` if the value is not an `i32.const`. */
export function globals(module: Uint8Array): { type: number; mutable: number; value: number }[] {
  const cursor = new Cursor(section(module, 6));
  const found = [];
  for (let left = cursor.done ? 0 : cursor.u32(); left > 0; left--) {
    const [type, mutable] = cursor.take(2);
    found.push({ type, mutable, value: cursor.constant() });
  }
  return found;
}

/** The active element segments of table 0: first slot, and the functions. */
export function elements(module: Uint8Array): { slot: number; functions: number[] }[] {
  const cursor = new Cursor(section(module, 9));
  const found = [];
  for (let left = cursor.done ? 0 : cursor.u32(); left > 0; left--) {
    const flags = cursor.u32();
    if (flags !== 0) throw new Error(`An element segment has flags ${flags}`);
    const slot = cursor.constant();
    found.push({ slot, functions: Array.from({ length: cursor.u32() }, () => cursor.u32()) });
  }
  return found;
}

/** The relocation records of a custom section, as `[start, end)` in its bytes, with their types. */
export function records(bytes: Uint8Array): { type: number; start: number; end: number }[] {
  const cursor = new Cursor(bytes);
  cursor.u32();
  cursor.u32();
  const found = [];
  const withAddend = [3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25];
  while (!cursor.done) {
    const start = cursor.at;
    const type = bytes[cursor.at++];
    cursor.u32();
    cursor.u32();
    if (withAddend.includes(type)) cursor.i32();
    found.push({ type, start, end: cursor.at });
  }
  return found;
}

/** A module from sections, with headers as short as can be. */
export function assemble(parts: Pick<Section, "id" | "name" | "bytes">[]): Uint8Array<ArrayBuffer> {
  const leb = (value: number): number[] =>
    value < 128 ? [value] : [value % 128 | 128, ...leb(Math.floor(value / 128))];
  const bytes: Uint8Array[] = [new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])];
  for (const { id, name, bytes: content } of parts) {
    const text = new TextEncoder().encode(name);
    const head = id === 0 ? [...leb(text.length), ...text] : [];
    bytes.push(new Uint8Array([id, ...leb(head.length + content.length), ...head]), content);
  }
  const whole = new Uint8Array(bytes.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of bytes) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
