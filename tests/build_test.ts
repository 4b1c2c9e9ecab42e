import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { toFileUrl } from "@std/path";
import * as z from "zod";
import { build, type BuildRequest, type BuildTools } from "../src/build.ts";
import type { ModuleInput } from "../src/core/options.ts";
import { combine as realCombine } from "../src/combine.ts";
import { WasmShareError, type WasmShareProblem } from "../src/errors.ts";
import { reasonOf } from "../src/paths.ts";
import { writeFiles } from "../src/write/files.ts";
import { sha256 } from "../src/write/manifest.ts";
import { combine, wasm } from "./fake.ts";
import { encode, type ModuleSpec, reader } from "./host/wasm.ts";
import { type Folder, inFolder } from "./temp.ts";

const OVERRIDES = { dir: null, additionalStack: null, strict: null, inline: null, loader: null };
const ALL = ["a.wasm", "b.wasm", "mod.d.ts", "mod.js", "package.json", "wasm-share.json"];

function run(
  { path }: Folder,
  request: Partial<BuildRequest> = {},
  tools: BuildTools = { combine },
) {
  const defaults = { files: [], config: null, mode: "production", check: false };
  return build({ cwd: path, ...defaults, overrides: OVERRIDES, ...request }, tools);
}

/** A folder with two modules and a config. */
function inProject(
  config: Record<string, unknown>,
  test: (folder: Folder) => Promise<void>,
): Promise<void> {
  return inFolder({
    "a.wasm": wasm("a"),
    "b.wasm": wasm("b"),
    "wasm-share.config.json": JSON.stringify({ modules: ["a.wasm", "b.wasm"], ...config }),
  }, test);
}

async function outputs(folder: Folder): Promise<string[]> {
  return (await folder.list()).filter((name) => name.startsWith("out/")).map((name) =>
    name.slice(4)
  );
}

async function states(folder: Folder, request: Partial<BuildRequest> = {}): Promise<string[]> {
  return (await run(folder, request)).files.map(({ path, state }) => `${state} ${path}`);
}

async function fails(folder: Folder, request: Partial<BuildRequest> = {}): Promise<WasmShareError> {
  return await assertRejects(() => run(folder, request), WasmShareError);
}

Deno.test("build() writes modules, loader and manifest", async () => {
  await inProject({}, async (folder) => {
    const { files, dir, current } = await run(folder);
    assertEquals(await outputs(folder), ALL);
    assertEquals([dir, current], ["out", false]);
    assertEquals(files.map(({ state }) => state), Array(6).fill("new"));
    const moved = await Deno.readFile(folder.file("out/a.wasm"));
    assertEquals(moved, new Uint8Array([...wasm("a"), 0, 2, 1, 2]));
  });
});

Deno.test("build() gives every option to combine", async () => {
  const config = {
    modules: ["a.wasm", { path: "b.wasm", name: "c", stack: 32, base: 4096, verify: true }],
    additionalStack: 16,
    table: "separate",
    memory: { maximum: 9, reserved: [{ start: 4096, size: 16 }] },
    checks: { foreignFree: true },
  };
  await inProject(config, async (folder) => {
    let given: unknown[] = [];
    const tools = {
      combine: (modules: ModuleInput[], options: unknown) => {
        given = [modules, options];
        return combine(modules);
      },
    };
    await run(folder, { overrides: { ...OVERRIDES, strict: true } }, tools);
    const same = {
      additionalStack: 16,
      pointers: "error",
      assumeNoDataPointers: false,
      strip: true,
      table: "separate",
      stackGuard: "none",
    };
    assertEquals(given, [
      [
        { bytes: wasm("a"), name: "a", ...same, verify: false },
        { bytes: wasm("b"), name: "c", ...same, stack: 32, base: 4096, verify: true },
      ],
      {
        strict: true,
        memory: { maximum: 9, reserved: [{ start: 4096, size: 16 }] },
        checks: { foreignFree: true },
      },
    ]);
  });
});

