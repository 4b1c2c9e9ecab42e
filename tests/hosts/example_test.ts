/** The example as the README tells it: combined, run on the command line, and in Chromium. */
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { executablePath, launch } from "../host/chromium.ts";
import { esbuild } from "../host/npm.ts";
import { has, run, serve } from "../host/output.ts";
import { inFolder } from "../temp.ts";

const root = fromFileUrl(new URL("../../", import.meta.url));
const outputs = ["parser.wasm", "stats.wasm", "transform.wasm", "mod.js", "mod.d.ts"];

Deno.test("deno task combine, then deno task example", async () => {
  const combined = await run(Deno.execPath(), ["task", "combine"], { cwd: root });
  assert(combined.ok && combined.text.includes("3 modules combined"), combined.text);
  const answer = await run(Deno.execPath(), ["task", "example"], { cwd: root });
  assert(answer.ok && answer.text.endsWith("The answer is right"), answer.text);
});

/** The page with a fresh output of the example, in a folder as a web server would have it. */
async function site(dir: string): Promise<void> {
  const modules = ["parser", "stats", "transform"].map((name) => `examples/records/${name}.wasm`);
  const args = ["run", "-A", "src/bin.ts", "combine", ...modules, "-o", `${dir}/out`];
  const combined = await run(Deno.execPath(), args, { cwd: root });
  assert(combined.ok, combined.text);
  for (const name of outputs) assert((await Deno.stat(`${dir}/out/${name}`)).size > 0, name);
  await Deno.copyFile(`${root}examples/records/index.html`, `${dir}/index.html`);
  const { warnings } = await esbuild.build({
    entryPoints: [`${root}examples/records/page.ts`],
    bundle: true,
    format: "esm",
    outfile: `${dir}/out/page.js`,
    logLevel: "silent",
  });
  await esbuild.stop();
  assertEquals(warnings, []);
}

Deno.test("the example's page shows the right answer in Chromium", async () => {
  if (!await has(executablePath, "the example in Chromium")) return;
  await inFolder({}, async ({ path }) => {
    await site(path);
    await using server = serve(path);
    const browser = await launch();
    try {
      const tab = await browser.newPage();
      const errors: string[] = [];
      tab.on("pageerror", ({ message }) => errors.push(message));
      await tab.goto(`${server.origin}/index.html`);
      await tab.waitForSelector("body[data-result]", { timeout: 20_000 });
      const text = await tab.textContent("pre") ?? "";
      assertEquals(await tab.getAttribute("body", "data-result"), "right", text);
      assert(
        text.includes("LAMP (electric): 31 x 12.43") && text.includes("1538.13 in total"),
        text,
      );
      assertEquals(errors, []);
    } finally {
      await browser.close();
    }
  });
});
