/** A stand-in for the core, for tests of everything around it: it moves nothing. */
import type { Combined, ModuleInput } from "../src/core/options.ts";
import type { ModuleFacts } from "../src/core/types.ts";
import { WasmShareError } from "../src/errors.ts";

/** The smallest module, with a custom section that holds a text. */
export function wasm(text: string): Uint8Array {
  const payload = [1, 0x78, ...new TextEncoder().encode(text)];
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, payload.length, ...payload]);
}

/** Facts of a module with one function and one KiB of data. */
export function facts(name: string, more: Partial<ModuleFacts> = {}): ModuleFacts {
  return {
    name,
    kind: "relocs",
    bytes: 1536,
    memory: { imported: false, module: null, name: null, minPages: 2, maxPages: null },
    table: null,
    stack: { start: 0x400, end: 0x10400, size: 0x10000 },
    data: { start: 0x10400, end: 0x10800, size: 0x400, alignment: 16, segments: 1 },
    heap: { base: 0x10800, end: 0x20000, claim: "all" },
    imports: [],
    exports: [],
    sites: { total: 3, code: 2, data: 1, debug: 0, globals: 0, memory: 3, table: 0 },
    proof: {
      records: 5,
      proved: { MEMORY_ADDR_LEB: 2, MEMORY_ADDR_I32: 1 },
      skipped: { TYPE_INDEX_LEB: 2 },
      missingRecords: 0,
      unlistedWords: 0,
      guessed: 0,
    },
    warnings: [],
    problems: [],
    ...more,
  };
}

/**
 * Places modules of 1 KiB one after the other; the outputs are the inputs with the number of modules
 * added. A module whose bytes are not WebAssembly is refused.
 */
export function combine(modules: ModuleInput[]): Promise<Combined> {
  const inputs = modules as (Exclude<ModuleInput, Uint8Array>)[];
  const names = inputs.map(({ name }) => name!);
  const problems = inputs.filter(({ bytes }) => bytes[0] !== 0).map(({ name }) => ({
    code: "not_wasm" as const,
    message: `Cannot inspect module "${name}": it is not WebAssembly`,
    module: name,
  }));
  if (problems.length > 0) return Promise.reject(new WasmShareError(problems));
  const span = (index: number) => ({ start: 1024 * (index + 1), end: 1024 * (index + 2) });
  return Promise.resolve({
    names,
    modules: inputs.map(({ bytes }) => new Uint8Array([...bytes, 0, 2, 1, inputs.length])),
    codeShifts: names.map(() => 0),
    sourceMaps: names.map(() => null),
    neededPages: 1,
    buildId: names.length.toString(16).padStart(32, "0"),
    facts: names.map((name) => facts(name)),
    warnings: [],
    layout: {
      neededPages: 1,
      maximumPages: null,
      tableSize: 0,
      end: 1024 * (names.length + 1),
      regions: names.map((module, index) => ({
        module,
        kind: "data",
        ...span(index),
        size: 1024,
        align: 16,
      })),
      modules: names.map((name, index) => ({
        name,
        kind: "relocs",
        stack: null,
        data: { ...span(index), size: 1024 },
        heap: { start: 0, end: 0, size: 0, claim: "none" },
        dataDelta: 0,
        table: null,
        memoryImport: ["env", "memory"],
        tableImport: null,
        memoryView: null,
        stackGuard: null,
        allocator: null,
        sharedStack: null,
        transforms: [],
      })),
      stackPointer: null,
      startup: [],
    },
  });
}
