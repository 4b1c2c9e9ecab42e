/**
 * Puts the sentences of the relocator together: the core says numbers and values, the words lie here.
 *
 * @module
 */
import type { Problem } from "../errors.ts";
import { withBoundHint } from "./bound_hint.ts";
import { SENTENCES } from "./generated/relocator_words.ts";
import type { ExternType, ModuleFacts, Proof, ValueTypeName } from "./types.ts";

/** A sentence as it crosses: its number, then the values of its placeholders. */
export type Said = [number, ...(number | string | Said)[]];

/** A problem as it crosses. */
export type SaidProblem = Omit<Problem, "message" | "hint"> & { message: Said; hint?: Said };

/** A value type as it crosses: its byte, or the first byte and the heap type of a long reference. */
type SaidValue = number | [form: number, heap: number];

/** A function type, which imports and exports name by its index. */
interface Signature<Value = SaidValue> {
  params: Value[];
  results: Value[];
}

/** The type of an import or export as it crosses: its kind as in the file, then what there is to say. */
type SaidExtern =
  | [kind: 0 | 4, type: number]
  | [kind: 1, value: SaidValue, min: number, max: number | null]
  | [kind: 2, min: number, max: number | null]
  | [kind: 3, value: SaidValue, mutable: boolean]
  /** An index that is out of range. */
  | null;

/** Facts as they cross. */
export type SaidFacts =
  & Omit<ModuleFacts, "warnings" | "problems" | "proof" | "imports" | "exports">
  & {
    types: Signature[];
    imports: { module: string; name: string; type: SaidExtern }[];
    exports: { name: string; type: SaidExtern }[];
    warnings: SaidProblem[];
    problems: SaidProblem[];
    proof: Omit<Proof, "proved" | "skipped"> & { proved: number[]; skipped: number[] };
  };

/** Names of the relocation types 0 to 26 (`WasmRelocs.def` of LLVM), without `R_WASM_`. */
export const RELOCATION_TYPES: readonly string[] = [
  "FUNCTION_INDEX_LEB",
  "TABLE_INDEX_SLEB",
  "TABLE_INDEX_I32",
  "MEMORY_ADDR_LEB",
  "MEMORY_ADDR_SLEB",
  "MEMORY_ADDR_I32",
  "TYPE_INDEX_LEB",
  "GLOBAL_INDEX_LEB",
  "FUNCTION_OFFSET_I32",
  "SECTION_OFFSET_I32",
  "TAG_INDEX_LEB",
  "MEMORY_ADDR_REL_SLEB",
  "TABLE_INDEX_REL_SLEB",
  "GLOBAL_INDEX_I32",
  "MEMORY_ADDR_LEB64",
  "MEMORY_ADDR_SLEB64",
  "MEMORY_ADDR_I64",
  "MEMORY_ADDR_REL_SLEB64",
  "TABLE_INDEX_SLEB64",
  "TABLE_INDEX_I64",
  "TABLE_NUMBER_LEB",
  "MEMORY_ADDR_TLS_SLEB",
  "FUNCTION_OFFSET_I64",
  "MEMORY_ADDR_LOCREL_I32",
  "TABLE_INDEX_REL_SLEB64",
  "MEMORY_ADDR_TLS_SLEB64",
  "FUNCTION_INDEX_I32",
];

/** Why a proved record needs no patch, in the order of `Skip` in `inspect/relocs.rs`. */
const REASONS: readonly string[] = [
  "undefined weak data symbol: stays 0",
  "function without a table slot: stays 0",
  "absolute symbol: stays",
  "offset inside a section: stays",
  "offset from __tls_base: stays",
  "distance between two addresses that move together: stays",
  "debug information of something that the linker dropped: stays",
  "offset from __table_base: stays",
];

/**
 * A sentence in words.
 *
 * @param said Its number and values.
 * @returns The text.
 */
