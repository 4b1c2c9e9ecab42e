/**
 * Decides, without making anything, what each import of a set of modules is bound to, and in which
 * order the modules can be instantiated. In: names, imports and exports. Out: a `Binding` for each
 * import, or everything that is wrong with them.
 *
 * @module
 */
import type { LayoutBinding, LayoutMismatch } from "../core/types.ts";
import type { WasmShareProblem } from "../errors.ts";

/** What binding needs to know about a module. */
export interface Bindable {
  /** Name in the set. */
  name: string;
  /** Its imports. */
  imports: readonly { module: string; name: string; kind: string }[];
  /** Its exports. */
  exports: readonly { name: string; kind: string }[];
  /** The import that is the shared memory. */
  memoryImport: readonly [module: string, name: string] | null;
  /** The import that is the table. */
  tableImport: readonly [module: string, name: string] | null;
  /** The import that is the stack pointer of several modules. */
  sharedStack: { readonly import: readonly [module: string, name: string] } | null;
  /** What it is bound to, whatever else there is. */
  bind?: readonly LayoutBinding[];
  /** What it is not bound to. */
  mismatches?: readonly LayoutMismatch[];
}

/** A host of WASI: `WASI` of `node:wasi`, of `@bjorn3/browser_wasi_shim`, or another of this shape. */
export interface WasiHost {
  /** The functions of `wasi_snapshot_preview1`. */
  readonly wasiImport: object;
  /** The functions by the name of their version, if the host serves another one, as Node's does. */
  getImportObject?(): object;
  /** Called once, with the memory of all modules, before any module is made. */
  initialize(instance: { exports: { memory: WebAssembly.Memory } }): unknown;
}

/** Imports from the host: plain ones for all modules; or, if no other key is there, in parts. */
export type ImportsFor = WebAssembly.Imports | {
  /** For every module. */
  shared?: WebAssembly.Imports;
  /** For one module, by its name in the set. These come first. */
  modules?: Record<string, WebAssembly.Imports>;
  /** WASI for every module. A new one for each set: it belongs to one memory. */
  wasi?: WasiHost;
};

/** What an import is bound to. */
export type Source =
  | { from: "memory" }
  | { from: "table" }
  | { from: "stack" }
  | { from: "host" | "wasi"; value: unknown }
  /** An export of the module with this position in the set. */
  | { from: "set"; index: number; name: string };

/** One import and what it gets. */
export interface Binding {
  /** The import's module field. */
  module: string;
  /** The import's name field. */
  name: string;
  source: Source;
}

/** What the host gives for an import, in the places where it can. */
export interface Host {
  /** Names of the modules that get imports of their own. */
  names: string[];
  /** The host of WASI, whatever it is. */
  wasi: WasiHost | undefined;
  /** What is wrong with it. */
  fault: string;
  /** `imports.modules[<importer>]` */
  own(importer: string, module: string, name: string): unknown;
  /** A function of WASI. */
  system(module: string, name: string): unknown;
  /** The imports for every module. */
  shared(module: string, name: string): unknown;
}

/** Reads as the engine does, but takes nothing from `Object.prototype` (`toString`, …). */
function get(from: unknown, key: string): unknown {
  const value = (from as Record<string, unknown> | null | undefined)?.[key];
  return value === (Object.prototype as unknown as Record<string, unknown>)[key]
    ? undefined
    : value;
}

/**
 * Sorts out the two forms of imports.
 *
 * @param imports Plain imports, or `{ shared, modules, wasi }`: the latter if no other key is there.
 * @returns How to look something up in them.
 */
