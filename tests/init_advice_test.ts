/** What `init` reads in files of a project, and what it says: all of it in memory. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { judge } from "../src/init/advice.ts";
import { cargoFlag, crateOf, targetDirOf } from "../src/init/cargo.ts";
import { commandLines, makes } from "../src/init/commands.ts";
import { configText } from "../src/init/config_text.ts";
import type { Advice } from "../src/init/flags.ts";
import { type Host, nextCommand } from "../src/init/next.ts";
import { notBuilt, nothingFound } from "../src/init/nothing_found.ts";
import type { CargoBuild, Project, ProjectFolder } from "../src/init/project.ts";
import { namesOf, selectModules } from "../src/init/select.ts";
import { readToml, tomlValue } from "../src/init/toml.ts";
import type { WasmShareErrorCode } from "../src/errors.ts";
import { facts, wasm } from "./fake.ts";

const TRIPLE = "wasm32-unknown-unknown";
const RELEASE: CargoBuild = { dir: ".", triple: TRIPLE, profile: "release" };

function folder(files: Record<string, string>, dir = "."): ProjectFolder {
  return { dir, files };
}

/** The advice for a module with a problem. */
function advise(
  path: string,
  folders: ProjectFolder[],
  { code = "no_relocations" as WasmShareErrorCode, cargo = null as CargoBuild | null } = {},
): Advice & { state: string } {
  const problems = [{ code, message: "Cannot move the module", hint: "The plain hint" }];
  const { state, advice } = judge({ path, cargo }, facts("a", { problems }), folders);
  assert(advice !== null);
  return { ...advice, state };
}

Deno.test("readToml() reads what Cargo's files have", () => {
  const entries = readToml(`# a comment
[package]
name = "a-b" # another
version.workspace = true
[lib]
crate-type = [
  "cdylib", # one
  'rlib',
]
[[bin]]
name = "one"
[[bin]]
name = "two"
[target.'cfg(target_family = "wasm")']
rustflags = ["-C", "link-arg=a=\\"b\\""]
[build]
target-dir = 'C:\\out'
inline = { a = "x", list = ["y"] }
broken = [
`);
  assertEquals(tomlValue(entries, "package", "name"), "a-b");
  assertEquals(tomlValue(entries, "package", "version", "workspace"), "true");
  assertEquals(tomlValue(entries, "lib", "crate-type"), ["cdylib", "rlib"]);
  assertEquals(
    entries.filter(({ path }) => path.join() === "bin,name").map(({ value }) => value),
    ["one", "two"],
  );
  assertEquals(tomlValue(entries, "target", 'cfg(target_family = "wasm")', "rustflags"), [
    "-C",
    'link-arg=a="b"',
  ]);
  assertEquals(tomlValue(entries, "build", "target-dir"), "C:\\out");
  assertEquals(tomlValue(entries, "build", "inline", "list"), ["y"]);
  assertEquals(tomlValue(entries, "build", "nothing"), undefined);
});

Deno.test("readToml() ends, whatever it reads", () => {
  for (
    const text of ["[", "[[", "a", "a =", 'a = "', "a = {", "a = [,", "= 1", "[a]]]\n]", '"""']
  ) {
    assert(Array.isArray(readToml(text)), text);
    assertEquals(tomlValue(readToml(`${text}\n[ok]\nb = "c"`), "nothing"), undefined);
  }
});

Deno.test("crateOf() tells which modules a crate becomes", () => {
  const text = '[package]\nname = "my-codec"\n[lib]\ncrate-type = ["rlib", "cdylib"]\n';
  assertEquals(crateOf(folder({ "Cargo.toml": text }, "crates/codec")), {
    dir: "crates/codec",
    name: "my-codec",
    stems: ["my_codec", "my-codec"],
    cdylib: true,
  });
  const program = crateOf(folder({ "Cargo.toml": '[package]\nname = "run"\n' }));
  assertEquals(program?.cdylib, false);
  assertEquals(crateOf(folder({ "Cargo.toml": "[workspace]\n" })), null);
  const config = folder({ ".cargo/config.toml": '[build]\ntarget-dir = "../out"\n' });
  assertEquals(targetDirOf(config), "../out");
});

