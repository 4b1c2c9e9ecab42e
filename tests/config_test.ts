import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import { loadConfig } from "../src/config/load.ts";
import { type ConfigOverrides, resolveConfig } from "../src/config/resolve.ts";
import { jsonPlace } from "../src/config/json_fault.ts";
import { configJsonSchema } from "../src/config/schema.ts";
import { WasmShareError } from "../src/errors.ts";
import { inFolder } from "./temp.ts";

const ROOT = Deno.cwd();
const DEFINE = new URL("../src/config/define.ts", import.meta.url).href;
const NOTHING: ConfigOverrides = {
  dir: null,
  additionalStack: null,
  strict: null,
  inline: null,
  loader: null,
};

function resolve(value: unknown, overrides: Partial<ConfigOverrides> = {}) {
  const source = { value, directory: join(ROOT, "app"), name: "wasm-share.config.ts" };
  return resolveConfig(source, { ...NOTHING, ...overrides });
}

/** `code path` of each problem. */
function problemsOf(value: unknown): string[] {
  return resolve(value).problems.map(({ code, path }) => `${code} ${path}`);
}

function load(cwd: string, path: string | null = null, mode = "production") {
  return loadConfig({ cwd, path, context: { command: "combine", mode } });
}

Deno.test("resolveConfig() decides every option", () => {
  const { config, problems } = resolve({ modules: ["build/a.wasm"] });
  assertEquals(problems, []);
  assertEquals(config, {
    modules: [{
      name: "a",
      crate: null,
      file: join(ROOT, "app", "build", "a.wasm"),
      written: "build/a.wasm",
      source: "build/a.wasm",
      at: "modules[0]",
      twins: [],
      additionalStack: 0,
      stack: null,
      base: null,
      heap: null,
      table: "shared",
      bind: {},
      pointers: "guess",
      assumeNoDataPointers: false,
      strip: true,
      verify: false,
      stackGuard: "none",
    }],
    strict: false,
    allocator: null,
    sharedStack: null,
    memory: {},
    checks: {},
    output: {
      dir: join(ROOT, "app", "out"),
      loader: "js",
      manifest: "wasm-share.json",
      inline: false,
      package: null,
      files: [
        { file: "a.wasm", at: "modules[0]" },
        { file: "mod.js", at: "output.loader" },
        { file: "mod.d.ts", at: "output.loader" },
        { file: "package.json", at: "output.loader" },
        { file: "wasm-share.json", at: "output.manifest" },
      ],
    },
  });
});

Deno.test("resolveConfig() lets a module win over the config, and the command line over both", () => {
  const value = {
    modules: ["a.wasm", { path: "b.wasm", name: "two", additionalStack: 32, strip: true, base: 0 }],
    additionalStack: 16,
    pointers: "ignore",
    strip: false,
    memory: { maximum: 100 },
    output: { dir: "x", loader: false, manifest: false },
  };
  const { config } = resolve(value);
  assertEquals(config.modules.map((each) => each.additionalStack), [16, 32]);
  assertEquals(config.modules.map((each) => each.strip), [false, true]);
  assertEquals(config.modules.map((each) => each.base), [null, 0]);
  assertEquals(config.modules.map((each) => each.pointers), ["ignore", "ignore"]);
  assertEquals(config.modules[1].name, "two");
  assertEquals(config.memory, { maximum: 100 });
  assertEquals(config.output.files.map(({ file }) => file), ["a.wasm", "two.wasm"]);

  const overridden = resolve(value, { strict: true, dir: "/y", loader: "ts", additionalStack: 64 });
  assertEquals(overridden.config.modules.map((each) => each.additionalStack), [64, 32]);
  assertEquals(overridden.config.modules.map((each) => each.pointers), ["error", "error"]);
  assertEquals(overridden.config.output.dir, "/y");
  assertEquals(overridden.config.output.files.at(-1)?.file, "mod.ts");
});

