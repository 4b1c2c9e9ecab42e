/**
 * A combined set with crates → the text of its package: `index.js` with `index.d.ts`. Same set, same text.
 * It imports nothing but the glue of its modules: the run-time side is in it as text.
 *
 * @module
 */
import type { Combined } from "../core/options.ts";
import { HOOK } from "../crates/glue.ts";
import { exportsType, importTypes, layoutTypes, needsNothing, quoteKey } from "./declare.ts";
import { initJs } from "./generated/init_js.ts";
import { header, layoutData, type LoaderFileText, moduleSource } from "./loader.ts";

/** Options of {@linkcode generateWrapper}. */
export interface WrapperOptions {
  /** Embed the modules as base64 instead of naming their files. */
  inline: boolean;
  /** Which modules have glue, in the order of the set. */
  glue: readonly boolean[];
}

const docs = {
  build: "/** The build that the modules must be of. */",
  layout: "/** Where everything lives: addresses in bytes, table in slots, pages of 64 KiB. */",
  init: `\
/**
 * Makes the one memory, loads, checks and starts all modules, in order. Every later call, without options,
 * gets the same result; if a call fails, the next one starts anew.
 *
 * @param options Where modules come from, and what the host gives.
 * @returns The memory and the modules by their names.
 * @throws An error with a \`code\`: \`load_failed\`, \`build_mismatch\`, \`unresolved_import\`,
 *   \`signature_mismatch\`, \`ambiguous_import\`, \`import_cycle\`, \`invalid_option\` or \`instantiation_failed\`.
 */`,
};

/**
 * Makes the package of a combined set with crates.
 *
 * @param combined What `combine` gave, with the facts of the modules as the tools left them: without the
 *   imports that glue gives.
 * @param options Form, and which modules have glue.
 * @returns The files to write.
 */
export function generateWrapper(combined: Combined, options: WrapperOptions): LoaderFileText[] {
  const head = header('// @ts-self-types="./index.d.ts"');
  return [
    { path: "index.js", text: [head, code(combined, options)].join("\n\n") },
    { path: "index.d.ts", text: [header(), declarations(combined, options)].join("\n\n") },
  ];
}

function code(combined: Combined, { inline, glue }: WrapperOptions): string {
  const { names, buildId } = combined;
  const imports = names.flatMap((name, index) =>
    glue[index] ? `import * as package${index} from ${JSON.stringify(`./${name}.js`)};` : []
  );
  const files = names.map((name, index) => {
    const path = `${name}.wasm`;
    const fields = [
      `name: ${JSON.stringify(name)}`,
      ...(inline ? [] : [`path: ${JSON.stringify(path)}`]),
      `source: () => ${moduleSource(combined.modules[index], path, inline)}`,
      ...(glue[index] ? [`glue: { api: package${index}, hook: package${index}.${HOOK} }`] : []),
    ];
    return `  { ${fields.join(", ")} },`;
  });
  return `\
${imports.join("\n")}

${docs.build}
export const build = ${JSON.stringify(buildId)};

${docs.layout}
export const layout = ${JSON.stringify(layoutData(combined), null, 2)};

const files = [
${files.join("\n")}
];

${initJs}

${docs.init}
export const init = initialiser(files, build, layout);
export default init;
`;
}

function declarations(combined: Combined, { glue }: WrapperOptions): string {
  const { names, layout } = combined;
  const bound = names.map((name, index) => ({ name, index })).filter(({ index }) => glue[index]);
  const imports = bound.map(({ name, index }) =>
    `import type * as package${index} from ${JSON.stringify(`./${name}.js`)};`
  );
  const exported = bound.map(({ name, index }) => `package${index} as ${name}`);
  const members = names.map((name, index) =>
    `  readonly ${quoteKey(name)}: ${
      glue[index] ? `typeof package${index}` : exportsType(combined, index)
    };`
  );
  const optional = needsNothing(combined) ? "?" : "";
  const names_ = names.map((name) => JSON.stringify(name)).join(" | ");
  return `\
${imports.join("\n")}

/** The types of each module that wasm-bindgen bound: \`parser.Document\` for a class \`Document\`. */
export type { ${exported.join(", ")} };

/** The modules by their names. */
export interface Exports {
${members.join("\n")}
}

/** What \`init\` returns: the modules, running. */
export interface Packages extends Exports {
  /** The memory of all modules. */
  readonly memory: WebAssembly.Memory;
  /** The function table that modules share${layout.tableSize > 0 ? "" : "; none does"}. */
  readonly table: ${layout.tableSize > 0 ? "WebAssembly.Table" : "null"};
}

${importTypes(combined)}

/** Where a module comes from: its address, its bytes, or the module itself. */
export type ModuleSource = URL | BufferSource | Response | WebAssembly.Module;

/** Options of \`init\`. */
export interface InitOptions {
  /** Where modules come from, by their names, instead of from beside \`index.js\`. */
  wasm?: { [name in ${names_}]?: ModuleSource | Promise<ModuleSource> };
  /** What the host gives. */
  imports${optional}: Imports;
}

${layoutTypes}

${docs.build}
export declare const build: string;

${docs.layout}
export declare const layout: Layout;

${docs.init}
export declare function init(options${optional}: InitOptions): Promise<Packages>;
export default init;
`;
}