Deno.test("cargoFlag() adds to what is there, and never takes anything away", () => {
  const of = (text?: string, name = ".cargo/config.toml") =>
    cargoFlag(folder(text === undefined ? {} : { [name]: text }), RELEASE);
  const flag = '"-C", "link-arg=--emit-relocs"';
  assertEquals(of(), {
    file: ".cargo/config.toml",
    place: "new table",
    lines: [`[target.${TRIPLE}]`, `rustflags = [${flag}]`],
    repeats: false,
  });
  assertEquals(of("", ".cargo/config").file, ".cargo/config");
  const runner = of(`[target.${TRIPLE}]\nrunner = "x"\n`);
  assertEquals([runner.place, runner.lines], ["table", [`rustflags = [${flag}]`]]);
  const own = of(`[target.${TRIPLE}]\nrustflags = ["-C", "target-feature=+simd128"]\n`);
  assertEquals(own.place, "rustflags");
  assertEquals(own.lines, [`rustflags = ["-C", "target-feature=+simd128", ${flag}]`]);
  // Flags of a target replace those of [build].
  const general = of('[build]\nrustflags = "-C opt-level=s"\n');
  assertEquals([general.place, general.repeats], ["new table", true]);
  assertEquals(general.lines[1], `rustflags = ["-C", "opt-level=s", ${flag}]`);
  for (const table of [`target.${TRIPLE}`, "target.'cfg(target_arch = \"wasm32\")'", "build"]) {
    assertEquals(of(`[${table}]\nrustflags = [${flag}]\n`).place, "present", table);
  }
  // Flags of cfg() are joined with those of the target, and [build] counts no more.
  const joined = of(
    `[build]\nrustflags = [${flag}]\n[target.'cfg(all())']\nrustflags = ["-g"]\n`,
  );
  assertEquals([joined.place, joined.repeats], ["new table", false]);
});

Deno.test("judge() says which flag cargo needs, and where", () => {
  const files = { "Cargo.toml": "[workspace]\n" };
  const path = `rust/target/${TRIPLE}/release/a.wasm`;
  const build = { dir: "rust", triple: TRIPLE, profile: "release" };
  assertEquals(advise(path, [folder(files, "rust")], { cargo: build }), {
    state: "rebuild",
    say: 'Add to "rust/.cargo/config.toml"',
    lines: [`[target.${TRIPLE}]`, 'rustflags = ["-C", "link-arg=--emit-relocs"]'],
    then: `cd rust && cargo build --release --target ${TRIPLE}`,
  });
  const profile = (name: string) => advise(path, [], { cargo: { ...RELEASE, profile: name } }).then;
  assertEquals(profile("debug"), `cargo build --target ${TRIPLE}`);
  assertEquals(profile("small"), `cargo build --profile small --target ${TRIPLE}`);
  const spaced = { ...RELEASE, dir: "my app", profile: "constructor" };
  assertEquals(
    advise("x.wasm", [], { cargo: spaced }).then,
    `cd "my app" && cargo build --profile constructor --target ${TRIPLE}`,
  );
  const set = `[target.${TRIPLE}]\nrustflags = ["-C", "link-arg=--emit-relocs"]\n`;
  const there = advise(path, [folder({ ...files, ".cargo/config.toml": set })], {
    cargo: RELEASE,
  });
  assertStringIncludes(there.say, "already");
  assertEquals(there.lines, []);
});

Deno.test("judge() sees RUSTFLAGS of a script, which cargo prefers to its config", () => {
  const scripts = (flags: string) =>
    folder({
      "Cargo.toml": "[package]\n",
      "package.json": JSON.stringify({
        scripts: { wasm: `RUSTFLAGS="${flags}" cargo build --release --target ${TRIPLE}` },
      }),
    });
  const path = `target/${TRIPLE}/release/a.wasm`;
  const advice = advise(path, [scripts("-C opt-level=z")], { cargo: RELEASE });
  assertStringIncludes(advice.say, 'RUSTFLAGS in "package.json", script "wasm"');
  assertEquals([advice.lines, advice.then], [["-C link-arg=--emit-relocs"], "npm run wasm"]);
  const present = advise(path, [scripts("-C link-arg=--emit-relocs")], { cargo: RELEASE });
  assertStringIncludes(present.say, 'is in "package.json", script "wasm" already');
});

const MAKEFILE = `CC = $(SDK)/bin/clang-22
SDK ?= /opt/wasi-sdk
LDFLAGS = -nostdlib
all: build/a.wasm build/b.wasm
build/%.o: %.c
\t$(CC) -c $< -o $@
build/a.wasm: build/a.o
\t@$(CC) $(LDFLAGS) $< \\
\t  -o $@
build/b.wasm: build/b.o
\twasm-ld --no-entry $< -o $@
`;

