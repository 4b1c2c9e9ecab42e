/**
 * The way into a package of crates: one memory, every module made and started in order, once. Generated
 * packages carry this as text, as loaders carry `load.ts`.
 *
 * @module
 */
import { WasmShareError } from "../errors.ts";
import type { ImportsFor } from "./bind.ts";
import { failure } from "./failure.ts";
import type { Linked, LinkLayout } from "./link.ts";
import { load, type LoaderFile, type ModuleSource } from "./load.ts";

/** What glue exports for `init`. */
export interface GlueHook {
  /** Makes the imports that the glue gives to its module. */
  imports(): WebAssembly.Imports;
  /** Hands the instance to the glue, which starts it. */
  ready(instance: { exports: WebAssembly.Exports }, module: WebAssembly.Module): unknown;
}

/** A module of a package. */
export interface PackageFile extends LoaderFile {
  /** What `init` returns for it, and its hook; without it, its exports are returned. */
  glue?: { api: object; hook: GlueHook };
}

/** Options of `init`. */
export interface InitOptions {
  /** Where modules come from, by their names, instead of from beside the package. */
  wasm?: Record<string, ModuleSource | Promise<ModuleSource> | undefined>;
  /** What the host gives. */
  imports?: ImportsFor;
}

/**
 * Makes the function `init` of a package.
 *
 * @param files The modules in the order of the layout.
 * @param build The build that they must be of.
 * @param layout Where they live.
 * @returns The function. Every call gets the same result, unless one failed.
 */
export function initialiser(
  files: readonly PackageFile[],
  build: string,
  layout: LinkLayout,
): (options?: InitOptions) => Promise<object> {
  let running: Promise<object> | undefined;
  return async (options) => {
    if (running && options !== undefined) {
      throw new WasmShareError({
        code: "invalid_option",
        message: "Cannot initialise the package with options: it is initialised already",
        hint: "Give options to the first call of init(), and none to the others",
      });
    }
    running ??= start(files, build, layout, options).catch((error) => {
      running = undefined;
      throw error;
    });
    return await running;
  };
}

async function start(
  files: readonly PackageFile[],
  build: string,
  layout: LinkLayout,
  { wasm = {}, imports = {} }: InitOptions = {},
): Promise<object> {
  const unknown = Object.keys(wasm).find((name) => !files.some((file) => file.name === name));
  if (unknown !== undefined) {
    throw new WasmShareError({
      code: "invalid_option",
      message: `Cannot use wasm[${
        JSON.stringify(unknown)
      }]: the package has no module of that name`,
      hint: `Use one of ${files.map(({ name }) => `"${name}"`).join(", ")}`,
    });
  }
  const { memory, table, exports } = await load<Record<string, WebAssembly.Exports>>(
    files.map(({ glue, source, ...file }) => ({
      ...file,
      source: () => wasm[file.name] ?? source(),
      ready: glue && ((instance, module) => {
        glue.hook.ready(instance, module);
      }),
    })),
    build,
    layout,
    withGlue(files, imports),
  );
  checkMemory(memory, exports);
  const packages = files.map(({ name, glue }) => [name, glue?.api ?? exports[name]]);
  return { memory, table, ...Object.fromEntries(packages) };
}

/** The imports of the host, and for each module with glue those of the glue. */
function withGlue(files: readonly PackageFile[], imports: ImportsFor): ImportsFor {
  const structured = Object.keys(imports).every((key) => /^(shared|modules|wasi)$/.test(key));
  const parts = (structured ? imports : { shared: imports }) as Exclude<
    ImportsFor,
    WebAssembly.Imports
  >;
  const modules: Record<string, WebAssembly.Imports> = { ...parts.modules };
  for (const { name, glue } of files) {
    if (glue) modules[name] = { ...modules[name], ...glue.hook.imports() };
  }
  return { ...parts, modules };
}

/** Nobody may have got another memory, whatever rewrote a module. */
function checkMemory(
  memory: WebAssembly.Memory,
  exports: Linked<Record<string, WebAssembly.Exports>>["exports"],
): void {
  for (const [name, { memory: own }] of Object.entries(exports)) {
    if (!(own instanceof WebAssembly.Memory) || own === memory) continue;
    throw failure(
      "instantiation_failed",
      `Cannot use module "${name}"`,
      "its memory is not that of the others",
      name,
      "Run wasm-share combine again, and replace all files together",
    );
  }
}
