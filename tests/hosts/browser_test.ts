/** Loaders in Chromium, from a server on localhost. */
import { assertEquals, assertStringIncludes } from "@std/assert";
// deno-lint-ignore no-import-prefix -- no dependency of the package
import type { Browser } from "npm:playwright-core@1.65.1";
import { executablePath, launch } from "../host/chromium.ts";
import { ANSWER, has, output, serve } from "../host/output.ts";
import { viteBuild } from "./vite.ts";

const page = '<!doctype html><link rel="icon" href="data:,">' +
  '<script type="module" src="./main.js"></script>';

/** Opens a page; the first line that it logs, and what it warned of. */
async function firstLog(browser: Browser, url: string): Promise<{ log: string; other: string[] }> {
  const tab = await browser.newPage();
  try {
    const other: string[] = [];
    const log = new Promise<string>((resolve) => {
      tab.on("console", (m) => m.type() === "log" ? resolve(m.text()) : other.push(m.text()));
      tab.on("pageerror", (error) => resolve(`error: ${error.message}`));
    });
    await tab.goto(url);
    return { log: await log, other };
  } finally {
    await tab.close();
  }
}

Deno.test("the loader runs in Chromium", async (t) => {
  if (!await has(executablePath, "loaders in Chromium")) return;
  const browser = await launch();
  try {
    for (const type of ["application/wasm", "text/plain"]) {
      await t.step(`with content type ${type}`, async () => {
        using out = await output();
        await Deno.writeTextFile(out.at("index.html"), page);
        await using site = serve(out.dir, type);
        assertEquals(await firstLog(browser, `${site.origin}/index.html`), {
          log: ANSWER,
          other: [],
        });
      });
    }
    await t.step("inline", async () => {
      using out = await output({ inline: true });
      await Deno.writeTextFile(out.at("index.html"), page);
      await using site = serve(out.dir);
      assertEquals((await firstLog(browser, `${site.origin}/index.html`)).log, ANSWER);
    });
    for (const limit of [0, undefined]) {
      await t.step(`built by vite, ${limit === 0 ? "as files" : "as data:"}`, async () => {
        using out = await output();
        await viteBuild(out, limit);
        await using site = serve(out.at("dist"));
        assertEquals((await firstLog(browser, `${site.origin}/index.html`)).log, ANSWER);
      });
    }
    await t.step("and reports a missing file", async () => {
      using out = await output();
      await Deno.writeTextFile(out.at("index.html"), page);
      await Deno.remove(out.at("reader.wasm"));
      await using site = serve(out.dir);
      const { log } = await firstLog(browser, `${site.origin}/index.html`);
      assertStringIncludes(log, "reader.wasm answered 404");
    });
  } finally {
    await browser.close();
  }
});