Deno.test("commandLines() reads rules, continued lines and variables of a Makefile", () => {
  const lines = commandLines(folder({ Makefile: MAKEFILE }, "native"));
  assertEquals(lines.map(({ place, tool }) => [place, tool]), [["line 8", "clang"], [
    "line 11",
    "wasm-ld",
  ]]);
  assertMatch(lines[0].text, /^\/opt\/wasi-sdk\/bin\/clang-22 -nostdlib \$< -o \$@$/);
  assert(makes(lines[0], "a") && !makes(lines[0], "b"));
  assertEquals(lines[0].run, "make -B -C native");
});

Deno.test("commandLines() tells tools apart", () => {
  const tool = (command: string) =>
    commandLines(folder({ "build.sh": `#!/bin/sh\n${command}\n` }))[0]?.tool ?? null;
  assertEquals(tool("clang --target=wasm32 -fuse-ld=/usr/bin/wasm-ld-22 a.c -o a.wasm"), "clang");
  assertEquals(tool("wasm32-wasi-clang++ a.cc -o a.wasm"), "clang");
  assertEquals(tool("clang -c a.c -o a.o"), null);
  assertEquals(tool("emcc a.c -o a.js"), "emcc");
  assertEquals(tool("npx asc a.ts -o a.wasm"), "asc");
  assertEquals(tool("zig cc a.c -o a.wasm"), "zig");
  assertEquals(tool("echo basic classic; mkdir -p clang-format"), null);
  assertEquals(commandLines(folder({ "package.json": "{ broken" })), []);
  const loop = commandLines(folder({ Makefile: "A = $(A) $(A)\nx.wasm:\n\tclang $(A)\n" }));
  assertEquals(loop.length, 1);
});

Deno.test("judge() says which flag a Makefile needs, and where", () => {
  const folders = [folder({ Makefile: MAKEFILE }, "native"), folder({ "package.json": "{}" })];
  assertEquals(advise("native/build/a.wasm", folders), {
    state: "rebuild",
    say: 'Add to "native/Makefile"',
    lines: ["LDFLAGS += -Wl,--emit-relocs --no-wasm-opt"],
    then: "make -B -C native",
  });
  const linker = advise("native/build/b.wasm", folders);
  assertEquals(linker.lines, ["--emit-relocs"]);
  assertStringIncludes(linker.say, '"native/Makefile", line 11');
  const stale = advise("native/build/a.wasm", folders, { code: "stale_relocations" });
  assertEquals(stale.lines, ["--no-wasm-opt"]);
  // Flags for all links would break one for another machine.
  const native = `${MAKEFILE}tool: tool.c\n\tgcc $(LDFLAGS) $< -o $@\n`;
  const one = advise("native/build/a.wasm", [folder({ Makefile: native }, "native")]);
  assertStringIncludes(one.say, "line 8");
  assertEquals(one.lines, ["-Wl,--emit-relocs --no-wasm-opt"]);
  const flagged = MAKEFILE.replace("-nostdlib", "-nostdlib -Wl,--emit-relocs");
  const old = advise("build/a.wasm", [folder({ Makefile: flagged })]);
  assertStringIncludes(old.say, "build again");
  assertEquals(old.then, "make -B");
});

Deno.test("judge() says which line CMake needs", () => {
  const of = (text: string) => advise("build/a.wasm", [folder({ "CMakeLists.txt": text })]);
  assertEquals(of("add_executable(a a.c)\nadd_executable(b b.c)"), {
    state: "rebuild",
    say: 'Add to "CMakeLists.txt", below add_executable(a …)',
    lines: ["target_link_options(a PRIVATE -Wl,--emit-relocs --no-wasm-opt)"],
    then: "cmake --build build",
  });
  assertStringIncludes(of("add_executable(b b.c)").lines[0], "target_link_options(b ");
  assertStringIncludes(of("include(x.cmake)").say, "for the target that makes a.wasm");
});

Deno.test("judge() says how to link what Zig makes", () => {
  const advice = advise("z/zig-out/bin/a.wasm", [folder({ "build.zig": "" }, "z")]);
  assertStringIncludes(advice.say, '"z/build.zig"');
  assertStringIncludes(advice.lines.join("\n"), '"wasm-ld"');
  assert(!advice.lines.join().includes("link_emit_relocs"), "zig drops it");
  assertEquals(advice.then, "cd z && zig build");
  const script = folder({ "build.sh": "zig build-exe a.zig -femit-bin=a.wasm\n" });
  assertEquals(advise("a.wasm", [script]).lines, [
    "zig build-obj … -fcompiler-rt -femit-bin=a.o",
    "wasm-ld --no-entry --export-dynamic --emit-relocs a.o -o a.wasm",
  ]);
});

