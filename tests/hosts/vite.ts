/**
 * `vite build` of a page that uses a generated loader.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- no dependency of the package
import { build } from "npm:vite@8.3.8";
import type { Output } from "../host/output.ts";

/** Builds `dist/` with a page that logs the answer. `inlineLimit` as vite's `assetsInlineLimit`. */
export async function viteBuild(out: Output, inlineLimit?: number): Promise<void> {
  await Deno.writeTextFile(
    out.at("index.html"),
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>',
  );
  await build({
    root: out.dir,
    configFile: false,
    logLevel: "error",
    build: {
      target: "es2022",
      modulePreload: false,
      ...(inlineLimit === undefined ? {} : { assetsInlineLimit: inlineLimit }),
    },
  });
}
