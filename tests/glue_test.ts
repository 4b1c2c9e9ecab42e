/** The glue of several versions of wasm-bindgen, and what it imports. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Glue, rewriteGlue } from "../src/crates/glue.ts";
import { GLUE, TYPES } from "./host/crates.ts";

const js = GLUE.replaceAll("NAME", "kit");

function rewrite(text: string, snippets: Record<string, string> = {}, dts = TYPES): Glue | string {
  const files = { js: text, dts, snippets: new Map(Object.entries(snippets)) };
  return rewriteGlue(files, "kit", (module) => ["env", "codec"].includes(module));
}

function accepted(text: string, snippets?: Record<string, string>): Glue {
  const glue = rewrite(text, snippets);
  assert(typeof glue !== "string", `${glue}`);
  return glue;
}

Deno.test("rewriteGlue() takes out everything that loads, and adds the hook", () => {
  const glue = accepted(js);
  assert(!/WebAssembly|initSync|import\.meta|__wbg_load|__wbg_init\b|export default/.test(glue.js));
  assert(glue.js.startsWith('// @ts-self-types="./kit.d.ts"\n// @generated'));
  assert(glue.js.endsWith(
    "export const __wasm_share = {\n  imports: __wbg_get_imports,\n  ready: __wbg_finalize_init,\n};\n",
  ));
  assertEquals(glue.given, ["./kit_bg.js", "wbg"]);
  assertStringIncludes(glue.dts, "export function twice(value: number): number;");
  assert(!/InitInput|initSync/.test(glue.dts));
  assertEquals(accepted(js.replaceAll("\n", "\r\n")).js, glue.js);
});

Deno.test("rewriteGlue() takes the glue of wasm-bindgen 0.2.92, too", () => {
  // Another order, the memory in a function of its own, two exports.
  const old = `\
import * as __wbg_star0 from 'codec';

let wasm;

export function twice(value) {
    return wasm.twice(value);
}

async function __wbg_load(module, imports) {
    if (typeof Response === 'function') {
        return await WebAssembly.instantiateStreaming(module, imports);
    }
    return await WebAssembly.instantiate(module, imports);
}

function __wbg_get_imports() {
    const imports = {};
    imports.wbg = {};
    imports['codec'] = __wbg_star0;
    return imports;
}

function __wbg_init_memory(imports, maybe_memory) {
    imports.wbg.memory = maybe_memory || new WebAssembly.Memory({initial:18});
}

function __wbg_finalize_init(instance, module) {
    wasm = instance.exports;
    __wbg_init.__wbindgen_wasm_module = module;
    return wasm;
}

function initSync(module, maybe_memory) {
    if (wasm !== undefined) return wasm;
    const imports = __wbg_get_imports();
    __wbg_init_memory(imports, maybe_memory);
    const instance = new WebAssembly.Instance(module, imports);
    return __wbg_finalize_init(instance, module);
}

async function __wbg_init(input, maybe_memory) {
    if (typeof input === 'undefined') {
        input = new URL('kit_bg.wasm', import.meta.url);
    }
    return initSync(input, maybe_memory);
}

export { initSync }
export default __wbg_init;
`;
  const { js: now } = accepted(old);
  assert(!/WebAssembly|initSync|import\.meta|\|\||__wbg_init\b|__wbg_star/.test(now), now);
  assertStringIncludes(now, "let wasm = new Proxy(");
});

Deno.test("rewriteGlue() leaves what a crate itself does with memories", () => {
  const own = js.replace(
    "        __proto__: null,\n        memory",
    `        __proto__: null,
        __wbg_new_0123456789abcdef: function(arg0) {
            const ret = new WebAssembly.Memory(arg0);
            return ret;
        },
        memory`,
  );
  assertStringIncludes(accepted(own).js, "new WebAssembly.Memory(arg0)");
});

Deno.test("rewriteGlue() hands imports of other modules to the loader, and keeps the rest", () => {
  const entry = '        "./kit_bg.js": import0,\n';
  const text = `import * as import1 from "codec"\nimport * as import2 from "codec"
import * as import3 from "left-pad"\n${
    js.replace(
      entry,
      `${entry}        "codec": import1,\n        "codec": import2,\n        "left-pad": import3,\n`,
    )
  }`;
  const glue = accepted(text);
  assert(!glue.js.includes("codec"));
  assertStringIncludes(glue.js, 'import * as import3 from "left-pad"');
  assertStringIncludes(glue.js, '"left-pad": import3,');
  assertEquals(glue.given, ["./kit_bg.js", "wbg", "left-pad"]);
  assertEquals(
    rewrite(`import * as import1 from "codec"\n${js}`),
    'its import "codec" was not found',
  );
});

Deno.test("rewriteGlue() puts snippets beside the glue", () => {
  const from = "./snippets/dep-0123/src/inline0.js";
  const text = `import { note } from '${from}';\nimport * as import1 from "${from}"\n${
    js.replace(
      '        "./kit_bg.js": import0,\n',
      `        "./kit_bg.js": import0,\n        "${from}": import1,\n`,
    )
  }`;
  const glue = accepted(text, { [from]: "export function note() {}" });
  const path = "kit.dep-0123.src.inline0.js";
  assertEquals(glue.snippets, [{ path, text: "export function note() {}" }]);
  assertStringIncludes(glue.js, `import { note } from "./${path}";`);
  assertStringIncludes(glue.js, `import * as import1 from "./${path}"`);
  // The module asks for it by its own name.
  assertStringIncludes(glue.js, `"${from}": import1,`);
  assertEquals(glue.given, ["./kit_bg.js", "wbg", from]);
  for (const other of ['import "./other.js";', "export * from '../other.js';"]) {
    assertEquals(rewrite(text, { [from]: other }), `its snippet "${from}" imports another file`);
  }
});

Deno.test("rewriteGlue() leaves no fallback in, whatever it looks like", () => {
  const fallback = "memory || new WebAssembly.Memory({initial:33})";
  for (
    const other of [
      "memory ?? new WebAssembly.Memory({initial:33})",
      "memory || make(() => new WebAssembly.Memory({initial:33}))",
      "new WebAssembly.Memory({initial:33})",
    ]
  ) {
    assertEquals(typeof rewrite(js.replace(fallback, other)), "string", other);
    // Beside the one that is known.
    const twice = js.replace(
      `memory: ${fallback}`,
      `memory: ${fallback},\n        other: ${other}`,
    );
    assertEquals(typeof rewrite(twice), "string", other);
  }
});