const ENTRY = {
  lines: ['{ path: "build/a.wasm", twin: ["build/a.near.wasm", "build/a.far.wasm"] }'],
};

Deno.test("judge() says how to build twins with AssemblyScript", () => {
  const script = (command: string) =>
    folder({ "package.json": JSON.stringify({ scripts: { asc: command } }) });
  const advice = advise("build/a.wasm", [script("asc a.ts -o build/a.wasm")]);
  assertEquals(advice.state, "rebuild");
  assertStringIncludes(advice.say, 'AssemblyScript ("package.json", script "asc") writes no');
  assertEquals([advice.lines, advice.then], [[
    "asc … --exportRuntime --memoryBase 65536 -o build/a.wasm",
    "asc … --exportRuntime --memoryBase 131072 -o build/a.near.wasm",
    "asc … --exportRuntime --memoryBase 2147352576 -o build/a.far.wasm",
  ], null]);
  assertEquals(advice.more, [{
    say: 'Then run init again with --force: it finds "a.near.wasm" and "a.far.wasm" and writes',
    ...ENTRY,
  }]);
  // The allocator of this runtime cannot be started: it needs memory of its own.
  const stub = advise("build/a.wasm", [script("asc a.ts --runtime stub -o build/a.wasm")]);
  assertEquals(stub.lines[0], "asc … --memoryBase 65536 -o build/a.wasm");
  assertStringIncludes(stub.more![0].lines[0], ", heap: <bytes> }");
  const both = advise("build/a.wasm", [
    script("asc a.ts -o build/a.wasm && wasm-opt -O4 build/a.wasm -o build/a.wasm"),
  ]);
  assertStringIncludes(both.say, "run wasm-opt with the same flags on each");

  const json = '{"targets":{"release":{"outFile":"build/a.wasm"}}}';
  const config = advise("web/build/a.wasm", [folder({ "asconfig.json": json }, "web")]);
  assertStringIncludes(config.say, 'AssemblyScript ("web/asconfig.json")');
  assertStringIncludes(config.lines[1], "--memoryBase 131072 -o build/a.near.wasm");
  assertStringIncludes(config.more![0].lines[0], '"web/build/a.far.wasm"');
});

Deno.test("judge() says how to build twins with Emscripten", () => {
  const emcc = folder({ Makefile: "build/a.wasm: a.c\n\temcc a.c -o build/a.wasm\n" });
  for (const code of ["no_relocations", "stale_relocations"] as const) {
    const advice = advise("build/a.wasm", [emcc], { code });
    assertEquals(advice.state, "rebuild");
    assertStringIncludes(advice.say, 'Emscripten ("Makefile", line 2) leaves no');
    assertStringIncludes(advice.say, "clang and wasi-libc");
    // The memory of two pages, and one for the base; the far one ends below 2 GiB.
    const flags = "emcc … -sSTANDALONE_WASM --no-entry";
    assertEquals(advice.lines, [
      `${flags} -sGLOBAL_BASE=65536 -sINITIAL_MEMORY=196608 -o build/a.wasm`,
      `${flags} -sGLOBAL_BASE=131072 -sINITIAL_MEMORY=262144 -o build/a.near.wasm`,
      `${flags} -sGLOBAL_BASE=2147221504 -sINITIAL_MEMORY=2147352576 -o build/a.far.wasm`,
    ]);
    assertEquals(advice.more?.map(({ lines }) => lines), [ENTRY.lines]);
  }
  // Without a file that says so, by what the module imports.
  const imports = [{
    module: "env",
    name: "emscripten_notify_memory_growth",
    kind: "function" as const,
    type: { params: [], results: [] },
  }];
  const problems = [{ code: "no_relocations" as const, message: "No records", hint: "Link" }];
  const { advice } = judge({ path: "a.wasm", cargo: null }, {
    ...facts("a", { problems }),
    imports: imports as unknown as ReturnType<typeof facts>["imports"],
  }, []);
  assertStringIncludes(advice!.say, "Emscripten leaves no relocation records");
});

