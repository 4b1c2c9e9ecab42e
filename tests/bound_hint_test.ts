/** Modules that wasm-bindgen has rewritten already. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { combine, inspect, WasmShareError } from "../mod.ts";

const bytesOf = (path: string) => Deno.readFile(new URL(`cases/${path}`, import.meta.url));

Deno.test("a module that wasm-bindgen rewrote is refused with the order to use", async () => {
  for (
    const [path, code] of [
      ["refuse/wasm-bindgen.wasm", "stale_relocations"],
      ["bindgen/web/writer_bg.wasm", "no_relocations"],
    ]
  ) {
    const bytes = await bytesOf(path);
    const error = await assertRejects(() => combine({ bound: bytes }), WasmShareError);
    const { problems: [problem] } = await inspect({ bytes, name: "bound" });
    for (const { code: found, hint } of [error, problem]) {
      assertEquals(found, code);
      assertStringIncludes(
        hint!,
        "wasm-bindgen rewrote it. Link with --emit-relocs, run wasm-share on",
      );
      assertStringIncludes(hint!, "and wasm-bindgen --target web on what it writes; ");
      assertStringIncludes(hint!, '{ crate: "folder" } in the config');
    }
  }
});

Deno.test("other modules keep the hint that they had", async () => {
  for (const path of ["refuse/stale-wasm-opt.wasm", "refuse/plain.wasm"]) {
    const { problems: [{ hint }] } = await inspect({ bytes: await bytesOf(path), name: "a" });
    assertEquals(hint!.includes("wasm-bindgen rewrote it"), false, path);
  }
});