Deno.test("resolveConfig() never puts an absolute path where the manifest reads it", () => {
  const modules = ["../target/a.wasm", "/elsewhere/b.wasm", join(ROOT, "app", "lib", "c.wasm")];
  assertEquals(resolve({ modules }).config.modules.map(({ source }) => source), [
    "../target/a.wasm",
    "b.wasm",
    "lib/c.wasm",
  ]);
});

Deno.test("resolveConfig() reports an unknown key by name, with the one that was meant", () => {
  const { problems: [problem] } = resolve({ modules: [{ path: "a.wasm", aditionalStack: 1 }] });
  assertEquals(problem, {
    code: "config_invalid",
    message: `Cannot use config "wasm-share.config.ts": unknown key "aditionalStack"`,
    path: "modules[0].aditionalStack",
    hint: `Did you mean "additionalStack"?`,
  });
  const { problems: [far] } = resolve({ modules: ["a.wasm"], output: { xyzzy: 1 } });
  assertEquals(far.path, "output.xyzzy");
  assertEquals(far.hint, "Known keys here: dir, loader, manifest, inline, package");
});

Deno.test("resolveConfig() reports wrong values with what was expected and found", () => {
  const wrong: [value: Record<string, unknown>, path: string, message: string][] = [
    [{ additionalStack: "64k" }, "additionalStack", `expected a number, found "64k"`],
    [{ additionalStack: 1.5 }, "additionalStack", "expected a whole number, found 1.5"],
    [{ additionalStack: -1 }, "additionalStack", "expected at least 0, found -1"],
    [{ additionalStack: 2 ** 32 }, "additionalStack", "expected at most 4294967295"],
    [{ strict: "yes" }, "strict", `expected true or false, found "yes"`],
    [{ pointers: "gess" }, "pointers", `expected "guess", "error" or "ignore", found "gess"`],
    [{ memory: { maximum: 65537 } }, "memory.maximum", "expected at most 65536, found 65537"],
    [{ output: [] }, "output", "expected an object, found an array"],
    [{ output: { loader: "cjs" } }, "output.loader", `expected "js", "ts" or false, found "cjs"`],
    [{ output: { manifest: 1 } }, "output.manifest", "expected true or false or a string, found 1"],
    [{ modules: [] }, "modules", "the list of modules is empty"],
    [{ modules: "a.wasm" }, "modules", `expected an array, found "a.wasm"`],
    [{ modules: [1] }, "modules[0]", "expected a string or an object, found 1"],
    [{ modules: [""] }, "modules[0]", "found an empty string"],
    [{ modules: [{}] }, "modules[0].path", `key "path" is missing`],
    [
      { modules: [{ path: "a.wasm", stack: 8 }] },
      "modules[0].stack",
      "expected a multiple of 16, found 8",
    ],
  ];
  for (const [value, path, message] of wrong) {
    const { problems } = resolve({ modules: ["a.wasm"], ...value });
    assertEquals(problems.map((each) => [each.code, each.path]), [["config_invalid", path]]);
    assertStringIncludes(problems[0].message, message);
  }
  assertStringIncludes(resolve({}).problems[0].message, `key "modules" is missing`);
  assertStringIncludes(resolve(5).problems[0].message, "expected an object, found 5");
});

Deno.test("resolveConfig() reports everything in one go, by index", () => {
  assertEquals(
    problemsOf({
      modules: [{ path: 1 }, "x/a.wasm", { path: "y/a.wasm", nam: "b" }, { path: "c", name: "" }],
      outptu: {},
    }),
    [
      "config_invalid modules[0].path",
      "config_invalid modules[2].nam",
      "config_invalid outptu",
      "duplicate_name modules[2].path",
      "config_invalid modules[3].name",
    ],
  );
});

Deno.test("resolveConfig() reports a duplicate name with both modules", () => {
  const { problems } = resolve({ modules: ["x/a.wasm", { path: "b.wasm", name: "a" }] });
  assertEquals(problems, [{
    code: "duplicate_name",
    message: `Cannot use the name "a" twice: "x/a.wasm" and "b.wasm" both have it`,
    hint: "Set modules[1].name to another name",
    path: "modules[1].name",
  }]);
});

