/**
 * Writes `src/core/generated/` from what `xtask` built, and checks it.
 *
 * - no argument: build the cores (needs Rust) and write the generated files.
 * - `--check`: compare the generated files with the sources by hash. Needs no Rust.
 * - `--verify`: build again and compare bytes, if the compiler is the one that made them.
 *
 * @module
 */
import { gzipSync } from "node:zlib";

/** The cores, and the largest size after gzip that each may have. */
const CORES = [
  { name: "relocator", limit: 64 * 1024 },
  { name: "converter", limit: 96 * 1024 },
  { name: "transformer", limit: Infinity },
];

const RUST = new URL("./", import.meta.url);
const GENERATED = new URL("../src/core/generated/", RUST);
const REMEDY = "run `deno task build` and commit the result";

/** What the header of each generated file says, beside who made it. */
interface Header {
  /** Hash of the sources of the core. */
  sources: string;
  /** Hash of the module. */
  wasm: string;
  /** Version of the compiler. */
  compiler: string;
}

async function main(args: string[]): Promise<number> {
  switch (args.join(" ")) {
    case "":
      return await build();
    case "--check":
      return report(await check());
    case "--verify":
      return await verify();
    default:
      console.error("Usage: build.ts [--check | --verify]");
      return 2;
  }
}

async function build(): Promise<number> {
  const out = await runXtask();
  await Deno.mkdir(GENERATED, { recursive: true });
  const problems: string[] = [];
  for (const { name, limit } of CORES) {
    for (const [file, content] of await render(name, out)) {
      await Deno.writeFile(new URL(file, GENERATED), content);
    }
    const wasm = await Deno.readFile(new URL(`${name}.wasm`, out));
    const packed = gzipSync(wasm, { level: 9 }).length;
    console.log(`${name}: ${wasm.length} bytes, ${packed} bytes after gzip`);
    if (packed > limit) {
      problems.push(`Core "${name}" is ${packed} bytes after gzip: at most ${limit} are allowed`);
    }
  }
  return report(problems);
}

/** What is stale, or damaged, in `src/core/generated`. */
async function check(): Promise<string[]> {
  const problems: string[] = [];
  for (const { name } of CORES) {
    const sources = await hashSources(name);
    try {
      const wasm = await hash([await Deno.readFile(new URL(`${name}.wasm`, GENERATED))]);
      const files = [`${name}.js`, `${name}.d.ts`, `${name}_wasm.ts`];
      if ((await sentences(name)).size > 0) files.push(`${name}_words.ts`);
      for (const file of files) {
        const text = await Deno.readTextFile(new URL(file, GENERATED));
        const header = readHeader(text);
        const path = `src/core/generated/${file}`;
        if (header?.sources !== sources) {
          problems.push(`"${path}" is not made from the present rust-lib/${name}: ${REMEDY}`);
        } else if (
          header.wasm !== wasm || (file.endsWith("_wasm.ts") && !await embeds(text, wasm))
        ) {
          problems.push(`"${path}" does not belong to "${name}.wasm" beside it: ${REMEDY}`);
        }
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      problems.push(`Generated files of core "${name}" are missing: ${REMEDY}`);
    }
  }
  return problems;
}

/** Builds again, and compares with what is committed. */
async function verify(): Promise<number> {
  const stale = await check();
  if (stale.length > 0) return report(stale);
  const out = await runXtask();
  const problems: string[] = [];
  for (const { name } of CORES) {
    for (const [file, content] of await render(name, out)) {
      const committed = await Deno.readFile(new URL(file, GENERATED));
      if (same(committed, content)) continue;
      const text = await Deno.readTextFile(new URL(`${name}.js`, GENERATED));
      const made = readHeader(text)?.compiler;
      const found = await compilerOf(out);
      if (made !== found) {
        console.log(`${file}: not compared, "${made}" made it and "${found}" is here`);
      } else {
        problems.push(`"src/core/generated/${file}" differs from what its sources give: ${REMEDY}`);
      }
    }
  }
  return report(problems);
}

function report(problems: string[]): number {
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}

/** Runs `xtask`; it prints the folder that it wrote. */
async function runXtask(): Promise<URL> {
  const command = new Deno.Command("cargo", {
    args: ["run", "--quiet", "--package", "xtask", "--", "build"],
    cwd: RUST,
    stdout: "piped",
    stderr: "inherit",
  });
  let output;
  try {
    output = await command.output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error('Cannot run "cargo": install Rust, https://rust-lang.org/tools/install');
    Deno.exit(1);
  }
  if (!output.success) Deno.exit(output.code);
  const folder = new TextDecoder().decode(output.stdout).trim().replaceAll("\\", "/");
  return new URL(`${folder}/`, RUST);
}

/** The type of what is added to the bindings. */
const MEMORY_TYPE = "\n/** The memory of the present instance. */\n" +
  "export function memory(): WebAssembly.Memory;\n";

/** The generated files of a core. */
async function render(name: string, out: URL): Promise<[file: string, content: Uint8Array][]> {
  const wasm = await Deno.readFile(new URL(`${name}.wasm`, out));
  const header = writeHeader(name, {
    sources: await hashSources(name),
    wasm: await hash([wasm]),
    compiler: await compilerOf(out),
  });
  const embedded = `/** The module \`${name}.wasm\`, in base64. */\n` +
    `export const wasm: string =\n  "${wasm.toBase64()}";\n`;
  const glue = await Deno.readTextFile(new URL(`${name}.js`, out));
  // Deno and JSR look for the first comment; it has to stay in front.
  const selfTypes = `/* @ts-self-types="./${name}.d.ts" */\n`;
  if (!glue.startsWith(selfTypes)) {
    throw new Error(`Cannot find "${selfTypes.trim()}" in ${name}.js`);
  }
  if (glue.includes("import.meta")) throw new Error(`Cannot ship ${name}.js: it has "import.meta"`);
  // `slice` fills the copy with zeros before it copies: half of the time again.
  const view = /= (getArrayU(8|32)FromWasm0\(ret\[0\], ret\[1\]\))\.slice\(\);/g;
  const code = glue.slice(selfTypes.length).replace(view, "= new Uint$2Array($1);");
  if (code.includes(".slice()")) throw new Error(`Cannot ship ${name}.js: it has "slice()"`);
  // What is emitted is put together from where it lies.
  const memory = /let wasmModule, wasmInstance, wasm;/.test(code)
    ? "\n/** The memory of the present instance. */\nexport function memory() {\n  return wasm.memory;\n}\n"
    : null;
  if (memory === null) throw new Error(`Cannot find the instance in ${name}.js`);
  const types = await Deno.readTextFile(new URL(`${name}.d.ts`, out));
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text.trimEnd() + "\n");
  const files: [string, Uint8Array][] = [
    [`${name}.wasm`, wasm],
    [`${name}_wasm.ts`, encode(header + embedded)],
    [`${name}.js`, encode(selfTypes + header + code + memory)],
    [`${name}.d.ts`, encode(header + types + MEMORY_TYPE)],
  ];
  const words = await sentences(name);
  if (words.size > 0) {
    const lines = [...words].map(([number, text]) => `  [${number}, ${JSON.stringify(text)}],\n`);
    const map = "/** Sentences of problems by their number; placeholders as in `text.rs`. */\n" +
      `export const SENTENCES: ReadonlyMap<number, string> = new Map([\n${lines.join("")}]);\n`;
    files.push([`${name}_words.ts`, encode(header + map)]);
  }
  return files;
}

