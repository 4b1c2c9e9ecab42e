/** Options of the public functions: what each may be, all problems in one error. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { combine, getHeapBase, inspect, relocate, WasmShareError } from "../mod.ts";
import { moduleAt } from "./host/cases.ts";

const zig = moduleAt("zig/base.wasm");
const pic = moduleAt("pic-c/base.wasm");

// deno-lint-ignore no-explicit-any -- callers without types
type Any = any;

async function fails(action: () => Promise<unknown>): Promise<WasmShareError> {
  const error = await assertRejects(action, WasmShareError);
  for (const { code, hint } of error.errors) {
    assertEquals(code, "invalid_option", error.message);
    assert(hint, error.message);
  }
  return error;
}

/** `message → hint` of each problem. */
const lines = ({ errors }: WasmShareError) =>
  errors.map(({ message, hint }) => `${message} → ${hint}`);

const values: [option: string, value: unknown, line: string][] = [
  ["pointers", "gess", `Cannot use "gess" as pointers: it is none of "guess", "error", "ignore"`],
  ["pointers", null, `Cannot use null as pointers: it is none of`],
  ["strip", 1, "Cannot use 1 as strip: it is not true or false"],
  ["verify", "no", `Cannot use "no" as verify: it is not true or false`],
  ["stackGuard", true, `Cannot use true as stackGuard: it is none of "none", "check"`],
  [
    "additionalStack",
    "64",
    `Cannot use "64" as additionalStack: it is not a whole number of bytes`,
  ],
  ["additionalStack", NaN, "Cannot use NaN as additionalStack: it is not a whole number of bytes"],
];

for (const [option, value, line] of values) {
  Deno.test(`combine() refuses ${option} ${value}, of a module and of a run`, async () => {
    const own = await fails(() => combine([{ bytes: zig, name: "z", [option]: value } as Any]));
    assertEquals([own.errors.length, own.module], [1, "z"]);
    assertStringIncludes(own.message, line);
    const run = await fails(() => combine([zig, zig], { [option]: value } as Any));
    assertEquals([run.errors.length, run.module], [1, undefined]);
    assertStringIncludes(run.message, line);
  });
}

Deno.test("combine() refuses what no module and no run can have", async () => {
  const own = { bytes: zig, assumeNoDataPointers: "yes", base: -1, stack: 2 ** 32, heap: 0.5 };
  assertEquals(lines(await fails(() => combine([own as Any]))), [
    'Cannot use "yes" as assumeNoDataPointers: it is not true or false → ' +
    "Set assumeNoDataPointers to true or false",
    "Cannot use -1 as base: it is not a whole number of bytes → " +
    "Give base as a number from 0 to 4294967295",
    'Cannot use 4294967296 as stack: it is not a whole number of bytes, nor "shared" → ' +
    'Give stack as a number from 0 to 4294967295, or as "shared"',
    "Cannot use 0.5 as heap: it is not a whole number of bytes → " +
    "Give heap as a number from 0 to 4294967295",
  ]);
  const run = { strict: "yes", memory: { maximum: 0 }, onWarning: true };
  assertEquals(lines(await fails(() => combine([zig], run as Any))), [
    'Cannot use "yes" as strict: it is not true or false → Set strict to true or false',
    "Cannot use 0 as memory.maximum: it is not a number of pages → " +
    "Give a whole number from 1 to 65536 (pages of 64 KiB)",
    "Cannot use true as onWarning: it is not a function → " +
    "Give onWarning as a function of one warning",
  ]);
  const [memory] = lines(await fails(() => combine([zig], { memory: 5 } as Any)));
  assertStringIncludes(memory, "Cannot use 5 as memory: it is not an object");
});

Deno.test("combine() names unknown options, with the one that was meant", async () => {
  const run = { aditionalStack: 1, memory: { maxmum: 4 }, xyzzy: 1 };
  const error = await fails(() => combine([{ bytes: zig, stirp: false } as Any], run as Any));
  assertEquals(lines(error), [
    'Cannot use the option "aditionalStack": it is unknown → Did you mean "additionalStack"?',
    'Cannot use the option "memory.maxmum": it is unknown → Did you mean "memory.maximum"?',
    'Cannot use the option "xyzzy": it is unknown → ' +
    "Options here: additionalStack, allocator, stack, sharedStack, strict, table, pointers, strip, verify, stackGuard, memory, checks, onWarning",
    'Cannot use the option "stirp": it is unknown → Did you mean "strip"?',
  ]);
  assertEquals(error.errors.map(({ module }) => module ?? null), [null, null, null, "module0"]);
});

