/**
 * Files or embedded bytes → compiled modules, in Deno, Node, Bun and browsers. Generated loaders
 * carry this as text, so there is no static `node:` import and nothing that a bundler would follow.
 *
 * @module
 */
import { WasmShareError, type WasmShareProblem } from "../errors.ts";
import type { ImportsFor } from "./bind.ts";
import { fromBase64, fromLatin1 } from "./base64.ts";
import { failure } from "./failure.ts";
import { link, type Linked, type LinkInput, type LinkLayout } from "./link.ts";

/** Where a module comes from: its address, its bytes, or the module itself. */
export type ModuleSource = URL | BufferSource | Response | WebAssembly.Module;

/** A module as a generated loader knows it. */
export interface LoaderFile extends Pick<LinkInput, "name" | "path" | "ready"> {
  /** Where it is; text is its bytes as base64. A function, so that importing a loader does nothing. */
  source: () => ModuleSource | string | Promise<ModuleSource>;
}

/**
 * Loads all files in parallel and links them.
 *
 * @param files The modules in the order of the layout.
 * @param build The build that they must be of.
 * @param layout Where they live.
 * @param imports What the host gives them.
 * @returns The running set.
 * @throws {WasmShareError} With `load_failed`, which names every file, or as `link` does.
 */
export async function load<E extends object>(
  files: readonly LoaderFile[],
  build: string,
  layout: LinkLayout,
  imports?: ImportsFor,
): Promise<Linked<E>> {
  const inputs: LinkInput[] = [];
  const problems: WasmShareProblem[] = [];
  const causes: unknown[] = [];
  await Promise.all(files.map(async ({ name, path, source, ready }, index) => {
    try {
      inputs[index] = { name, path, ready, module: await compile(await source()) };
    } catch (cause) {
      const hint = "Check that the file is beside the loader and is served as it was written";
      const { errors } = failure("load_failed", `Cannot load module "${name}"`, cause, name, hint);
      problems[index] = { ...errors[0], path };
      causes.push(cause);
    }
  }));
  // `flat` drops the holes where files were loaded.
  if (causes.length) throw new WasmShareError(problems.flat(), { cause: causes[0] });
  return await link<E>(inputs, build, layout, imports);
}

async function compile(source: ModuleSource | string): Promise<WebAssembly.Module> {
  if (typeof source === "string") return await WebAssembly.compile(fromBase64(source));
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof Response) return await compileResponse(source);
  if (!(source instanceof URL)) return await WebAssembly.compile(source);
  const { protocol, href } = source;
  if (protocol === "data:") return await WebAssembly.compile(fromDataUrl(href));
  const bytes = protocol === "file:" && await readFile(source);
  if (bytes) return await WebAssembly.compile(bytes);
  return await compileResponse(await attempt(`fetching ${href} failed`, () => fetch(source)), href);
}

async function compileResponse(
  response: Response,
  href: string = response.url,
): Promise<WebAssembly.Module> {
  if (!response.ok) throw new Error(`${href} answered ${response.status} ${response.statusText}`);
  const type = response.headers.get("content-type");
  // Streaming refuses every other type, parameters included, after it has taken the body.
  const streams = type?.trim().toLowerCase() === "application/wasm" &&
    "compileStreaming" in WebAssembly;
  return await attempt(
    `${href} (${type ?? "no content type"}) is not a WebAssembly module`,
    async () =>
      streams
        ? await WebAssembly.compileStreaming(response)
        : await WebAssembly.compile(await response.arrayBuffer()),
  );
}

/** Reads a local file where the host can; `undefined` where it has only `fetch`. */
async function readFile(url: URL): Promise<Uint8Array<ArrayBuffer> | undefined> {
  type Fs = { readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> };
  const { Deno, process } = globalThis as {
    Deno?: Fs;
    process?: { versions?: { node?: string }; getBuiltinModule?(name: string): Fs | undefined };
  };
  if (Deno?.readFile) return await Deno.readFile(url);
  if (!process?.versions?.node) return undefined;
  // Computed: bundlers for browsers would fail on a name that they can read.
  const name = ["node:fs", "promises"].join("/");
  const fs: Fs = process.getBuiltinModule?.(name) ??
    await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  return await fs.readFile(url);
}

function fromDataUrl(href: string): Uint8Array<ArrayBuffer> {
  const comma = href.indexOf(",");
  // Not `decodeURIComponent`: the bytes need not be UTF-8.
  const text = href.slice(comma + 1)
    .replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return href.slice(0, comma).endsWith(";base64") ? fromBase64(text) : fromLatin1(text);
}

async function attempt<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new Error(`${what}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
