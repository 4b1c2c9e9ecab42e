/** Packages of crates in Node, Bun, Chromium and a bundler: the example, and all that wasm-bindgen carries. */
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
// deno-lint-ignore no-import-prefix -- no dependency of the package
import { build } from "npm:vite@8.3.8";
import { executablePath, launch } from "../host/chromium.ts";
import { has, run, serve } from "../host/output.ts";
import { inFolder } from "../temp.ts";

const root = fromFileUrl(new URL("../../", import.meta.url));
const LAST = "An error of Rust: The text has no heading";
const BUN = ["-y", "bun@1.4.5"];
const HOSTS: [name: string, command: string, ...args: string[]][] = [
  ["Deno", Deno.execPath(), "run", "--no-prompt", `--allow-read=${root}`],
  ["Node", "node"],
  ["Bun", "npx", ...BUN],
];

/** Uses a package with strings, closures, classes, errors, promises, pointers and growth. */
const PROGRAM = `
import init from "./pkg/index.js";
const { memory, left, right, tally } = await init();
const buffer = new left.Buffer(100, 2);
const before = memory.buffer;
right.ask(before.byteLength);
const merged = new right.Counter("a").merge(new right.Counter("b"));
let error;
try { left.parse("x"); } catch (thrown) { error = thrown.message; }
const answer = [
  left.greet("Žofie", 1), right.greet("Bob", 2), merged.name, left.adder(1)(2), error,
  await right.later(Promise.resolve("late")), right.sum_at(buffer.ptr, buffer.len),
  tally.tally(buffer.ptr, buffer.len, 2), before.byteLength, left.starts(), right.noted(),
].join(" | ");
console.log(answer);
`;
const ANSWER = "Ahoj, Žofie! | ¡HOLA, BOB! | a+b | 3 | invalid digit found in string | LATE | " +
  "200 | 100 | 0 | 1 | STARTED";

for (const [name, command, ...args] of HOSTS) {
  Deno.test(`the example with two crates runs in ${name}`, async () => {
    if (!await has(command, `the example in ${name}`)) return;
    const { ok, text } = await run(command, [...args, `${root}examples/bindgen/main.js`]);
    assert(ok, text);
    assertEquals(text.split("\n").slice(-2), ["The host unpacked the same page", LAST]);
  });

  Deno.test(`a package runs in ${name}`, async () => {
    if (!await has(command, `a package in ${name}`)) return;
    await inPackage(async (folder) => {
      const { ok, text } = await run(command, [
        ...args,
        ...name === "Deno" ? [`--allow-read=${folder}`] : [],
        `${folder}/main.js`,
      ], { cwd: folder });
      assert(ok, text);
      assertEquals(text.split("\n").at(-1), ANSWER);
    });
  });
}

/** A folder with a package and the program. */
async function inPackage(test: (folder: string) => Promise<void>): Promise<void> {
  const files: Record<string, string | Uint8Array> = {
    "main.js": PROGRAM,
    "package.json": '{ "type": "module" }',
    "index.html": '<!doctype html><link rel="icon" href="data:,">' +
      '<script type="module" src="./main.js"></script>',
  };
  const from = new URL("../cases/bindgen/pkg/", import.meta.url);
  for (const { name } of Deno.readDirSync(from)) {
    files[`pkg/${name}`] = Deno.readFileSync(new URL(name, from));
  }
  await inFolder(files, ({ path }) => test(path));
}

Deno.test("packages run in Chromium", async (t) => {
  if (!await has(executablePath, "packages in Chromium")) return;
  const browser = await launch();
  /** Opens a page, and gives what it logs first. */
  const firstLog = async (url: string): Promise<string> => {
    const tab = await browser.newPage();
    try {
      const log = new Promise<string>((resolve) => {
        tab.on("console", (m) => m.type() === "log" && resolve(m.text()));
        tab.on("pageerror", ({ message }) => resolve(`error: ${message}`));
      });
      await tab.goto(url);
      return await log;
    } finally {
      await tab.close();
    }
  };
  try {
    await t.step("the example's page", async () => {
      await using server = serve(`${root}examples/bindgen`);
      const tab = await browser.newPage();
      const errors: string[] = [];
      tab.on("pageerror", ({ message }) => errors.push(message));
      await tab.goto(`${server.origin}/index.html`);
      await tab.waitForSelector("body[data-result]", { timeout: 20_000 });
      const text = await tab.textContent("pre") ?? "";
      assertEquals(await tab.getAttribute("body", "data-result"), "right", text);
      assert(text.includes("gzip (Rust) read them there"), text);
      assertEquals(errors, []);
    });
    await t.step("as it is", async () => {
      await inPackage(async (folder) => {
        await using server = serve(folder);
        assertEquals(await firstLog(`${server.origin}/index.html`), ANSWER);
      });
    });
    for (const inlineLimit of [0, 1e9]) {
      await t.step(`built by vite, modules ${inlineLimit ? "as data:" : "as files"}`, async () => {
        await inPackage(async (folder) => {
          await build({
            root: folder,
            configFile: false,
            logLevel: "error",
            build: { target: "es2022", modulePreload: false, assetsInlineLimit: inlineLimit },
          });
          const assets = [...Deno.readDirSync(`${folder}/dist/assets`)].map(({ name }) => name);
          const modules = assets.filter((name) => name.endsWith(".wasm")).length;
          assertEquals(modules, inlineLimit ? 0 : 3);
          await using server = serve(`${folder}/dist`);
          assertEquals(await firstLog(`${server.origin}/index.html`), ANSWER);
        });
      });
    }
  } finally {
    await browser.close();
  }
});

Deno.test("a package installs with npm, and lets nobody past init", async () => {
  if (!await has("npm", "a package with npm")) return;
  await inPackage(async (folder) => {
    await Deno.mkdir(`${folder}/app`);
    await Deno.writeTextFile(`${folder}/app/package.json`, '{ "type": "module" }');
    const installed = await run("npm", ["install", "--install-links", "../pkg"], {
      cwd: `${folder}/app`,
    });
    assert(installed.ok, installed.text);
    await Deno.writeTextFile(
      `${folder}/app/main.js`,
      PROGRAM.replace("./pkg/index.js", "kits"),
    );
    const { ok, text } = await run("node", ["main.js"], { cwd: `${folder}/app` });
    assert(ok, text);
    assertEquals(text, ANSWER);
    // What is not exported cannot be reached.
    await Deno.writeTextFile(`${folder}/app/deep.js`, 'import "kits/left.js";');
    const deep = await run("node", ["deep.js"], { cwd: `${folder}/app` });
    assert(!deep.ok && deep.text.includes("ERR_PACKAGE_PATH_NOT_EXPORTED"), deep.text);
  });
});