Deno.test("judge() names the step that rewrites a module, and then how to keep it", () => {
  const scripts = {
    build: "clang a.c -Wl,--emit-relocs --no-wasm-opt -o build/a.wasm",
    small: "wasm-opt -Oz build/a.wasm -o dist/a.wasm",
  };
  const folders = [folder({ "package.json": JSON.stringify({ scripts }) })];
  const stale = advise("dist/a.wasm", folders, { code: "stale_relocations" });
  assertStringIncludes(stale.say, '"package.json", script "small" runs wasm-opt');
  assertStringIncludes(stale.say, "the linker's own output, before wasm-opt");
  const [links, entry] = stale.more!;
  assertStringIncludes(links.say, "Or keep that order and link three times");
  assertStringIncludes(links.say, "run wasm-opt with the same flags on each");
  assertEquals(links.lines, [
    "-Wl,--global-base=65536  # → dist/a.wasm",
    "-Wl,--global-base=131072  # → dist/a.near.wasm",
    "-Wl,--global-base=2147352576  # → dist/a.far.wasm",
  ]);
  assertEquals(entry.lines, [ENTRY.lines[0].replaceAll("build/", "dist/")]);
  const plain = advise("dist/a.wasm", folders);
  assertStringIncludes(plain.say, "runs wasm-opt");
  assertEquals(plain.more, stale.more);

  const first = (command: string) =>
    advise("a.wasm", [folder({ "build.sh": `${command}\nwasm-opt -O a.wasm -o a.wasm\n` })])
      .more?.[0].lines[0];
  assertEquals(first("wasm-ld a.o -o a.wasm"), "--global-base=65536  # → a.wasm");
  // Data lies above the stack.
  const large = "clang a.c -Wl,-z,stack-size=100000 -o a.wasm";
  assertEquals(first(large), "-Wl,--global-base=131072  # → a.wasm");
  const rust = "-C link-arg=--global-base=1048576  # → a.wasm";
  assertEquals(first("cargo build --target wasm32-unknown-unknown && cp x a.wasm"), rust);
  // What wasm-bindgen makes belongs to one memory.
  const bindgen = folder({ "build.sh": "wasm-bindgen --target web a.wasm\n" });
  assertEquals(advise("a.wasm", [bindgen], { code: "stale_relocations" }).more, undefined);
});

Deno.test("judge() says what inspect says if no file tells more", () => {
  assertEquals(advise("build/a.wasm", []).say, "The plain hint");
  const shared = advise("build/a.wasm", [folder({ Makefile: MAKEFILE })], {
    code: "shared_memory",
  });
  assertEquals([shared.say, shared.lines], ["The plain hint", []]);
  const guess = { code: "guessed_pointers" as const, message: "Guessed", hint: "Link it anew" };
  const usable = judge({ path: "a.wasm", cargo: null }, facts("a", { warnings: [guess] }), []);
  assertEquals([usable.state, usable.advice?.say], ["usable", "Link it anew"]);
});

Deno.test("namesOf() gives each module a name of its own", () => {
  assertEquals(namesOf(["a/main.wasm", "b/main.wasm", "c/MAIN.wasm", "d/con.wasm", "x y.wasm"]), [
    "main",
    "main-2",
    "MAIN-3",
    "module",
    "x y",
  ]);
});

Deno.test("selectModules() takes one build of each program", () => {
  const problems = [{ code: "no_relocations" as const, message: "No records", hint: "Link" }];
  const of = (path: string, { text = path, usable = true, cargo = null as CargoBuild | null }) => ({
    file: { path, cargo },
    bytes: wasm(text),
    facts: facts("a", usable ? {} : { problems }),
    errors: [],
  });
  const rust = (profile: string) => ({ ...RELEASE, profile });
  const select = (...candidates: ReturnType<typeof of>[]) => {
    const { modules, leftOut } = selectModules(candidates, [], false);
    return [modules.map(({ path }) => path), leftOut.map(({ path }) => path)];
  };
  // Release before debug, even without records; a copy, and what an optimiser made, are no others.
  assertEquals(
    select(
      of("dist/a.wasm", { usable: false }),
      of("target/x/debug/a.wasm", { cargo: rust("debug") }),
      of("target/x/release/a.wasm", { cargo: rust("release") }),
    ),
    [["target/x/release/a.wasm"], ["dist/a.wasm", "target/x/debug/a.wasm"]],
  );
  assertEquals(
    select(
      of("d/a.wasm", { cargo: rust("debug") }),
      of("r/a.wasm", { usable: false, cargo: rust("release") }),
    )[0],
    ["r/a.wasm"],
  );
  assertEquals(
    select(of("build/a.wasm", { text: "x" }), of("dist/a.wasm", { text: "x" }))[0],
    ["build/a.wasm"],
  );
  // Programs that only share a name stay two.
  assertEquals(select(of("build/x/a.wasm", {}), of("build/y/a.wasm", {}))[0].length, 2);
});

