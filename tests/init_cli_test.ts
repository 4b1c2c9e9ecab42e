/** `init` as a program: permissions, texts, exit codes, and the command that it names. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { type Folder, inFolder } from "./temp.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const statics = await Deno.readFile(`${ROOT}tests/cases/c-statics/base.wasm`);
const plain = await Deno.readFile(`${ROOT}tests/cases/refuse/plain.wasm`);
const CONFIG = "wasm-share.config.ts";
const ENOUGH = ["--allow-read=.", `--allow-write=${CONFIG}`];

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

async function deno(folder: Folder, args: string[]): Promise<Outcome> {
  const command = new Deno.Command(Deno.execPath(), {
    args,
    cwd: folder.path,
    env: { NO_COLOR: "1" },
    // No terminal, and nothing to read: whatever asks a question would end here, or hang.
    stdin: "null",
    signal: AbortSignal.timeout(60_000),
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function cli(folder: Folder, args: string[], permissions: string[] = ENOUGH): Promise<Outcome> {
  const flags = ["run", "--no-prompt", `--config=${ROOT}deno.json`, ...permissions];
  return deno(folder, [...flags, `${ROOT}src/bin.ts`, "init", ...args]);
}

Deno.test("init needs to read, and to write one file; the command that it names works", async () => {
  await inFolder({ "build/a.wasm": statics }, async (folder) => {
    const { code, stdout, stderr } = await cli(folder, []);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^✔ a +build\/a\.wasm$/m);
    assertMatch(stdout, /^✔ wasm-share\.config\.ts written: 1 module, /m);
    assert(!stdout.includes("\x1b"), "colours in a pipe");
    assertEquals(await folder.list(), ["build/a.wasm", CONFIG]);

    const [, next] = /^ {2}→ Next: deno (run --allow-read=\. --allow-write=out .*)$/m.exec(stdout)!;
    const [run, ...rest] = next.split(" ");
    const combined = await deno(folder, [
      run,
      "--no-prompt",
      `--config=${ROOT}deno.json`,
      ...rest,
    ]);
    assertEquals([combined.code, combined.stderr], [0, ""]);
    assertStringIncludes(combined.stdout, "1 module combined");

    const again = await cli(folder, []);
    assertEquals([again.code, again.stdout], [1, ""]);
    assertStringIncludes(again.stderr, `✖ Cannot write "${CONFIG}": the file is there already`);
    assertStringIncludes(
      again.stderr,
      "[output_conflict]\n  → Edit it, or replace it with --force",
    );
  });
});

Deno.test("the config loads without the package in the import map", async () => {
  await inFolder({ "build/a.wasm": statics }, async (folder) => {
    assertEquals((await cli(folder, [])).code, 0);
    // As a project that has never heard of the package.
    await folder.write("main.ts", `console.log((await import("./${CONFIG}")).default.modules[0]);`);
    const run = ["run", "--no-prompt", "--no-config", "--no-remote", "--no-npm", "--allow-read=."];
    const { code, stdout, stderr } = await deno(folder, [...run, "main.ts"]);
    assertEquals([code, stdout, stderr], [0, "build/a.wasm\n", ""]);
    // And with it the types are checked.
    const check = (text: string) =>
      folder.write("checked.ts", text).then(() =>
        deno(folder, ["check", `--config=${ROOT}deno.json`, "checked.ts"])
      );
    const config = await folder.read(CONFIG);
    assertEquals((await check(config)).code, 0);
    assertEquals((await check(config.replace("dir:", "dri:"))).code, 1);
  });
});

Deno.test("init shows the flag to add, the lines and the command", async () => {
  await inFolder({
    "Cargo.toml": '[package]\nname = "old"\n',
    "target/wasm32-unknown-unknown/release/old.wasm": plain,
    "build/text.wasm": "this is text",
  }, async (folder) => {
    const { code, stdout } = await cli(folder, []);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "✖ old  target/wasm32-unknown-unknown/release/old.wasm\n");
    assertStringIncludes(stdout, '- left out "build/text.wasm": Cannot read the module');
    assertStringIncludes(
      stdout,
      '  → Add to ".cargo/config.toml"\n\n    [target.wasm32-unknown-unknown]\n' +
        '    rustflags = ["-C", "link-arg=--emit-relocs"]\n\n' +
        "  → Build again: cargo build --release --target wasm32-unknown-unknown\n",
    );
    assertStringIncludes(stdout, "combine takes 0 of 1 as they are\n  → Then: deno run ");
    assertEquals((await folder.list()).filter((name) => name.startsWith(".cargo")), []);
  });
});

Deno.test("init shows how to build twins, and takes them when they are there", async () => {
  const [words, near, far] = ["", "-near", "-far"].map((end) =>
    Deno.readFileSync(`${ROOT}tests/cases/compilers/assemblyscript${end}.wasm`)
  );
  await inFolder({
    "package.json": '{"scripts":{"build":"asc words.ts -o build/words.wasm"}}',
    "build/words.wasm": words,
  }, async (folder) => {
    const first = await cli(folder, []);
    assertEquals([first.code, first.stderr], [0, ""]);
    assertStringIncludes(
      first.stdout,
      "\n\n    asc … --exportRuntime --memoryBase 65536 -o build/words.wasm\n" +
        "    asc … --exportRuntime --memoryBase 131072 -o build/words.near.wasm\n" +
        "    asc … --exportRuntime --memoryBase 2147352576 -o build/words.far.wasm\n\n" +
        '  → Then run init again with --force: it finds "words.near.wasm" and "words.far.wasm" and ' +
        'writes\n\n    { path: "build/words.wasm", twin: ["build/words.near.wasm", ' +
        '"build/words.far.wasm"] }\n\n✔ ',
    );
    await folder.write("build/words.near.wasm", near);
    await folder.write("build/words.far.wasm", far);
    // Replacing a file writes beside it first.
    const second = await cli(folder, ["--force"], ["--allow-read=.", "--allow-write=."]);
    assertEquals([second.code, second.stderr], [0, ""]);
    const lines = second.stdout.split("\n");
    assertEquals(lines[0], "✔ words  build/words.wasm (words.near.wasm, words.far.wasm)");
    // What the first run said of the config is what is in it.
    const config = await folder.read(CONFIG);
    const [entry] = /\{ path: .* \}/.exec(first.stdout)!;
    assertStringIncludes(config, `    ${entry},\n`);
    const [, next] = / → Next: deno run --allow-read=\. --allow-write=out (.*)$/m.exec(
      second.stdout,
    )!;
    const flags = [
      "run",
      "--no-prompt",
      `--config=${ROOT}deno.json`,
      "--allow-read=.",
      "--allow-write=out",
    ];
    const combined = await deno(folder, [...flags, ...next.split(" ")]);
    assertEquals([combined.code, combined.stderr], [0, ""]);
  });
});

Deno.test("init --json prints one document and nothing else", async () => {
  await inFolder({ "build/a.wasm": plain }, async (folder) => {
    const { code, stdout, stderr } = await cli(folder, ["--json"]);
    assertEquals([code, stderr], [0, ""]);
    const document = JSON.parse(stdout);
    const keys = ["ok", "config", "out", "modules", "leftOut", "notes", "next"];
    assertEquals(Object.keys(document), keys);
    const [module] = document.modules;
    assertEquals([module.name, module.usable, module.problems[0].code], [
      "a",
      false,
      "no_relocations",
    ]);
    assertEquals(Object.keys(module.advice), ["say", "lines", "then"]);
    assertEquals(module.twins, []);
    const failed = await cli(folder, ["--json"]);
    assertEquals([failed.code, failed.stderr], [1, ""]);
    assertEquals(JSON.parse(failed.stdout).errors[0].code, "output_conflict");
  });
});

Deno.test("init names the permission that it lacks, and writes nothing", async () => {
  await inFolder({ "build/a.wasm": statics }, async (folder) => {
    const read = await cli(folder, [], []);
    assertEquals([read.code, read.stdout], [1, ""]);
    assertStringIncludes(read.stderr, "→ Run Deno with --allow-read=.\n");
    const write = await cli(folder, [], ["--allow-read=."]);
    assertEquals([write.code, write.stdout], [1, ""]);
    assertStringIncludes(write.stderr, `→ Run Deno with --allow-write=${CONFIG}\n`);
    assertEquals(await folder.list(), ["build/a.wasm"]);
  });
});

Deno.test("init says that a folder is read-only", async () => {
  await inFolder({ "build/a.wasm": statics }, async (folder) => {
    await Deno.chmod(folder.path, 0o555);
    try {
      // Root may write everywhere but where the kernel lets nobody.
      const config = Deno.uid() === 0 ? "/sys/wasm-share.config.json" : CONFIG;
      const { code, stdout, stderr } = await cli(folder, ["-c", config], ["-A"]);
      assertEquals([code, stdout], [1, ""]);
      assertStringIncludes(stderr, `✖ Cannot write "${config}": `);
      assertMatch(stderr, /\[output_unwritable\]\n {2}→ .* -c\n$/);
      assertEquals(await folder.list(), ["build/a.wasm"]);
    } finally {
      await Deno.chmod(folder.path, 0o755);
    }
  });
});

Deno.test("init --help, and wrong usage", async () => {
  await inFolder({}, async (folder) => {
    const help = await cli(folder, ["--help"], []);
    assertEquals([help.code, help.stderr], [0, ""]);
    for (const part of ["--out", "--config", "--force", "--json", "Asks nothing"]) {
      assertStringIncludes(help.stdout, part);
    }
    for (const wrong of [["--yess"], ["-c", "x.js"], ["--check"], ["-o"]]) {
      assertEquals((await cli(folder, wrong, [])).code, 2, wrong.join(" "));
    }
    const none = await cli(folder, []);
    assertEquals(none.code, 1);
    assertStringIncludes(none.stderr, "[module_not_found]\n  → ");
  });
});