export function hostOf(imports: ImportsFor = {}): Host {
  const structured = Object.keys(imports).every((key) => /^(shared|modules|wasi)$/.test(key));
  const shared = structured ? get(imports, "shared") : imports;
  const [modules, wasi] = ["modules", "wasi"].map((key) => structured ? get(imports, key) : null);
  const host = wasi as WasiHost | null | undefined ?? undefined;
  const missing = host && ["wasiImport", "initialize"].find((key) => !get(host, key));
  const versions = host && !missing
    ? host.getImportObject?.() ?? { wasi_snapshot_preview1: host.wasiImport }
    : undefined;
  return {
    names: Object.keys(modules ?? {}),
    wasi: host,
    fault: missing ? `it has no "${missing}"` : "",
    own: (importer, module, name) => get(get(get(modules, importer), module), name),
    system: (module, name) => /^wasi_/.test(module) ? get(get(versions, module), name) : undefined,
    shared: (module, name) => get(get(shared, module), name),
  };
}

/**
 * Tells which exports belong to their module alone, whatever others ask for.
 *
 * @param name Name of an export.
 * @returns Whether no other module may have it.
 */
export function isPrivate(name: string): boolean {
  return /^(memory|_start|_initialize|__wasm_.*|__heap_.*|__indirect_function_table|__stack_pointer)$/
    .test(name);
}

/**
 * Binds every import of a set.
 *
 * An import is looked up in this order: what the layout binds; what the host gives for this one
 * module; a module of the set with the name of the import's module field; WASI; what the host gives
 * for all modules; for `env` only, the exports of all other modules of the set.
 *
 * @param set The modules.
 * @param host What the host gives.
 * @returns The bindings of each module, the problems, and the imports that nothing provides.
 */
export function bind(set: readonly Bindable[], host: Host): {
  bindings: Binding[][];
  problems: WasmShareProblem[];
  unresolved: { importer: number; module: string; name: string; kind: string }[];
} {
  const unresolved: { importer: number; module: string; name: string; kind: string }[] = [];
  const problems: WasmShareProblem[] = host.names
    .filter((name) => !set.some((module) => module.name === name))
    .map((name) => ({
      code: "invalid_option",
      message: `Cannot use imports.modules["${name}"]: the set has no module of that name`,
      hint: `Use one of ${set.map((module) => `"${module.name}"`).join(", ")}`,
    }));
  if (host.fault) {
    problems.push({
      code: "invalid_option",
      message: `Cannot use imports.wasi: ${host.fault}`,
      hint: "Give a new WASI(…), for example of node:wasi",
    });
  }
  const bindings = set.map((importer, at) => {
    const what = `Cannot instantiate module "${importer.name}"`;
    const provides = (index: number, name: string, kind?: string) =>
      index !== at && !isPrivate(name) &&
      set[index].exports.some((e) => e.name === name && (!kind || e.kind === kind));
    const find = (module: string, name: string, kind: string): Source | undefined => {
      const own = host.own(importer.name, module, name);
      const shared = host.shared(module, name);
      for (const slot of ["memory", "table"] as const) {
        const place = importer[`${slot}Import`];
        if (kind !== slot || place?.[0] !== module || place[1] !== name) continue;
        if (own !== undefined || shared !== undefined) {
          problems.push({
            code: "invalid_option",
            module: importer.name,
            message: `${what}: the imports hold a ${slot} of their own for "${module}.${name}"`,
            hint: `Remove "${module}.${name}" from the imports: the layout is for a fresh ` +
              `${slot}, which is in the result`,
          });
        }
        return { from: slot };
      }
      const stack = importer.sharedStack?.import;
      if (kind === "global" && stack?.[0] === module && stack[1] === name) return { from: "stack" };
      const to = boundTo(importer, module, name);
      if (to) return { from: "set", index: set.findIndex((m) => m.name === to[0]), name: to[1] };
      if (own !== undefined) return { from: "host", value: own };
      const named = set.findIndex((m) => m.name === module);
      if (named >= 0 && provides(named, name)) return { from: "set", index: named, name };
      const system = host.system(module, name);
      if (system !== undefined) return { from: "wasi", value: system };
      if (shared !== undefined) return { from: "host", value: shared };
      if (module !== "env") return undefined;
      const isOther = (index: number) =>
        importer.mismatches?.some((m) => m.name === name && m.module === set[index].name);
      const providers = set.map((_, i) => i).filter((i) => provides(i, name, kind) && !isOther(i));
      if (providers.length > 1) {
        const list = providers.map((i) => `"${set[i].name}"`).join(" and ");
        problems.push({
          code: "ambiguous_import",
          module: importer.name,
          message: `${what}: its import "env.${name}" is an export of modules ${list}`,
          hint: `Combine with bind: { "env.${name}": "${set[providers[0]].name}.${name}" } for ` +
            `this module, or give it in imports.modules["${importer.name}"].env`,
        });
      }
      return providers.length ? { from: "set", index: providers[0], name } : undefined;
    };
    return importer.imports.flatMap(({ module, name, kind }): Binding[] => {
      const source = find(module, name, kind);
      if (source) return [{ module, name, source }];
      unresolved.push({ importer: at, module, name, kind });
      return [];
    });
  });
  for (const [at, { name, mismatches = [] }] of set.entries()) {
    let missing = unresolved.filter((u) => u.importer === at);
    for (const { name, problem } of mismatches) {
      const others = missing.filter((u) => u.module !== "env" || u.name !== name);
      if (others.length < missing.length) problems.push(problem);
      missing = others;
    }
    if (!missing.length) continue;
    const list = missing.map((u) => `"${u.module}.${u.name}" (${u.kind})`).sort().join(", ");
    const [{ module, name: first }] = missing;
    problems.push({
      code: "unresolved_import",
      module: name,
      message: `Cannot instantiate module "${name}": nothing provides ${list}`,
      hint: /^wasi_/.test(module)
        ? "Pass a new WASI(…) as wasi: { wasi, shared: { … } }"
        : `Pass it in the imports, for example { ${JSON.stringify(module)}: { ` +
          `${JSON.stringify(first)}: … } }, or add a module that exports it to the set`,
    });
  }
  return { bindings, problems, unresolved };
}

