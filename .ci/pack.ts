/**
 * Makes the npm package: what `deno pack` makes, and what that cannot say.
 *
 * ```
 * deno task pack [folder]
 * ```
 *
 * - `bin`: the program `wasm-share`. `deno pack` has no key for it.
 * - `exports["./relocator.wasm"]` and the same of the converter and the transformer: the raw cores. They cannot be
 *   `exports` in `deno.json`: Deno, and with it JSR, takes a `.wasm` export for a module to import,
 *   and type-checks its imports (`./relocator_bg.js`), which wasm-bindgen gives at run time. On JSR
 *   the files are in the package all the same, at `src/core/generated/`.
 * - no source maps: they name the folder of whoever packed.
 *
 * @module
 */

const root = new URL("../", import.meta.url);
const generated = "./src/core/generated/";

/** A `package.json`, as far as this file reads or writes it. */
interface PackageJson {
  name: string;
  version: string;
  exports: Record<string, unknown>;
  [key: string]: unknown;
}

/** What `deno.json` has no key for. */
function complete(made: PackageJson): PackageJson {
  const { name, version, ...rest } = made;
  return {
    name,
    version,
    description: "Put separately compiled WebAssembly modules into one linear memory",
    keywords: ["wasm", "webassembly", "linear-memory", "linker", "relocation"],
    ...rest,
    bin: { "wasm-share": "./src/bin.js" },
    engines: { node: ">=20" },
    exports: {
      ...made.exports,
      "./relocator.wasm": `${generated}relocator.wasm`,
      "./converter.wasm": `${generated}converter.wasm`,
      "./transformer.wasm": `${generated}transformer.wasm`,
      "./package.json": "./package.json",
    },
  };
}

/**
 * Makes the package.
 *
 * @param folder Where to.
 * @returns The path of the tarball.
 */
export async function pack(folder: string): Promise<string> {
  const work = await Deno.makeTempDir({ prefix: "wasm-share-pack-" });
  try {
    const made = `${work}/made.tgz`;
    await run(Deno.execPath(), [
      "pack",
      "--no-source-maps",
      "--allow-dirty",
      `--output=${made}`,
    ], root);
    await run("tar", ["-xzf", made, "-C", work]);
    const manifest = `${work}/package/package.json`;
    const described = complete(JSON.parse(await Deno.readTextFile(manifest)));
    await Deno.writeTextFile(manifest, JSON.stringify(described, null, 2) + "\n");
    const bin = `${work}/package/src/bin.js`;
    const program = await Deno.readTextFile(bin);
    if (!program.startsWith("#!")) {
      await Deno.writeTextFile(bin, `#!/usr/bin/env node\n${program}`);
    }
    const npm = Deno.build.os === "windows" ? "npm.cmd" : "npm";
    await run(npm, ["pack", "--ignore-scripts", `--pack-destination=${work}`], `${work}/package`);
    const name = `${described.name.replace("@", "").replace("/", "-")}-${described.version}.tgz`;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.copyFile(`${work}/${name}`, `${folder}/${name}`);
    return `${folder}/${name}`;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function run(command: string, args: string[], cwd?: string | URL): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (success) return;
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("").trim();
  throw new Error(`Cannot run "${command} ${args.join(" ")}": ${said}`);
}

if (import.meta.main) console.log(await pack(Deno.args[0] ?? "."));