Deno.test("nothingFound() says what to build, and how", () => {
  const of = (folders: ProjectFolder[], more: Partial<Project> = {}) =>
    nothingFound({ folders, modules: [], elsewhere: [], notes: [], ...more }, []);
  const library = '[package]\nname = "a"\n[lib]\n';
  const { code, hint } = of([folder({ "Cargo.toml": library })]);
  assertEquals(code, "module_not_found");
  assertStringIncludes(hint, 'crate-type = ["cdylib"]');
  assertStringIncludes(hint, "--emit-relocs");
  assertStringIncludes(hint, `cargo build --release --target ${TRIPLE}`);
  assertStringIncludes(of([folder({ Makefile: "" }, "x")]).hint, '"x/Makefile"');
  assertStringIncludes(of([]).hint, "init a.wasm b.wasm");
  const elsewhere = [{ dir: "assets", count: 3 }];
  assertStringIncludes(of([], { elsewhere }).hint, '"assets" has 3');
});

Deno.test("notBuilt() names crates that are modules and are not there", () => {
  const crate = (name: string) =>
    folder({ "Cargo.toml": `[package]\nname = "${name}"\n[lib]\ncrate-type = ["cdylib"]\n` }, name);
  const modules = [{ path: "target/x/release/a_b.wasm", cargo: RELEASE }];
  const project = { folders: [crate("a-b"), crate("c")], modules, elsewhere: [], notes: [] };
  const notes = notBuilt(project);
  assertEquals(notes.length, 1);
  assertStringIncludes(notes[0], '"c" ("c/Cargo.toml")');
});

Deno.test("configText() writes each format", () => {
  const twin = ["d.near.wasm", "d.far.wasm"];
  const content = {
    modules: ["a.wasm", { path: 'b"c.wasm', name: "b" }, { path: "d.wasm", twin }],
    dir: "out",
  };
  const ts = configText(content, "ts");
  assertStringIncludes(ts, "satisfies UserConfig;\n");
  assertStringIncludes(ts, '{ path: "b\\"c.wasm", name: "b" },');
  assertStringIncludes(ts, '{ path: "d.wasm", twin: ["d.near.wasm", "d.far.wasm"] },');
  assert(!/^import (?!type )/m.test(ts), "it must load without the package");
  assertMatch(configText(content, "js"), /^\/\*\* @type .*\nexport default \{/);
  const json = configText(content, "json", "./x.json");
  assertEquals(JSON.parse(json), {
    $schema: "./x.json",
    ...{ modules: content.modules },
    output: { dir: "out" },
  });
  assertEquals("$schema" in JSON.parse(configText(content, "json")), false);
});

Deno.test("nextCommand() is what one types in each host", () => {
  const command = { cwd: "/p/app", read: ["."], write: ["out"], run: [], config: null };
  const of = (runtime: Host["runtime"], program: string, more = {}) =>
    nextCommand({ runtime, program, typescript: true }, { ...command, ...more });
  const flags = "--allow-read=. --allow-write=out";
  const bin = "node_modules/@wasm-share/memory/src/bin.js";
  assertEquals(
    of("deno", "https://jsr.io/@wasm-share/memory/0.1.0/src/bin.ts"),
    `deno run ${flags} jsr:@wasm-share/memory/cli combine`,
  );
  assertEquals(
    of("deno", "file:///p/wasm-share/src/bin.ts"),
    `deno run ${flags} ../wasm-share/src/bin.ts combine`,
  );
  assertEquals(
    of("deno", `file:///p/app/${bin}`),
    `deno run ${flags} npm:@wasm-share/memory combine`,
  );
  assertEquals(of("node", `file:///p/app/${bin}`), "npx wasm-share combine");
  assertEquals(of("node", `file:///h/_npx/1/${bin}`), "npx @wasm-share/memory combine");
  assertEquals(of("bun", `file:///p/app/${bin}`), "bunx wasm-share combine");
  assertEquals(of("node", "file:///p/x/src/bin.js"), "node ../x/src/bin.js combine");
  assertEquals(
    of("deno", "file:///p/ws/src/bin.ts", { read: [".", "../two words"], config: "a b.json" }),
    'deno run "--allow-read=.,../two words" --allow-write=out ../ws/src/bin.ts combine ' +
      '--config "a b.json"',
  );
});
