/** `init` in folders: what it finds and writes, and that `combine` runs with it. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import { build } from "../src/build.ts";
import { WasmShareError } from "../src/errors.ts";
import { writeConfig } from "../src/init/config_file.ts";
import { init, type InitRequest, type InitResult } from "../src/init/init.ts";
import { type Folder, inFolder } from "./temp.ts";

const TRIPLE = "wasm32-unknown-unknown";
const read = (path: string) => Deno.readFile(new URL(path, import.meta.url));
const statics = await read("./cases/c-statics/base.wasm");
const zig = await read("./cases/zig/base.wasm");
const rust = await read("./cases/rust-nostd/base.wasm");
const pic = await read("./cases/pic-c/base.wasm");
const plain = await read("./cases/refuse/plain.wasm");
const stale = await read("./cases/refuse/stale-wasm-opt.wasm");
const text = await read("./cases/refuse/text.wasm");
const object = await read("./cases/refuse/object.wasm");
const component = await read("./cases/refuse/component.wasm");

function run(folder: Folder, more: Partial<InitRequest> = {}): Promise<InitResult> {
  return init({
    cwd: folder.path,
    files: [],
    out: null,
    config: null,
    force: false,
    host: { runtime: "deno", program: "file:///ws/src/bin.ts", typescript: true },
    cargoTargetDir: null,
    mayRead: () => true,
    ...more,
  });
}

async function fails(folder: Folder, more: Partial<InitRequest> = {}): Promise<WasmShareError> {
  const before = await folder.list();
  const error = await assertRejects(() => run(folder, more), WasmShareError);
  assertEquals(await folder.list(), before, "something was written");
  return error;
}

// deno-lint-ignore no-explicit-any
type Exports = Record<string, Record<string, (...args: any[]) => any>>;

/** Combines with the config that was written, and gives the exports of the running modules. */
async function combined(folder: Folder, config: string | null = null): Promise<Exports> {
  const overrides = { dir: null, additionalStack: null, strict: null, inline: null, loader: null };
  const request = { cwd: folder.path, files: [], config, mode: "production", check: false };
  const { dir } = await build({ ...request, overrides });
  const loader = await import(toFileUrl(join(folder.path, dir, "mod.js")).href);
  return (await loader.instantiate()).exports;
}

const paths = ({ modules }: InitResult) => modules.map(({ path }) => path);

Deno.test("init() writes a config for a cargo workspace, and combine runs with it", async () => {
  const crate = (name: string) => `[package]\nname = "${name}"\n[lib]\ncrate-type = ["cdylib"]\n`;
  const release = `target/${TRIPLE}/release`;
  await inFolder({
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
    "crates/one/Cargo.toml": crate("one"),
    "crates/two/Cargo.toml": crate("two"),
    "crates/late/Cargo.toml": crate("late"),
    [`${release}/one.wasm`]: statics,
    [`${release}/two.wasm`]: plain,
    [`${release}/deps/one-0123.wasm`]: statics,
    [`target/${TRIPLE}/debug/one.wasm`]: zig,
    "target/release/build/x.wasm": statics,
    "node_modules/x/build/y.wasm": statics,
    ".git/build/z.wasm": statics,
    "pkg/one_bg.wasm": stale,
  }, async (folder) => {
    const result = await run(folder);
    assertEquals(paths(result), [`${release}/one.wasm`, `${release}/two.wasm`]);
    assertEquals(result.modules.map(({ usable }) => usable), [true, false]);
    assertEquals(result.leftOut.map(({ path }) => path), [`target/${TRIPLE}/debug/one.wasm`]);
    const { advice } = result.modules[1];
    assertEquals(advice?.say, 'Add to ".cargo/config.toml"');
    assertEquals(advice?.then, `cargo build --release --target ${TRIPLE}`);
    assertStringIncludes(result.notes.join(), '"late"');
    assertEquals(result.config, "wasm-share.config.ts");

    const refused = await assertRejects(() => combined(folder), WasmShareError);
    assertEquals(refused.code, "no_relocations");
    // As if it had been built with the flag.
    await folder.write(`${release}/two.wasm`, zig);
    const exports = await combined(folder);
    assertEquals(exports.one.choose(0, 40, 2), 42);
    assertEquals(exports.one.operate(0, 7, 8), 15);
    assertEquals(typeof exports.two.area, "function");
  });
});

