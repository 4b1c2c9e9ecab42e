/**
 * Runs programs in all their forms, rounds alternating, in whatever engine this is. Prints a line of JSON for each
 * program: the times of each form. For Deno, Node and Bun alike.
 *
 * Arguments: a JSON file `{ rounds, warmup, budget, programs: [{ name, calls, forms: { name: form } }] }` with calls
 * `{ export, args, expect }` and forms `{ kind: "alone", path }`, `{ kind: "moved", loader, module }`,
 * `{ kind: "side", libc, path }`.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { loadSide } from "./dylink.js";
import { noWasi } from "./no_wasi.js";

let copies = 0;

/** Compiles a module of its own: engines share the code of modules with the same bytes. */
function compile(path) {
  const bytes = readFileSync(path);
  const own = new Uint8Array(bytes.length + 6);
  own.set(bytes);
  own.set([0, 4, 1, 120, copies & 255, copies++ >> 8 & 255], bytes.length);
  return new WebAssembly.Module(own);
}

/** Whatever functions a module wants that nobody has. */
function hostFor(module, known) {
  const env = {};
  for (const { module: space, name, kind } of WebAssembly.Module.imports(module)) {
    if (space !== "env" || kind !== "function") continue;
    env[name] = known[name] ?? (() => {
      throw new Error(`A function that nobody has was called: ${name}`);
    });
  }
  return env;
}

const makers = {
  alone({ path }) {
    const module = compile(path);
    const memory = new WebAssembly.Memory({ initial: 64 });
    const wasi = noWasi();
    const { exports } = new WebAssembly.Instance(module, {
      env: { memory },
      wasi_snapshot_preview1: wasi.wasiImport,
    });
    wasi.initialize({ exports: { memory: exports.memory ?? memory } });
    exports._initialize?.();
    return exports;
  },
  async moved({ loader, module }) {
    const { instantiate } = await import(`${pathToFileURL(loader).href}?${copies++}`);
    const { exports } = await instantiate({ shared: { env: {} }, wasi: noWasi() });
    return exports[module];
  },
  side({ libc, path }) {
    const module = compile(path);
    const memory = new WebAssembly.Memory({ initial: 64 });
    const library = compile(libc);
    const wasi = noWasi();
    wasi.initialize({ exports: { memory } });
    const main = new WebAssembly.Instance(library, {
      env: { memory, ...hostFor(library, {}) },
      wasi_snapshot_preview1: wasi.wasiImport,
    }).exports;
    main._initialize?.();
    return loadSide(module, main, memory);
  },
};

async function measure({ name, calls, forms }, { rounds, warmup, budget }) {
  const ready = [];
  for (const [form, how] of Object.entries(forms)) {
    ready.push({ form, exports: await makers[how.kind](how), times: [] });
  }
  const start = performance.now();
  for (let round = -warmup; round < rounds; round++) {
    if (round >= 3 && performance.now() - start > budget) break;
    for (const { form, exports, times } of round & 1 ? [...ready].reverse() : ready) {
      const begin = performance.now();
      const answers = calls.map((call) => exports[call.export](...call.args));
      const time = performance.now() - begin;
      for (const [at, { expect, export: called }] of calls.entries()) {
        if (expect !== undefined && answers[at] >>> 0 !== expect >>> 0) {
          throw new Error(
            `${name}, ${form}: ${called} gave ${answers[at] >>> 0}, not ${expect >>> 0}`,
          );
        }
      }
      if (round >= 0) times.push(time);
      else if (round === -1) ready.answer = answers.map((each) => each >>> 0);
    }
  }
  const times = Object.fromEntries(ready.map(({ form, times }) => [form, times]));
  return { name, answers: ready.answer, times };
}

const args = globalThis.Deno?.args ?? process.argv.slice(2);
const job = JSON.parse(readFileSync(args[0], "utf8"));
for (const program of job.programs) console.log(JSON.stringify(await measure(program, job)));
