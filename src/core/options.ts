/**
 * The options of the public functions. The config file has the same names.
 *
 * @module
 */
import type { WasmShareWarning } from "../errors.ts";
import type { LayoutPlan, ModuleFacts } from "./types.ts";

/** What to do with addresses in the data of a `pic` module without relocation records. */
export type PointerPolicy =
  /** Move every aligned word that points into the module's own data, and warn with their count. */
  | "guess"
  /** Refuse a module that has such words. */
  | "error"
  /** Leave them alone, and warn. */
  | "ignore";

/** Whether a module checks its stack pointer. */
export type StackGuardPolicy =
  /** No check: an overflow of the stack overwrites what lies below it. */
  | "none"
  /**
   * Each function that takes room on the stack checks first that there is some. If not, the module traps in a
   * function that is called `stack_overflow_in_<name of the module>`.
   */
  | "check";

/** Options of one module. */
export interface ModuleOptions {
  /** Name in `exports`, in the layout, and for imports from other modules. */
  name?: string;
  /**
   * Bytes to add to this module's stack, on top of what its linker reserved.
   * @default the `additionalStack` of the whole run
   */
  additionalStack?: number;
  /**
   * Size of this module's stack in bytes, a multiple of 16, instead of what its linker reserved.
   * `additionalStack` is added to it. With `"shared"` it has none of its own: all modules that say so run on
   * one stack, through one imported `__stack_pointer`, which costs time in some engines
   * (see the README). Their code is written anew: debug information, source maps and records are dropped.
   * @default the `stack` of the whole run
   */
  stack?: number | "shared";
  /**
   * Address of the module's data in bytes, instead of an automatic one. Must differ from the
   * linker's address by a multiple of the module's alignment.
   */
  base?: number;
  /**
   * All the memory that this module's allocator gets, in bytes: a region is set aside for it, and it sees no
   * other memory. For allocators that must not see pages of other modules between theirs.
   */
  heap?: number;
  /**
   * Whether the module's functions get slots in the table that all share. With `"separate"` it keeps a table of
   * its own, and function pointers mean nothing to other modules.
   * @default "shared"
   */
  table?: "shared" | "separate";
  /**
   * Imports of this module that are exports of another one: `{ "env.log": "logger.log_line" }` binds
   * the import `log` from `env` to the export `log_line` of the module `logger` of the set. Comes
   * before everything that the host gives.
   */
  bind?: Record<string, string>;
  /**
   * What to do with addresses in the data of a `pic` module without records.
   * @default "guess"
   */
  pointers?: PointerPolicy;
  /**
   * Accept a module without `reloc.DATA` although its data holds words that look like addresses.
   * @default false
   */
  assumeNoDataPointers?: boolean;
  /**
   * Drop the `linking` and `reloc.*` sections from the output. With `false` the output can be
   * moved again.
   * @default true
   */
  strip?: boolean;
  /**
   * Decode every instruction and check that each site is an operand.
   * @default false
   */
  verify?: boolean;
  /**
   * Whether the module checks its stack pointer, so that an overflow of its stack is a trap. The code is
   * written anew: debug information, source maps and records are dropped.
   * @default "none"
   */
  stackGuard?: StackGuardPolicy;
}

/** The bytes of a module, and what belongs to them. */
export interface ModuleBytes {
  /** The module. */
  bytes: Uint8Array;
  /**
   * The same program linked or compiled at another base, for a module without relocation records: every
   * operand and word that differs by the distance of the bases is an address. One that is 64 KiB higher, or
   * two: the second far away (at 0x7ffe0000), which confirms what one alone cannot tell.
   */
  twin?: Uint8Array | Uint8Array[];
  /**
   * The source map of the module: its text, or a `data:` URL with it, which puts the new map into the
   * module. The section `sourceMappingURL` is written anew, or added. `null` drops the map.
   * @default the map in the module, if it is a `data:` URL
   */
  sourceMap?: string | null;
}

