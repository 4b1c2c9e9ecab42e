/**
 * The shape of `wasm-share.config.ts`, and `defineConfig` to write it with types. Nothing here runs
 * more than one `return`: a config can be imported anywhere.
 *
 * @module
 */
import type {
  CheckOptions,
  MemoryOptions,
  ModuleOptions,
  PointerPolicy,
  StackGuardPolicy,
} from "../core/options.ts";

/** One module of the config: a file with options, or a crate. */
export type UserModule = UserFile | UserCrate;

/** A module that was built already: a file with options. */
export interface UserFile extends ModuleOptions {
  /** Path of the `.wasm` file, relative to the config file. */
  path: string;
  /**
   * Name of the output file (`<name>.wasm`), in the loader's `exports`, and for imports from other
   * modules.
   * @default the stem of the file: `parser` for `build/parser.wasm`
   */
  name?: string;
  /**
   * Path of the same program linked or compiled at another base, 64 KiB higher, for a module without relocation
   * records: every address is what differs. Or two paths, the second of one far away (at 0x7ffe0000), which confirms
   * what one alone cannot tell.
   */
  twin?: string | string[];
}

/**
 * A module that cargo builds. If the crate depends on wasm-bindgen, the `wasm-bindgen` command runs on it
 * after it was moved. A set with crates gets a package instead of a loader: `index.js`, whose `init` is
 * the only way in.
 */
export interface UserCrate extends ModuleOptions {
  /** Folder of the crate's `Cargo.toml`, relative to the config file. */
  crate: string;
  /**
   * Name of the output file (`<name>.wasm`), in what `init` returns, and for imports from other modules.
   * An identifier.
   * @default the name of the folder, with `_` for what is not allowed in an identifier
   */
  name?: string;
  /**
   * Profile of cargo.
   * @default "release"
   */
  profile?: string;
  /**
   * Features of the crate to turn on, besides the default ones.
   * @default []
   */
  features?: string[];
  /**
   * More arguments for the `wasm-bindgen` command, for example `--debug`.
   * @default []
   */
  bindgen?: string[];
  /**
   * Arguments for `wasm-opt`, which runs last: `["-O3"]`. It may use the features that the compiler used,
   * and those that are named: `--enable-simd`.
   * @default wasm-opt does not run
   */
  optimize?: string[];
}

/** Where the outputs go, and which. */
export interface UserOutput {
  /**
   * Folder of all outputs, relative to the config file. Made if it does not exist.
   * @default "out"
   */
  dir?: string;
  /**
   * The loader; a set with crates has none but its package. `"js"` writes `mod.js`, `mod.d.ts` and, unless there is one, a `package.json` that
   * makes Node take `mod.js` for a module; `"ts"` writes `mod.ts` (Node 20 and browsers cannot run
   * it), `false` writes none.
   * @default "js"
   */
  loader?: "js" | "ts" | false;
  /**
   * The manifest: `true`, `false`, or its file name.
   * @default true // "wasm-share.json"
   */
  manifest?: boolean | string;
  /**
   * Embed the modules in the loader instead of writing `.wasm` files beside it.
   * @default false
   */
  inline?: boolean;
  /**
   * For a set with crates: name and version in its `package.json`, which npm asks for.
   * @default none
   */
  package?: UserPackage;
}

/** What a `package.json` says beside what wasm-share puts there. */
export interface UserPackage {
  /** Name of the package: `"@scope/name"`, or without a scope. */
  name: string;
  /**
   * Its version.
   * @default "0.0.0"
   */
  version?: string;
}

/** Everything that a config can say. */
export interface UserConfig {
  /** For editors: where the JSON schema of a JSON config is. Not read. */
  $schema?: string;
  /** The modules in order: paths relative to the config file, with options where needed, and crates. */
  modules: (string | UserModule)[];
  /**
   * Bytes to add to the stack of every module, the first one too. Rounded up to a multiple of 16.
   * @default 0
   */
  additionalStack?: number;
  /**
   * Name of the module that allocates for all, so that what one allocates another can free.
   * @default every module has its own allocator
   */
  allocator?: string;
  /** `"shared"` puts all modules on one stack, but those with a `stack` of their own. */
  stack?: "shared";
  /**
   * Size of the stack that modules share in bytes, a multiple of 16.
   * @default as much as their stacks would have together
   */
  sharedStack?: number;
  /**
   * Refuse whatever is not proved: `pointers: "error"` for every module.
   * @default false
   */
  strict?: boolean;
  /**
   * Whether all modules get slots in one table, or each keeps its own.
   * @default "shared"
   */
  table?: "shared" | "separate";
  /**
   * What to do with addresses in the data of a module that has no relocation records.
   * @default "guess"
   */
  pointers?: PointerPolicy;
  /**
   * Drop the `linking` and `reloc.*` sections from the outputs. With `false` they can be moved again.
   * @default true
   */
  strip?: boolean;
  /**
   * Decode every instruction and check that each site is an operand.
   * @default false
   */
  verify?: boolean;
  /**
   * Whether the modules check their stack pointers, so that an overflow of a stack is a trap.
   * @default "none"
   */
  stackGuard?: StackGuardPolicy;
  /** The shared memory. */
  memory?: MemoryOptions;
  /** What all modules check when they run. */
  checks?: CheckOptions;
  /** Where the outputs go, and which. */
  output?: UserOutput;
}

/** What a config function is told. */
export interface ConfigContext {
  /** The command that is run. */
  command: "combine";
  /**
   * The value of `--mode`.
   * @default "production"
   */
  mode: string;
}

/** A config that depends on the command or the mode. */
export type ConfigFunction = (context: ConfigContext) => UserConfig | Promise<UserConfig>;

/** What the default export of a config file may be. */
export type ConfigExport = UserConfig | Promise<UserConfig> | ConfigFunction;

/**
 * Writes a config with types: returns what it is given.
 *
 * @example
 * ```ts
 * import { defineConfig } from "@wasm-share/memory";
 *
 * export default defineConfig({
 *   modules: ["parser.wasm", { path: "stats.wasm", additionalStack: 65536 }],
 *   output: { dir: "out" },
 * });
 * ```
 *
 * @param config The config.
 * @returns The same config.
 */
export function defineConfig(config: UserConfig): UserConfig;
/**
 * Writes a config that depends on the command or the mode, with types.
 *
 * @example
 * ```ts
 * import { defineConfig } from "@wasm-share/memory";
 *
 * export default defineConfig(({ mode }) => ({
 *   modules: [`build/${mode}/parser.wasm`],
 *   verify: mode === "debug",
 * }));
 * ```
 *
 * @param config A function that makes the config, at once or as a promise.
 * @returns The same function.
 */
export function defineConfig(config: ConfigFunction): ConfigFunction;
export function defineConfig(config: UserConfig | ConfigFunction): UserConfig | ConfigFunction {
  return config;
}