Deno.test("init() finds the folder that cargo's config or environment names", async () => {
  const manifest = '[package]\nname = "my-one"\n[lib]\ncrate-type = ["cdylib"]\n';
  await inFolder({
    "app/Cargo.toml": manifest,
    "app/.cargo/config.toml": '[build]\ntarget-dir = "../cache"\n',
    [`cache/${TRIPLE}/release/my_one.wasm`]: statics,
    [`shared/${TRIPLE}/release/my_one.wasm`]: zig,
    [`shared/${TRIPLE}/release/other.wasm`]: zig,
  }, async (folder) => {
    const app = { ...folder, path: folder.file("app") };
    const result = await run(app);
    assertEquals(paths(result), [`../cache/${TRIPLE}/release/my_one.wasm`]);
    assertStringIncludes(result.next, `--allow-read=.,../cache/${TRIPLE}/release `);
    assertEquals((await combined(app)).my_one.choose(1, 40, 2), 38);

    const cargoTargetDir = folder.file("shared");
    await Deno.remove(folder.file("app/.cargo"), { recursive: true });
    const again = await run(app, { cargoTargetDir, force: true });
    assertEquals(paths(again), [`../shared/${TRIPLE}/release/my_one.wasm`]);

    // What may not be read without asking is not read.
    const error = await fails(app, { cargoTargetDir, config: "a.json", mayRead: () => false });
    assertStringIncludes(error.hint, 'Cannot look into "../shared"');
  });
});

Deno.test("init() in a member of a workspace takes its own module only", async () => {
  await inFolder({
    "Cargo.toml": '[workspace]\nmembers = ["one", "two"]\n',
    "one/Cargo.toml": '[package]\nname = "one"\n',
    "two/Cargo.toml": '[package]\nname = "two"\n',
    [`target/${TRIPLE}/release/one.wasm`]: plain,
    [`target/${TRIPLE}/release/two.wasm`]: zig,
  }, async (folder) => {
    const one = { ...folder, path: folder.file("one") };
    const { modules } = await run(one);
    assertEquals(modules.map(({ path }) => path), [`../target/${TRIPLE}/release/one.wasm`]);
    assertEquals(modules[0].advice?.say, 'Add to "../.cargo/config.toml"');
    // Named, it is the same.
    const files = [`../target/${TRIPLE}/release/one.wasm`];
    const named = await run(one, { files, force: true });
    assertEquals(named.modules[0].advice, modules[0].advice);
  });
});

Deno.test("init() takes what Makefiles, CMake and Zig made", async () => {
  await inFolder({
    "native/Makefile": "build/a.wasm: a.c\n\tclang --target=wasm32 a.c -o build/a.wasm\n",
    "native/build/a.wasm": plain,
    "cpp/CMakeLists.txt": "add_executable(b b.cpp)\n",
    "cpp/build/b.wasm": plain,
    "cpp/build/CMakeFiles/x/no.wasm": plain,
    "z/build.zig": "",
    "z/zig-out/bin/c.wasm": plain,
    "z/zig-out/bin/d.wasm": zig,
    "dist/rust.wasm": rust,
    "top.wasm": statics,
    "tests/data/fixture.wasm": statics,
  }, async (folder) => {
    const result = await run(folder);
    assertEquals(paths(result), [
      "cpp/build/b.wasm",
      "dist/rust.wasm",
      "native/build/a.wasm",
      "top.wasm",
      "z/zig-out/bin/c.wasm",
      "z/zig-out/bin/d.wasm",
    ]);
    const says = result.modules.flatMap(({ name, advice }) =>
      advice ? `${name} ${advice.say}` : []
    );
    assertEquals(says.length, 3);
    assertStringIncludes(says[0], 'b Add to "cpp/CMakeLists.txt"');
    assertStringIncludes(says[1], 'a Add to the command in "native/Makefile", line 2');
    assertStringIncludes(says[2], '"z/build.zig"');
    for (const path of ["cpp/build/b.wasm", "native/build/a.wasm", "z/zig-out/bin/c.wasm"]) {
      await Deno.copyFile(folder.file("top.wasm"), folder.file(path));
    }
    const exports = await combined(folder);
    for (const name of ["a", "b", "c", "top"]) assertEquals(exports[name].choose(0, 40, 2), 42);
  });
});