/** One module: its bytes, or its bytes with options. */
export type ModuleInput = Uint8Array | (ModuleBytes & ModuleOptions);

/** The memory that all modules share. */
export interface MemoryOptions {
  /**
   * Size at the start in pages of 64 KiB, 1 to 65535, if that is more than the modules need.
   * @default what the modules need
   */
  initial?: number;
  /** Maximum size in pages of 64 KiB, 1 to 65536. By default there is none. */
  maximum?: number;
  /**
   * Under which names every module imports the memory: `"<module>.<name>"`.
   * @default those of the module, or `"env.memory"`
   */
  import?: string;
  /**
   * What the data of every module is aligned to in bytes, relative to where its linker put it: a power of two
   * from 16 to 2^31. A module that asks for more gets it.
   * @default what each module asks for
   */
  align?: number;
  /** Ranges that stay free, for what the host puts there. Addresses and sizes in bytes. */
  reserved?: { start: number; size: number }[];
  /** Whether threads share it: not supported. */
  shared?: false;
}

/** What modules check when they run. Each check costs time, and the code of the modules is written anew. */
export interface CheckOptions {
  /**
   * Whether `free`, `realloc`, `operator delete`, `__rust_dealloc` and their like trap if they are given a block
   * of another module. The trap is in a function that is called `free_in_<module>_of_a_block_of_<other>`.
   * @default false
   */
  foreignFree?: boolean;
}

/** Options of {@linkcode combine}. */
export interface CombineOptions {
  /**
   * Bytes to add to every module's stack, the first one too. Rounded up to a multiple of 16.
   * @default 0
   */
  additionalStack?: number;
  /**
   * Refuse whatever is not proved: the same as `pointers: "error"` for every module.
   * @default false
   */
  strict?: boolean;
  /**
   * Name of the module that allocates for all: the others call its allocation functions, so that what one
   * allocates another can free, in C, C++ and Rust. Their own allocators go away. Needs relocation records, and
   * allocators that no optimiser has copied into their callers; what would be partial is refused.
   * @default every module has its own
   */
  allocator?: string;
  /** Default of every module's `stack`: `"shared"` puts all on one. */
  stack?: "shared";
  /**
   * Size of the stack that modules share in bytes, a multiple of 16.
   * @default as much as their stacks would have together, so that no chain of calls overflows it that fits
   *   on separate ones
   */
  sharedStack?: number;
  /** Default of every module's `table`. */
  table?: "shared" | "separate";
  /** Default of every module's `pointers`. */
  pointers?: PointerPolicy;
  /** Default of every module's `strip`. */
  strip?: boolean;
  /** Default of every module's `verify`. */
  verify?: boolean;
  /** Default of every module's `stackGuard`. */
  stackGuard?: StackGuardPolicy;
  /** The shared memory. */
  memory?: MemoryOptions;
  /** What all modules check when they run. */
  checks?: CheckOptions;
  /** Called with each warning as it is found. */
  onWarning?: (warning: WasmShareWarning) => void;
}

/** The result of {@linkcode combine}. */
export interface Combined {
  /** Names of the modules, in order. */
  names: string[];
  /** The moved modules, in order. */
  modules: Uint8Array[];
  /**
   * By how many bytes the code of each module lies later in its file than in that of the input, in
   * order: offsets of instructions in stack traces are larger by this number. `null` if code was
   * written anew, so that no number is true for all of it.
   */
  codeShifts: (number | null)[];
  /**
   * The new source map of each module that has one outside of itself, in order; else `null`. The
   * module names it by the file name `<name>.wasm.map`.
   */
  sourceMaps: (string | null)[];
  /** Size of the memory that they need at the start, in pages of 64 KiB. */
  neededPages: number;
  /** Hash of the layout and of all inputs: 32 hexadecimal digits. */
  buildId: string;
  /** Where everything lives. */
  layout: LayoutPlan;
  /** Facts of the inputs, in order. */
  facts: ModuleFacts[];
  /** Everything worth knowing. */
  warnings: WasmShareWarning[];
}
