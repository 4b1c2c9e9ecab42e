/** Modules that are crates: what is run, and what is said when something is wrong. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { toFileUrl } from "@std/path";
import { WasmShareError } from "../mod.ts";
import { run as runProgram } from "../src/crates/run.ts";
import { inFolder } from "./temp.ts";
import { esbuild } from "./host/npm.ts";
import { GLUE, inProject, type Project, type Tools, TYPES } from "./host/crates.ts";
import { run } from "./host/output.ts";

const PARSER = { crate: "parser" };
const ONE = { modules: [PARSER, "stats.wasm"] };

/** What stops a build, with everything left as it was. */
async function fails(
  tools: Tools,
  config: Record<string, unknown>,
  more: (project: Project) => Promise<void> = async () => {},
): Promise<WasmShareError> {
  let found: WasmShareError | undefined;
  await inProject(tools, config, async (project) => {
    await project.write("out/parser.wasm", "of an earlier run");
    await more(project);
    found = await assertRejects(() => project.build(), WasmShareError);
    assertEquals(await project.read("out/parser.wasm"), "of an earlier run");
    const out = (await project.list()).filter((name) => /^(out|target)\//.test(name));
    assertEquals(out, ["out/parser.wasm"]);
    found = new WasmShareError(found.errors.map((each) => ({
      ...each,
      message: each.message.replaceAll(`${project.path}/bin/`, ""),
      hint: each.hint?.replaceAll(`${project.path}/bin/`, ""),
    })));
  });
  return found!;
}

Deno.test("a crate: cargo, the move, wasm-bindgen, and wasm-opt if it is asked for", async () => {
  const module = {
    ...PARSER,
    profile: "small",
    features: ["simd", "utf8"],
    bindgen: ["--debug"],
    optimize: ["-O2", "--enable-simd"],
  };
  await inProject({}, { modules: [module, "stats.wasm"] }, async (project) => {
    const { current, files } = await project.build();
    assertEquals(await project.calls(), [
      "cargo metadata --format-version=1 --filter-platform=wasm32-unknown-unknown " +
      "--manifest-path ./parser/Cargo.toml --features=simd,utf8",
      "cargo rustc --manifest-path ./parser/Cargo.toml --lib --crate-type=cdylib --profile=small " +
      "--target=wasm32-unknown-unknown --features=simd,utf8 --message-format=json-render-diagnostics " +
      "-- -C link-arg=--emit-relocs",
      "wasm-bindgen ./TEMP/moved.wasm --target=web --out-dir=./TEMP --out-name=parser --debug",
      "wasm-opt ./TEMP/parser_bg.wasm -O2 --enable-simd -o ./TEMP/optimized.wasm",
    ]);
    assertEquals(current, false);
    assertEquals(files.map(({ path }) => path), [
      ...["parser.wasm", "stats.wasm", "parser.js", "parser.d.ts", "index.js", "index.d.ts"],
      ...["package.json", "wasm-share.json"],
    ]);
    const manifest = JSON.parse(await project.read("out/wasm-share.json"));
    assertEquals(
      manifest.inputs.map((input: Record<string, unknown>) => [input.path, input.wasmBindgen]),
      [["parser", "0.2.130"], ["stats.wasm", undefined]],
    );
    assertEquals(manifest.inputs[0].codeShift, null);
    assertEquals((await project.list()).filter((name) => name.startsWith("target")), []);

    // The same again writes nothing, and neither does a check.
    for (const check of [false, true]) assert((await project.build({ check })).current);
    await project.write("out/parser.js", "edited");
    const { current: still, files: now } = await project.build({ check: true });
    assertEquals([still, now.filter(({ state }) => state === "changed").length], [false, 1]);
    assertEquals(await project.read("out/parser.js"), "edited");
  });
});

Deno.test("a crate: its package runs, in Deno and Node", async () => {
  await inProject({}, ONE, async (project) => {
    await project.build();
    await project.write(
      "main.js",
      `import init, { build, layout } from "./out/index.js";
import * as early from "./out/parser.js";
try { early.twice(1); } catch ({ message }) { console.log(message); }
const { memory, parser, stats } = await init();
console.log(parser.twice(21), stats.metric_count(), build.length, layout.modules.length);
console.log(stats.memory === memory);
`,
    );
    const commands: [string, ...string[]][] = [
      [Deno.execPath(), "run", "--no-config", `--allow-read=${project.path}`],
      ["node"],
    ];
    for (const [command, ...args] of commands) {
      const { text } = await run(command, [...args, project.file("main.js")], {
        cwd: project.path,
      });
      assertEquals(text.split("\n"), [
        'Cannot use "parser" yet: call and await init() of the package\'s index.js first',
        "42 3 32 2",
        "true",
      ]);
    }
    await project.write("types.ts", TYPED);
    const { ok, text } = await run(
      Deno.execPath(),
      ["check", "--no-config", project.file("types.ts")],
      { cwd: project.path },
    );
    assert(ok, text);
  });
});

const TYPED = `
import init, { type InitOptions, type Packages, type parser } from "./out/index.js";
const options: InitOptions = { wasm: { stats: new URL("x:y") } };
const packages: Packages = await init(options);
const api: typeof parser = packages.parser;
const twice: number = api.twice(packages.stats.metric_count());
const memory: WebAssembly.Memory = packages.memory;
// @ts-expect-error there is no such module
packages.codec;
// @ts-expect-error there is no such module
await init({ wasm: { codec: new URL("x:y") } });
export { memory, twice };
`;

Deno.test("a crate: inline, the modules are in the package", async () => {
  await inProject({}, ONE, async (project) => {
    const overrides = {
      dir: null,
      additionalStack: null,
      strict: null,
      inline: true,
      loader: null,
    };
    const { files } = await project.build({ overrides });
    assert(!files.some(({ path }) => path.endsWith(".wasm")));
    const { init } = await import(toFileUrl(project.file("out/index.js")).href);
    assertEquals((await init()).parser.twice(4), 8);
  });
});

Deno.test("a crate without wasm-bindgen is a plain module, in the table of all", async () => {
  await inProject({ locked: null }, ONE, async (project) => {
    const { combined, files } = await project.build();
    assertEquals((await project.calls()).map((call) => call.split(" ")[0]), ["cargo", "cargo"]);
    assertEquals(combined.layout.modules.map(({ table }) => table?.shared), [true, true]);
    assert(!files.some(({ path }) => path === "parser.js"));
    const { init } = await import(toFileUrl(project.file("out/index.js")).href);
    assertEquals(typeof (await init()).parser.parse, "function");
  });
  await inProject({}, ONE, async (project) => {
    const { combined } = await project.build();
    assertEquals(combined.layout.modules.map(({ table }) => table?.shared), [false, true]);
  });
});

Deno.test("a crate gets what it imports by itself from the set, or from the host", async () => {
  // As wasm-bindgen writes it, once for each import that it knows nothing of.
  const own = '        "./NAME_bg.js": import0,\n';
  const glue = `import * as import1 from "env"\nimport * as import2 from "env"\n${
    GLUE.replace(own, `${own}        "env": import1,\n        "env": import2,\n`)
      .replace(
        "export function twice",
        "export function call(which, value) {\n" +
          "    return wasm.call(which, value);\n}\nexport function twice",
      )
  }`;
  const types = TYPES.replace(
    "export function twice",
    "export function call(a: number, b: number): " +
      "number;\nexport function twice",
  );
  const tools = { glue, types, module: "tests/cases/c-imports/base.wasm" };
  await inProject(tools, ONE, async (project) => {
    await project.build();
    const { init } = await import(toFileUrl(project.file("out/index.js")).href);
    const missing = await assertRejects(() => init(), Error);
    assertStringIncludes(missing.message, 'nothing provides "env.one" (function)');
    const double = (value: number) => 2 * value + 1;
    const env = { one: double, other: double };
    const { parser, stats } = await init({ imports: { modules: { parser: { env } } } });
    assertEquals([parser.call(0, 20), stats.metric_count()], [42, 3]);
    await project.write(
      "types.ts",
      `import init from "./out/index.js";
const one = (a: number) => a;
await init({ imports: { env: { one, other: one } } });
// @ts-expect-error a function is missing
await init({ imports: { env: { one } } });
// @ts-expect-error the functions are missing
await init();
`,
    );
    const args = ["check", "--no-config", project.file("types.ts")];
    const { ok, text } = await run(Deno.execPath(), args, { cwd: project.path });
    assert(ok, text);
  });
});

Deno.test("a stamp that a tool drops is put back", async () => {
  // A module without custom sections but its stamp: cut off at the end.
  const drop = `[ "$1" = --version ] || {
  deno_eval='const [from, to] = Deno.args; const bytes = Deno.readFileSync(from);
  const text = new TextDecoder("latin1").decode(bytes);
  const at = text.lastIndexOf("wasm-share{"); Deno.writeFileSync(to, bytes.subarray(0, at - 4));'
  for last; do :; done
  "${Deno.execPath()}" eval "$deno_eval" "$1" "$last"; exit; }`;
  await inProject({ wasmOpt: drop }, {
    modules: [{ ...PARSER, optimize: ["-O"] }, "stats.wasm"],
  }, async (project) => {
    const { combined } = await project.build();
    const module = await WebAssembly.compile(combined.modules[0] as Uint8Array<ArrayBuffer>);
    const [stamp] = WebAssembly.Module.customSections(module, "wasm-share");
    assertEquals(JSON.parse(new TextDecoder().decode(stamp)).build, combined.buildId);
    const { init } = await import(toFileUrl(project.file("out/index.js")).href);
    assertEquals((await init()).parser.twice(4), 8);
  });
});

Deno.test("a folder that is no crate, and crates that cannot become a module", async () => {
  const missing = await fails({}, { modules: [{ crate: "nothing" }, { crate: "." }, "x.wasm"] });
  assertEquals(missing.errors.map(({ code, path }) => [code, path]), [
    ["module_not_found", "modules[2]"],
    ["crate_invalid", "modules[0].crate"],
    ["crate_invalid", "modules[1].crate"],
  ]);
  assertEquals(
    missing.errors[1].message,
    'Cannot look up crate "nothing": there is no Cargo.toml in it',
  );
  const program = await fails({ kind: "bin" }, ONE);
  assertEquals(program.code, "crate_invalid");
  assertStringIncludes(program.message, 'package "parser" has no library');
  assertStringIncludes(program.hint, "src/lib.rs");

  const broken = await fails({
    cargo:
      `[ "$1" = metadata ] && { echo "error: no targets specified in the manifest" >&2; exit 101; }`,
  }, ONE);
  assertEquals([broken.code, broken.hint], [
    "crate_invalid",
    "error: no targets specified in the manifest",
  ]);
});

Deno.test("what does not compile is shown as the compiler says it", async () => {
  const error = await fails({
    cargo: `[ "$1" = rustc ] && { echo "   Compiling parser v0.1.0
error[E0308]: mismatched types
 --> src/lib.rs:1:2
error: could not compile" >&2; exit 101; }`,
  }, { modules: [PARSER, { ...PARSER, name: "other" }] });
  assertEquals(error.errors.map(({ code, path }) => [code, path]), [
    ["crate_build_failed", "modules[0].crate"],
    ["crate_build_failed", "modules[1].crate"],
  ]);
  assertEquals(
    error.hint,
    "error[E0308]: mismatched types\n     --> src/lib.rs:1:2\n    error: could not compile",
  );
  const nothing = await fails({ cargo: `[ "$1" = rustc ] && exit 0` }, ONE);
  assertEquals(nothing.code, "crate_build_failed");
});

Deno.test("a Rust without the target says how to get it", async () => {
  const { code, hint } = await fails({
    cargo: `[ "$1" = rustc ] && { echo "error[E0463]: can't find crate for \\\`core\\\`
  = note: the \\\`wasm32-unknown-unknown\\\` target may not be installed" >&2; exit 101; }`,
  }, ONE);
  assertEquals([code, hint], ["tool_unusable", "Run: rustup target add wasm32-unknown-unknown"]);
});

Deno.test("missing tools are named, with what installs them, all in one go", async () => {
  const modules = [{ ...PARSER, optimize: ["-O"] }, "stats.wasm"];
  const without = (...names: string[]) => async (project: Project) => {
    for (const name of names) await Deno.remove(project.file(`bin/${name}`));
  };
  const both = await fails({}, { modules }, without("wasmBindgen", "wasmOpt"));
  assertEquals(both.errors.map(({ code, message, path }) => [code, message, path]), [
    [
      "tool_unusable",
      'Cannot bind module "parser" with "wasmBindgen": there is no such program',
      "modules[0].crate",
    ],
    [
      "tool_unusable",
      'Cannot optimize module "parser" with "wasmOpt": there is no such program',
      "modules[0].optimize",
    ],
  ]);
  assertMatch(both.errors[0].hint!, /Run: cargo install wasm-bindgen-cli --version =0\.2\.130;/);
  assertMatch(both.errors[1].hint!, /Run: npm install --global binaryen;/);
  const cargo = await fails({}, { modules: [PARSER, { ...PARSER, name: "b" }] }, without("cargo"));
  assertEquals(cargo.errors.map(({ code }) => code), ["tool_unusable"]);
  assertStringIncludes(cargo.hint, "set CARGO to the path of cargo");
});

Deno.test("docs/errors.md shows what is said", async () => {
  const page = await Deno.readTextFile(new URL("../docs/errors.md", import.meta.url));
  const failing = (tool: string, text: string) =>
    `[ "$1" = ${tool} ] && { printf '${text}' >&2; exit 1; }`;
  const compiler =
    "error[E0308]: mismatched types\\n --> src/lib.rs:1:2\\nerror: could not compile\\n";
  const target = "can\\047t find crate for \\140core\\140; target may not be installed";
  const errors = [
    await fails({}, { modules: [{ crate: "nothing" }] }),
    await fails({ kind: "bin" }, ONE),
    await fails({ cargo: failing("rustc", compiler) }, ONE),
    await fails({ cargo: failing("rustc", target) }, ONE),
    await fails({ locked: "0.2.92" }, ONE),
    await fails({ wasmOpt: `[ "$1" = --version ] || { echo "Unknown option '-O9'"; exit 1; }` }, {
      modules: [{ ...PARSER, optimize: ["-O9"] }],
    }),
    await fails({ glue: GLUE.replace("memory || new", "memory ?? new") }, ONE),
  ];
  const codes = new Set<string>();
  for (const { message, code } of errors) {
    const text = message.replaceAll('"wasmBindgen"', '"wasm-bindgen"');
    assertStringIncludes(page, `✖ ${text}\n`);
    codes.add(code);
  }
  assertEquals([...codes], [
    ...["crate_invalid", "crate_build_failed", "tool_unusable", "tool_version", "tool_failed"],
    "glue_unknown",
  ]);
});

Deno.test("another version of wasm-bindgen is refused before anything is built", async () => {
  await inProject({ locked: "0.2.92" }, ONE, async (project) => {
    const { code, message, hint } = await assertRejects(() => project.build(), WasmShareError);
    assertEquals(code, "tool_version");
    assertStringIncludes(message, 'crate "parser" is locked to wasm-bindgen 0.2.92, and ');
    assertStringIncludes(message, "is 0.2.130");
    assertStringIncludes(hint, "cargo install wasm-bindgen-cli --version =0.2.92;");
    assertEquals((await project.calls()).length, 1);
  });
});

Deno.test("a guard on a shared stack is refused, since wasm-bindgen would run into it", async () => {
  const config = { ...ONE, stack: "shared", stackGuard: "check" };
  const { code, path, message } = await fails({}, config);
  assertEquals([code, path], ["invalid_option", "modules[0]"]);
  assertStringIncludes(message, 'the stack pointer of module "parser" on a shared stack');
  await inProject({ locked: null }, config, async (project) => {
    await project.build();
  });
});

Deno.test("tools that fail, in their own words", async () => {
  const say = `[ "$1" = --version ] || { echo "it is Friday" >&2; exit 1; }`;
  const bindgen = await fails({ wasmBindgen: say }, ONE);
  assertEquals([bindgen.code, bindgen.hint], ["tool_failed", "it is Friday"]);
  assertStringIncludes(bindgen.message, "wasm-bindgen 0.2.130 failed");
  const optimize = await fails({ wasmOpt: say }, { modules: [{ ...PARSER, optimize: ["-O"] }] });
  assertEquals([optimize.code, optimize.hint], ["tool_failed", "it is Friday"]);
});

Deno.test("glue that is not what it should be is refused, with the version", async () => {
  const changes: [from: string, to: string, found: string][] = [
    ["memory: memory || new WebAssembly.Memory({initial:33}),", "", "its memory was found 0 times"],
    ["memory || new", "memory ?? new", "its memory was found 0 times"],
    ["let wasmModule, wasmInstance, wasm;", "var wasm;", "variable of its exports"],
    ["__wbg_finalize_init(", "__wbg_finish(", "__wbg_finalize_init was not found"],
    ["export function twice", "new WebAssembly.Memory({});\nexport function twice", "it still has"],
    ["export function twice", "initSync();\nexport function twice", 'it still has "initSync"'],
  ];
  for (const [from, to, found] of changes) {
    assert(GLUE.includes(from));
    const { code, message } = await fails({ glue: GLUE.replace(from, to) }, ONE);
    assertEquals(code, "glue_unknown");
    assertStringIncludes(message, "that wasm-bindgen 0.2.130 wrote: ");
    assertStringIncludes(message, found);
  }
  const types = await fails({ types: TYPES.replace("InitInput", "Input") }, ONE);
  assertStringIncludes(types.message, "the types of its loading part were not found");
});

Deno.test("a module that lost its place, or its memory, is refused", async () => {
  const give = (file: string) =>
    `[ "$1" = --version ] || {
    for last; do :; done; cp "$(dirname "$0")/../${file}" "$last"; exit; }`;
  const modules = [{ ...PARSER, optimize: ["-O"] }, "stats.wasm"];
  const own = await fails({ wasmOpt: give("parser.wasm") }, { modules });
  assertEquals(own.code, "glue_unknown");
  assertStringIncludes(own.message, "it has a memory of its own");
  const none = await fails({ wasmOpt: give("metadata.json") }, { modules });
  assertStringIncludes(none.message, "this host cannot compile it");
});

Deno.test("Deno without the permission says which flag to add", async () => {
  await inProject({}, ONE, async (project) => {
    const bin = new URL("../src/bin.ts", import.meta.url).pathname;
    const config = new URL("../deno.json", import.meta.url).pathname;
    const flags = [`--config=${config}`, "--allow-read", `--allow-write=${project.path}`];
    const denied = await run(Deno.execPath(), ["run", "--no-prompt", ...flags, bin, "combine"], {
      cwd: project.path,
    });
    assert(!denied.ok);
    assertStringIncludes(denied.text, "Deno has no permission to run it");
    assertStringIncludes(denied.text, "--allow-run=cargo,wasm-bindgen,wasm-opt");
    const granted = await run(
      Deno.execPath(),
      ["run", "--no-prompt", ...flags, "--allow-run=cargo,wasm-bindgen", bin, "combine"],
      { cwd: project.path, env: { PATH: await project.onPath() } },
    );
    assert(granted.ok, granted.text);
    assertStringIncludes(granted.text, "2 modules combined");
  });
});

Deno.test("programs run the same in Deno and Node", async () => {
  const script = `
const results = await Promise.all([
  run("sh", ["-c", "echo out; echo err >&2; exit 3"], "/"),
  run("sh", ["-c", "pwd; cat"], "/"),
  run("no-such-program-here", [], "/"),
]);
console.log(JSON.stringify(results.map(({ reason, ...rest }) => rest)));
`;
  const wanted: object[] = [
    { code: 3, stdout: "out\n", stderr: "err\n" },
    { code: 0, stdout: "/\n", stderr: "" },
    { failure: "missing" },
  ];
  const here = await Promise.all([
    runProgram("sh", ["-c", "echo out; echo err >&2; exit 3"], "/"),
    runProgram("sh", ["-c", "pwd; cat"], "/"),
    runProgram("no-such-program-here", [], "/"),
  ]);
  // The reason is the system's, in its own words.
  assertEquals(
    here.map((each): object => "code" in each ? each : { failure: each.failure }),
    wanted,
  );
  await inFolder({}, async (folder) => {
    await esbuild.build({
      stdin: {
        contents: `import { run } from "./run.ts";${script}`,
        resolveDir: new URL("../src/crates", import.meta.url).pathname,
      },
      bundle: true,
      format: "esm",
      platform: "node",
      outfile: folder.file("main.mjs"),
      logLevel: "silent",
    });
    await esbuild.stop();
    const { ok, text } = await run("node", [folder.file("main.mjs")]);
    assert(ok, text);
    assertEquals(JSON.parse(text), wanted);
  });
});
