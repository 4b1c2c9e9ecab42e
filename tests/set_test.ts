/** Imports of one module that are exports of another: `bind`, and types that do not fit. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { combine, instantiate, type ModuleInput, WasmShareError } from "../mod.ts";
import { generateLoader } from "../src/write/loader.ts";
import { module, refused } from "./host/refused.ts";
import { encode, type ModuleSpec } from "./host/wasm.ts";
import { loads } from "./host/loads.ts";

type Import = NonNullable<ModuleSpec["imports"]>[number];
type Bind = Record<string, string>;
const input = (spec: ModuleSpec, bind?: Bind): ModuleInput => ({
  name: spec.name,
  bytes: encode(spec),
  ...(bind && { bind }),
});

/** Calls `env.log(n)` in `run(n)`. */
const parser: ModuleSpec = {
  name: "parser",
  imports: [{ module: "env", name: "log", kind: "function", params: ["i32"], results: ["i32"] }],
  functions: [{ export: "run", params: ["i32"], results: ["i32"], body: [0x20, 0, 0x10, 0] }],
};
/** `log_line(n)` is n + 1, `log_raw(n)` is n; `log` has another type. */
const logger: ModuleSpec = {
  name: "logger",
  functions: [
    { export: "log_line", params: ["i32"], results: ["i32"], body: [0x20, 0, 0x41, 1, 0x6a] },
    { export: "log_raw", params: ["i32"], results: ["i32"], body: [0x20, 0] },
    { export: "log", params: ["f64"], results: ["f64"], body: [0x20, 0] },
    { export: "_start", body: [] },
  ],
  global: { export: "level", value: 3 },
};

async function problems(...inputs: ModuleInput[]): Promise<string[]> {
  const { errors } = await assertRejects(() => combine(inputs), WasmShareError);
  return errors.map(({ code, message, hint, module, path }) =>
    `${code} ${module} ${path}: ${message} → ${hint}`
  );
}

Deno.test("bind binds an import to an export, before all that the host gives", async () => {
  const set = await combine([input(parser, { "env.log": "logger.log_line" }), input(logger)]);
  assertEquals(set.layout.modules.map(({ bind }) => bind), [
    [{ from: ["env", "log"], to: ["logger", "log_line"] }],
    undefined,
  ]);
  assertEquals(set.layout.modules[0].mismatches, undefined);
  const log = () => 99;
  for (const imports of [undefined, { modules: { parser: { env: { log } } } }, { env: { log } }]) {
    const { exports } = await instantiate(set, imports);
    assertEquals(exports.parser.run(41), 42);
  }
  const own = await instantiate(await combine([input(parser), input(logger)]), { env: { log } });
  assertEquals(own.exports.parser.run(41), 99, "without bind");
});

Deno.test("bind chooses among modules that export the same, and names may hold dots", async () => {
  const dotted: ModuleSpec = {
    ...module("a.b", ["x.y.z.w"], ["c.d"]),
    imports: [{ module: "x.y", name: "z.w", kind: "function" }],
  };
  const twin = { ...logger, name: "twin", functions: logger.functions!.slice(0, 3) };
  const ambiguous = module("asker", ["env.log_raw"], []);
  ambiguous.imports = [{ ...parser.imports![0], name: "log_raw" } as Import];
  const inputs = [input(logger), input(twin)];
  const error = await refused(await combine([...inputs, input(ambiguous)]));
  assertEquals(error.code, "ambiguous_import");
  assertStringIncludes(error.hint, '{ "env.log_raw": "logger.log_raw" }');
  const set = await combine([
    ...inputs,
    input(ambiguous, { "env.log_raw": "twin.log_raw" }),
    input(dotted, { "x.y.z.w": "e.f.g.h" }),
    input({ ...module("e.f", [], ["g.h"]) }),
  ]);
  assertEquals(set.layout.modules[3].bind, [{ from: ["x.y", "z.w"], to: ["e.f", "g.h"] }]);
  await instantiate(set);
});

Deno.test("bind works in a generated loader, whose types then ask the host for nothing", async () => {
  const set = await combine([input(parser, { "env.log": "logger.log_line" }), input(logger)]);
  const main = "console.log((await instantiate()).exports.parser.run(41));\n";
  const { printed, types } = await loads(set, main, "bind");
  for (const text of printed) assertEquals(text, "42");
  assertStringIncludes(types, "instantiate(imports?: Imports)");
});

Deno.test("bind that names what is not there is refused, all of it, with what was meant", async () => {
  const wrong: [from: string, to: string, why: string, hint: string][] = [
    ["env.lgo", "logger.log_line", 'has no import "env.lgo"', 'Did you mean "env.log"?'],
    ["host.f", "logger.log_line", 'has no import "host.f"', "It imports: env.log"],
    ["env.log", "loger.log_line", 'has no module "loger"', 'Did you mean "logger"?'],
    ["env.log", "log_line", 'has no module "log_line"', "Write module.export with one of: logger"],
    [
      "env.log",
      "logger.log_lin",
      'module "logger" has no export "log_lin"',
      'Did you mean "logger.log_line"?',
    ],
    ["env.log", "logger.q", 'no export "q"', "It exports: logger.log_line, logger.log_raw"],
    ["env.log", "logger._start", '"_start" belongs to module "logger" alone', "Use another export"],
    ["env.log", "parser.run", "that is the same module", "Exports: logger.log_line"],
  ];
  for (const [from, to, why, hint] of wrong) {
    const [line, ...more] = await problems(input(parser, { [from]: to }), input(logger));
    assertEquals(more, [], line);
    const path = `bind["${from}"]`;
    const start = `invalid_option parser ${path}: Cannot bind "${from}" of module "parser" to `;
    assert(line.startsWith(`${start}"${to}": `), line);
    assertStringIncludes(line, why);
    assertStringIncludes(line, hint);
  }
  const both = await problems(input(parser, { "env.l": "x.y", "env.log": "logger.f" }), {
    ...input(logger) as { bytes: Uint8Array },
    name: "logger",
  });
  assertEquals(both.length, 3);
});

