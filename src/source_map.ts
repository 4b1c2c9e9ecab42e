/**
 * A source map of a module → the same map for code that lies elsewhere in the file.
 *
 * A source map of a module has one line: the column is the offset of an instruction in the file.
 *
 * @module
 */
import { WasmShareError } from "./errors.ts";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The parts of a source map that are read here. */
export interface SourceMap {
  version: 3;
  /** One line: columns are offsets in the module's file. */
  mappings?: string;
  /** Of an indexed map, instead of mappings. */
  sections?: { offset: { line: number; column: number }; map: SourceMap }[];
}

/**
 * Shifts the source map of a module by a number of bytes: every mapping, or every section of an
 * indexed map. Everything else is kept, `sourcesContent` too.
 *
 * @param map The map: JSON text (which may begin with `)]}'`), or what it was parsed to. It is not
 *   changed.
 * @param bytes By how many bytes the code lies later in the file than before, for example from
 *   {@linkcode codeShift} or `codeShifts` of {@linkcode combine}. May be negative; mappings that
 *   would lie before the start of the file are put there.
 * @param file The name of the module's file for the key `file`; by default that is kept.
 * @returns The new map as JSON text.
 * @throws {WasmShareError} `invalid_option` if the map is not a source map of a module.
 *
 * @example
 * ```ts
 * import { shiftSourceMap } from "@wasm-share/memory";
 *
 * const map = { version: 3, sources: ["a.c"], names: [], mappings: "gBAAA,EACA" };
 * console.log(shiftSourceMap(map, 4)); // … "mappings":"oBAAA,EACA" …
 * ```
 */
export function shiftSourceMap(map: string | object, bytes: number, file?: string): string {
  const fault = (what: string) =>
    new WasmShareError({
      code: "invalid_option",
      message: `Cannot shift the source map: ${what}`,
      hint: "Give a source map of version 3, with the offsets of one module as columns",
    });
  if (!Number.isSafeInteger(bytes)) throw fault(`"${bytes}" is not a whole number of bytes`);
  const checked = checkSourceMap(map);
  if (typeof checked === "string") throw fault(checked);
  return JSON.stringify({ ...shift(checked, bytes), ...(file !== undefined && { file }) });
}

/**
 * Reads a source map and looks whether it can be shifted.
 *
 * @param map JSON text, or what it was parsed to.
 * @returns The map, or what is wrong with it.
 */
export function checkSourceMap(map: string | object): SourceMap | string {
  let value: unknown = map;
  if (typeof map === "string") {
    try {
      // A server may add a first line against being run as a script.
      value = JSON.parse(map.replace(/^\)\]\}[^\n]*\n?/, ""));
    } catch {
      return "it is not JSON";
    }
  }
  return faultOf(value) ?? value as SourceMap;
}

/** What is wrong with a parsed map; `null` if nothing is. */
function faultOf(value: unknown): string | null {
  const { version, mappings, sections } = (value ?? {}) as Record<string, unknown>;
  if (version !== 3) return "it is not a source map of version 3";
  if (sections === undefined) {
    return typeof mappings === "string" ? mappingsFault(mappings) : 'it has no "mappings"';
  }
  if (!Array.isArray(sections)) return 'its "sections" are not a list';
  for (const { offset, map } of sections.map((section) => section ?? {})) {
    if (offset?.line !== 0) return "it has more than one line";
    if (!Number.isSafeInteger(offset.column) || offset.column < 0) {
      return "the offset of a section is not a column";
    }
    const fault = faultOf(map);
    if (fault !== null) return fault;
  }
  return null;
}

/** Every segment is one, four or five whole numbers, and only the first line has some. */
function mappingsFault(mappings: string): string | null {
  const [line] = mappings.split(";", 1);
  if (/[^;]/.test(mappings.slice(line.length))) return "it has more than one line";
  let fields = 0;
  let open = false;
  for (let at = 0; at <= line.length; at++) {
    const char = line.charCodeAt(at);
    if (char !== COMMA && at < line.length) {
      const digit = char < 128 ? VALUES[char] : -1;
      if (digit < 0) return `"${line[at]}" in its mappings is no digit`;
      open = digit >= 32;
      if (!open) fields++;
    } else {
      if (open || fields > 5 || fields === 2 || fields === 3) return "a mapping is not complete";
      fields = 0;
    }
  }
  return null;
}

const COMMA = 44;
const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < DIGITS.length; i++) VALUES[DIGITS.charCodeAt(i)] = i;

function shift(map: SourceMap, bytes: number): SourceMap {
  if (map.sections === undefined) {
    return { ...map, mappings: shiftMappings(map.mappings!, bytes) };
  }
  const sections = map.sections.map((section) => {
    const column = section.offset.column + bytes;
    return {
      ...section,
      offset: { ...section.offset, column: Math.max(column, 0) },
      // What the offset cannot take, because no column is below 0.
      map: column < 0 ? shift(section.map, column) : section.map,
    };
  });
  return { ...map, sections };
}

/**
 * Columns are relative to the one before, so only the first segment changes. If it would lie below 0,
 * segments are written anew until what follows is right again: of all below 0 the last one counts.
 */
function shiftMappings(mappings: string, bytes: number): string {
  const segments: string[] = [];
  // What each field of a segment is relative to: in the old text, and in the new one.
  const old = [0, 0, 0, 0, 0];
  const written = [0, 0, 0, 0, 0];
  const write = (fields: readonly number[]) => {
    segments.push(fields.map((value, i) => writeVlq(value - written[i])).join(""));
    fields.forEach((value, i) => written[i] = value);
  };
  let below: number[] | null = null;
  let at = 0;
  while (at < mappings.length && mappings[at] !== ";") {
    if (old.every((value, i) => written[i] === (i === 0 ? value + bytes : value))) break;
    if (mappings[at] === ",") {
      at++;
      continue;
    }
    const segment: number[] = [];
    for (; at < mappings.length && mappings[at] !== "," && mappings[at] !== ";";) {
      const { value, end } = readVlq(mappings, at);
      old[segment.length] += value;
      segment.push(old[segment.length]);
      at = end;
    }
    segment[0] += bytes;
    if (segment[0] < 0) {
      below = segment.with(0, 0);
      continue;
    }
    if (below !== null && segment[0] > 0) write(below);
    below = null;
    write(segment);
  }
  if (below !== null) write(below);
  return segments.join(",") + mappings.slice(at);
}

function readVlq(text: string, at: number): { value: number; end: number } {
  let value = 0;
  for (let scale = 1;; scale *= 32) {
    const digit = VALUES[text.charCodeAt(at++)];
    value += (digit % 32) * scale;
    if (digit < 32) {
      const size = Math.floor(value / 2);
      return { value: value % 2 ? -size : size, end: at };
    }
  }
}

/**
 * A number as source maps hold it.
 *
 * @param value A whole number.
 * @returns Base64 VLQ.
 */
export function writeVlq(value: number): string {
  let rest = value < 0 ? -value * 2 + 1 : value * 2;
  let text = "";
  do {
    const digit = rest % 32;
    rest = Math.floor(rest / 32);
    text += DIGITS[rest > 0 ? digit + 32 : digit];
  } while (rest > 0);
  return text;
}