Deno.test("resolveConfig() refuses names that are no file name or no key everywhere", () => {
  for (const name of ["", "a/b", "a\\b", "a\nb", "a:b", "..", " a", "a.", "NUL", "__proto__"]) {
    assertEquals(problemsOf({ modules: [{ path: "a.wasm", name }] }), [
      "config_invalid modules[0].name",
    ], JSON.stringify(name));
  }
  for (const name of ["a-b", "a.b", "ä", "π 1", "constructor", "class"]) {
    assertEquals(problemsOf({ modules: [{ path: "a.wasm", name }] }), [], name);
  }
});

Deno.test("resolveConfig() refuses two outputs in one file", () => {
  assertEquals(problemsOf({ modules: ["a.wasm"], output: { manifest: "mod.js" } }), [
    "output_conflict output.manifest",
  ]);
  assertEquals(problemsOf({ modules: ["a.wasm"], output: { manifest: "a.wasm" } }), [
    "output_conflict output.manifest",
  ]);
  assertEquals(problemsOf({ modules: ["x/A.wasm", "y/a.wasm"] }), ["output_conflict modules[1]"]);
  assertEquals(problemsOf({ modules: ["a.wasm"], output: { manifest: "../m.json" } }), [
    "config_invalid output.manifest",
  ]);
  assertEquals(problemsOf({ modules: ["a.wasm"], output: { inline: true, loader: false } }), [
    "config_invalid output.inline",
  ]);
});

Deno.test("loadConfig() runs TypeScript, functions and promises", async () => {
  const files = {
    "wasm-share.config.ts":
      `import { defineConfig } from "${DEFINE}";\nexport default defineConfig(` +
      "async ({ command, mode }) => ({ modules: [`${command}-${mode}.wasm`] }));",
    "promise.mjs": `export default Promise.resolve({ modules: ["a.wasm"] });`,
  };
  await inFolder(files, async ({ path }) => {
    assertEquals(await load(path, null, "debug"), {
      value: { modules: ["combine-debug.wasm"] },
      directory: path,
      name: "wasm-share.config.ts",
    });
    assertEquals((await load(path, "promise.mjs")).value, { modules: ["a.wasm"] });
  });
});

Deno.test("loadConfig() reads JSON, and prefers TypeScript", async () => {
  await inFolder({ "wasm-share.config.json": `\uFEFF{"modules":["a.wasm"]}` }, async (folder) => {
    assertEquals((await load(folder.path)).value, { modules: ["a.wasm"] });
    await folder.write("wasm-share.config.ts", "export default 1;");
    assertEquals((await load(folder.path)).value, 1);
  });
});

Deno.test("loadConfig() reports where JSON is wrong", async () => {
  await inFolder({ "wasm-share.config.json": `{\n  "modules": [],\n}` }, async ({ path }) => {
    const error = await assertRejects(() => load(path), WasmShareError);
    assertEquals(error.code, "config_unreadable");
    assertStringIncludes(error.message, `"wasm-share.config.json" at line 3, column 1: Expected`);
    assert(error.cause instanceof SyntaxError);
  });
});

Deno.test("loadConfig() reports a config that does not exist", async () => {
  await inFolder({}, async ({ path }) => {
    const none = await assertRejects(() => load(path), WasmShareError);
    assertEquals(none.code, "config_not_found");
    assertStringIncludes(none.hint, "--config");
    const named = await assertRejects(() => load(path, "my.json"), WasmShareError);
    assertEquals(named.code, "config_not_found");
    assertStringIncludes(named.message, `"my.json"`);
  });
});

Deno.test("loadConfig() reports a config that does not run, with its cause", async () => {
  const files = {
    "syntax.ts": "export default { = 1 }",
    "throws.ts": "throw new RangeError('out of cheese');",
    "function.ts": "export default () => { throw new RangeError('out of cheese'); }",
    "rejects.ts": "export default () => Promise.reject(new RangeError('out of cheese'));",
  };
  await inFolder(files, async ({ path }) => {
    for (const name of Object.keys(files)) {
      const error = await assertRejects(() => load(path, name), WasmShareError);
      assertEquals(error.code, "config_unreadable");
      assertStringIncludes(error.message, `Cannot load config "${name}": `);
      if (name !== "syntax.ts") assertStringIncludes(error.message, "out of cheese");
      assert(error.cause instanceof Error);
    }
  });
});

