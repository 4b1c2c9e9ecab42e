/**
 * Writes a generated loader and its modules into a temporary folder, with a program that uses them.
 *
 * @module
 */
import { generateLoader } from "../../src/write/loader.ts";
import { combined, reader, writer } from "./wasm.ts";

/** The line that {@linkcode program} prints if all is well. */
export const ANSWER = "42 9 5,7 -1";

/** Uses everything: calls across modules, host imports, several results, 64-bit integers. */
export const program = (from: string): string =>
  `\
import { build, instantiate, layout } from ${JSON.stringify(from)};
export async function run() {
  let seen = 0;
  const { memory, table, exports } = await instantiate({ env: { log: (n) => { seen = n; } } });
  if (table !== null || build.length !== 32 || layout.modules[1].name !== "reader") return "wrong";
  exports.writer.put(2000, 21);
  const twice = exports.writer["get-twice"](2000);
  new Uint32Array(memory.buffer)[500] = 9;
  exports.reader.show(2000);
  return [twice, seen, exports.writer.pair(), exports.reader.wide(-1n)].join(" ");
}
`;

/** A folder on disk, removed by `using`. */
export interface Output extends Disposable {
  /** Path of the folder. */
  dir: string;
  /** Path of a file in it. */
  at(path: string): string;
}

/** Writes the loader, the modules, `program.js` and `main.js`, which prints its answer. */
export async function output(
  options: { inline?: boolean; loader?: "js" | "ts" } = {},
): Promise<Output> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "wasm-share-" }));
  const at = (path: string) => `${dir}/${path}`;
  const set = combined([writer, reader]);
  const files = set.names.map((name) => ({ name, path: `${name}.wasm` }));
  const { inline = false, loader = "js" } = options;
  for (const { path, text } of generateLoader(set, { loader, inline, files })) {
    await Deno.writeTextFile(at(path), text);
  }
  if (!inline) {
    for (const [i, { path }] of files.entries()) await Deno.writeFile(at(path), set.modules[i]);
  }
  await Deno.writeTextFile(at("program.js"), program(loader === "js" ? "./mod.js" : "./mod.ts"));
  await Deno.writeTextFile(
    at("main.js"),
    'import { run } from "./program.js";\nrun().then(console.log);\n',
  );
  await Deno.writeTextFile(at("package.json"), '{ "type": "module", "private": true }\n');
  return { dir, at, [Symbol.dispose]: () => Deno.removeSync(dir, { recursive: true }) };
}

/** Runs a command; what it printed, and whether it succeeded. */
export async function run(
  command: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ ok: boolean; text: string }> {
  const child = new Deno.Command(command, {
    args,
    cwd: options.cwd,
    env: { NO_COLOR: "1", ...options.env },
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { ok: success, text: (decode(stdout) + (success ? "" : decode(stderr))).trim() };
}

/** Tells whether a program is on this machine. If not, prints one line that says what is skipped. */
export async function has(command: string, what: string): Promise<boolean> {
  try {
    if ((await run(command, ["--version"])).ok) return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (Deno.env.get("CI") === "true") throw new Error(`${command} is missing, and CI must not skip`);
  console.log(`skipped: ${what}, because ${command} is missing`);
  return false;
}

/** A server on localhost that serves a folder; `change` may answer in its place. */
export interface Site extends AsyncDisposable {
  /** Address, without a slash at the end. */
  origin: string;
}

const types: Record<string, string> = {
  html: "text/html",
  js: "text/javascript",
  wasm: "application/wasm",
};

/** Serves a folder. `wasmType` replaces the content type of modules. */
export function serve(dir: string, wasmType?: string): Site {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const path = new URL(request.url).pathname;
    const file = await Deno.readFile(dir + path).catch(() => null);
    const end = path.split(".").at(-1)!;
    const type = end === "wasm" && wasmType || types[end] || "application/octet-stream";
    return file
      ? new Response(file, { headers: { "content-type": type } })
      : new Response("not found", { status: 404 });
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
