/**
 * A folder with a crate and stand-ins for cargo, wasm-bindgen and wasm-opt: programs that write down how
 * they were called, and give what a test wants.
 *
 * @module
 */
import { build, type BuildRequest, type BuildResult } from "../../src/build.ts";
import { type Folder, inFolder } from "../temp.ts";
import { moduleAt } from "./cases.ts";

/** What the stand-ins do. */
export interface Tools {
  /** The version in the lock file; `null` for a crate without wasm-bindgen. */
  locked?: string | null;
  /** The version of the command. */
  version?: string;
  /** Lines of shell that come first in each program. */
  cargo?: string;
  wasmBindgen?: string;
  wasmOpt?: string;
  /** The glue that `wasm-bindgen` writes. */
  glue?: string;
  types?: string;
  /** Kinds of the crate's target. */
  kind?: string;
  /** What cargo builds, from the root of the repository. */
  module?: string;
}

/** Glue in the form of wasm-bindgen 0.2.130, with nothing in it. */
export const GLUE = `\
/* @ts-self-types="./NAME.d.ts" */

export function twice(value) {
    return wasm.twice ? wasm.twice(value) : 2 * value;
}
function __wbg_get_imports(memory) {
    const import0 = {
        __proto__: null,
        memory: memory || new WebAssembly.Memory({initial:33}),
    };
    return {
        __proto__: null,
        "./NAME_bg.js": import0,
    };
}

let wasmModule, wasmInstance, wasm;
function __wbg_finalize_init(instance, module) {
    wasmInstance = instance;
    wasm = instance.exports;
    wasmModule = module;
    return wasm;
}

async function __wbg_load(module, imports) {
    return await WebAssembly.instantiate(module, imports);
}

function initSync(module, memory) {
    return new WebAssembly.Instance(module, __wbg_get_imports(memory));
}

async function __wbg_init(module_or_path, memory) {
    return fetch(new URL('NAME_bg.wasm', import.meta.url));
}

export { initSync, __wbg_init as default };
`;

/** Its types. */
export const TYPES = `\
/* tslint:disable */
/* eslint-disable */

export function twice(value: number): number;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export function initSync(module: BufferSource): unknown;
`;

/** A project with such programs. */
export interface Project extends Folder {
  /** Builds it. */
  build(request?: Partial<BuildRequest>): Promise<BuildResult>;
  /** How the programs were called, but not for their version. */
  calls(): Promise<string[]>;
  /** Puts cargo and wasm-bindgen into a folder by their own names, and gives a `PATH` with it. */
  onPath(): Promise<string>;
}

/**
 * Runs a test in a project with one crate, `parser`, which is the Rust program of the first example.
 *
 * @param tools What the programs do.
 * @param config The config, without `output`.
 * @param test The test.
 */
export async function inProject(
  tools: Tools,
  config: Record<string, unknown>,
  test: (project: Project) => Promise<void>,
): Promise<void> {
  const { locked = "0.2.130", version = "0.2.130", kind = "cdylib" } = tools;
  const files = {
    "parser/Cargo.toml": "[package]\n",
    "parser.wasm": moduleAt(`../../${tools.module ?? "examples/records/parser.wasm"}`),
    "stats.wasm": moduleAt("../../examples/records/stats.wasm"),
    "glue.js": tools.glue ?? GLUE,
    "glue.d.ts": tools.types ?? TYPES,
    "wasm-share.config.json": JSON.stringify({ ...config, output: { dir: "out" } }),
  };
  await inFolder(files, async (folder) => {
    const { path } = folder;
    const id = `path+file://${path}/parser#0.1.0`;
    const dependency = { id: "wasm-bindgen", name: "wasm-bindgen", version: locked, targets: [] };
    const metadata = {
      packages: [
        { id, name: "parser", version: "0.1.0", targets: [{ kind: [kind] }] },
        ...(locked === null ? [] : [dependency]),
      ],
      resolve: {
        root: id,
        nodes: [
          {
            id,
            deps: locked === null
              ? []
              : [{ pkg: "wasm-bindgen", dep_kinds: [{ kind: null, target: null }] }],
          },
        ],
      },
      target_directory: `${path}/target`,
    };
    const artifact = {
      reason: "compiler-artifact",
      package_id: id,
      filenames: [`${path}/parser.wasm`],
    };
    await folder.write("metadata.json", JSON.stringify(metadata));
    await folder.write(
      "messages.json",
      `${JSON.stringify(artifact)}\n{"reason":"build-finished"}\n`,
    );
    const note = (name: string) =>
      `[ "$1" = --version ] || echo "${name} $*" | sed 's#${path}#.#g' >>${path}/calls\n`;
    const programs = {
      cargo: `${note("cargo")}${tools.cargo ?? ""}
case $1 in metadata) cat ${path}/metadata.json ;; *) cat ${path}/messages.json ;; esac`,
      wasmBindgen: `${note("wasm-bindgen")}${tools.wasmBindgen ?? ""}
[ "$1" = --version ] && { echo "wasm-bindgen ${version}"; exit; }
for arg; do case $arg in
  --out-dir=*) out=\${arg#*=} ;;
  --out-name=*) name=\${arg#*=} ;;
esac; done
cp "$1" "$out/\${name}_bg.wasm"
sed "s/NAME/$name/g" ${path}/glue.js >"$out/$name.js"
cp ${path}/glue.d.ts "$out/$name.d.ts"`,
      wasmOpt: `${note("wasm-opt")}${tools.wasmOpt ?? ""}
[ "$1" = --version ] && { echo "wasm-opt version 132"; exit; }
in=$1
while [ "$1" != -o ]; do shift; done
cp "$in" "$2"`,
    };
    for (const [name, text] of Object.entries(programs)) {
      await folder.write(`bin/${name}`, `#!/bin/sh\n${text}\n`);
      await Deno.chmod(folder.file(`bin/${name}`), 0o755);
    }
    const defaults: BuildRequest = {
      cwd: path,
      files: [],
      config: null,
      mode: "production",
      check: false,
      overrides: { dir: null, additionalStack: null, strict: null, inline: null, loader: null },
      programs: {
        cargo: folder.file("bin/cargo"),
        wasmBindgen: folder.file("bin/wasmBindgen"),
        wasmOpt: folder.file("bin/wasmOpt"),
      },
    };
    await test({
      ...folder,
      build: (request = {}) => build({ ...defaults, ...request }),
      onPath: async () => {
        await Deno.mkdir(folder.file("path"));
        for (const [name, tool] of [["cargo", "cargo"], ["wasm-bindgen", "wasmBindgen"]]) {
          await Deno.symlink(folder.file(`bin/${tool}`), folder.file(`path/${name}`));
        }
        return `${folder.file("path")}:${Deno.env.get("PATH")}`;
      },
      calls: async () =>
        (await folder.read("calls").catch(() => "")).trim().split("\n").map((line) =>
          line.replace(/target\/wasm-share\/[\w-]+/g, "TEMP")
        ),
    });
  });
}
