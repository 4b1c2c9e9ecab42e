/**
 * Decides, without making anything, what each import of a set of modules is bound to. In: names,
 * imports and exports. Out: a `Binding` for each import, or everything that is wrong with them.
 *
 * @module
 */
import type { LayoutBinding, LayoutGot, LayoutMismatch } from "../core/types.ts";
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
  /** What is known of its imports `GOT.*`. */
  got?: readonly LayoutGot[];
  /** There if it has a start function. */
  started?: readonly string[];
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
  /** A tag of the whole set. */
  | { from: "tag" }
  | { from: "host" | "wasi"; value: unknown }
  /** An export of the module with this position in the set. */
  | { from: "set"; index: number; name: string }
  /** The address of something: of data, or a slot of the table. 0 without `of`. */
  | { from: "address"; of?: Source };

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

/** What is called instead of a function that may be missing, as the linker does it. */
function missing(): never {
  throw new WebAssembly.RuntimeError("unreachable: a weak function that no module defines");
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
 * for all modules; for `env`, `GOT.mem` and `GOT.func`, the exports of all other modules of the set.
 * The address of a function (`GOT.func`) that the module imports, too, is that of the same function.
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
    const found = new Map<string, Source | undefined>();
    // Once for each: the address of a function asks for the function again.
    const find = (module: string, name: string, kind: string): Source | undefined => {
      const key = JSON.stringify([module, name, kind]);
      if (!found.has(key)) found.set(key, look(module, name, kind));
      return found.get(key);
    };
    const look = (module: string, name: string, kind: string): Source | undefined => {
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
      // The kind of what the address is of.
      const addressed = ({ "GOT.mem": "global", "GOT.func": "function" } as Record<string, string>)[
        module
      ];
      const wrap = (of?: Source): Source | undefined => addressed ? { from: "address", of } : of;
      const to = boundTo(importer, module, name);
      if (to) {
        return wrap({ from: "set", index: set.findIndex((m) => m.name === to[0]), name: to[1] });
      }
      if (own !== undefined) return { from: "host", value: own };
      const named = set.findIndex((m) => m.name === module);
      if (named >= 0 && provides(named, name)) return { from: "set", index: named, name };
      const system = host.system(module, name);
      if (system !== undefined) return { from: "wasi", value: system };
      if (shared !== undefined) return { from: "host", value: shared };
      const known = addressed ? importer.got?.find((symbol) => symbol.name === name) : undefined;
      const isCalled = ({ module: from, name: of, kind }: Bindable["imports"][number]) =>
        from === "env" && of === name && kind === "function";
      // Without symbols the function is known by its name alone.
      const called = known?.import ??
        (addressed === "function" && importer.imports.some(isCalled) ? ["env", name] : undefined);
      if (called) {
        const of = find(called[0], called[1], "function");
        // The address of one that may be missing, and is.
        return of && wrap(of.from === "host" && of.value === missing ? undefined : of);
      }
      if (module !== "env" && !addressed) return undefined;
      const isOther = (index: number) =>
        importer.mismatches?.some((m) =>
          m.name === name && m.module === set[index].name && (m.space ?? "env") === module
        );
      const providers = set.map((_, i) => i)
        .filter((i) => provides(i, name, addressed ?? kind) && !isOther(i));
      if (providers.length > 1) {
        const list = providers.map((i) => `"${set[i].name}"`).join(" and ");
        problems.push({
          code: "ambiguous_import",
          module: importer.name,
          message: `${what}: its import "${module}.${name}" is an export of modules ${list}`,
          hint: `Combine with bind: { "${module}.${name}": "${set[providers[0]].name}.${name}" } ` +
            `for this module, or give it in imports.modules["${importer.name}"].${module}`,
        });
      }
      if (providers.length) return wrap({ from: "set", index: providers[0], name });
      if (known?.weak) return wrap();
      const mayMiss = importer.got?.some(({ weak, import: i }) =>
        weak && i?.[0] === module && i[1] === name
      );
      if (mayMiss && kind === "function") return { from: "host", value: missing };
      // Exceptions of C++ and `longjmp` cross only if all modules have one tag.
      return kind === "tag" && /^__(cpp_exception|c_longjmp)$/.test(name)
        ? { from: "tag" }
        : undefined;
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
    for (const { space = "env", name, problem } of mismatches) {
      const others = missing.filter((u) => u.module !== space || u.name !== name);
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

/**
 * What the layout binds an import to.
 *
 * @param importer The module that imports.
 * @param module The import's module field.
 * @param name The import's name field.
 * @returns The names of the other module and its export, if it binds it.
 */
export function boundTo(
  { bind }: Bindable,
  module: string,
  name: string,
): LayoutBinding["to"] | undefined {
  return bind?.find(({ from }) => from[0] === module && from[1] === name)?.to;
}