function boundTo(
  { bind }: Bindable,
  module: string,
  name: string,
): LayoutBinding["to"] | undefined {
  return bind?.find(({ from }) => from[0] === module && from[1] === name)?.to;
}

/**
 * Sorts the modules so that each comes after those that it imports from.
 *
 * @param set The modules.
 * @param bindings What {@linkcode bind} gave for them.
 * @param early Names of those that come first, with what they import from: their allocators must
 *   take their memory before another module grows it.
 * @returns Positions in the set in the order of instantiation, and a problem for each cycle.
 */
export function order(
  set: readonly Bindable[],
  bindings: readonly Binding[][],
  early: readonly string[],
): { order: number[]; problems: WasmShareProblem[] } {
  const done: number[] = [];
  const problems: WasmShareProblem[] = [];
  const path: number[] = [];
  const visit = (at: number) => {
    if (done.includes(at)) return;
    const start = path.indexOf(at);
    if (start >= 0) {
      const cycle = [...path.slice(start), at].map((i) => `"${set[i].name}"`);
      const { module, name } = bindings[at].find(({ source }) =>
        source.from === "set" && source.index === (path[start + 1] ?? at)
      )!;
      problems.push({
        code: "import_cycle",
        module: set[at].name,
        message: `Cannot instantiate modules ${cycle.join(" → ")}: they import from each other`,
        hint: (boundTo(set[at], module, name) ? "Without bind, give " : "Give ") +
          `"${module}.${name}" in imports.modules[${JSON.stringify(set[at].name)}] as a ` +
          `function that calls the other module, or link these modules into one`,
      });
      return;
    }
    path.push(at);
    for (const { source } of bindings[at]) if (source.from === "set") visit(source.index);
    path.pop();
    done.push(at);
  };
  for (const [at, { name }] of set.entries()) if (early.includes(name)) visit(at);
  for (const at of set.keys()) visit(at);
  return { order: done, problems };
}