Deno.test("init() leaves out what is no module, and says why", async () => {
  await inFolder({
    "package.json": JSON.stringify({
      scripts: { asbuild: "asc assembly/index.ts -o build/script.wasm" },
    }),
    "build/script.wasm": plain,
    "build/text.wasm": text,
    "build/a.o.wasm": object,
    "build/comp.wasm": component,
    "build/good.wasm": statics,
  }, async (folder) => {
    const result = await run(folder);
    assertEquals(paths(result), ["build/good.wasm", "build/script.wasm"]);
    assertEquals(result.leftOut.map(({ path }) => path), [
      "build/a.o.wasm",
      "build/comp.wasm",
      "build/text.wasm",
    ]);
    // A module that can be built in another way is in the config.
    assertEquals(result.modules.map(({ usable }) => usable), [true, false]);
    assertStringIncludes(result.modules[1].advice!.say, "AssemblyScript");
    await Deno.remove(folder.file("build/script.wasm"));
    await run(folder, { force: true });
    assertEquals((await combined(folder)).good.choose(0, 40, 2), 42);

    // Who names one means it.
    const files = ["build/good.wasm", "build/text.wasm", "build/comp.wasm"];
    const error = await fails(folder, { files, config: "x.json" });
    assertEquals(error.errors.map(({ code, path }) => `${code} ${path}`), [
      "component build/comp.wasm",
      "not_wasm build/text.wasm",
    ]);
    await Deno.remove(folder.file("build/good.wasm"));
    const none = await fails(folder, { config: "x.json" });
    assertEquals(none.code, "module_not_found");
    assertStringIncludes(none.message, '"build/text.wasm": Cannot read');
  });
});

Deno.test("init() takes named modules in their order, and nothing else", async () => {
  await inFolder({ "a.wasm": statics }, async (folder) => {
    // The folder of the config is not made: it may be a misspelt one.
    const { code, hint } = await fails(folder, { config: "conf/my.json" });
    assertEquals(code, "output_unwritable");
    assertStringIncludes(hint, "Make the folder");
  });
  await inFolder({ "x/a.wasm": zig, "y/a.wasm": statics, "conf/k": "" }, async (folder) => {
    const files = ["y/a.wasm", "x/a.wasm", "y/a.wasm"];
    const result = await run(folder, { files, out: "made/here", config: "conf/my.json" });
    assertEquals(result.modules.map(({ path, name }) => [path, name]), [
      ["y/a.wasm", "a"],
      ["x/a.wasm", "a-2"],
    ]);
    assertEquals(JSON.parse(await folder.read("conf/my.json")), {
      modules: ["../y/a.wasm", { path: "../x/a.wasm", name: "a-2" }],
      output: { dir: "../made/here" },
    });
    assertStringIncludes(result.next, " --allow-write=made/here ");
    assert(result.next.endsWith(" combine --config conf/my.json"), result.next);
    const exports = await combined(folder, "conf/my.json");
    assertEquals(exports.a.choose(0, 40, 2), 42);
    assertEquals(typeof exports["a-2"].area, "function");
  });
  await inFolder({ "a.wasm": statics }, async (folder) => {
    const error = await fails(folder, { files: ["a.wasm", "b.wasm", "."] });
    assertEquals(error.errors.map(({ code }) => code), ["module_not_found", "module_unreadable"]);
  });
});

Deno.test("init() writes what the host can load", async () => {
  const of = async (host: Partial<InitRequest["host"]>, packageJson: string) => {
    let name = "";
    await inFolder({ "build/a.wasm": statics, "package.json": packageJson }, async (folder) => {
      const program = "file:///app/node_modules/@wasm-share/memory/src/bin.js";
      const request = { host: { runtime: "node" as const, program, typescript: false, ...host } };
      const result = await run(folder, request);
      name = result.config;
      // The loader of configs is the judge, and no package is installed here.
      assertEquals((await combined(folder)).a.choose(0, 40, 2), 42);
    });
    return name;
  };
  assertEquals(await of({}, "{}"), "wasm-share.config.mjs");
  assertEquals(await of({ typescript: true }, "{}"), "wasm-share.config.mts");
  assertEquals(await of({ typescript: true }, '{"type":"module"}'), "wasm-share.config.ts");
  assertEquals(await of({ runtime: "bun", typescript: true }, "{}"), "wasm-share.config.ts");
});

