import { assertEquals } from "@std/assert";
import { ANSWER, has, output, run } from "../host/output.ts";

for (const inline of [false, true]) {
  Deno.test(`the loader runs in Bun${inline ? ", inline" : ""}`, async () => {
    if (!await has("npx", "the loader in Bun")) return;
    using out = await output({ inline });
    const { ok, text } = await run("npx", ["-y", "bun@1.4.5", out.at("main.js")], { cwd: out.dir });
    assertEquals({ ok, text: text.split("\n").at(-1) }, { ok: true, text: ANSWER });
  });
}