/**
 * The literals of `text!("…")` in the sources of a core, by the hash that the core says instead of
 * them (`text.rs`).
 */
async function sentences(name: string): Promise<Map<number, string>> {
  const files: string[] = [];
  await collect(`${name}/src`, files);
  const found = new Map<number, string>();
  for (const file of files.sort()) {
    const source = await Deno.readTextFile(new URL(file, RUST));
    const code = source.split("#[cfg(test)]")[0].replaceAll(/^\s*\/\/.*$/gm, "");
    for (const [, literal] of code.matchAll(/\btext!\(\s*"((?:[^"\\]|\\[^])*)"/g)) {
      const text = unescape(literal);
      let number = 0x811c9dc5;
      for (const byte of new TextEncoder().encode(text)) {
        number = Math.imul(number ^ byte, 0x01000193) >>> 0;
      }
      const other = found.get(number);
      if (other !== undefined && other !== text) {
        throw new Error(`Two sentences have one number: change a word of "${text}" or "${other}"`);
      }
      found.set(number, text);
    }
  }
  return new Map([...found].sort(([a], [b]) => a - b));
}

/** What a string literal of Rust says. */
function unescape(literal: string): string {
  return literal.replaceAll(/\\(\r?\n\s*|[^])/g, (_, escaped: string) => {
    if (escaped.trim() === "") return "";
    if (escaped === '"' || escaped === "\\" || escaped === "'") return escaped;
    throw new Error(`Cannot read a sentence with the escape "\\${escaped}"`);
  });
}

async function compilerOf(out: URL): Promise<string> {
  return (await Deno.readTextFile(new URL("compiler.txt", out))).trim();
}

function writeHeader(name: string, header: Header): string {
  return `// @generated by \`deno task build\` from rust-lib/${name}. Do not edit.\n` +
    `// sources: ${header.sources}\n// wasm: ${header.wasm}\n// compiler: ${header.compiler}\n`;
}

function readHeader(text: string): Header | undefined {
  const found = text.match(/^\/\/ sources: (.*)\r?\n\/\/ wasm: (.*)\r?\n\/\/ compiler: (.*)\r?$/m);
  return found ? { sources: found[1], wasm: found[2], compiler: found[3] } : undefined;
}

async function embeds(text: string, wasm: string): Promise<boolean> {
  const base64 = text.match(/"([A-Za-z0-9+/=]*)";/)?.[1] ?? "";
  return await hash([Uint8Array.fromBase64(base64)]) === wasm;
}

/** Hash of everything that the bytes of a core depend on, the compiler aside. */
async function hashSources(name: string): Promise<string> {
  const files = [`${name}/Cargo.toml`, "Cargo.toml", "Cargo.lock"];
  await collect(`${name}/src`, files);
  // The relocator's loops are a crate of their own, and the converter reads modules as the relocator does.
  const parts = { relocator: ["kernels"], converter: ["kernels", "relocator"] }[name] ?? [];
  for (const part of parts) {
    files.push(`${part}/Cargo.toml`);
    await collect(`${part}/src`, files);
  }
  const sources: Uint8Array[] = [];
  for (const file of files.sort()) {
    // A checkout with CRLF is the same source.
    const text = (await Deno.readTextFile(new URL(file, RUST))).replaceAll("\r\n", "\n");
    sources.push(new TextEncoder().encode(`${file}\0${text.length}\0${text}`));
  }
  return await hash(sources);
}

async function collect(folder: string, files: string[]): Promise<void> {
  for await (const entry of Deno.readDir(new URL(folder, RUST))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await collect(path, files);
    else if (entry.name.endsWith(".rs")) files.push(path);
  }
}

async function hash(parts: Uint8Array[]): Promise<string> {
  const bytes = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  return `sha256-${new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex()}`;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

Deno.exit(await main(Deno.args));
