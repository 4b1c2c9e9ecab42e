/**
 * Where the sections of a module lie in its file. No look inside them but at the name of a custom
 * one: everything else about modules is Rust's.
 *
 * @module
 */

/** A section of a module; all numbers are offsets in the file. */
export interface WasmSection {
  /** 0 for a custom section, 10 for code. */
  id: number;
  /** Name of a custom section, `""` of every other one. */
  name: string;
  /** Its first byte, which holds the id. */
  start: number;
  /** The first byte after the id and the size. */
  payload: number;
  /** The first byte after the name of a custom section; `payload` for every other one. */
  content: number;
  /** One past its last byte. */
  end: number;
}

const CODE = 10;

/**
 * Finds the sections of a module.
 *
 * @param module A module that a core has accepted or made.
 * @returns The sections in order; of a broken file, those up to where it breaks.
 */
export function sectionsOf(module: Uint8Array): WasmSection[] {
  const found: WasmSection[] = [];
  for (let at = 8; at < module.length;) {
    const start = at;
    const size = readLeb(module, start + 1);
    if (size === null || size.end + size.value > module.length) break;
    const payload = size.end;
    const end = payload + size.value;
    const id = module[start];
    const length = id === 0 ? readLeb(module, payload) : null;
    if (id === 0 && (length === null || length.end + length.value > end)) break;
    const content = length === null ? payload : length.end + length.value;
    const name = length === null ? "" : decodeUtf8(module.subarray(length.end, content));
    found.push({ id, name, start, payload, content, end });
    at = end;
  }
  return found;
}

/**
 * Tells by how many bytes the code of a module lies later in one file than in another. The offset
 * of an instruction, in stack traces (`wasm-function[3]:0x1f4`) and in source maps, counts from the
 * start of the file: in `after` it is larger by this number. For DWARF nothing changes, because its
 * offsets count from the start of the code section.
 *
 * @param before The module before it was moved.
 * @param after The same module after it: the result of {@linkcode combine} or
 *   {@linkcode relocate}.
 * @returns Bytes; negative if the code lies earlier. 0 if there is no code.
 *
 * @example
 * ```ts ignore
 * import { codeShift, relocate } from "@wasm-share/memory";
 *
 * const before = await Deno.readFile("codec.wasm");
 * const after = await relocate(before, 0x100000);
 * const offset = 0x1f4 - codeShift(before, after); // of a trap in `after`, found in `before`
 * ```
 */
export function codeShift(before: Uint8Array, after: Uint8Array): number {
  return codeStart(after) - codeStart(before);
}

function codeStart(module: Uint8Array): number {
  return sectionsOf(module).find(({ id }) => id === CODE)?.payload ?? 0;
}

/**
 * Replaces a custom section, takes it out, or adds one.
 *
 * @param module The module.
 * @param section Where the section is, from {@linkcode sectionsOf} of the same module; an empty range
 *   between two sections to add one.
 * @param name Name of the new section, or `null` for none.
 * @param content Content of the new section.
 * @returns A new module; all other sections are as they were.
 */
export function replaceSection(
  module: Uint8Array,
  section: { start: number; end: number },
  name: string | null,
  content: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const text = name === null ? new Uint8Array() : new TextEncoder().encode(name);
  const length = writeLeb(text.length);
  const header = name === null ? [] : [
    0,
    ...writeLeb(length.length + text.length + content.length),
    ...length,
    ...text,
  ];
  const size = module.length - (section.end - section.start) + header.length + content.length;
  const bytes = new Uint8Array(size);
  bytes.set(module.subarray(0, section.start));
  bytes.set(header, section.start);
  bytes.set(content, section.start + header.length);
  bytes.set(module.subarray(section.end), section.start + header.length + content.length);
  return bytes;
}

/**
 * Reads a string as modules hold it: its length, then UTF-8.
 *
 * @param bytes Where it is; it must fill the bytes.
 * @returns The text, or `null` if this is no such string.
 */
export function readString(bytes: Uint8Array): string | null {
  const length = readLeb(bytes, 0);
  if (length === null || length.end + length.value !== bytes.length) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes.subarray(length.end));
  } catch {
    return null;
  }
}

/**
 * Writes a string as modules hold it.
 *
 * @param text The text.
 * @returns Its length, then UTF-8.
 */
export function writeString(text: string): Uint8Array {
  const utf8 = new TextEncoder().encode(text);
  const length = writeLeb(utf8.length);
  const bytes = new Uint8Array(length.length + utf8.length);
  bytes.set(length);
  bytes.set(utf8, length.length);
  return bytes;
}

function readLeb(bytes: Uint8Array, at: number): { value: number; end: number } | null {
  let value = 0;
  for (let i = 0; i < 5 && at + i < bytes.length; i++) {
    const byte = bytes[at + i];
    value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  return null;
}

function writeLeb(value: number): number[] {
  return value < 128 ? [value] : [value % 128 | 128, ...writeLeb(Math.floor(value / 128))];
}

/** Made once: a module has ten names of sections, and is looked at several times. */
let decoder: TextDecoder | undefined;

function decodeUtf8(bytes: Uint8Array): string {
  decoder ??= new TextDecoder("utf-8", { ignoreBOM: true });
  return decoder.decode(bytes);
}
