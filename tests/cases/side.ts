/**
 * A plain dynamic loader: runs side modules (`dylink.0`) as they are, so that tests have something to
 * compare with. For every host: no Deno here.
 *
 * @module
 */

import { callExports, type Case, importsOf, type Result } from "./case.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

/** Side modules that were loaded together. */
export interface Loaded {
  memory: WebAssembly.Memory;
  table: WebAssembly.Table;
  /** The exports of each, by name. */
  exports: Record<string, Any>;
  /** Where the data and the slots of each start. */
  bases: Record<string, { memory: number; table: number }>;
}

/** What surrounds them: a module with a libc, for example. */
export interface Host {
  memory?: WebAssembly.Memory;
  table?: WebAssembly.Table;
  stack?: WebAssembly.Global;
  /** Functions for imports from `env` that no side module exports. */
  env?: Record<string, Any>;
  /** Gets room for data; by default upwards from the end of a stack of 64 KiB. */
  allocate?: (size: number, alignment: number) => number;
}

/** The first subsection that matters: how much memory and how many slots a module asks for. */
function needs(module: WebAssembly.Module) {
  const [section] = WebAssembly.Module.customSections(module, "dylink.0");
  if (!section) throw new Error("Cannot load a side module: it has no dylink.0");
  const bytes = new Uint8Array(section);
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  while (at < bytes.length) {
    const [kind, end] = [number(), number() + at];
    if (kind === 1) {
      const [size, align, slots, slotAlign] = [number(), number(), number(), number()];
      return { size, alignment: 2 ** align, slots, slotAlignment: 2 ** slotAlign };
    }
    at = end;
  }
  return { size: 0, alignment: 1, slots: 0, slotAlignment: 1 };
}

const aligned = (at: number, to: number) => Math.ceil(at / to) * to;

/**
 * Loads side modules into one memory, as a dynamic loader does: at addresses of its own choice, with
 * relative addresses added at run time.
 *
 * @param modules The modules by name. The first one that exports a name defines it for all.
 * @param host What surrounds them.
 * @returns Their instances, after their constructors.
 */
export async function loadSides(
  modules: Record<string, Uint8Array<ArrayBuffer>>,
  host: Host = {},
): Promise<Loaded> {
  let free = 0x10000;
  const allocate = host.allocate ?? ((size, alignment) => {
    // Not where anybody would expect it.
    const at = aligned(free + 48, alignment);
    free = at + size;
    return at;
  });
  let memory = host.memory ?? new WebAssembly.Memory({ initial: 256 });
  const table = host.table ?? new WebAssembly.Table({ element: "anyfunc", initial: 7 });
  const mutable = (value: number) => new WebAssembly.Global({ value: "i32", mutable: true }, value);
  const stack = host.stack ?? mutable(0x10000);
  const addresses = new Map<string, WebAssembly.Global>();
  const instances: Record<string, Any> = {};
  const bases: Loaded["bases"] = {};

  const exporter = (name: string) =>
    Object.keys(instances).find((each) => instances[each][name] !== undefined);
  for (const [name, bytes] of Object.entries(modules)) {
    const module = await WebAssembly.compile(bytes);
    const need = needs(module);
    const wants = WebAssembly.Module.imports(module);
    // A position independent executable defines its memory, with no page to spare.
    const own = !wants.some(({ kind }) => kind === "memory");
    if (own) [free, stack.value] = [0x8000, 0x8000];
    const base = {
      memory: allocate(need.size, need.alignment),
      table: aligned(table.length, need.slotAlignment),
    };
    table.grow(base.table + need.slots - table.length);
    bases[name] = base;
    const imports: Any = { env: {}, "GOT.mem": {}, "GOT.func": {} };
    for (const wanted of wants) {
      const full = `${wanted.module} ${wanted.name}`;
      if (wanted.module !== "env") {
        if (!addresses.has(full)) addresses.set(full, mutable(0));
        imports[wanted.module][wanted.name] = addresses.get(full);
      } else if (wanted.kind === "function") {
        // Whoever has it may come later.
        imports.env[wanted.name] = (...args: unknown[]) => {
          const from = exporter(wanted.name);
          const given = from ? instances[from][wanted.name] : host.env?.[wanted.name];
          if (!given) throw new Error(`Cannot call "${wanted.name}": nobody has it`);
          return given(...args);
        };
      }
    }
    Object.assign(imports.env, {
      memory,
      __indirect_function_table: table,
      __stack_pointer: stack,
      __memory_base: new WebAssembly.Global({ value: "i32", mutable: false }, base.memory),
      __table_base: new WebAssembly.Global({ value: "i32", mutable: false }, base.table),
    });
    instances[name] = (await WebAssembly.instantiate(module, imports)).exports;
    if (own) memory = instances[name].memory;
  }
  for (const [full, global] of addresses) {
    const [kind, name] = full.split(" ");
    const from = exporter(name);
    const found = from === undefined ? host.env?.[name] : instances[from][name];
    // Weak, if nobody has it.
    if (found === undefined) continue;
    if (kind === "GOT.mem") global.value = found.value + (from ? bases[from].memory : 0);
    else global.value = slotOf(table, found);
  }
  for (const exports of Object.values(instances)) exports.__wasm_apply_data_relocs?.();
  for (const exports of Object.values(instances)) {
    (exports._initialize ?? exports.__wasm_call_ctors)?.();
  }
  return { memory, table, exports: instances, bases };
}

/** The slot of a function: the one that it has already, or a new one. */
function slotOf(table: WebAssembly.Table, found: Any): number {
  for (let at = 0; at < table.length; at++) if (table.get(at) === found) return at;
  const slot = table.grow(1);
  table.set(slot, found);
  return slot;
}

/**
 * Calls a side module as its case says.
 *
 * @param modules The side modules: the one to call first, then those it needs, by name.
 * @param described The case.
 * @param libc The static module whose functions they call, if there is one.
 * @returns One result a call.
 */
export async function callSide(
  modules: Record<string, Uint8Array<ArrayBuffer>>,
  described: Case,
  libc?: Uint8Array<ArrayBuffer>,
): Promise<Result[]> {
  const host = libc ? await hostOf(libc) : importsOf(described);
  const { memory, exports } = await loadSides(modules, host);
  const [name] = Object.keys(modules);
  return callExports(exports[name], memory, { ...described, init: undefined }, {});
}

/** Side modules get their memory, and a stack, from the allocator of a static module. */
async function hostOf(libc: Uint8Array<ArrayBuffer>): Promise<Host> {
  const { exports } = (await WebAssembly.instantiate(libc)).instance as Any;
  exports._initialize();
  const allocate = (size: number, alignment: number) => {
    const block = exports.malloc(size + alignment) >>> 0;
    return Math.ceil(block / alignment) * alignment;
  };
  const size = 0x40000;
  const stack = new WebAssembly.Global(
    { value: "i32", mutable: true },
    allocate(size, 16) + size,
  );
  return { memory: exports.memory, env: exports, stack, allocate };
}
