/**
 * Small modules, written byte by byte, and sets of them as `combine` would give them.
 *
 * @module
 */
import type { BuildStamp, ExternType, LayoutModule, StartupStep } from "../../src/core/types.ts";
import type { Combined } from "../../src/core/options.ts";

type Type = "i32" | "i64" | "f32" | "f64" | "v128" | "externref" | "funcref";
type Signature = { params?: Type[]; results?: Type[] };
type Import =
  & { module: string; name: string }
  & (
    | ({ kind: "function" } & Signature)
    | { kind: "memory" }
    | { kind: "table" }
    | { kind: "global"; type: Type; mutable?: boolean }
    | { kind: "tag" }
  );

/** What to build. Functions are numbered after the imported ones. */
export interface ModuleSpec {
  name: string;
  imports?: Import[];
  functions?: (Signature & { export?: string; body: number[] })[];
  /** An exported i32 global, mutable by default. */
  global?: { export: string; value: number; mutable?: boolean };
  /** The function that runs when the module is made, by its number. */
  start?: number;
  /** Functions to put in table 0 from a slot on. */
  elements?: { slot: number; functions: number[] };
  /** Export the imported memory as `memory`. */
  exportMemory?: boolean;
  /** Instead of the slots in the shared table. */
  ownTable?: number;
  startup?: Omit<StartupStep, "pages">;
}

const I32: Type[] = ["i32"];
const codes: Record<Type, number> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  externref: 0x6f,
  funcref: 0x70,
};

export function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push(value % 128 | (value >= 128 ? 128 : 0));
    value = Math.floor(value / 128);
  } while (value);
  return bytes;
}

const text = (value: string) => {
  const bytes = [...new TextEncoder().encode(value)];
  return [...leb(bytes.length), ...bytes];
};
const vec = (items: number[][]) => [...leb(items.length), ...items.flat()];
const section = (id: number, bytes: number[]) => [id, ...leb(bytes.length), ...bytes];
const signature = ({ params = [], results = [] }: Signature) => [
  0x60,
  ...vec(params.map((t) => [codes[t]])),
  ...vec(results.map((t) => [codes[t]])),
];

/** Encodes a module. `stamp` becomes its `wasm-share` section. */
export function encode(spec: ModuleSpec, stamp?: unknown): Uint8Array<ArrayBuffer> {
  const { imports = [], functions = [], global, elements } = spec;
  const imported = imports.filter((i) => i.kind === "function");
  const tagType = imported.length + functions.length;
  const importBytes = imports.map((i) => [
    ...text(i.module),
    ...text(i.name),
    ...(i.kind === "function"
      ? [0, imported.indexOf(i)]
      : i.kind === "memory"
      ? [2, 0, 1]
      : i.kind === "table"
      ? [1, 0x70, 0, 0]
      : i.kind === "tag"
      ? [4, 0, tagType]
      : [3, codes[i.type], i.mutable ? 1 : 0]),
  ]);
  const exports = functions.flatMap((f, i) =>
    f.export === undefined ? [] : [[...text(f.export), 0, imported.length + i]]
  );
  const globals = imports.filter((i) => i.kind === "global").length;
  if (global) exports.push([...text(global.export), 3, globals]);
  if (spec.exportMemory) exports.push([...text("memory"), 2, 0]);
  const custom = stamp === undefined ? [] : section(0, [
    ...text("wasm-share"),
    ...new TextEncoder().encode(typeof stamp === "string" ? stamp : JSON.stringify(stamp)),
  ]);
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vec([...imported, ...functions, { params: I32 }].map(signature))),
    ...section(2, vec(importBytes)),
    ...section(3, vec(functions.map((_, i) => [imported.length + i]))),
    ...(global
      ? section(6, vec([[0x7f, global.mutable === false ? 0 : 1, 0x41, global.value, 0x0b]]))
      : []),
    ...section(7, vec(exports)),
    ...(spec.start === undefined ? [] : section(8, leb(spec.start))),
    ...(elements
      ? section(9, vec([[0, 0x41, elements.slot, 0x0b, ...vec(elements.functions.map(leb))]]))
      : []),
    ...section(
      10,
      vec(functions.map(({ body }) => [...leb(body.length + 2), 0, ...body, 0x0b])),
    ),
    ...custom,
  ]);
}

const BUILD = "0123456789abcdef0123456789abcdef";