Deno.test("combine() refuses a name that cannot be a file name", async () => {
  for (const name of ["", "a/b", "..", "nul", "a?", 7, null]) {
    const error = await fails(() => combine([{ bytes: zig, name } as Any]));
    assertEquals([error.errors.length, error.module], [1, "module0"], `${name}`);
    assertStringIncludes(error.message, " as name: it ");
  }
  assertStringIncludes((await fails(() => combine({ "a/b": zig }))).message, "a path separator");
  assertEquals((await combine({ "a b": zig, "ünï": moduleAt("c-statics/base.wasm") })).names, [
    "a b",
    "ünï",
  ]);
});

Deno.test("an option that is undefined is not there", async () => {
  const none = { additionalStack: undefined, strip: undefined, pointers: undefined };
  const module = { bytes: zig, name: undefined, base: undefined, ...none };
  const run = { ...none, memory: undefined, onWarning: undefined };
  assertEquals(
    (await combine([module as Any], run as Any)).modules,
    (await combine([zig])).modules,
  );
});

Deno.test("strict wins over the pointers of a module", async () => {
  const module = { bytes: pic, name: "p", pointers: "guess" } as const;
  assertEquals((await combine([module])).names, ["p"]);
  const error = await assertRejects(() => combine([module], { strict: true }), WasmShareError);
  assertEquals([error.code, error.module], ["guessed_pointers", "p"]);
});

const modules: [what: string, action: () => Promise<unknown>, message: string, hint: string][] = [
  [
    "combine(bytes)",
    () => combine(zig as Any),
    "Cannot combine a Uint8Array: it is not a list of modules",
    "Put the bytes in a list: combine([bytes])",
  ],
  ["combine(null)", () => combine(null as Any), "Cannot combine null: it is", "Give a list"],
  ["combine()", () => (combine as Any)(), "Cannot combine nothing: it is", "Give a list"],
  ["combine(text)", () => combine("a.wasm" as Any), `Cannot combine "a.wasm": it`, "Give a list"],
  ["combine(a buffer)", () => combine(zig.buffer as Any), "an ArrayBuffer: it is", "Give a list"],
  [
    "combine(a promise)",
    () => combine(Promise.resolve([zig]) as Any),
    "Cannot combine a Promise: it is not a list of modules",
    "Wait for it: await",
  ],
  ["combine([, bytes])", () => combine([, zig] as Any), "it is nothing, not a Uint8Array", "Read"],
  ["combine([text])", () => combine(["a.wasm"] as Any), `it is "a.wasm", not a Uint8`, "Read"],
  [
    "combine({ a: text })",
    () => combine({ a: "a.wasm" } as Any),
    `Cannot use module "a": its bytes are "a.wasm", not a Uint8Array`,
    "Read the file",
  ],
  [
    "combine(…, null)",
    () => combine([zig], null as Any),
    "Cannot use null as options: it is neither an object nor a number",
    "additionalStack alone",
  ],
  ["combine(…, text)", () => combine([zig], "64" as Any), `Cannot use "64" as options`, "Give"],
  [
    "inspect(undefined)",
    () => inspect(undefined as Any),
    `Cannot use module "module0": it is nothing, not a Uint8Array`,
    "Read the file",
  ],
  ["inspect(null)", () => inspect(null as Any), "it is null, not a Uint8Array", "Read the file"],
  [
    "relocate(text)",
    () => (relocate as Any)("x"),
    `Cannot use module "module0": it is "x", not a Uint8Array`,
    "Read the file",
  ],
  ["getHeapBase()", () => (getHeapBase as Any)(), "it is nothing, not a Uint8Array", "Read"],
];

for (const [what, action, message, hint] of modules) {
  Deno.test(`${what} gives one problem that people can read`, async () => {
    const error = await fails(action);
    assertEquals(error.errors.length, 1);
    assertStringIncludes(error.message, message);
    assertStringIncludes(error.hint, hint);
  });
}

Deno.test("mod.ts loads neither zod nor a module of Node", async () => {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL("../mod.ts", import.meta.url).pathname],
  }).output();
  assert(success);
  const { modules } = JSON.parse(new TextDecoder().decode(stdout));
  const found = modules.map(({ specifier }: { specifier: string }) => specifier);
  assert(found.length > 10);
  assertEquals(found.filter((each: string) => /zod|^node:|^npm:|\/std\//.test(each)), []);
});
