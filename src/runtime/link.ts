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
import type { BuildStamp, LayoutModule, LayoutPlan, StartupStep } from "../core/types.ts";
import { WasmShareError, type WasmShareErrorCode, type WasmShareProblem } from "../errors.ts";
import { bind, hostOf, type ImportsFor, order } from "./bind.ts";

/** A compiled module of the set. */
export interface LinkInput {
  /** Name in the set. */
  name: string;
  module: WebAssembly.Module;
  /** Its file, for messages. */
  path?: string;
}

/** What linking needs of a layout. */
export type LinkLayout =
  & Pick<LayoutPlan, "neededPages" | "maximumPages" | "tableSize" | "stackPointer" | "startup">
  & {
    modules: readonly Pick<
      LayoutModule,
      "name" | "table" | "memoryImport" | "tableImport" | "sharedStack" | "bind" | "mismatches"
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
  const sorted = order(set, bindings, layout.startup.map((step) => step.module));
  refuse([...problems, ...sorted.problems]);

  const { neededPages, maximumPages, tableSize, stackPointer, startup } = layout;
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
  for (const index of sorted.order) {
    const { name, module } = inputs[index];
    const step = startup.findIndex((step) => step.module === name);
    if (step >= 0 && growTo(startup[step].pages) > startup[step].pages) {
      throw failure(
        "instantiation_failed",
        `Cannot start module "${name}"`,
        "a module that it imports from has taken memory before its allocator could claim its own",
        name,
        "Give heap for this module in the options, or list it after the modules that it imports from",
      );
    }
    const own = layout.modules[index].table;
    const values: WebAssembly.Imports = Object.create(null);
    for (const { module, name, source } of bindings[index]) {
      values[module] ??= Object.create(null);
      values[module][name] = source.from === "memory"
        ? memory
        : source.from === "table"
        ? (own?.shared === false ? tableOf(own.end) : table ?? tableOf(0))
        : source.from === "stack"
        ? stack
        // The exported object itself: a call then goes from instance to instance.
        : source.from === "set"
        ? instances[source.index][source.name]
        : source.value as WebAssembly.ImportValue;
    }
    try {
      instances[index] = (await WebAssembly.instantiate(module, values)).exports;
    } catch (cause) {
      throw failure("instantiation_failed", `Cannot instantiate module "${name}"`, cause, name);
    }
    start(name, instances[index], startup);
    if (step === startup.length - 1) growTo(neededPages);
  }
  const exports = Object.fromEntries(inputs.map(({ name }, index) => [name, instances[index]]));
  return { memory, table, exports: exports as E };
}

/** Runs what the linker left to be run before anything else is called. */
function start(name: string, exports: WebAssembly.Exports, steps: readonly StartupStep[]): void {
  const what = `Cannot start module "${name}"`;
  const call = (entry: string, ...args: number[]): number =>
    attempt(
      `${what} with its "${entry}"`,
      () => (exports[entry] as (...args: number[]) => number)(...args),
      name,
    );
  if (typeof exports._initialize === "function") call("_initialize");
  // `_start`, which is the host's to call, runs the constructors by itself.
  else if (typeof exports.__wasm_call_ctors === "function" && !exports._start) {
    call("__wasm_call_ctors");
  }
  for (const { module, malloc, free } of steps) {
    if (module !== name) continue;
    const ptr = call(malloc, 1);
    if (!ptr) throw failure("instantiation_failed", what, `"${malloc}" returned 0`, name);
    call(free, ptr);
  }
}

/** Finds the modules that are not of this build: in one memory they would overlap in silence. */
function checkStamps(inputs: readonly LinkInput[], build: string): WasmShareProblem[] {
  return inputs.flatMap(({ name, module, path }, index) => {
    const state = stampState(WebAssembly.Module.customSections(module, "wasm-share"));
    const found = typeof state === "string"
      ? state
      : state.build !== build
      ? `it is of build "${state.build}", and "${build}" is expected`
      : state.index !== index || state.module !== name
      ? `it is module ${state.index} ("${state.module}") of the build, and module ${index} is expected`
      : "";
    return !found ? [] : [{
      code: "build_mismatch",
      message: `Cannot instantiate module "${name}": ${found}`,
      hint: "Run wasm-share combine again, and replace all its files together",
      module: name,
      path,
    }];
  });
}

function stampState(sections: ArrayBuffer[]): BuildStamp | string {
  if (sections.length !== 1) return `it carries ${sections.length || "no"} "wasm-share" section`;
  try {
    const stamp: BuildStamp = JSON.parse(new TextDecoder().decode(sections[0]));
    return stamp.v === 1 ? stamp : `its "wasm-share" section is of version "${stamp.v}"`;
  } catch {
    return 'its "wasm-share" section is not JSON';
  }
}

function refuse(problems: readonly WasmShareProblem[]): void {
  if (problems.length) throw new WasmShareError(problems);
}

function attempt<T>(what: string, action: () => T, module?: string, hint?: string): T {
  try {
    return action();
  } catch (cause) {
    throw failure("instantiation_failed", what, cause, module, hint);
  }
}

/**
 * Wraps what an engine, a file system or a network threw.
 *
 * @param code The code of the error.
 * @param what What was tried.
 * @param cause What was thrown.
 * @param module The module's name.
 * @param hint What to change.
 * @returns The error, with its cause.
 */
export function failure(
  code: WasmShareErrorCode,
  what: string,
  cause: unknown,
  module?: string,
  hint?: string,
): WasmShareError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new WasmShareError({ code, message: `${what}: ${why}`, module, hint }, { cause });
}