/** A set of modules, as `combine` would give it. */
export function combined(
  specs: ModuleSpec[],
  options: { build?: string; tableSize?: number; maximumPages?: number } = {},
): Combined {
  const build = options.build ?? BUILD;
  const place = (spec: ModuleSpec, kind: "memory" | "table") => {
    const found = spec.imports?.find((i) => i.kind === kind);
    return found ? [found.module, found.name] as [string, string] : null;
  };
  const slots = (start: number, end: number) => ({ start, end, size: end - start });
  const modules: LayoutModule[] = specs.map((spec) => ({
    name: spec.name,
    kind: "relocs",
    stack: null,
    data: slots(1024, 2048),
    heap: { ...slots(2048, 2048), claim: "none" },
    dataDelta: 0,
    table: spec.ownTable !== undefined
      ? { shared: false, ...slots(1, spec.ownTable) }
      : spec.elements
      ? { shared: true, ...slots(spec.elements.slot, spec.elements.slot + 1) }
      : null,
    memoryImport: place(spec, "memory"),
    tableImport: place(spec, "table"),
    memoryView: null,
    stackGuard: null,
    allocator: null,
    sharedStack: null,
    transforms: [],
  }));
  return {
    names: specs.map(({ name }) => name),
    modules: specs.map((spec, index) =>
      encode(spec, { v: 1, build, module: spec.name, index } satisfies BuildStamp)
    ),
    codeShifts: specs.map(() => 0),
    sourceMaps: specs.map(() => null),
    neededPages: 1,
    buildId: build,
    layout: {
      neededPages: 1,
      maximumPages: options.maximumPages ?? null,
      tableSize: options.tableSize ?? 0,
      stackPointer: null,
      end: 2048,
      regions: [],
      modules,
      startup: specs.flatMap(({ startup }) => startup ? [{ ...startup, pages: 1 }] : []),
    },
    facts: specs.map((spec) => factsOf(spec)),
    warnings: [],
  };
}

function factsOf(spec: ModuleSpec): Combined["facts"][number] {
  const typeOf = (i: Import | Signature): ExternType => {
    const kind = "kind" in i ? i.kind : "function";
    if (kind === "memory") return { kind, min: 1, max: null };
    if (kind === "tag") return { kind, params: I32 };
    if (kind === "table") return { kind, type: "funcref", min: 0, max: null };
    if ("kind" in i && i.kind === "global") {
      return { kind: "global", type: i.type, mutable: i.mutable ?? false };
    }
    const { params = [], results = [] } = i as Signature;
    return { kind: "function", params, results };
  };
  const { functions = [], imports = [], global } = spec;
  const exports = functions.flatMap((f) =>
    f.export === undefined ? [] : [{ name: f.export, type: typeOf(f) }]
  );
  if (global) {
    exports.push({
      name: global.export,
      type: { kind: "global", type: "i32", mutable: global.mutable !== false },
    });
  }
  if (spec.exportMemory) {
    exports.push({ name: "memory", type: { kind: "memory", min: 1, max: null } });
  }
  return {
    name: spec.name,
    imports: imports.map((i) => ({ module: i.module, name: i.name, type: typeOf(i) })),
    exports,
  } as unknown as Combined["facts"][number];
}

/** `memory`, as every emitted module imports it. */
export const memoryImport: Import = { module: "env", name: "memory", kind: "memory" };
/** The shared table. */
export const tableImport: Import = {
  module: "env",
  name: "__indirect_function_table",
  kind: "table",
};

/** Writes: `put(ptr, value)`, `bump()` through an export of `b`; `pair() → (i32, i64)`. */
export const writer: ModuleSpec = {
  name: "writer",
  imports: [memoryImport, {
    module: "reader",
    name: "get",
    kind: "function",
    params: I32,
    results: I32,
  }],
  functions: [
    { export: "put", params: ["i32", "i32"], body: [0x20, 0, 0x20, 1, 0x36, 2, 0] },
    {
      export: "get-twice",
      params: I32,
      results: I32,
      body: [0x20, 0, 0x10, 0, 0x41, 2, 0x6c],
    },
    { export: "pair", results: ["i32", "i64"], body: [0x41, 5, 0x42, 7] },
  ],
  exportMemory: true,
};

/** Reads: `get(ptr)`, and asks the host: `log(value)`. */
export const reader: ModuleSpec = {
  name: "reader",
  imports: [memoryImport, { module: "env", name: "log", kind: "function", params: I32 }],
  functions: [
    { export: "get", params: I32, results: I32, body: [0x20, 0, 0x28, 2, 0] },
    { export: "show", params: I32, body: [0x20, 0, 0x28, 2, 0, 0x10, 0] },
    { export: "wide", params: ["i64"], results: ["i64"], body: [0x20, 0] },
  ],
  global: { export: "level", value: 3 },
};
