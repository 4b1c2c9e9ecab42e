/**
 * Instantiates the cores, each once and on first use, and starts one afresh after a trap.
 *
 * Nothing happens at import: the modules (base64) and the transformer's bindings are imported when
 * they are needed, and not at all if a host hands in its own `.wasm` with {@linkcode init}.
 *
 * @module
 */
import { WasmShareError } from "../errors.ts";
import * as relocatorBindings from "./generated/relocator.js";

/** The functions of the core that inspects, plans, relocates and emits. */
export type RelocatorModule = typeof import("./generated/relocator.js");
/** The functions of the core that rewrites code. */
export type TransformerModule = typeof import("./generated/transformer.js");

/** The functions of the core that finds the addresses of modules without records. */
export type ConverterModule = typeof import("./generated/converter.js");

/** Name of a core. */
export type CoreName = "relocator" | "transformer" | "converter";

/** What a core can be made from: bytes, a response (of `fetch`), or a compiled module. */
export type CoreSource =
  | BufferSource
  | Response
  | WebAssembly.Module
  | Promise<BufferSource | Response | WebAssembly.Module>;

/** What all cores have. */
interface Core {
  /** Replaces the instance by a fresh one. */
  __wbg_reset_state(): void;
}

/** A core that is there, or on its way. */
interface Slot<C> {
  core?: Promise<C>;
}

const relocatorSlot: Slot<RelocatorModule> = {};
const transformerSlot: Slot<TransformerModule> = {};
const converterSlot: Slot<ConverterModule> = {};

/**
 * The relocator, instantiated on the first call.
 *
 * @returns Its functions. Call them inside {@linkcode guard}.
 */
export function relocator(): Promise<RelocatorModule> {
  return fill(relocatorSlot, () => startRelocator(embeddedRelocator()));
}

/**
 * The transformer, loaded and instantiated on the first call.
 *
 * @returns Its functions. Call them inside {@linkcode guard}.
 */
export function transformer(): Promise<TransformerModule> {
  return fill(transformerSlot, () => startTransformer(embeddedTransformer()));
}

/**
 * The converter, loaded and instantiated on the first call.
 *
 * @returns Its functions. Call them inside {@linkcode guard}.
 */
export function converter(): Promise<ConverterModule> {
  return fill(converterSlot, () => startConverter(embeddedConverter()));
}

/**
 * Instantiates a core from a `.wasm` of the host's instead of the embedded one. Call it before the
 * first use of the core: once there is an instance, it does nothing.
 *
 * @param source Bytes, a `Response`, a compiled module, or a promise of one of these.
 * @param core Which core the source is.
 *
 * @example
 * ```ts ignore
 * await init(fetch(new URL("./relocator.wasm", import.meta.url)));
 * ```
 */
export async function init(source: CoreSource, core: CoreName = "relocator"): Promise<void> {
  switch (core) {
    case "relocator":
      await fill(relocatorSlot, () => startRelocator(source));
      break;
    case "transformer":
      await fill(transformerSlot, () => startTransformer(source));
      break;
    case "converter":
      await fill(converterSlot, () => startConverter(source));
      break;
    default:
      core satisfies never;
  }
}

/**
 * Calls a core. A trap leaves its instance in an unknown state: it becomes an `internal_error`, and
 * the next call gets a fresh instance. Objects of the old one must not be used after that.
 *
 * @param core What {@linkcode relocator}, {@linkcode transformer} or {@linkcode converter} gave.
 * @param run Calls functions of the core.
 * @returns What `run` returns.
 */
export function guard<C extends Core, T>(core: C, run: (core: C) => T): T {
  try {
    return run(core);
  } catch (error) {
    if (!isTrap(error)) throw error;
    core.__wbg_reset_state();
    throw new WasmShareError({
      code: "internal_error",
      message: `Cannot finish: the core of wasm-share stopped with "${error.message}"`,
      hint: "This is a defect of wasm-share; please report it with the modules that show it",
    }, { cause: error });
  }
}

/** An overflow of the stack is a `RangeError` in most engines, an `InternalError` in one. */
function isTrap(error: unknown): error is Error {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError ||
    error instanceof Error && error.name === "InternalError";
}

/** Starts a core unless there is one; after a failure the next call tries again. */
function fill<C>(slot: Slot<C>, start: () => Promise<C>): Promise<C> {
  return slot.core ??= start().catch((error) => {
    slot.core = undefined;
    throw error;
  });
}

async function startRelocator(source: CoreSource): Promise<RelocatorModule> {
  await relocatorBindings.default({ module_or_path: await compile(source, "relocator") });
  return relocatorBindings;
}

function startTransformer(source: CoreSource): Promise<TransformerModule> {
  return startLater("transformer", source, import("./generated/transformer.js"));
}

function startConverter(source: CoreSource): Promise<ConverterModule> {
  return startLater("converter", source, import("./generated/converter.js"));
}

/** Starts a core whose bindings are imported when they are needed. */
async function startLater<
  C extends { default: (source: { module_or_path: WebAssembly.Module }) => Promise<unknown> },
>(name: CoreName, source: CoreSource, imported: Promise<C>): Promise<C> {
  const [module, bindings] = await Promise.all([compile(source, name), imported]);
  await bindings.default({ module_or_path: module });
  return bindings;
}

async function embeddedRelocator(): Promise<BufferSource> {
  return decodeBase64((await import("./generated/relocator_wasm.ts")).wasm);
}

async function embeddedTransformer(): Promise<BufferSource> {
  return decodeBase64((await import("./generated/transformer_wasm.ts")).wasm);
}

async function embeddedConverter(): Promise<BufferSource> {
  return decodeBase64((await import("./generated/converter_wasm.ts")).wasm);
}

async function compile(source: CoreSource, name: CoreName): Promise<WebAssembly.Module> {
  try {
    const ready = await source;
    if (ready instanceof WebAssembly.Module) return ready;
    if (typeof Response !== "function" || !(ready instanceof Response)) {
      return await WebAssembly.compile(ready as BufferSource);
    }
    if (!ready.ok) throw new Error(`the server answered ${ready.status} for "${ready.url}"`);
    // A server that does not know the type of `.wasm` must not be a reason to fail.
    const type = ready.headers.get("content-type")?.split(";")[0].trim();
    return type === "application/wasm" && typeof WebAssembly.compileStreaming === "function"
      ? await WebAssembly.compileStreaming(ready)
      : await WebAssembly.compile(await ready.arrayBuffer());
  } catch (error) {
    throw new WasmShareError({
      code: "load_failed",
      message: `Cannot load the core "${name}" of wasm-share: ${
        error instanceof Error ? error.message : error
      }`,
      hint: `Give \`init\` the file "${name}.wasm" of this version of @wasm-share/memory`,
    }, { cause: error });
  }
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  if (typeof Uint8Array.fromBase64 === "function") return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
