/**
 * The plain data that crosses between the Rust core and TypeScript: facts of a module, the layout
 * plan, problems. Every address and size is in bytes unless the name says pages (64 KiB each), and
 * every number is an unsigned integer below 2^32 (2^32 itself can appear as the end of a region).
 *
 * @module
 */
import type { Problem, WasmShareProblem } from "../errors.ts";

/** What is known about the addresses of a module, and from where. */
export type ModuleKind =
  /** Linked with `--emit-relocs`: every address is listed, and proved. */
  | "relocs"
  /** Position independent objects linked statically, without relocation records. */
  | "pic"
  /** The same program was given at several bases: every address is what differs by their distance. */
  | "twin"
  /** A side module (`dylink.0`): made to be placed anywhere. */
  | "dylink"
  /** Nothing is known. Only a module that uses no memory can be accepted. */
  | "none";

/** A half-open range of addresses in linear memory, in bytes. */
export interface Span {
  /** First byte. */
  start: number;
  /** One past the last byte. */
  end: number;
  /** `end - start`. */
  size: number;
}

/** A WebAssembly value type as the text format spells it: `i32`, `i64`, `f32`, `externref`, … */
export type ValueTypeName = string;

/** The type of an import or export. */
export type ExternType =
  | { kind: "function"; params: ValueTypeName[]; results: ValueTypeName[] }
  | { kind: "global"; type: ValueTypeName; mutable: boolean }
  | { kind: "memory"; min: number; max: number | null }
  | { kind: "table"; type: ValueTypeName; min: number; max: number | null }
  | { kind: "tag"; params: ValueTypeName[] };

/** One import of a module. */
export type ImportFacts = { module: string; name: string; type: ExternType };
/** One export of a module. */
export type ExportFacts = { name: string; type: ExternType };

/** The memory of a module, as its linker left it. Sizes in pages of 64 KiB. */
export interface MemoryFacts {
  /** Whether the module imports it; otherwise it defines it. */
  imported: boolean;
  /** The import's module field; `null` for a defined memory. */
  module: string | null;
  /** The import's name field; `null` for a defined memory. */
  name: string | null;
  /** Size at the start, in pages. */
  minPages: number;
  /** Largest size in pages, or `null` for none. */
  maxPages: number | null;
}

/** The indirect function table of a module, as its linker left it. Sizes in slots. */
export interface TableFacts {
  /** Whether the module imports it; otherwise it defines it. */
  imported: boolean;
  /** The import's module field; `null` for a defined table. */
  module: string | null;
  /** The import's name field; `null` for a defined table. */
  name: string | null;
  /** Size at the start, in slots. */
  min: number;
  /** Largest size in slots, or `null` for none. */
  max: number | null;
  /** First slot that the module fills. */
  first: number;
  /** How many slots it needs from `first` on. */
  slots: number;
}

/** Who owns the memory above a module's data. */
export type HeapClaim =
  /** No reference to `__heap_base`: allocations come from `memory.grow` alone, or there are none. */
  | "none"
  /** Uses `[__heap_base, __heap_end)`, then `memory.grow`. */
  | "piece"
  /** Refers to `__heap_base` only: takes everything above it up to the memory's size. */
  | "all";

/** The heap that the linker gave a module. */
export interface HeapFacts {
  /** Address of `__heap_base`, exported or not. */
  base: number;
  /** Address of `__heap_end`: the end of the initial memory. */
  end: number;
  /** What the module does with it. */
  claim: HeapClaim;
}

/** How many sites a module has, by what they are. */
export interface SiteCounts {
  /** All sites that move. */
  total: number;
  /** Those in code. */
  code: number;
  /** Those in data segments. */
  data: number;
  /** Those in debug sections. */
  debug: number;
  /** Globals whose initial value moves. */
  globals: number;
  /** Sites that hold an address in linear memory. */
  memory: number;
  /** Sites that hold a slot of the table. */
  table: number;
}

/** What was checked before anything is patched. */
export interface Proof {
  /** Relocation records read. */
  records: number;
  /** Records whose stored value equals symbol + addend, by record type name. */
  proved: Record<string, number>;
  /** Records that stay as they are, by reason. */
  skipped: Record<string, number>;
  /** Records that the header counts but the section does not contain (undefined weak functions). */
  missingRecords: number;
  /** Aligned data words without a record that look like an address in the module's own data. */
  unlistedWords: number;
  /** Pointers in data that were found by their value only (kind `pic`). */
  guessed: number;
}