Deno.test("bind is an object of strings", async () => {
  for (const bind of ["env.log", { "env.log": 5 }, [], null] as unknown as Bind[]) {
    const { code, message } = await assertRejects(
      () => combine([{ bytes: encode(parser), bind }]),
      WasmShareError,
    );
    assertEquals(code, "invalid_option");
    assertStringIncludes(message, " as bind: it is not an object of strings");
  }
});

Deno.test("modules that bind each other's globals are told how to break the cycle", async () => {
  const level = (name: string, other: string) =>
    input({
      name,
      imports: [{ module: "env", name: "top", kind: "global", type: "i32", mutable: true }],
      global: { export: "level", value: 3 },
    }, { "env.top": `${other}.level` });
  const error = await refused(await combine([level("a", "b"), level("b", "a")]));
  assertEquals(error.code, "import_cycle");
  assertStringIncludes(error.hint, 'Without bind, give "env.top" in');
});

Deno.test("modules can bind each other's functions", async () => {
  const half: ModuleSpec = {
    ...parser,
    // run(n) is 0 for 0, else 1 + log(n / 2)
    functions: [{
      ...parser.functions![0],
      body: [
        ...[0x20, 0, 0x04, 0x7f, 0x41, 1, 0x20, 0, 0x41, 1, 0x76, 0x10, 0, 0x6a],
        ...[0x05, 0x41, 0, 0x0b],
      ],
    }],
  };
  const log = (name: string, other: string) =>
    input({ ...half, name }, { "env.log": `${other}.run` });
  const { exports } = await instantiate(await combine([log("a", "b"), log("b", "a")]));
  assertEquals([exports.a.run(1000), exports.b.run(1023), exports.b.run(1024)], [10, 10, 11]);
});

Deno.test("an import that names a module has the type of its export, or is refused", async () => {
  const from = (module: string) => ({ ...parser.imports![0], module }) as Import;
  const named: ModuleSpec = { ...parser, imports: [from("logger")] };
  assertEquals(await problems(input(named), input(logger)), [
    'signature_mismatch parser undefined: Cannot bind the import "logger.log" of module "parser" ' +
    'to "logger.log": it imports (i32) → i32, and the export is (f64) → f64 → ' +
    "Declare both alike and build the modules again, or bind it to another export (bind)",
  ]);
  const [bound] = await problems(input(parser, { "env.log": "logger.log" }), input(logger));
  assertStringIncludes(bound, 'signature_mismatch parser bind["env.log"]: ');
  assertStringIncludes(bound, "bind it to another export");
  const [kind] = await problems(input(parser, { "env.log": "logger.level" }), input(logger));
  assertStringIncludes(kind, "it imports (i32) → i32, and the export is a global of type mut i32");
  const global = (mutable: boolean, type: "i32" | "i64"): ModuleInput =>
    input({
      name: "g",
      imports: [{ module: "logger", name: "level", kind: "global", type, mutable }],
    });
  await instantiate(await combine([global(true, "i32"), input(logger)]));
  for (const [mutable, type, text] of [[false, "i32", "i32"], [true, "i64", "mut i64"]] as const) {
    const [line] = await problems(global(mutable, type), input(logger));
    assertStringIncludes(
      line,
      `it imports a global of type ${text}, and the export is a global of type mut i32`,
    );
  }
});

Deno.test("an import from env is not bound to an export of another type", async () => {
  const set = await combine([input(parser), input(logger)]);
  assertEquals(set.layout.modules[0].mismatches?.map(({ name, module }) => [name, module]), [
    ["log", "logger"],
  ]);
  const { errors: [error, ...more] } = await refused(set);
  assertEquals([error.code, error.module, more], ["signature_mismatch", "parser", []]);
  assertStringIncludes(
    error.message,
    '"env.log" of module "parser" to "logger.log": it imports (i32)',
  );
  assertStringIncludes(error.hint!, 'pass "env.log" in the imports');
  const { exports } = await instantiate(set, { env: { log: (n: number) => n * 2 } });
  assertEquals(exports.parser.run(4), 8, "the host was meant");

  const right = input({
    ...logger,
    name: "right",
    functions: [{ ...logger.functions![0], export: "log" }],
  });
  const three = await combine([input(parser), input(logger), right]);
  assertEquals((await instantiate(three)).exports.parser.run(4), 5, "the one that fits");
  const files = set.names.map((name) => ({ name, path: `${name}.wasm` }));
  const [, { text }] = generateLoader(set, { loader: "js", inline: true, files });
  assertStringIncludes(text, "    log(a: number): number;", "the host must give it");
});

Deno.test("a name in bind that could be two things is refused", async () => {
  const user = { name: "user", imports: [{ module: "env", name: "f", kind: "function" as const }] };
  const one = { name: "a", functions: [{ export: "b.c", body: [] }] };
  const other = { name: "a.b", functions: [{ export: "c", body: [] }] };
  for (const set of [[user, one, other], [other, one, user]]) {
    const error = await assertRejects(
      () =>
        combine(set.map((spec) => ({
          name: spec.name,
          bytes: encode(spec as ModuleSpec),
          ...(spec === user && { bind: { "env.f": "a.b.c" } }),
        }))),
      WasmShareError,
      "the export can be",
    );
    assertEquals([error.code, error.module], ["invalid_option", "user"]);
  }
});
