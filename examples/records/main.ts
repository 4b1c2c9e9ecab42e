/**
 * The example on the command line: `deno task combine`, then `deno task example`. Exits with 1 if
 * the answer is wrong.
 */
import { run } from "./records.ts";

const loader = new URL("./out/mod.js", import.meta.url);

async function main(): Promise<number> {
  const generated = await import(loader.href).catch((error) => {
    const missing = /not found|cannot find module|module_not_found/i.test(String(error.message));
    if (!missing) throw error;
    return null;
  });
  if (!generated) {
    console.error(
      'Cannot run the example: "examples/records/out/mod.js" does not exist\n' +
        "  → Run `deno task combine` first",
    );
    return 1;
  }
  const wrong = run(await generated.instantiate(), console.log);
  for (const line of wrong) console.error(`✖ ${line}`);
  console.log(wrong.length ? "The answer is wrong" : "The answer is right");
  return wrong.length ? 1 : 0;
}

const code = await main();
// deno-lint-ignore no-explicit-any -- Deno, Node and Bun alike
const host = globalThis as any;
if (host.Deno) host.Deno.exitCode = code;
else host.process.exitCode = code;