Deno.test("build() does not write what is unchanged", async () => {
  await inProject({}, async (folder) => {
    await run(folder);
    const old = new Date("2001-02-03");
    for (const name of ALL) await Deno.utime(folder.file(`out/${name}`), old, old);
    const { files, current } = await run(folder);
    assert(files.every(({ state }) => state === "unchanged") && current);
    await folder.write("b.wasm", wasm("changed"));
    assertEquals(await states(folder), [
      "unchanged a.wasm",
      "changed b.wasm",
      "unchanged mod.js",
      "unchanged mod.d.ts",
      "unchanged package.json",
      "changed wasm-share.json",
    ]);
    const times = await Promise.all(
      ALL.map(async (name) => (await Deno.stat(folder.file(`out/${name}`))).mtime?.getTime()),
    );
    assertEquals(times.map((time) => time === old.getTime()), [
      true,
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});

Deno.test("build() with check writes nothing and names what is not current", async () => {
  await inProject({}, async (folder) => {
    assertEquals((await run(folder, { check: true })).current, false);
    assertEquals(await outputs(folder), []);
    await run(folder);
    assertEquals((await run(folder, { check: true })).current, true);

    await folder.write("out/mod.js", "// edited");
    await Deno.remove(folder.file("out/a.wasm"));
    assertEquals(await states(folder, { check: true }), [
      "new a.wasm",
      "unchanged b.wasm",
      "changed mod.js",
      "unchanged mod.d.ts",
      "unchanged package.json",
      "unchanged wasm-share.json",
    ]);
    assertEquals(await folder.read("out/mod.js"), "// edited");
  });
});

Deno.test("build() removes what an earlier run left over, and nothing else", async () => {
  await inProject({}, async (folder) => {
    await run(folder);
    await folder.write("out/mine.txt", "mine");
    const files = ["a.wasm"];
    const checked = await states(folder, { files, check: true });
    assertEquals(checked.filter((line) => line.startsWith("leftover")), ["leftover b.wasm"]);
    assert((await outputs(folder)).includes("b.wasm"));
    await run(folder, { files });
    assertEquals(await outputs(folder), [
      "a.wasm",
      "mine.txt",
      "mod.d.ts",
      "mod.js",
      "package.json",
      "wasm-share.json",
    ]);
  });
});

Deno.test("build() removes an earlier manifest that has another name now", async () => {
  await inProject({ output: { manifest: "other.json", loader: false } }, async (folder) => {
    await run(folder, { files: ["a.wasm", "b.wasm"] });
    await run(folder);
    assertEquals(await outputs(folder), ["a.wasm", "b.wasm", "other.json"]);
  });
});

Deno.test("build() keeps a leftover that was edited, or that is an input now", async () => {
  await inProject({}, async (folder) => {
    await run(folder);
    await folder.write("out/mod.js", "// my own loader");
    const overrides = { ...OVERRIDES, loader: false } as const;
    await folder.write("x.json", JSON.stringify({ modules: [{ path: "out/b.wasm", name: "x" }] }));
    await run(folder, { config: "x.json", overrides });
    assertEquals(await outputs(folder), ["b.wasm", "mod.js", "wasm-share.json", "x.wasm"]);
  });
});

Deno.test("build() does not follow a manifest out of its folder", async () => {
  await inProject({}, async (folder) => {
    await folder.write("precious.txt", "precious");
    const hash = await sha256(new TextEncoder().encode("precious"));
    const outputs = [{ file: "../precious.txt", size: 8, sha256: hash }];
    const manifest = { $schema: "urn:wasm-share:manifest:1", outputs };
    await folder.write("out/wasm-share.json", JSON.stringify(manifest));
    await run(folder);
    assertEquals(await folder.read("precious.txt"), "precious");
  });
});

Deno.test("build() leaves outputs alone if a module is refused", async () => {
  await inProject({}, async (folder) => {
    await run(folder);
    const before = await folder.read("out/wasm-share.json");
    await folder.write("a.wasm", "not wasm");
    assertEquals((await fails(folder)).code, "not_wasm");
    assertEquals(await folder.read("out/wasm-share.json"), before);
    assertEquals(await outputs(folder), ALL);
  });
});

Deno.test("build() leaves outputs alone if one of them cannot be written", async () => {
  await inProject({}, async (folder) => {
    await folder.write("out/mod.d.ts/file", "in the way");
    const error = await fails(folder);
    assertEquals(error.code, "output_unwritable");
    assertStringIncludes(error.message, `Cannot write "out/mod.d.ts": a folder has this name`);
    assertEquals(await outputs(folder), ["mod.d.ts/file"]);
  });
});

Deno.test("writeFiles() brings back what it replaced if a later file fails", async () => {
  await inFolder({ "a": "before", "c": "leftover", "b/file": "in the way" }, async (folder) => {
    const text = (value: string) => new TextEncoder().encode(value);
    const files = [
      { path: "a", state: "changed", bytes: text("after"), before: text("before") },
      { path: "n", state: "new", bytes: text("new"), before: null },
      { path: "b", state: "new", bytes: text("fails"), before: null },
      { path: "c", state: "leftover", bytes: null, before: text("leftover") },
    ] as const;
    const error = await assertRejects(
      () => writeFiles(folder.path, files, folder.path),
      WasmShareError,
    );
    assertEquals(error.code, "output_unwritable");
    assertEquals(await folder.list(), ["a", "b/file", "c"]);
    assertEquals(await folder.read("a"), "before");
  });
});

Deno.test("build() refuses to overwrite an input", async () => {
  await inProject({ output: { dir: "." } }, async (folder) => {
    const error = await fails(folder);
    assertEquals(error.errors.map(({ code, path }) => `${code} ${path}`), [
      "output_conflict modules[0]",
      "output_conflict modules[1]",
    ]);
    await Deno.symlink(folder.path, folder.file("link"));
    await folder.write("link.json", `{"modules":["a.wasm"],"output":{"dir":"link"}}`);
    assertEquals((await fails(folder, { config: "link.json" })).code, "output_conflict");
    assertEquals(await Deno.readFile(folder.file("a.wasm")), wasm("a"));
  });
});

Deno.test("build() reports a wrong config and missing files in one go", async () => {
  const config = { modules: ["no.wasm", { path: "b.wasm", nam: 1 }, { path: "x/b.wasm" }] };
  await inProject(config, async (folder) => {
    const error = await fails(folder);
    assertEquals(error.errors.map(({ code, path }) => `${code} ${path}`), [
      "config_invalid modules[1].nam",
      "duplicate_name modules[2].path",
      "module_not_found modules[0]",
      "module_not_found modules[2].path",
    ]);
    assertStringIncludes(error.message, `Cannot read module "no.wasm": the file does not exist`);
  });
});

Deno.test("build() reads paths relative to the config", async () => {
  await inFolder({
    "app/conf/my.json": `{"modules":["../a.wasm"],"output":{"dir":"../made"}}`,
    "app/a.wasm": wasm("a"),
  }, async (folder) => {
    const { dir } = await run(folder, { config: "app/conf/my.json" });
    assertEquals(dir, "app/made");
    const manifest = JSON.parse(await folder.read("app/made/wasm-share.json"));
    assertEquals(manifest.inputs[0].path, "../a.wasm");
  });
});

Deno.test("build() writes what output says", async () => {
  await inProject({}, async (folder) => {
    const dir = folder.file("out");
    await run(folder, { overrides: { ...OVERRIDES, dir, loader: "ts" } });
    assertEquals(await outputs(folder), ["a.wasm", "b.wasm", "mod.ts", "wasm-share.json"]);
    await run(folder, { overrides: { ...OVERRIDES, dir, inline: true } });
    assertEquals(await outputs(folder), ["mod.d.ts", "mod.js", "package.json", "wasm-share.json"]);
  });
});

Deno.test("build() writes a manifest that its schema accepts, the same in every folder", async () => {
  const texts: string[] = [];
  for (let i = 0; i < 2; i++) {
    await inProject({}, async (folder) => {
      await run(folder);
      texts.push(await folder.read("out/wasm-share.json"));
      assert(!texts[i].includes(folder.path));
      const { inputs, outputs } = JSON.parse(texts[i]);
      assertEquals(inputs[0], {
        name: "a",
        path: "a.wasm",
        kind: "relocs",
        size: wasm("a").length,
        sha256: await sha256(wasm("a")),
        codeShift: 0,
      });
      const moved = await Deno.readFile(folder.file("out/b.wasm"));
      assertEquals(outputs[1], {
        file: "b.wasm",
        size: moved.length,
        sha256: await sha256(moved),
      });
    });
  }
  assertEquals(texts[0], texts[1]);
  const url = new URL("../schema/manifest.schema.json", import.meta.url);
  const schema = z.fromJSONSchema(JSON.parse(await Deno.readTextFile(url)));
  const manifest = JSON.parse(texts[0]);
  assertEquals(schema.safeParse(manifest).error?.issues, undefined);
  assertEquals(schema.safeParse({ ...manifest, build: "x" }).success, false);
  delete manifest.layout.regions[0].align;
  assertEquals(schema.safeParse(manifest).success, false);
});

Deno.test("build() puts bind into the loader and the manifest, and what does not fit", async () => {
  const config = { modules: ["reader.wasm", { path: "a.wasm", bind: { "env.f": "reader.get" } }] };
  const asker: ModuleSpec = {
    name: "a",
    imports: ["f", "wide"].map((name) => ({
      ...{ module: "env", name, kind: "function" },
      ...{ params: ["i32"], results: ["i32"] },
    })),
  };
  const files = {
    "reader.wasm": encode({ ...reader, imports: [] }),
    "a.wasm": encode(asker),
    "wasm-share.config.json": JSON.stringify(config),
  };
  await inFolder(files, async (folder) => {
    await run(folder, {}, { combine: realCombine });
    const manifest = JSON.parse(await folder.read("out/wasm-share.json"));
    const { bind, mismatches } = manifest.layout.modules[1];
    assertEquals(bind, [{ from: ["env", "f"], to: ["reader", "get"] }]);
    assertEquals(mismatches[0].problem.code, "signature_mismatch");
    const url = new URL("../schema/manifest.schema.json", import.meta.url);
    const schema = z.fromJSONSchema(JSON.parse(await Deno.readTextFile(url)));
    assertEquals(schema.safeParse(manifest).error?.issues, undefined);
    assertEquals(schema.safeParse(manifest).success, true);
    bind[0].to = "reader.get";
    assertEquals(schema.safeParse(manifest).success, false);
    const { layout } = await import(toFileUrl(folder.file("out/mod.js")).href);
    assertEquals(layout.modules[1].mismatches, mismatches);
  });
});

Deno.test("build() puts what binds modules to each other into the loader and the manifest", async () => {
  const at = (path: string) => Deno.readFile(new URL(`cases/${path}.wasm`, import.meta.url));
  const names = ["dynamic/user", "dynamic/owner", "cycle/left", "cycle/right"];
  const modules = names.map((name) => `${name.split("/")[1]}.wasm`);
  const files: Record<string, string | Uint8Array> = {
    "wasm-share.config.json": JSON.stringify({ modules }),
  };
  for (const [index, name] of names.entries()) files[modules[index]] = await at(name);
  await inFolder(files, async (folder) => {
    await run(folder, {}, { combine: realCombine });
    const manifest = JSON.parse(await folder.read("out/wasm-share.json"));
    const url = new URL("../schema/manifest.schema.json", import.meta.url);
    const schema = z.fromJSONSchema(JSON.parse(await Deno.readTextFile(url)));
    assertEquals(schema.safeParse(manifest).error?.issues, undefined);
    const { layout, instantiate } = await import(toFileUrl(folder.file("out/mod.js")).href);
    const { got } = manifest.layout.modules[0];
    assertEquals(got.find(({ weak }: { weak?: boolean }) => weak), { name: "maybe", weak: true });
    assertEquals(layout.modules[0].got, got);
    assertEquals(layout.trampolines, manifest.layout.trampolines);
    const { exports } = await instantiate();
    assertEquals([exports.user.at_start(), exports.left.sum(4)], [45, 10]);
    got[0].name = 5;
    assertEquals(schema.safeParse(manifest).success, false);
  });
});

Deno.test("build() refuses an output folder that is a file, or is in one", async () => {
  await inProject({}, async (folder) => {
    const file = { file: folder.file("b.wasm"), name: "b.wasm", what: "it" };
    const inside = { file: folder.file("b.wasm/x/y"), name: "b.wasm/x/y", what: `"b.wasm"` };
    for (const { file: dir, name, what } of [file, inside]) {
      for (const check of [false, true]) {
        const request = { files: ["a.wasm"], overrides: { ...OVERRIDES, dir }, check };
        const error = await fails(folder, request);
        assertEquals(error.errors, [{
          code: "output_unwritable",
          message: `Cannot write to "${name}": ${what} is a file, not a folder`,
          hint: "Remove the file, or set output.dir (or --out) to another folder",
        }]);
      }
    }
    assertEquals(await Deno.readFile(folder.file("b.wasm")), wasm("b"));
  });
});

Deno.test("reasonOf() keeps what the system says, without code, operation and path", () => {
  const said: [message: string, reason: string][] = [
    ["EEXIST: file already exists, mkdir '/a/b'", "file already exists"],
    ["ENOSPC: no space left on device, write", "no space left on device"],
    ["No space left on device (os error 28): writefile '/a b'", "No space left on device"],
    ["no luck", "no luck"],
  ];
  for (const [message, reason] of said) assertEquals(reasonOf(new Error(message)), reason);
});

Deno.test("build() says where in the config an option is that combine refuses", async () => {
  const example = async (name: string) =>
    await Deno.readFile(new URL(`../examples/records/${name}.wasm`, import.meta.url));
  const files = { "a.wasm": await example("parser"), "b.wasm": await example("stats") };
  const wrong: [modules: object[], problems: string[]][] = [
    [[{ base: 64 }, {}], ["invalid_option modules[0].base"]],
    [[{}, { stack: 0 }], ["invalid_option modules[1].stack"]],
    [[{}, { stack: 0, base: 0x200010 }], ["invalid_option modules[1]"]],
    [[{}, { base: 0x20008, name: "c" }], ["misaligned_offset modules[1].base"]],
    [[{ base: 0x200000 }, { base: 0x200010 }], ["layout_overlap modules[1].base"]],
    [[{ base: 0x200000 }, { bind: { "env.x": "a.b" } }], [
      'invalid_option modules[1].bind["env.x"]',
      'invalid_option modules[1].bind["env.x"]',
    ]],
    [[{ base: 64 }, { base: 0x20008 }], [
      "invalid_option modules[0].base",
      "misaligned_offset modules[1].base",
    ]],
  ];
  for (const [options, problems] of wrong) {
    const modules = options.map((each, index) => ({ path: `${"ab"[index]}.wasm`, ...each }));
    await inFolder({ ...files, "c.json": JSON.stringify({ modules }) }, async (folder) => {
      const request = { config: "c.json" };
      const real = { combine: realCombine };
      const error = await assertRejects(() => run(folder, request, real), WasmShareError);
      assertEquals(error.errors.map(({ code, path }) => `${code} ${path}`), problems);
      assert(error.errors.every(({ module, hint }) => module && hint));
    });
  }
});

Deno.test("build() adds no place to what is no option, or comes from the command line", async () => {
  await inProject({}, async (folder) => {
    const refuse = (code: WasmShareProblem["code"]) => ({
      combine: () => Promise.reject(new WasmShareError({ code, message: "No", module: "b" })),
    });
    const path = async (tools: BuildTools, request = {}) =>
      (await assertRejects(() => run(folder, request, tools), WasmShareError)).path;
    assertEquals(await path(refuse("invalid_option")), "modules[1]");
    assertEquals(await path(refuse("stale_relocations")), undefined);
    const files = ["a.wasm", "b.wasm"];
    assertEquals(await path(refuse("invalid_option"), { files }), undefined);
  });
});
