/** Loaders behind vite and esbuild. Their output runs in Deno and Node; `browser_test.ts` has Chromium. */
import { assert, assertEquals } from "@std/assert";
import { esbuild } from "../host/npm.ts";
import { ANSWER, has, type Output, output, run, serve } from "../host/output.ts";
import { viteBuild } from "./vite.ts";

const deno = Deno.execPath();

async function names(dir: string): Promise<string[]> {
  const found = await Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
  return found.map((name) => name.replace(/-[\w-]{8}\./, ".")).sort();
}

Deno.test("vite build emits each module as an asset", async () => {
  using out = await output();
  await viteBuild(out, 0);
  assertEquals(await names(out.at("dist/assets")), ["index.js", "reader.wasm", "writer.wasm"]);
  await using site = serve(out.at("dist"));
  const [script] = (await Deno.readTextFile(out.at("dist/index.html"))).match(
    /\/assets\/\S+?\.js/,
  )!;
  const host = new URL(site.origin).host;
  const args = ["run", "--no-config", "--no-lock", `--allow-net=${host}`, `--allow-import=${host}`];
  const { ok, text } = await run(deno, [...args, site.origin + script]);
  assert(ok, text);
  assertEquals(text.split("\n").at(-1), ANSWER);
});

Deno.test("vite build may turn small modules into data: addresses", async () => {
  using out = await output();
  await viteBuild(out);
  const [file, ...others] = await Array.fromAsync(Deno.readDir(out.at("dist/assets")));
  assertEquals(others, []);
  const args = ["run", "--no-config", out.at(`dist/assets/${file.name}`)];
  assertEquals(await run(deno, args), { ok: true, text: ANSWER });
});

Deno.test("vite build takes an inline loader", async () => {
  using out = await output({ inline: true });
  await viteBuild(out, 0);
  assertEquals(await names(out.at("dist/assets")), ["index.js"]);
});

async function esbuildBundle(out: Output, options: Record<string, unknown>) {
  const result = await esbuild.build({
    absWorkingDir: out.dir,
    entryPoints: ["main.js"],
    bundle: true,
    minify: true,
    outfile: "bundle/main.js",
    logLevel: "silent",
    ...options,
  });
  await esbuild.stop();
  assertEquals(result.warnings, []);
  await Deno.writeTextFile(out.at("bundle/package.json"), '{ "type": "module" }');
}

for (const platform of ["browser", "node", "neutral"]) {
  Deno.test(`esbuild bundles the loader for ${platform}; the modules are copied beside it`, async () => {
    using out = await output();
    await esbuildBundle(out, { format: "esm", platform });
    for (const name of ["reader.wasm", "writer.wasm"]) {
      await Deno.copyFile(out.at(name), out.at(`bundle/${name}`));
    }
    const args = ["run", "--no-config", `--allow-read=${out.dir}`, out.at("bundle/main.js")];
    assertEquals(await run(deno, args), { ok: true, text: ANSWER });
    if (await has("node", "an esbuild bundle in Node")) {
      assertEquals(await run("node", [out.at("bundle/main.js")]), { ok: true, text: ANSWER });
    }
  });
}

Deno.test("esbuild makes one script of an inline loader", async () => {
  using out = await output({ inline: true });
  await esbuildBundle(out, { format: "iife" });
  const args = ["run", "--no-config", out.at("bundle/main.js")];
  assertEquals(await run(deno, args), { ok: true, text: ANSWER });
});