/** What a comparison of a module with its twins found. */
export interface TwinFacts {
  /** How far the data of each twin is from that of the module, in bytes; the nearest first. */
  distances: number[];
  /** How far its table slots are; empty if all tables are at the same base. */
  slotDistances: number[];
  /** Slots of the table that the module fills. */
  filled: number;
  /** Instructions that were compared. */
  instructions: number;
  /** Operands in code that are addresses. */
  code: number;
  /** Words in data that are addresses. */
  data: number;
  /** Globals that are addresses, or slots of the table. */
  globals: number;
  /** Operands and words that are slots of the table. */
  slots: number;
  /** Operands that are numbers of a page of 64 KiB. */
  pages: number;
  /** Operands that are 0 minus an address. */
  negated: number;
  /**
   * Where the stack is: `apart` below the data, so that it can be placed and sized by itself, or `inside`, above
   * the data and moving with it; with the index of the stack pointer and its initial value. `below`: an optimiser
   * may have made constants of a stack pointer that is never set, so nothing else is put below `top`.
   */
  stack:
    | { where: "none" }
    | { where: "apart" | "inside"; global: number; top: number }
    | { where: "below"; top: number };
  /** Custom sections that were dropped, because their offsets of code are wrong after the code was written anew. */
  dropped: string[];
}

/** How a side module was placed. */
export interface SideFacts {
  /** Reads of bases and GOT entries that became constants. */
  constants: number;
  /** GOT entries of its own symbols, which are no imports any more. */
  resolved: number;
  /** GOT entries of symbols of other modules, which stay imports. */
  imported: number;
  /** Words of data that were stored at the start, and are in the file now. */
  applied: number;
  /** Words that still are stored at the start, because other modules define what they point to. */
  left: number;
  /** Libraries that it asks for. */
  needed: string[];
  /** Custom sections that were dropped, because their offsets of code are wrong after the code was written anew. */
  dropped: string[];
}

/** Everything that is known about one module before it is moved. Plain JSON. */
export interface ModuleFacts {
  /** Name of the module. */
  name: string;
  /** What is known about its addresses, and from where. */
  kind: ModuleKind;
  /** Size of the file in bytes. */
  bytes: number;
  /** Its memory; `null` if it has none. */
  memory: MemoryFacts | null;
  /** Its indirect function table; `null` if it has none. */
  table: TableFacts | null;
  /** The stack that the linker reserved; `null` if the module has none. */
  stack: Span | null;
  /** Static data, `.bss` included; `null` if there is none. */
  data:
    | (Span & {
      /** A move must be a multiple of this. */
      alignment: number;
      segments: number;
    })
    | null;
  /** The heap that the linker gave it. */
  heap: HeapFacts;
  /** Its imports, in the order of the file. */
  imports: ImportFacts[];
  /** Its exports, in the order of the file. */
  exports: ExportFacts[];
  /** How many places would move. */
  sites: SiteCounts;
  /** What was checked. */
  proof: Proof;
  /** What a comparison with twins found; absent without twins. */
  twin?: TwinFacts;
  /** How a side module was placed; absent for others. */
  side?: SideFacts;
  /** Worth knowing, not in the way. */
  warnings: Problem[];
  /** Why `combine` would refuse this module; empty if it would not. */
  problems: Problem[];
}

/** What a region of the shared memory is for. */
export type RegionKind = "stack" | "data" | "heap" | "reserved";

/** A range of the shared memory and its owner. */
export interface LayoutRegion extends Span {
  /**
   * Name of the owning module; empty for a range of `memory.reserved`, and for the stack that modules share;
   * `checks: foreignFree` for the owner map.
   */
  module: string;
  /** What the region is for. */
  kind: RegionKind;
  /** The alignment that `start` was placed to (for data: relative to the linker's address). */
  align: number;
}

/** Where one module lives. */
export interface LayoutModule {
  /** Name of the module. */
  name: string;
  /** What is known about its addresses, and from where. */
  kind: ModuleKind;
  /** Its stack, `additionalStack` included, or that which it shares; `null` if it has none. */
  stack: Span | null;
  /** Its static data, `.bss` included; `null` if there is none. */
  data: Span | null;
  /** The module's heap: empty (`size` 0) if it may only use what `memory.grow` returns. */
  heap: Span & { claim: HeapClaim };
  /** By how many bytes data moves (may be negative). */
  dataDelta: number;
  /**
   * The module's part of the shared table in slots (`shared: true`), or its own table
   * (`shared: false`); `null` if it uses none.
   */
  table: { shared: boolean; start: number; end: number; size: number } | null;
  /** The names under which the module imports the memory; `null` if it has none. */
  memoryImport: [module: string, name: string] | null;
  /** The names under which the module imports the table; `null` if it imports none. */
  tableImport: [module: string, name: string] | null;
  /**
   * What `memory.size` and `memory.grow` of the module see instead of the memory, in pages of 64 KiB; `null` if
   * they see the memory. With a `limit` the module gets nothing but its own heap; without, what it grows is
   * part of the memory, and it takes the rest for its own.
   */
  memoryView: { pages: number; limit: number | null } | null;
  /**
   * The addresses that the module's stack pointer may have, the lowest and the highest, and the index of this
   * global; `null` if it is not checked.
   */
  stackGuard: { global: number; low: number; high: number } | null;
  /**
   * The names under which the module imports the stack pointer that it shares with others, and the index of
   * this global in the input; `null` if it has a stack of its own, or none.
   */
  sharedStack: { import: [module: string, name: string]; global: number } | null;
  /** Name of the module whose allocation functions it calls instead of its own; `null` if it has its own. */
  allocator: string | null;
  /**
   * What the module does for `checks.foreignFree`: its number in the owner map, and the names of its functions
   * that check whose block they are given. Absent without that check, and if the module has no memory.
   */
  foreignFree?: { number: number; checked: string[] };
  /** Transformer passes that the module needs after it was moved. */
  transforms: string[];
  /** What the option `bind` binds; absent if that is nothing. */
  bind?: LayoutBinding[];
  /** Exports of other modules that are not what this one imports; absent if there are none. */
  mismatches?: LayoutMismatch[];
  /** What is known of its imports `GOT.mem.*` and `GOT.func.*`; absent if there is nothing. */
  got?: LayoutGot[];
  /**
   * The exported functions that its start function runs, by direct calls, so that a loader must not;
   * absent if it has no start function.
   */
  started?: string[];
}