export function say([number, ...values]: Said): string {
  const template = SENTENCES.get(number);
  // Only a core of another version, handed in with `init`, knows other sentences.
  if (template === undefined) return `Sentence ${number} of another version: ${values.join(", ")}`;
  return template.replaceAll(/\{([^}]*)\}/g, (_, spec: string) => {
    const value = values.shift();
    if (Array.isArray(value)) return say(value);
    if (spec === ":#x" && typeof value === "number") return `0x${value.toString(16)}`;
    if (spec === "type") return RELOCATION_TYPES[Number(value)] ?? `type ${value}`;
    return `${value}`;
  });
}

/**
 * Problems in words.
 *
 * @param list Problems as they crossed.
 * @returns The same with message and hint as text.
 */
export function sayAll<P extends Problem>(list: readonly SaidProblem[]): P[] {
  return list.map(({ code, message, hint, ...place }) =>
    ({
      code,
      message: say(message),
      ...(hint ? { hint: say(hint) } : {}),
      ...place,
    }) as P
  );
}

/**
 * Facts in words.
 *
 * @param facts Facts as they crossed.
 * @returns The same with problems, record types and reasons as text.
 */
export function sayFacts(facts: SaidFacts): ModuleFacts {
  const { proof, problems, warnings, types, imports, exports, ...rest } = facts;
  // Once a type: a long one can be used often.
  const signatures = types.map(({ params, results }) => ({
    params: params.map(valueName),
    results: results.map(valueName),
  }));
  return {
    ...rest,
    imports: imports.map((each) => ({ ...each, type: typed(signatures, each.type) })),
    exports: exports.map((each) => ({ ...each, type: typed(signatures, each.type) })),
    proof: {
      ...proof,
      proved: named(RELOCATION_TYPES, proof.proved),
      skipped: named(REASONS, proof.skipped),
    },
    warnings: sayAll(warnings),
    problems: withBoundHint(sayAll(problems), imports),
  };
}

/** The type of an import or export in words. */
function typed(signatures: Signature<ValueTypeName>[], said: SaidExtern): ExternType {
  const signature = (index: number) => signatures[index] ?? { params: [], results: [] };
  switch (said?.[0]) {
    case 1:
      return { kind: "table", type: valueName(said[1]), min: said[2], max: said[3] };
    case 2:
      return { kind: "memory", min: said[1], max: said[2] };
    case 3:
      return { kind: "global", type: valueName(said[1]), mutable: said[2] };
    case 4:
      return { kind: "tag", params: signature(said[1]).params };
    default:
      return { kind: "function", ...signature(said?.[1] ?? -1) };
  }
}

/** Value types and heap types by their byte (core specification 3.0, section 5.3). */
const VALUE_TYPES: Readonly<Record<number, string>> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
  0x7b: "v128",
  0x74: "nullexnref",
  0x73: "nullfuncref",
  0x72: "nullexternref",
  0x71: "nullref",
  0x70: "funcref",
  0x6f: "externref",
  0x6e: "anyref",
  0x6d: "eqref",
  0x6c: "i31ref",
  0x6b: "structref",
  0x6a: "arrayref",
  0x69: "exnref",
};

/** A value type as the text format spells it. */
function valueName(said: SaidValue): ValueTypeName {
  if (typeof said === "number") return VALUE_TYPES[said] ?? `0x${said.toString(16)}`;
  const [form, heap] = said;
  const of = heap < 0 ? (VALUE_TYPES[heap + 0x80] ?? `${heap}`).replace(/ref$/, "") : heap;
  return `(ref ${form === 0x63 ? "null " : ""}${of})`;
}

/** Counts by name; those that are 0 are left out. */
function named(names: readonly string[], counts: readonly number[]): Record<string, number> {
  return Object.fromEntries(
    counts.map((count, at): [string, number] => [names[at], count]).filter(([, count]) =>
      count > 0
    ),
  );
}
