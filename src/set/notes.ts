/**
 * What a loader and a set have to know of a module beside its facts: symbols that nothing in it
 * defines, tags that it defines, whether it has a start function.
 *
 * @module
 */
import type { LayoutGot, ModuleFacts } from "../core/types.ts";
import { sectionsOf } from "../wasm_sections.ts";

/** What is read here. */
export interface ModuleNotes {
  /** Whether a function runs as soon as the module is made. */
  start: boolean;
  /** What is known of its imports `GOT.mem.*` and `GOT.func.*`. */
  got: LayoutGot[];
  /** Names of the tags that it defines. */
  tags: string[];
}

// Kinds and flags of symbols: tool-conventions, Linking.md.
const FUNCTION = 0;
const DATA = 1;
const SECTION = 3;
const TAG = 4;
const WEAK = 1;
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;
/** Subsection of `linking`. */
const SYMBOL_TABLE = 8;
/** Ids of sections. */
const EXPORT_SECTION = 7;
const START_SECTION = 8;
const TAG_SECTION = 13;

/**
 * Reads them. The symbols are looked at only if there is a reason to.
 *
 * @param module The module before it was moved, accepted by the core.
 * @param facts Its facts.
 * @returns What is known.
 */
export function readNotes(module: Uint8Array, facts: ModuleFacts): ModuleNotes {
  const sections = sectionsOf(module);
  const has = (id: number) => sections.some((section) => section.id === id);
  const notes: ModuleNotes = { start: has(START_SECTION), got: [], tags: [] };
  const wanted = facts.imports.filter(({ module }) => isGot(module)).map(({ name }) => name);
  const linking = sections.find(({ name }) => name === "linking");
  const none = wanted.length === 0 && !has(TAG_SECTION) && facts.kind !== "dylink";
  if (linking === undefined || none) return notes;
  const functions = facts.imports.filter(({ type }) => type.kind === "function");
  for (const { kind, flags, index, name } of symbols(module, linking.content, linking.end)) {
    const undefinedHere = (flags & UNDEFINED) !== 0;
    if (kind === TAG && !undefinedHere) notes.tags.push(name);
    if (!undefinedHere) continue;
    const weak = (flags & 3) === WEAK;
    if (kind === DATA && weak && wanted.includes(name)) notes.got.push({ name, weak });
    const from = kind === FUNCTION ? functions[index] : undefined;
    // A symbol without a name of its own has that of its import.
    if (from !== undefined && (weak || wanted.includes(name || from.name))) {
      notes.got.push({
        name: name || from.name,
        import: [from.module, from.name],
        ...(weak && { weak }),
      });
    }
  }
  return notes;
}

/** What the linker calls the function that stores addresses of symbols of other modules in data. */
const APPLY = "__wasm_apply_data_relocs";

/**
 * Passes of the transformer that a module needs beside those of its layout.
 *
 * @param facts Its facts.
 * @returns `data_relocs` if it stores to its data from a function whose addresses have no records.
 */
export function addedTransforms(
  facts: Pick<ModuleFacts, "exports" | "data" | "kind">,
): string[] {
  // A side module was placed with records for that function, too.
  const applies = facts.data !== null && facts.kind !== "dylink" &&
    facts.exports.some(({ name, type }) => name === APPLY && type.kind === "function");
  return applies ? ["data_relocs"] : [];
}

/**
 * Tells whether a loader would run a function of a module, so that it matters what its start function
 * has run.
 *
 * @param facts Its facts.
 * @returns Whether it exports one of those functions.
 */
export function hasInitialisers({ exports }: Pick<ModuleFacts, "exports">): boolean {
  const names = [APPLY, "_initialize", "__wasm_call_ctors"];
  return exports.some(({ name, type }) => type.kind === "function" && names.includes(name));
}

/**
 * Tells, without facts, whether a module may need one of them.
 *
 * @param module The module.
 * @returns Whether it exports something of that name.
 */
export function mayNeedTransforms(module: Uint8Array): boolean {
  const exports = sectionsOf(module).find(({ id }) => id === EXPORT_SECTION);
  return exports !== undefined &&
    new TextDecoder("latin1").decode(module.subarray(exports.payload, exports.end)).includes(APPLY);
}

/**
 * Tells whether imports of this module field are addresses that a loader fills in.
 *
 * @param module The module field of an import.
 * @returns Whether it is `GOT.mem` or `GOT.func`.
 */
export function isGot(module: string): boolean {
  return module === "GOT.mem" || module === "GOT.func";
}

interface SymbolEntry {
  kind: number;
  flags: number;
  /** Index of a function, global, tag or table. */
  index: number;
  /** Empty if it is that of its import. */
  name: string;
}

/** The symbol table of a `linking` section that the core has read already. */
function* symbols(bytes: Uint8Array, start: number, end: number): Generator<SymbolEntry> {
  let at = start;
  const leb = (): number => {
    let value = 0;
    for (let shift = 1; at < end; shift *= 128) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  const string = (): string => {
    const length = leb();
    at += length;
    return new TextDecoder().decode(bytes.subarray(at - length, at));
  };
  leb(); // version
  while (at < end) {
    const kind = bytes[at++];
    const size = leb();
    const next = at + size;
    if (kind === SYMBOL_TABLE) {
      for (let left = leb(); left > 0; left--) {
        const entry: SymbolEntry = { kind: bytes[at++], flags: leb(), index: 0, name: "" };
        const defined = (entry.flags & UNDEFINED) === 0;
        if (entry.kind === DATA) {
          entry.name = string();
          // Segment, offset, size.
          if (defined) { for (let i = 0; i < 3; i++) leb(); }
        } else {
          entry.index = leb();
          if (entry.kind !== SECTION && (defined || entry.flags & EXPLICIT_NAME)) {
            entry.name = string();
          }
        }
        yield entry;
      }
    }
    at = next;
  }
}
