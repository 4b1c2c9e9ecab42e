/**
 * The modules that are moved, from small to large, and how to tell whether a result still works.
 *
 * @module
 */
import { callExports, type Case } from "../../tests/cases/case.ts";
import { noWasi } from "../running/no_wasi.js";
import { type Built, entryOf, type Program, type Programs } from "../lib/programs.ts";

/** A module to move. */
export interface Subject {
  name: string;
  what: string;
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** Folder of its objects, and the arguments with which they are linked. */
  objects?: { folder: string; link: string[] };
  /**
   * Calls a module that was made of it.
   *
   * @param bytes The module.
   * @param offset How far its addresses were moved.
   * @returns How many answers were right, or what is wrong.
   */
  answers(bytes: Uint8Array<ArrayBuffer>, offset: number): number | string;
  /** Calls whose answers are plain numbers, after `_initialize`. */
  calls: { export: string; args: number[]; expect: number }[];
}

const cases = new URL("../../tests/cases/", import.meta.url);

/** A committed module of the tests. */
function fromCase(name: string, what: string): Subject {
  const path = new URL(`${name}/base.wasm`, cases).pathname;
  const described: Case = JSON.parse(Deno.readTextFileSync(new URL(`${name}/case.json`, cases)));
  return {
    name,
    what,
    path,
    bytes: Deno.readFileSync(path),
    calls: described.calls.flatMap(({ export: called, args = [], expect, returns, global, trap }) =>
      returns || global || trap ? [] : [{ export: called, args, expect: expect as number }]
    ),
    answers(bytes, offset) {
      const { exports, memory } = instance(bytes);
      const link = { dataDelta: offset, heapDelta: offset, stackDelta: offset };
      const results = callExports(exports, memory, described, link);
      const expected = described.calls.map(({ trap, expect }) => trap ? "trap" : expect);
      const wrong = results.findIndex(({ value }, at) => value !== expected[at]);
      return wrong < 0 ? results.length : `call ${wrong} gave ${results[wrong].text}`;
    },
  };
}

// deno-lint-ignore no-explicit-any -- exports of any module
type Exports = Record<string, any>;

/** An instance in a memory that is large enough for all of them. */
function instance(
  bytes: Uint8Array<ArrayBuffer>,
): { exports: Exports; memory: WebAssembly.Memory } {
  const imported = new WebAssembly.Memory({ initial: 2048 });
  const table = new WebAssembly.Table({ element: "anyfunc", initial: 30_000 });
  const module = new WebAssembly.Module(bytes);
  const wasi = noWasi();
  const { exports } = new WebAssembly.Instance(module, {
    env: { memory: imported, __indirect_function_table: table },
    wasi_snapshot_preview1: wasi.wasiImport,
  });
  const memory = (exports.memory ?? imported) as WebAssembly.Memory;
  wasi.initialize({ exports: { memory } });
  return { exports, memory };
}

/**
 * Finds modules.
 *
 * @param programs What was built.
 * @returns Those that are built, if there are any; else those that the tests have.
 */
export function findSubjects({ built, together }: Programs): Subject[] {
  const wanted = ["shapes", "cjson", "lua", "sqlite"];
  const found = built.filter(({ name }) => wanted.includes(name)).map(fromProgram);
  for (const { name, folder, parts } of together) {
    found.push({
      ...fromFolder(name, folder),
      what: `${parts.length} libraries of Debian in one module, unused functions too` +
        (name === "large" ? ", with debug information" : ""),
      ...runs(parts),
    });
  }
  if (found.length > 0) return found.sort((a, b) => a.bytes.length - b.bytes.length);
  return [
    fromCase("c-statics", "C without a library"),
    fromCase("zlib", "zlib 1.2.13"),
    fromCase("rust-std", "Rust with std"),
    fromCase("sqlite", "SQLite 3.40.1"),
  ];
}

/**
 * A program as a module to move.
 *
 * @param program The program.
 * @returns The module.
 */
export function fromProgram(program: Built): Subject {
  return {
    ...fromFolder(program.name, program.folder),
    what: `${program.language}, ${program.source ?? "ours"}`,
    ...runs([program]),
  };
}

function fromFolder(name: string, folder: string) {
  const path = `${folder}untouched.wasm`;
  const link = Deno.readTextFileSync(`${folder}link`).trim().split(/\s+/);
  return {
    name,
    path,
    bytes: Deno.readFileSync(path),
    objects: { folder: `${folder}objects`, link },
  };
}

/** Each program once. */
function runs(programs: readonly Program[]): Pick<Subject, "answers" | "calls"> {
  const calls = programs.map((program) => ({
    export: entryOf(program),
    args: [program.n],
    expect: program.expect,
  }));
  return {
    calls,
    answers(bytes) {
      const { exports } = instance(bytes);
      exports._initialize?.();
      for (const { export: name, args, expect } of calls) {
        const value = exports[name](...args) >>> 0;
        if (value !== expect) return `${name}(${args}) gave ${value}, not ${expect}`;
      }
      return calls.length;
    },
  };
}

/**
 * The objects of a module.
 *
 * @param folder What {@linkcode Subject} has.
 * @returns Their paths, in the order of the first link.
 */
export function objectsIn(folder: string): string[] {
  const paths: string[] = [];
  for (
    const { name, isDirectory } of [...Deno.readDirSync(folder)].sort((a, b) =>
      a.name < b.name ? -1 : 1
    )
  ) {
    if (isDirectory) paths.push(...objectsIn(`${folder}/${name}`));
    else paths.push(`${folder}/${name}`);
  }
  return paths;
}
