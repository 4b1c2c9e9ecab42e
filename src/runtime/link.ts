/**
 * Makes the instances of a combined set: one memory, one table, imports of one module bound to
 * exports of another. In: compiled modules, the build id and the layout that they belong to. Out:
 * memory, table and exports; or an error, and then no instance exists unless an engine refused one
 * halfway.
 *
 * `instantiate` uses it, and so does every generated loader, which carries it as text: so nothing
 * here may import more than `errors` and its neighbours, or need a permission.
 *
 * @module
 */
import type { LayoutModule, LayoutPlan } from "../core/types.ts";
import { bind, hostOf, type ImportsFor, type Source } from "./bind.ts";
import { fromBase64 } from "./base64.ts";
import { attempt, failure, refuse } from "./failure.ts";
import { order } from "./order.ts";
import { slotsOf } from "./slots.ts";
import { checkStamps } from "./stamps.ts";
import { applyAddresses, start } from "./start.ts";

/** A compiled module of the set. */
export interface LinkInput {
  /** Name in the set. */
  name: string;
  module: WebAssembly.Module;
  /** Its file, for messages. */
  path?: string;
  /** Called once, when the module was initialised, before the next one is. */
  ready?: (instance: { exports: WebAssembly.Exports }, module: WebAssembly.Module) => void;
}

/** What linking needs of a layout. */
export type LinkLayout =
  & Pick<
    LayoutPlan,
    "neededPages" | "maximumPages" | "tableSize" | "stackPointer" | "startup" | "trampolines"
  >
  & {
    modules: readonly Pick<
      LayoutModule,
      | "name"
      | "table"
      | "memoryImport"
      | "tableImport"
      | "sharedStack"
      | "bind"
      | "mismatches"
      | "got"
      | "started"
    >[];
  };

/** A set that runs. */
export interface Linked<E extends object> {
  /** The memory of all modules. */
  memory: WebAssembly.Memory;
  /** The function table of all modules; `null` if none uses one. */
  table: WebAssembly.Table | null;
  /** The exports of each module by its name, in the order of the set. */
  exports: E;
}

/**
 * Instantiates a set.
 *
 * @param inputs The modules in the order of the layout.
 * @param build The build that they must be of.
 * @param layout Where they live.
 * @param imports What the host gives them.
 * @returns The running set.
 * @throws {WasmShareError} With `build_mismatch`, `unresolved_import`, `signature_mismatch`,
 *   `ambiguous_import`, `import_cycle`, `invalid_option` or `instantiation_failed`.
 */