/** A symbol whose address a loader fills in: an import `GOT.mem.<name>` or `GOT.func.<name>`. */
export interface LayoutGot {
  /** The import's name field: the name of the symbol. */
  name: string;
  /** Its address is 0 if nothing provides it. */
  weak?: boolean;
  /** The import of the same function, whose binding is that of its address, too. */
  import?: [module: string, name: string];
}

/** An import of a module that is bound to an export of another one. */
export interface LayoutBinding {
  /** The import. */
  from: [module: string, name: string];
  /** The name in the set of the module that exports it, and the name of the export. */
  to: [module: string, name: string];
}

/**
 * An import from `env` or `GOT.*` that has the name and kind of an export, and another type: the host
 * can give it, the other module cannot.
 */
export interface LayoutMismatch {
  /** The import's module field; absent for `env`. */
  space?: string;
  /** The import's name field. */
  name: string;
  /** The module that exports something else under this name. */
  module: string;
  /** What to say if the host does not give it. */
  problem: WasmShareProblem;
}

/** A step that a loader takes after a module was instantiated. */
export type StartupStep =
  /**
   * While the memory has `pages` pages of 64 KiB, call `malloc(1)` and `free` of it, so that this
   * allocator claims its heap before others grow.
   */
  { module: string; action: "prime_allocator"; malloc: string; free: string; pages: number };

/** The plan: every region named, nothing overlapping. */
export interface LayoutPlan {
  /** Initial size of the shared memory in pages of 64 KiB. */
  neededPages: number;
  /** Maximum size of the shared memory in pages, or `null` for none. */
  maximumPages: number | null;
  /** Initial size of the shared table in slots; 0 if no module uses it. */
  tableSize: number;
  /**
   * Initial value of the stack pointer that modules share: the end of their stack, in bytes; `null` if none do.
   */
  stackPointer: number | null;
  /** First address above everything that was placed, in bytes. */
  end: number;
  /** Sorted by `start`. */
  regions: LayoutRegion[];
  /** In the order of the input. */
  modules: LayoutModule[];
  /** Steps after instantiation, in order. */
  startup: StartupStep[];
  /** For modules that import functions from each other; absent if none can. */
  trampolines?: LayoutTrampolines;
  /** What modules check when they run; absent if that is nothing. */
  checks?: LayoutChecks;
}

/**
 * Functions that stand for exports which do not exist yet when their importer is made. The module has
 * no imports. It exports function `"k"` for each, which calls what slot `k` of its `table` holds, and
 * `early`, an `i32`: `k + 1` if function `k` was called before its slot was set.
 */
export interface LayoutTrampolines {
  /** The module, in base64. */
  wasm: string;
  /** The imports, in the order of its functions: names of the importer and of the import. */
  imports: { module: string; from: [module: string, name: string] }[];
}

/** What modules check when they run. */
export interface LayoutChecks {
  /**
   * The owner map of `checks.foreignFree`, in bytes: for each page of 64 KiB of the memory the number of the module
   * whose `memory.grow` returned it, little-endian, or 0.
   */
  foreignFree: Span & { bytesPerPage: 1 | 2 };
}

/** The content (JSON) of the custom section `wasm-share` that every emitted module carries. */
export interface BuildStamp {
  /** Version of this format. */
  v: 1;
  /** Hash of the layout and of all inputs: 32 hexadecimal digits. */
  build: string;
  /** Name of the module in its set. */
  module: string;
  /** Position of the module in its set, from 0. */
  index: number;
  /** The stack: `[start, end)` in bytes. Absent if there is none; likewise below. */
  stack?: [number, number];
  /** The static data: `[start, end)` in bytes. */
  data?: [number, number];
  /** The heap: `[start, end)` in bytes. */
  heap?: [number, number];
  /** The module's part of the shared table: `[start, end)` in slots. */
  table?: [number, number];
}
