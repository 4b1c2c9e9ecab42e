import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { VERSION } from "../src/version.ts";
import { type Folder, inFolder } from "./temp.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const NAMES = ["parser", "stats", "transform"];
const FILES = NAMES.map((name) => `${name}.wasm`);
const OUTPUTS = [...FILES, "mod.js", "mod.d.ts", "package.json", "wasm-share.json"];

/** Runs the program in a folder, with the permissions that its help promises to be enough. */
async function cli(folder: Folder, args: string[], permissions?: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--config=${ROOT}deno.json`,
      ...permissions ?? ["--allow-read=.", "--allow-write=out"],
      `${ROOT}src/bin.ts`,
      ...args,
    ],
    cwd: folder.path,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A folder with the three modules of the example and a config. */
async function inExample(test: (folder: Folder) => Promise<void>): Promise<void> {
  const files: Record<string, string | Uint8Array> = {
    "wasm-share.config.json": JSON.stringify({ modules: FILES }),
  };
  for (const name of FILES) files[name] = await Deno.readFile(`${ROOT}examples/records/${name}`);
  await inFolder(files, test);
}

Deno.test("combine shows regions, files and time", async () => {
  await inExample(async (folder) => {
    const { code, stdout } = await cli(folder, []);
    assertEquals(code, 0, stdout);
    assertMatch(stdout, /^module +region +start +end +size\n/);
    for (const name of NAMES) {
      assertMatch(stdout, new RegExp(`^${name} +data +0x[0-9a-f]{8}  0x[0-9a-f]{8}  `, "m"));
    }
    assertMatch(stdout, /^memory: \d+ pages \(.*iB\)/m);
    for (const name of OUTPUTS) assertMatch(stdout, new RegExp(`^written +out/${name} `, "m"));
    assertMatch(stdout, /✔ 3 modules combined in [\d.]+ m?s: 7 files written\n$/);
    assert(!stdout.includes("\x1b"), "colours in a pipe");
  });
});

Deno.test("combine takes modules from the command line", async () => {
  await inExample(async (folder) => {
    const args = ["combine", "stats.wasm", "transform.wasm", "-o", "out/here", "--loader", "none"];
    assertEquals((await cli(folder, args)).code, 0);
    const made = (await folder.list()).filter((name) => name.startsWith("out/"));
    assertEquals(made, [
      "out/here/stats.wasm",
      "out/here/transform.wasm",
      "out/here/wasm-share.json",
    ]);
  });
});

Deno.test("combine --check exits with 1 and names what is not current", async () => {
  await inExample(async (folder) => {
    const reading = ["--allow-read=."];
    const before = await cli(folder, ["--check"], reading);
    assertEquals(before.code, 1);
    for (const name of OUTPUTS) assertStringIncludes(before.stdout, `missing  out/${name}`);
    assertStringIncludes(before.stderr, "✖ 7 of 7 files not current\n  → Run");

    assertEquals((await cli(folder, [])).code, 0);
    assertEquals(await cli(folder, ["--check"], reading), {
      code: 0,
      stdout: `✔ 7 files current in "out"\n`,
      stderr: "",
    });

    await folder.write("out/mod.js", "// edited");
    const after = await cli(folder, ["--check"], reading);
    assertEquals(after.code, 1);
    assertMatch(after.stdout, /^stale +out\/mod\.js +\S+ \S+\n$/);
  });
});

Deno.test("combine --json prints one document and nothing else", async () => {
  await inExample(async (folder) => {
    const { code, stdout, stderr } = await cli(folder, ["--json"]);
    assertEquals([code, stderr], [0, ""]);
    const document = JSON.parse(stdout);
    assertEquals(Object.keys(document), [
      "ok",
      "check",
      "build",
      "dir",
      "files",
      "layout",
      "warnings",
    ]);
    assertEquals(document.ok, true);
    assertEquals(document.files.map(({ path }: { path: string }) => path), OUTPUTS);
    const failed = await cli(folder, ["no.wasm", "--json"]);
    assertEquals([failed.code, failed.stderr], [1, ""]);
    assertEquals(JSON.parse(failed.stdout).errors[0].code, "module_not_found");
  });
});

Deno.test("combine reports every wrong module in one go, and writes nothing", async () => {
  await inExample(async (folder) => {
    const { code, stdout, stderr } = await cli(folder, ["x.wasm", "stats.wasm", "y.wasm"]);
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `✖ Cannot read module "x.wasm": the file does not exist`);
    assertStringIncludes(stderr, `✖ Cannot read module "y.wasm": the file does not exist`);
    assertStringIncludes(stderr, "\n  → ");
    assert(!(await folder.list()).some((name) => name.startsWith("out/")));
  });
});

Deno.test("combine names the permission that it lacks", async () => {
  await inExample(async (folder) => {
    const read = await cli(folder, FILES, ["--allow-read=out"]);
    assertEquals(read.code, 1);
    for (const name of FILES) {
      assertStringIncludes(read.stderr, `→ Run Deno with --allow-read=${name}\n`);
    }
    const write = await cli(folder, [], ["--allow-read=."]);
    assertEquals(write.code, 1);
    assertStringIncludes(write.stderr, "→ Run Deno with --allow-read=out --allow-write=out\n");
    const config = await cli(folder, [], []);
    assertEquals(config.code, 1);
    assertStringIncludes(config.stderr, "[config_unreadable]\n  → Run Deno with --allow-read=.\n");
  });
});

Deno.test("combine names the folder that a config imports from without permission", async () => {
  await inExample(async (folder) => {
    const define = await Deno.readTextFile(`${ROOT}src/config/define.ts`);
    await folder.write("clone/define.ts", define);
    await folder.write("two words/define.ts", define);
    const config = (from: string, more = "") =>
      `import { defineConfig } from "${from}/define.ts";\n${more}` +
      `export default defineConfig({ modules: ["../stats.wasm"] });\n`;
    await folder.write("app/wasm-share.config.ts", config("../clone"));
    await folder.write("app/space.ts", config("../two%20words"));
    await folder.write("app/env.ts", config("../clone", 'Deno.env.get("HOME");\n'));
    const app = { ...folder, path: folder.file("app") };
    const fails = async (args: string[], flags: string[]) => {
      const { code, stdout, stderr } = await cli(app, args, flags);
      assertEquals([code, stdout], [1, ""]);
      assert(!stderr.includes("file://") && !stderr.includes("\x1b"), stderr);
      return stderr;
    };
    assertEquals(
      await fails([], ["--allow-read=."]),
      `✖ Cannot load config "wasm-share.config.ts": Deno has no permission to read ` +
        `"../clone/define.ts" [config_unreadable]\n  → Run Deno with --allow-read=.,../clone\n`,
    );
    assertStringIncludes(
      await fails(["-c", "space.ts"], ["--allow-read=."]),
      `→ Run Deno with --allow-read=".,../two words"\n`,
    );
    assertStringIncludes(
      await fails(["-c", "env.ts"], ["--allow-read=.,../clone"]),
      `"env.ts": Deno gives it no env access to "HOME" [config_unreadable]\n` +
        "  → Run Deno with --allow-env=HOME\n",
    );
    // The flag of the hint is enough for the config; the module is named next.
    const next = await fails([], ["--allow-read=.,../clone"]);
    assertStringIncludes(next, "--allow-read=");
    assertStringIncludes(next, "[module_unreadable]");
  });
});

Deno.test("inspect shows facts, and what is wrong with the others", async () => {
  await inExample(async (folder) => {
    await folder.write("text.wasm", "this is text");
    const args = ["inspect", "text.wasm", "parser.wasm", "no.wasm"];
    const { code, stdout, stderr } = await cli(folder, args);
    assertEquals(code, 1);
    assertMatch(stdout, /^parser +[\d.]+ KiB\n +kind +relocs/m);
    assertStringIncludes(stderr, `"no.wasm": the file does not exist`);
    assertStringIncludes(stdout + stderr, "[not_wasm]");

    const json = await cli(folder, ["inspect", "stats.wasm", "--json"]);
    assertEquals([json.code, json.stderr], [0, ""]);
    const { ok, modules } = JSON.parse(json.stdout);
    assertEquals([ok, modules.length, modules[0].name], [true, 1, "stats"]);
  });
});

Deno.test("inspect exits with 1 if combine would refuse a module", async () => {
  await inExample(async (folder) => {
    const plain = await Deno.readFile(`${ROOT}tests/cases/refuse/plain.wasm`);
    await folder.write("plain.wasm", plain);
    const text = await cli(folder, ["inspect", "stats.wasm", "plain.wasm"]);
    assertEquals(text.code, 1);
    assertStringIncludes(text.stdout, "✔ combine accepts it");
    assertStringIncludes(text.stdout, "[no_relocations]");
    assertMatch(text.stdout, /^ +data +unknown\n +heap +unknown$/m);
    const json = await cli(folder, ["inspect", "stats.wasm", "plain.wasm", "--json"]);
    const { ok, modules, errors } = JSON.parse(json.stdout);
    assertEquals([json.code, ok, modules.length, errors], [1, false, 2, []]);
    assertEquals((await cli(folder, ["combine", "plain.wasm"])).code, 1);
    const none = await Deno.readFile(`${ROOT}tests/cases/refuse/no-memory.wasm`);
    await folder.write("plain.wasm", none);
    assertEquals((await cli(folder, ["inspect", "plain.wasm"])).code, 0);
  });
});

Deno.test("inspect takes a file whatever it is called", async () => {
  await inExample(async (folder) => {
    await Deno.rename(folder.file("stats.wasm"), folder.file(".wasm"));
    const { code, stdout, stderr } = await cli(folder, ["inspect", ".wasm"]);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^module0 +[\d.]+ KiB\n +kind +relocs/m);
  });
});

Deno.test("wrong usage exits with 2, as text and as JSON", async () => {
  await inFolder({}, async (folder) => {
    const text = await cli(folder, ["--chek"], []);
    assertEquals([text.code, text.stdout], [2, ""]);
    assertStringIncludes(text.stderr, `→ Did you mean "--check"?`);
    const json = await cli(folder, ["--chek", "--json"], []);
    assertEquals([json.code, json.stderr], [2, ""]);
    assertEquals(JSON.parse(json.stdout).errors[0].code, "usage");
  });
});

Deno.test("help and version need no permission", async () => {
  await inFolder({}, async (folder) => {
    const help = await cli(folder, ["--help"], []);
    assertEquals([help.code, help.stderr], [0, ""]);
    assertStringIncludes(help.stdout, "inspect <files…>");
    assertStringIncludes((await cli(folder, ["help", "combine"], [])).stdout, "--additional-stack");
    assertEquals((await cli(folder, ["version"], [])).stdout, `wasm-share ${VERSION}\n`);
  });
});

Deno.test("VERSION is the one in deno.json", () => {
  assertEquals(VERSION, config.version);
});
