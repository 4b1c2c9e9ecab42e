/** Tags: exceptions that one module throws and another one catches. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { combine, type CombineOptions, instantiate, type ModuleInput } from "../mod.ts";
import { moduleAt } from "./host/cases.ts";
import { refused } from "./host/refused.ts";
import { encode, type ModuleSpec } from "./host/wasm.ts";
import { loads } from "./host/loads.ts";

const exceptions = (file: string): ModuleInput => ({
  name: file.split("-")[0],
  bytes: moduleAt(`exceptions/${file}.wasm`),
});
const results = ({ guarded, caught }: Record<string, (n?: number) => number>) => [
  guarded(3),
  guarded(4),
  guarded(5),
  caught(),
];

for (const files of [["catch", "throw"], ["throw", "catch"], ["catch-new", "throw"]]) {
  Deno.test(`what one module throws another catches: ${files.join(", ")}`, async () => {
    const set = await combine(files.map(exceptions));
    assertEquals(results((await instantiate(set)).exports.catch), [6, -1, -1, 2]);
  });
}

Deno.test("an exception that crosses leaves its frames on the other stack, or takes them along", async () => {
  const inputs = ["catch", "throw"].map(exceptions);
  const lost = async (options: CombineOptions) => {
    const set = await combine(inputs, options);
    const { exports } = await instantiate(set);
    const before = exports.throw.depth();
    for (let i = 0; i < 10; i++) assertEquals(exports.catch.guarded(4), -1);
    return [before - exports.throw.depth(), ...set.warnings.map(({ code }) => code)];
  };
  assertEquals(await lost({}), [10 * 256, "exceptions_leave_stack"]);
  assertEquals((await lost({ stack: "shared" }))[0], 0);
  assert(!(await lost({ stack: "shared" })).includes("exceptions_leave_stack"));
  // Through a module that has nothing to do with exceptions.
  const between: ModuleSpec = {
    name: "between",
    imports: [{
      ...{ module: "throw", name: "thrower", kind: "function" },
      ...{ params: ["i32"], results: ["i32"] },
    }],
    functions: [{ export: "pass", params: ["i32"], results: ["i32"], body: [0x20, 0, 0x10, 0] }],
  };
  const catcher = { ...exceptions("catch") as { bytes: Uint8Array }, name: "catch" };
  const far = await combine([
    { ...catcher, bind: { "env.thrower": "between.pass" } },
    { name: "between", bytes: encode(between) },
    exceptions("throw"),
  ]);
  assertEquals(far.warnings.map(({ code, module }) => [code, module]), [
    ["exceptions_leave_stack", "throw"],
  ]);
  assertEquals(results((await instantiate(far)).exports.catch), [6, -1, -1, 2]);
  // Without a call between them nothing crosses.
  const apart = await combine([
    exceptions("throw"),
    { ...exceptions("throw"), name: "other" } as ModuleInput,
  ]);
  assertEquals(apart.warnings, []);
});

Deno.test("a tag of the host, or of a module, comes before the one that is made", async () => {
  const set = await combine([exceptions("catch"), exceptions("throw")]);
  const tag = () => new WebAssembly.Tag({ parameters: ["i32"] });
  const shared = { __cpp_exception: tag() } as unknown as WebAssembly.ModuleImports;
  assertEquals(results((await instantiate(set, { env: shared })).exports.catch), [6, -1, -1, 2]);
  // With another tag for the one that throws, nothing is caught.
  const apart = await instantiate(set, { modules: { throw: { env: shared } } });
  let thrown: unknown;
  try {
    apart.exports.catch.guarded(4);
  } catch (error) {
    thrown = error;
  }
  assertEquals(thrown instanceof WebAssembly.Exception, true);
  assertEquals(apart.exports.catch.caught(), 0);
});

Deno.test("any other tag that nobody has is unresolved", async () => {
  const asks = (name: string): ModuleSpec => ({
    name: "asks",
    imports: [{ module: "env", name, kind: "tag" }],
  });
  const input = (name: string) => [{ name: "asks", bytes: encode(asks(name)) }];
  const error = await refused(await combine(input("my_tag")));
  assertEquals(error.code, "unresolved_import");
  assertStringIncludes(error.message, '"env.my_tag" (tag)');
  await instantiate(await combine(input("__c_longjmp")));
  await instantiate(await combine(input("__cpp_exception")));
});

Deno.test("modules with tags of their own that call each other: one warning", async () => {
  const own = await combine([exceptions("catch-own"), exceptions("throw-own")]);
  assertEquals(own.warnings.map(({ code, module }) => [code, module]), [
    ["exceptions_separate", "catch"],
  ]);
  assertStringIncludes(own.warnings[0].message, '"catch" and "throw"');
  // It is true: nothing is caught.
  const { exports } = await instantiate(own);
  assertEquals(exports.catch.guarded(3), 6);
  let thrown: unknown;
  try {
    exports.catch.guarded(4);
  } catch (error) {
    thrown = error;
  }
  assertEquals(thrown instanceof WebAssembly.Exception, true);
  assertEquals(exports.catch.caught(), 0);

  const twice = await combine([
    exceptions("catch-own"),
    { ...exceptions("catch-own") as { bytes: Uint8Array }, name: "other" },
    exceptions("throw-own"),
  ]);
  assertEquals(twice.warnings.length, 1, "once a set");
  // A tag that is not exported is nobody else's: the other module gets one of the loader.
  const half = await combine([exceptions("catch-own"), exceptions("throw")]);
  assertEquals(half.warnings.map(({ code }) => code), ["exceptions_separate"]);
  for (
    const files of [
      ["throw-own"],
      ["throw-own", "throw-own"],
    ]
  ) {
    const inputs = files.map((file, at) => ({
      ...exceptions(file) as { bytes: Uint8Array },
      name: `${file}${at}`,
    }));
    assertEquals((await combine(inputs)).warnings, [], files.join(" and "));
  }
});

Deno.test("a generated loader makes the tag, and asks nobody for it", async () => {
  const set = await combine([exceptions("catch"), exceptions("throw")]);
  const main = "const { exports } = await instantiate();\n" +
    "console.log(exports.catch.guarded(2), exports.catch.guarded(9), exports.catch.caught());\n";
  const { printed, types } = await loads(set, main, "exceptions");
  for (const text of printed) assertEquals(text, "4 -1 1");
  assertStringIncludes(types, "instantiate(imports?: Imports)");
});