export async function link<E extends object>(
  inputs: readonly LinkInput[],
  build: string,
  layout: LinkLayout,
  imports?: ImportsFor,
): Promise<Linked<E>> {
  refuse(checkStamps(inputs, build));
  const set = inputs.map(({ name, module }, index) => {
    return {
      ...layout.modules[index],
      name,
      imports: WebAssembly.Module.imports(module),
      exports: WebAssembly.Module.exports(module),
    };
  });
  const host = hostOf(imports);
  const { bindings, problems } = bind(set, host);
  const { neededPages, maximumPages, tableSize, stackPointer, startup, trampolines } = layout;
  const trampolineOf = (index: number, module: string, name: string) =>
    trampolines?.imports.findIndex((i) =>
      i.module === set[index].name && i.from[0] === module && i.from[1] === name
    ) ?? -1;
  const sorted = order(
    set,
    bindings,
    startup.map((step) => step.module),
    (index, { module, name }) => trampolineOf(index, module, name) >= 0,
  );
  refuse([...problems, ...sorted.problems]);

  // Each allocator that claims all memory makes its claim while the memory ends where its heap does.
  const initial = startup[0]?.pages ?? neededPages;
  const memory = attempt(
    `Cannot make a memory of ${initial} pages`,
    () =>
      new WebAssembly.Memory(
        maximumPages === null ? { initial } : { initial, maximum: maximumPages },
      ),
  );
  const tableOf = (slots: number) =>
    attempt(
      `Cannot make a table of ${slots} slots`,
      () => new WebAssembly.Table({ element: "anyfunc", initial: slots }),
    );
  const table = tableSize > 0 ? tableOf(tableSize) : null;
  const stack = new WebAssembly.Global({ value: "i32", mutable: true }, stackPointer ?? 0);

  const growTo = (pages: number): number => {
    const size = memory.buffer.byteLength / 65536;
    if (size >= pages) return size;
    attempt(`Cannot grow the memory to ${pages} pages`, () => memory.grow(pages - size));
    return pages;
  };
  // Before all modules: a start function may call it.
  if (bindings.flat().some(({ source }) => source.from === "wasi")) {
    attempt(
      "Cannot initialize imports.wasi",
      () => host.wasi!.initialize({ exports: { memory } }),
      undefined,
      "Give each set a WASI object of its own",
    );
  }
  const instances: WebAssembly.Exports[] = [];
  const waiting = trampolines && sorted.groups.some((group) => group.length > 1)
    ? (await WebAssembly.instantiate(fromBase64(trampolines.wasm))).instance.exports
    : undefined;
  // A table of its own that a module does not import is in the module.
  const tables = layout.modules.map(({ table: own, tableImport }) =>
    own?.shared !== false ? table : tableImport && tableOf(own.end)
  );
  const slots = slotsOf(layout);
  /** What is done as soon as all modules of a group are there. */
  let later: (() => void)[] = [];
  const addressOf = (index: number, of: Source | undefined): number => {
    if (!of) return 0;
    const value = of.from === "set"
      ? instances[of.index][of.name]
      : (of as { value: unknown }).value;
    if (value instanceof WebAssembly.Global) return value.value;
    const definer = of.from === "set" ? of.index : index;
    return attempt(
      `Cannot give module "${set[index].name}" the address of a function`,
      () => slots(tables[index]!, value as CallableFunction, definer),
      set[index].name,
      "A function of the host has no address: export it from a module of the set",
    );
  };
  const tags: Record<string, unknown> = {};
  const valueOf = (index: number, module: string, name: string, source: Source): unknown => {
    switch (source.from) {
      case "memory":
        return memory;
      case "table":
        return tables[index] ?? tableOf(0);
      case "stack":
        return stack;
      case "tag":
        return tags[name] ??= new WebAssembly.Tag({ parameters: ["i32"] });
      case "address": {
        const entry = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
        const fill = () => {
          entry.value = addressOf(index, source.of);
        };
        if (source.of?.from !== "set" || instances[source.of.index]) fill();
        else later.push(fill);
        return entry;
      }
      case "set": {
        // The exported object itself: a call then goes from instance to instance.
        if (instances[source.index]) return instances[source.index][source.name];
        const slot = trampolineOf(index, module, name);
        later.push(() =>
          (waiting!.table as WebAssembly.Table).set(slot, instances[source.index][source.name])
        );
        return waiting![slot];
      }
      default:
        return source.value;
    }
  };
  /** Lets an allocator claim its memory: it must end where the layout says. */
  const growFor = (index: number) => {
    const { name } = inputs[index];
    const step = startup.find((step) => step.module === name);
    if (!step || growTo(step.pages) <= step.pages) return;
    throw failure(
      "instantiation_failed",
      `Cannot start module "${name}"`,
      "a module that it imports from has taken memory before its allocator could claim its own",
      name,
      "Give heap for this module in the options, or list it after the modules that it imports from",
    );
  };
  for (const group of sorted.groups) {
    if (group.length === 1) growFor(group[0]);
    for (const index of group) {
      const { name, module } = inputs[index];
      const values: WebAssembly.Imports = Object.create(null);
      for (const { module, name, source } of bindings[index]) {
        values[module] ??= Object.create(null);
        values[module][name] = valueOf(index, module, name, source) as WebAssembly.ImportValue;
      }
      try {
        instances[index] = (await WebAssembly.instantiate(module, values)).exports;
      } catch (cause) {
        const what = `Cannot instantiate module "${name}"`;
        const early = trampolines?.imports[(waiting?.early as WebAssembly.Global)?.value - 1];
        if (!early) throw failure("instantiation_failed", what, cause, name);
        const [from, by] = [early.from.join("."), early.module];
        const { source } = bindings[set.findIndex((m) => m.name === by)]
          .find((b) => b.module === early.from[0] && b.name === early.from[1])!;
        const other = set[(source as { index: number }).index].name;
        throw failure(
          "instantiation_failed",
          `${what}: its start function calls "${from}" for module "${by}" before module ` +
            `"${other}" is made`,
          cause,
          name,
          "Do this in a constructor or in _initialize, which run when all modules of the cycle are made",
        );
      }
    }
    for (const fill of later) fill();
    later = [];
    for (const index of group) {
      applyAddresses(inputs[index].name, instances[index], layout.modules[index].started);
    }
    for (const index of group) {
      const { name } = inputs[index];
      growFor(index);
      start(name, instances[index], startup, layout.modules[index].started);
      const { ready, module } = inputs[index];
      if (ready) {
        attempt(
          `Cannot start module "${name}"`,
          () => ready({ exports: instances[index] }, module),
          name,
        );
      }
      if (startup.at(-1)?.module === name) growTo(neededPages);
    }
  }
  const exports = Object.fromEntries(inputs.map(({ name }, index) => [name, instances[index]]));
  return { memory, table, exports: exports as E };
}
