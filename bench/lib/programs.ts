/**
 * Builds what is measured from `bench/programs`, into the cache, and again only if a source, a recipe or a compiler
 * changed.
 *
 * @module
 */
import { output, version } from "./process.ts";

/** A program as `programs.json` lists it. */
export interface Program {
  name: string;
  language: "C" | "Rust";
  what: string;
  /** Package and version, or crate; absent if it is ours. */
  source?: string;
  license: string;
  /** The argument of `run` that keeps it busy for about a tenth of a second. */
  n: number;
  /** What `run(n)` returns, as an unsigned number. */
  expect: number;
}

/** A program that is built. */
export interface Built extends Program {
  /** Its folder, with a slash at the end. */
  folder: string;
  /** The function that runs it. */
  entry: string;
}

/** What could be built, and what not. */
export interface Programs {
  built: Built[];
  /** The C library as a module, for side modules. */
  libc: string | null;
  /** Modules linked of the objects of several programs. */
  together: (Built & { parts: Program[] })[];
  skipped: string[];
}

const root = new URL("../programs/", import.meta.url);

/** All programs, in the order of the file. */
export const listed: readonly Program[] = JSON.parse(
  Deno.readTextFileSync(new URL("programs.json", root)),
);

/** Where built files and sources of others are kept. */
export const cache = `${
  Deno.env.get("WASM_SHARE_CACHE") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/wasm-share-fixtures`
}`;

/**
 * The programs whose objects are linked into one module, with unused functions: not libtomcrypt, which is not compiled
 * as a whole.
 */
const parts = listed.filter(({ language, source, name }) =>
  language === "C" && source && name !== "tomcrypt"
);

/** What each compiler is, or `null` if it is not there. */
export async function compilers(): Promise<{ c: string | null; rust: string | null }> {
  const clang = await version("clang-22", "--version");
  const lld = await version("wasm-ld-22", "--version");
  const libc = await Deno.stat("/usr/lib/wasm32-wasi/libc.a").catch(() => null);
  const rust = await version("/usr/bin/rustc", "--version");
  const library = await Deno.stat("/usr/lib/rustlib/src").catch(() => null) ??
    await Deno.stat("/usr/src").catch(() => null);
  return {
    c: clang && lld && libc ? `${clang.split("\n")[0]}; ${lld.split("\n")[0]}` : null,
    rust: rust && library && lld ? rust : null,
  };
}

/**
 * Builds programs.
 *
 * @param wanted Which; those of others need Debian's source packages.
 * @param together Whether to link the large modules, too.
 * @param log Told what is being built.
 * @returns What is there.
 */
export async function buildPrograms(
  wanted: readonly Program[],
  together: boolean,
  log: (line: string) => void,
): Promise<Programs> {
  const found = await compilers();
  const skipped: string[] = [];
  if (!found.c) {
    skipped.push(
      "programs in C: need clang-22, lld-22, libclang-rt-22-dev-wasm32 and wasi-libc of Debian",
    );
  }
  if (!found.rust) {
    skipped.push("programs in Rust: need rustc-web, cargo-web, rust-web-src and lld-22 of Debian");
  }
  const stampFor = (...folders: string[]) => stampOf(`${found.c}\n${found.rust}`, folders);
  const out = `${cache}/bench/programs`;
  const c = found.c ? wanted.filter(({ language }) => language === "C") : [];
  const rust = found.rust ? wanted.filter(({ language }) => language === "Rust") : [];
  const tasks: (() => Promise<void>)[] = [];
  const done = new Set<string>();
  const task = (name: string, folder: string, script: string, args: string[], names: string[]) =>
    tasks.push(async () => {
      try {
        await once(
          folder,
          await stampFor(...script ? [script] : args.slice(-1), ...args.slice(1)),
          () => {
            log(`building ${name}`);
            return recipe(script, folder, args, names);
          },
        );
        done.add(name);
      } catch (error) {
        skipped.push(`${name}: cannot be built: ${(error as Error).message.split("\n").at(-1)}`);
      }
    });
  if (c.some(({ source }) => source)) {
    await once(`${out}/sources`, await stampFor(), () => recipe("", `${out}/sources`, ["fetch"]))
      .catch((error) => skipped.push(`sources of others: ${error.message.split("\n").at(-1)}`));
  }
  if (found.c) task("libc", `${out}/libc`, "", ["libc"], []);
  if (rust.length) task("rust", `${out}/rust`, "rust/", [], listed.filter(isRust).map(named));
  for (const { name } of c) task(name, `${out}/${name}`, "", [name], []);
  const all = async () => {
    const lane = async () => {
      for (let next = tasks.shift(); next; next = tasks.shift()) await next();
    };
    await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, lane));
  };
  await all();
  if (found.c && together) {
    for (const how of ["large", "together"]) {
      task(how, `${out}/${how}`, "", [how, ...parts.map(named)], []);
    }
    await all();
  }
  const folderOf = (each: Program) =>
    isRust(each) ? `${out}/rust/${each.name}/` : `${out}/${each.name}/`;
  return {
    built: wanted.filter((each) => done.has(isRust(each) ? "rust" : each.name))
      .map((each) => ({ ...each, folder: folderOf(each), entry: entryOf(each) })),
    libc: done.has("libc") ? `${out}/libc/libc.wasm` : null,
    together: ["together", "large"].filter((each) => done.has(each)).map((name) => ({
      ...parts[0],
      name,
      entry: "",
      parts,
      folder: `${out}/${name}/`,
    })),
    skipped,
  };
}

/**
 * The function that runs a program.
 *
 * @param program The program.
 * @returns Name of the export.
 */
export function entryOf(program: Program): string {
  return isRust(program) ? "run" : `run_${program.name}`;
}

const isRust = ({ language }: Program) => language === "Rust";
const named = ({ name }: Program) => name;

async function recipe(script: string, folder: string, args: string[], names: string[] = []) {
  await output(["sh", "./recipe.sh", ...args], {
    cwd: new URL(script, root),
    env: { OUT: folder, CACHE: cache, LC_ALL: "C", NAMES: names.join(" ") },
  });
}

/** Does something whose result is a folder, unless it was done with the same stamp. */
async function once(folder: string, stamp: string, make: () => Promise<void>): Promise<void> {
  if (await Deno.readTextFile(`${folder}.stamp`).catch(() => "") === stamp) return;
  await Deno.remove(`${folder}.stamp`).catch(() => {});
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  await make();
  await Deno.writeTextFile(`${folder}.stamp`, stamp);
}

/** Hash of whatever decides what the recipes build. */
async function stampOf(compilers: string, folders: readonly string[]): Promise<string> {
  const texts = [compilers];
  const others = ["cases/tools.sh", "cases/sqlite/source.sh", "corpus/debian/libraries.sh"];
  const from = others.map((each) => new URL(`../../tests/${each}`, root));
  from.push(new URL("recipe.sh", root), new URL("program.h", root));
  for (const folder of new Set(folders)) {
    const path = new URL(`${folder.replace(/\/$/, "")}/`, root);
    if (await Deno.stat(path).catch(() => null)) {
      for await (const file of files(path)) from.push(file);
    }
  }
  for (const file of from) {
    if (!file.pathname.endsWith(".json")) texts.push(await Deno.readTextFile(file));
  }
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(texts.join("\n")));
  return new Uint8Array(hash).toHex();
}

async function* files(folder: URL): AsyncGenerator<URL> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  for (const { name, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (name === "target") continue;
    if (isDirectory) yield* files(new URL(`${name}/`, folder));
    else yield new URL(name, folder);
  }
}
