import { assertEquals } from "@std/assert";
import { combine } from "../../mod.ts";
import { generateLoader } from "../../src/write/loader.ts";
import { moduleAt } from "../host/cases.ts";
import { ANSWER, has, output, run } from "../host/output.ts";
import { inFolder } from "../temp.ts";

for (const inline of [false, true]) {
  Deno.test(`the loader runs in Bun${inline ? ", inline" : ""}`, async () => {
    if (!await has("npx", "the loader in Bun")) return;
    using out = await output({ inline });
    const { ok, text } = await run("npx", ["-y", "bun@1.4.5", out.at("main.js")], { cwd: out.dir });
    assertEquals({ ok, text: text.split("\n").at(-1) }, { ok: true, text: ANSWER });
  });
}

Deno.test("cycles, addresses, slots and exceptions in Bun and in Node", async () => {
  const paths = [
    ...["cycle/a", "cycle/b", "cycle/c", "dynamic/user", "dynamic/owner"],
    ...["exceptions/catch", "exceptions/throw", "growth/grow"],
  ];
  const set = await combine(
    paths.map((path) => ({ name: path.split("/")[1], bytes: moduleAt(`${path}.wasm`) })),
  );
  const files = set.names.map((name) => ({ name, path: `${name}.wasm` }));
  const [js] = generateLoader(set, { loader: "js", inline: true, files });
  const main = `import { instantiate, layout } from "./mod.js";
const { table, exports } = await instantiate();
const { a, c, user, owner, catch: catcher, grow } = exports;
const slot = user.function(1);
const answers = [
  a.sum(100), c.before(), user.at_start(), user.bump(2), owner.read_counter(),
  user.function(0) === owner.twice_pointer(), slot === layout.tableSize,
  table.get(slot) === owner.thrice, grow.append(0) === slot + 1, grow.call(slot, 4),
  catcher.guarded(3), catcher.guarded(4),
];
console.log(answers.join(" "));
`;
  const contents = { "mod.js": js.text, "main.js": main, "package.json": '{ "type": "module" }' };
  await inFolder(contents, async (folder) => {
    const wanted = "5050 1 45 7 7 true true true true 12 6 -1";
    for (const [command, ...args] of [["npx", "-y", "bun@1.4.5"], ["node"]]) {
      if (!await has(command, `modules that need each other, with ${command}`)) continue;
      const { ok, text } = await run(command, [...args, folder.file("main.js")]);
      assertEquals({ ok, text: text.split("\n").at(-1) }, { ok: true, text: wanted });
    }
  });
});
