/** Modules of a config that are crates. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { resolveConfig } from "../src/config/resolve.ts";

const OVERRIDES = { dir: null, additionalStack: null, strict: null, inline: null, loader: null };

function resolve(value: unknown) {
  return resolveConfig({ value, directory: "/app", name: "wasm-share.config.ts" }, OVERRIDES);
}

/** `message (path) → hint` of each problem. */
function said(value: Record<string, unknown>): string[] {
  return resolve(value).problems.map(({ message, path, hint }) =>
    `${message.replace('Cannot use config "wasm-share.config.ts": ', "")} (${path}) → ${hint}`
  );
}

Deno.test("resolveConfig() decides every option of a crate", () => {
  const { config, problems } = resolve({
    modules: [
      { crate: "crates/my-parser" },
      {
        crate: "crates/codec",
        name: "small",
        profile: "dev",
        features: ["simd"],
        bindgen: ["--debug"],
        optimize: ["-O3"],
        additionalStack: 16,
        table: "shared",
      },
      "plain.wasm",
    ],
  });
  assertEquals(problems, []);
  const [parser, codec, plain] = config.modules;
  assertEquals(parser.crate, {
    dir: "/app/crates/my-parser",
    manifest: "/app/crates/my-parser/Cargo.toml",
    defaultName: "my_parser",
    entry: "modules[0]",
    profile: "release",
    features: [],
    bindgen: [],
    optimize: null,
    table: null,
  });
  assertEquals([parser.name, parser.at, parser.source, parser.written], [
    "my_parser",
    "modules[0].crate",
    "crates/my-parser",
    "crates/my-parser",
  ]);
  const { profile, features, bindgen, optimize, table } = codec.crate!;
  assertEquals([codec.name, codec.additionalStack, profile, table], ["small", 16, "dev", "shared"]);
  assertEquals([features, bindgen, optimize], [["simd"], ["--debug"], ["-O3"]]);
  assertEquals(plain.crate, null);
  assertEquals(config.output.files.map(({ file }) => file), [
    ...["my_parser.wasm", "small.wasm", "plain.wasm", "my_parser.js", "my_parser.d.ts"],
    ...["small.js", "small.d.ts", "index.js", "index.d.ts", "package.json", "wasm-share.json"],
  ]);
  const { config: shared } = resolve({ modules: [{ crate: "a" }], table: "shared" });
  assertEquals(shared.modules[0].crate!.table, "shared");
});

Deno.test("resolveConfig() takes a file or a crate, and nothing in between", () => {
  assertEquals(said({ modules: [{ crate: "a", path: "a.wasm" }] }), [
    'both "crate" and "path" are given (modules[0]) → Remove one of the two',
  ]);
  assertEquals(said({ modules: [{ path: "a.wasm", features: ["x"] }] }), [
    'unknown key "features" (modules[0].features) → ' +
    'Only a crate has it: { crate: "folder", … } instead of path',
  ]);
  assertEquals(said({ modules: [{ crate: "a", feature: ["x"] }] }), [
    'unknown key "feature" (modules[0].feature) → Did you mean "features"?',
  ]);
  assertEquals(said({ modules: [{ crate: "" }] }), [
    "expected a value that is not empty, found an empty string (modules[0].crate) → undefined",
  ]);
  assertEquals(said({ modules: [{ crate: "a", features: "simd" }] }), [
    'expected an array, found "simd" (modules[0].features) → undefined',
  ]);
  assertEquals(said({ modules: [{ crate: "a", optimize: true }] }), [
    "expected an array, found true (modules[0].optimize) → undefined",
  ]);
});

Deno.test("resolveConfig() refuses arguments that would change what is written", () => {
  const bindgen = ["--target", "--target=bundler", "--nodejs", "--out-dir=x", "--no-typescript"];
  for (const arg of bindgen) {
    const [problem, ...more] = resolve({ modules: [{ crate: "a", bindgen: [arg] }] }).problems;
    assertEquals([problem.code, problem.path, more.length], [
      "config_invalid",
      "modules[0].bindgen",
      0,
    ]);
    assertStringIncludes(problem.message, `"${arg}" is not for bindgen: `);
  }
  for (const arg of ["--all-features", "-all", "-o", "--output=x", "-S"]) {
    const [problem, ...more] = resolve({ modules: [{ crate: "a", optimize: [arg] }] }).problems;
    assertEquals([problem.code, problem.path, more.length], [
      "config_invalid",
      "modules[0].optimize",
      0,
    ]);
  }
  const fine = {
    bindgen: ["--debug", "--encode-into", "always"],
    optimize: ["-Os", "--enable-simd"],
  };
  assertEquals(said({ modules: [{ crate: "a", ...fine }] }), []);
});

Deno.test("resolveConfig() refuses names that a package cannot have", () => {
  assertStringIncludes(
    said({ modules: [{ crate: "a", name: "my-a" }] })[0],
    '"my-a" is the name of a crate, and no identifier (modules[0].name) → Set modules[0].name',
  );
  for (const name of ["memory", "table", "then"]) {
    for (const module of [{ crate: "a", name }, { path: "a.wasm", name }]) {
      const problems = said({ modules: [module, { crate: "b" }] });
      assertEquals(problems.length, 1);
      assertStringIncludes(problems[0], `"${name}" cannot be the name of a module beside crates`);
    }
    assertEquals(said({ modules: [{ path: "a.wasm", name }] }), []);
  }
  // index.js is the package's, and a crate called so would have the same.
  assertStringIncludes(said({ modules: [{ crate: "index" }] })[0], 'Cannot write "index.js"');
  assertStringIncludes(said({ modules: [{ crate: "a" }, { crate: "x/a" }] })[0], "twice");
});

Deno.test("resolveConfig() has no other loader for a set with crates", () => {
  for (const loader of ["ts", false]) {
    assertEquals(said({ modules: [{ crate: "a" }], output: { loader } }), [
      `a set with crates gets a package, and "loader" is ${JSON.stringify(loader)} ` +
      '(output.loader) → Remove "loader": index.js is the only way in',
    ]);
  }
});

Deno.test("resolveConfig() takes a name for the package, if there is one", () => {
  const modules = [{ crate: "a" }];
  const named = (own: unknown, list: unknown[] = modules) =>
    resolve({ modules: list, output: { package: own } });
  assertEquals(named({ name: "@me/a" }).config.output.package, { name: "@me/a", version: "0.0.0" });
  assertEquals(named({ name: "a", version: "1.2.3-rc.1" }).problems, []);
  assertEquals(resolve({ modules }).config.output.package, null);
  const wrong: [own: unknown, list: unknown[], path: string][] = [
    [{ name: "A b" }, modules, "output.package.name"],
    [{ name: "a", version: "1" }, modules, "output.package.version"],
    [{ version: "1.0.0" }, modules, "output.package.name"],
    [{ name: "a", main: "x" }, modules, "output.package.main"],
    [{ name: "a" }, ["a.wasm"], "output.package"],
  ];
  for (const [own, list, path] of wrong) {
    const { problems } = named(own, list);
    assertEquals(problems.map((each) => [each.code, each.path]), [["config_invalid", path]]);
  }
});