Deno.test("init() overwrites no config, whatever it is called", async () => {
  for (const name of ["wasm-share.config.ts", "wasm-share.config.json"]) {
    await inFolder({ "build/a.wasm": statics, [name]: "mine" }, async (folder) => {
      const error = await fails(folder);
      assertEquals(error.code, "output_conflict");
      assertStringIncludes(error.message, `"${name}"`);
      assertStringIncludes(error.hint, "--force");
      // Another one beside it would be read instead of it, or never.
      const other = await fails(folder, { config: "wasm-share.config.mjs", force: true });
      assertEquals(other.code, "output_conflict");
      assertEquals(await folder.read(name), "mine");

      const result = await run(folder, { force: true });
      assertEquals(result.config, name);
      assertEquals((await folder.list()).filter((each) => each.includes("config")), [name]);
      assertEquals((await combined(folder)).a.choose(0, 40, 2), 42);
    });
  }
  await inFolder({ "build/a.wasm": statics, "mine.json": "mine" }, async (folder) => {
    assertEquals((await fails(folder, { config: "mine.json" })).code, "output_conflict");
    assertEquals(await folder.read("mine.json"), "mine");
    // A link that leads nowhere is a file, too.
    await Deno.symlink("elsewhere.ts", folder.file("wasm-share.config.ts"));
    assertEquals((await fails(folder)).code, "output_conflict");
  });
});

Deno.test("writeConfig() leaves a file alone that appeared in the meantime", async () => {
  await inFolder({ "x.json": "mine" }, async (folder) => {
    const options = { replace: false, cwd: folder.path };
    const write = () => writeConfig(folder.file("x.json"), "ours", options);
    assertEquals((await assertRejects(write, WasmShareError)).code, "output_conflict");
    assertEquals(await folder.read("x.json"), "mine");
    await writeConfig(folder.file("x.json"), "ours", { ...options, replace: true });
    assertEquals([await folder.read("x.json"), await folder.list()], ["ours", ["x.json"]]);
  });
});

Deno.test("init() says so if it does not look everywhere", async () => {
  await inFolder({ "bin/a.wasm": statics }, async (folder) => {
    for (let index = 0; index < 3000; index++) await Deno.mkdir(folder.file(`x${index}`));
    const { notes } = await run(folder);
    assertEquals(notes, ["Only 3000 folders were looked at: name modules that are missing"]);
  });
});

Deno.test("init() keeps outputs away from inputs, and takes no output for an input", async () => {
  await inFolder({ "out/a.wasm": statics }, async (folder) => {
    const error = await fails(folder, { out: "out", files: ["out/a.wasm"] });
    assertEquals(error.code, "output_conflict");
    const result = await run(folder);
    assertEquals(result.out, "out/combined");
    assertEquals((await combined(folder)).a.choose(0, 40, 2), 42);
    const again = await run(folder, { force: true });
    assertEquals(paths(again), ["out/a.wasm"]);
    assertEquals((await fails(folder, { force: true, out: "out" })).code, "module_not_found");
  });
});

Deno.test("init() follows no links to folders, and ends", async () => {
  await inFolder(
    { "build/a.wasm": statics, "far/k": "", "deep/1/2/3/4/5/Makefile": "" },
    async (folder) => {
      await Deno.symlink("..", folder.file("build/loop"));
      await Deno.symlink("a.wasm", folder.file("build/link.wasm"));
      await Deno.symlink("nowhere.wasm", folder.file("build/dead.wasm"));
      await folder.write("deep/1/2/3/4/5/build/no.wasm", statics);
      const result = await run(folder);
      assertEquals(paths(result), ["build/a.wasm", "build/link.wasm"]);
    },
  );
  const many = Object.fromEntries(
    Array.from({ length: 65 }, (_, index) => [`build/m${index}.wasm`, statics]),
  );
  await inFolder(many, async (folder) => {
    assertEquals((await fails(folder)).code, "usage");
  });
});

Deno.test("init() takes a module whose addresses are guessed, and says how to do better", async () => {
  const rule = "build/p.wasm: p.c\n\tclang -fPIC p.c -o build/p.wasm\n";
  await inFolder({ Makefile: rule, "build/p.wasm": pic }, async (folder) => {
    const { modules } = await run(folder);
    assertEquals([modules[0].usable, modules[0].problems], [true, []]);
    assertEquals(modules[0].advice?.lines, ["-Wl,--emit-relocs --no-wasm-opt"]);
  });
});

Deno.test("init() finds nothing in an empty folder, and says what to do", async () => {
  await inFolder({}, async (folder) => {
    const error = await fails(folder);
    assertEquals(error.code, "module_not_found");
    assertStringIncludes(error.hint, "init a.wasm b.wasm");
  });
  await inFolder({ "assets/x.wasm": statics, "pkg/y.wasm": statics }, async (folder) => {
    assertStringIncludes((await fails(folder)).hint, '"assets" has 1');
  });
});
