/** The example in a page. Bundled into `out/page.js`, beside the loader. */
import { run } from "./records.ts";

const output = document.querySelector("pre")!;
const print = (line: string) => output.append(`${line}\n`);

try {
  const loader = new URL("./mod.js", import.meta.url);
  const { instantiate } = await import(loader.href);
  const wrong = run(await instantiate(), print);
  for (const line of wrong) print(`✖ ${line}`);
  print(wrong.length ? "The answer is wrong" : "The answer is right");
  document.body.dataset.result = wrong.length ? "wrong" : "right";
} catch (error) {
  print(`✖ ${error}`);
  document.body.dataset.result = "failed";
}