Deno.test("loadConfig() reports a config without a default export", async () => {
  await inFolder({ "named.ts": "export const config = {};" }, async ({ path }) => {
    const error = await assertRejects(() => load(path, "named.ts"), WasmShareError);
    assertEquals(error.code, "config_invalid");
    assertStringIncludes(error.hint, "export default defineConfig(");
  });
});

Deno.test("the schema for editors is current", async () => {
  const file = new URL("../schema/wasm-share.schema.json", import.meta.url);
  const { $schema, title, ...rest } = configJsonSchema();
  const schema = JSON.stringify({ $schema, title, ...rest }, null, 2);
  if (Deno.env.get("BLESS") === "1") await Deno.writeTextFile(file, `${schema}\n`);
  const committed = JSON.parse(await Deno.readTextFile(file));
  assertEquals(committed, JSON.parse(schema), "Run this test with BLESS=1 to write it");
});

Deno.test("the config of this repository is one", async () => {
  const { value, directory, name } = await load(new URL("..", import.meta.url).pathname);
  assertEquals(toFileUrl(directory).href + "/", new URL("..", import.meta.url).href);
  assertEquals(resolveConfig({ value, directory, name }, NOTHING).problems, []);
});

Deno.test("loadConfig() says where JSON is wrong whatever the engine says", async () => {
  const wrong: [text: string, place: string, reason: string][] = [
    [`{\n  "modules": [a.wasm]\n}`, "line 2, column 15", "Unexpected token 'a'"],
    [`{\n  "modules": ["a.wasm",]\n}`, "line 2, column 24", "Unexpected token ']'"],
    [`{\n  "modules": ["a.wasm"`, "line 2, column 23", ""],
    [`{ "modules": ["a.wasm"], // all\n"strict": true }`, "line 1, column 26", ""],
    ["", "line 1, column 1", "Unexpected end of JSON input"],
    ["{}\n}", "line 2, column 1", ""],
  ];
  for (const [text, place, reason] of wrong) {
    await inFolder({ "a.json": text }, async ({ path }) => {
      const { code, message } = await assertRejects(() => load(path, "a.json"), WasmShareError);
      assertEquals(code, "config_unreadable");
      assertStringIncludes(message, `Cannot read config "a.json" at ${place}: ${reason}`);
      assert(!message.includes("is not valid JSON"), message);
    });
  }
});

Deno.test("jsonPlace() finds a mistake where JSON.parse() does, and none in JSON", () => {
  const good = `{"a": [1.5e3, -0, "\\u00e9\\n", {}], "b": {"c": [true, null, []]} }\n`;
  assertEquals(jsonPlace(good), "");
  let wrong = 0;
  for (const character of `{}[],:"0 \\x\n.-`) {
    for (let at = 0; at < good.length; at++) {
      for (const rest of [at, at + 1]) {
        const text = good.slice(0, at) + character + good.slice(rest);
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
          wrong++;
        }
        assertEquals(jsonPlace(text) === "", valid, text);
      }
    }
  }
  assert(wrong > 500, `${wrong} texts were wrong`);
});

Deno.test("loadConfig() names the files that it can read", async () => {
  await inFolder({ "t.yaml": "modules: []", "config": "{}" }, async ({ path }) => {
    const yaml = await assertRejects(() => load(path, "t.yaml"), WasmShareError);
    assertEquals(yaml.code, "config_unreadable");
    assertStringIncludes(yaml.message, `Cannot load config "t.yaml": ".yaml" is unknown`);
    assertEquals(yaml.hint, "Write it as a file that ends in .ts, .mts, .js, .mjs or .json");
    const none = await assertRejects(() => load(path, "config"), WasmShareError);
    assertStringIncludes(none.message, "it has no extension");
  });
});
