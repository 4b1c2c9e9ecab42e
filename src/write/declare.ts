/**
 * Signatures of a combined set → TypeScript types for its loader. A 64-bit integer is a `bigint`,
 * several results are a tuple.
 *
 * @module
 */
import { bindables } from "../set/check.ts";
import type { Combined } from "../core/options.ts";
import type { ExternType, ValueTypeName } from "../core/types.ts";
import { bind, hostOf } from "../runtime/bind.ts";

const values: Record<ValueTypeName, string> = {
  i32: "number",
  f32: "number",
  f64: "number",
  i64: "bigint",
  v128: "never",
  externref: "any",
  funcref: "((...args: any[]) => any) | null",
};

const valueOf = (type: ValueTypeName): string => values[type] ?? "any";

/**
 * Writes a property name as TypeScript needs it.
 *
 * @param name Any text.
 * @returns The name, in quotes if it is not an identifier.
 */
export function quoteKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** Names of parameters: `a` … `z`, then `p26`, …: the module does not know better ones. */
function params(types: ValueTypeName[]): string {
  return types.map((type, i) =>
    `${i < 26 ? String.fromCharCode(97 + i) : `p${i}`}: ${valueOf(type)}`
  )
    .join(", ");
}

function result(types: ValueTypeName[]): string {
  if (types.length === 0) return "void";
  return types.length === 1 ? valueOf(types[0]) : `[${types.map(valueOf).join(", ")}]`;
}

function member(name: string, type: ExternType, imported: boolean): string {
  const key = quoteKey(name);
  switch (type.kind) {
    case "function":
      return `${key}(${params(type.params)}): ${result(type.results)};`;
    case "global":
      return imported && !type.mutable
        ? `${key}: WebAssembly.Global | ${valueOf(type.type)};`
        : `readonly ${key}: WebAssembly.Global;`;
    case "memory":
      return `readonly ${key}: WebAssembly.Memory;`;
    case "table":
      return `readonly ${key}: WebAssembly.Table;`;
    case "tag":
      return `readonly ${key}: any;`;
    default:
      return type satisfies never;
  }
}

/** What no module of the set provides: the host must. By import module, then by name. */
function hostImports({ facts, layout }: Combined): Map<string, Map<string, string>> {
  const { unresolved } = bind(bindables(facts, layout.modules), hostOf());
  const needed = new Map<string, Map<string, string>>();
  for (const { importer, module, name } of unresolved) {
    const { type } = facts[importer].imports.find((i) => i.module === module && i.name === name)!;
    const names = needed.get(module) ?? new Map<string, string>();
    const text = member(name, type, true);
    const other = names.get(name);
    names.set(
      name,
      other === undefined || other === text ? text : `${quoteKey(name)}(...args: any[]): any;`,
    );
    needed.set(module, names);
  }
  return needed;
}

const wasiHost = `\
/** A host of WASI: \`WASI\` of \`node:wasi\`, of \`@bjorn3/browser_wasi_shim\`, or another of this shape. */
export interface WasiHost {
  readonly wasiImport: object;
  getImportObject?(): object;
  initialize(instance: { exports: { memory: WebAssembly.Memory } }): unknown;
}`;

/**
 * Declares what a host has to give: `WasiHost`, `Imports`, and `HostImports` if there is something.
 *
 * @param combined What `combine` gave.
 * @returns TypeScript; it refers to `Exports`.
 */
export function importTypes(combined: Combined): string {
  const needed = hostImports(combined);
  const each = "modules?: { [name in keyof Exports]?: WebAssembly.Imports }";
  if (!needed.size) {
    return `\
${wasiHost}

/** Nothing is needed from the host. */
export type Imports =
  | WebAssembly.Imports
  | { shared?: WebAssembly.Imports; ${each}; wasi?: WasiHost };`;
  }
  const wasi = [...needed.keys()].filter((module) => module.startsWith("wasi_"));
  const rest = `Omit<HostImports, ${wasi.map((module) => JSON.stringify(module)).join(" | ")}>`;
  const withWasi = wasi.length === 0
    ? []
    : wasi.length === needed.size
    ? [`  | { shared?: WebAssembly.Imports; ${each}; wasi: WasiHost }`]
    : [`  | { shared: WebAssembly.Imports & ${rest}; ${each}; wasi: WasiHost }`];
  const spaces = [...needed].map(([module, names]) =>
    // WASI hosts type their functions loosely: asking for each by name would refuse them.
    module.startsWith("wasi_")
      ? `  ${quoteKey(module)}: WebAssembly.ModuleImports;`
      : `  ${quoteKey(module)}: {\n${[...names.values()].map((m) => `    ${m}\n`).join("")}  };`
  );
  const forms = [
    "  | (WebAssembly.Imports & HostImports)",
    `  | { shared: WebAssembly.Imports & HostImports; ${each}; wasi?: WasiHost }`,
    ...withWasi,
    `  | { shared?: WebAssembly.Imports; ${each.replace("?", "")}; wasi?: WasiHost }`,
  ];
  return `\
/** What the host must give, because no module of the set exports it. */
export interface HostImports {
${spaces.join("\n")}
}

${wasiHost}

/** For all modules; or for all, for each by its name, and WASI. */
export type Imports =
${forms.join("\n")};`;
}

/**
 * Declares the types that a loader exports.
 *
 * @param combined What `combine` gave.
 * @returns TypeScript: `Exports`, `Imports`, `WasiHost`, `Instance`, `Layout`.
 */
export function declare(combined: Combined): string {
  const modules = combined.names.map((name, index) =>
    `  ${quoteKey(name)}: ${exportsType(combined, index)};`
  );
  return `\
/** The exports of each module by its name. */
export interface Exports {
${modules.join("\n")}
}

${importTypes(combined)}

/**
 * The set, running. Who allocates frees: a pointer is valid until its owner frees it. Rust types with
 * heap parts (\`String\`, \`Vec\`, \`Box\`) do not cross unless the modules share one allocator.
 */
export interface Instance {
  /** The memory of all modules. */
  memory: WebAssembly.Memory;
  /** The function table of all modules${combined.layout.tableSize > 0 ? "" : "; none uses one"}. */
  table: ${combined.layout.tableSize > 0 ? "WebAssembly.Table" : "null"};
  exports: Exports;
}

${layoutTypes}`;
}

/**
 * The type of the exports of one module.
 *
 * @param combined What `combine` gave.
 * @param index Which module.
 * @returns TypeScript, indented for an interface.
 */
export function exportsType({ facts }: Combined, index: number): string {
  const members = facts[index].exports.map(({ name, type }) => `    ${member(name, type, false)}\n`)
    .join("");
  return `{${members && `\n${members}  `}}`;
}

/** The types of a layout; they refer to `Exports`. */
export const layoutTypes: string = `\
/** A range \`[start, end)\`. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly size: number;
}

/** Where everything lives. */
export interface Layout {
  readonly neededPages: number;
  readonly maximumPages: number | null;
  readonly tableSize: number;
  readonly stackPointer: number | null;
  readonly modules: readonly {
    readonly name: keyof Exports;
    readonly stack: Range | null;
    readonly data: Range | null;
    readonly heap: Range;
    readonly table: (Range & { readonly shared: boolean }) | null;
  }[];
}`;

/**
 * Tells whether `instantiate` can be called without imports.
 *
 * @param combined What `combine` gave.
 * @returns Whether nothing is needed from the host.
 */
export function needsNothing(combined: Combined): boolean {
  return hostImports(combined).size === 0;
}
