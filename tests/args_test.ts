import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type CombineCommand, parseArgs } from "../src/args.ts";
import { WasmShareError } from "../src/errors.ts";

const DEFAULTS: CombineCommand = {
  command: "combine",
  files: [],
  config: null,
  out: null,
  check: false,
  mode: "production",
  additionalStack: null,
  strict: null,
  inline: null,
  loader: null,
  json: false,
};

function usage(argv: string[]): WasmShareError {
  const error = assertThrows(() => parseArgs(argv), WasmShareError);
  for (const { code } of error.errors) assertEquals(code, "usage");
  return error;
}

Deno.test("parseArgs() runs combine by default", () => {
  assertEquals(parseArgs([]), DEFAULTS);
  assertEquals(parseArgs(["combine"]), DEFAULTS);
  assertEquals(parseArgs(["--check"]), { ...DEFAULTS, check: true });
});

Deno.test("parseArgs() reads modules and every flag of combine", () => {
  const argv = "combine a.wasm 7.wasm -o out --mode debug --additional-stack 0x10000 --strict " +
    "--inline --loader ts --json";
  assertEquals(parseArgs(argv.split(" ")), {
    ...DEFAULTS,
    files: ["a.wasm", "7.wasm"],
    out: "out",
    mode: "debug",
    additionalStack: 65536,
    strict: true,
    inline: true,
    loader: "ts",
    json: true,
  });
  assertEquals(parseArgs(["-c", "x.json"]), { ...DEFAULTS, config: "x.json" });
  assertEquals(parseArgs(["--config=x.json"]), { ...DEFAULTS, config: "x.json" });
});

Deno.test("parseArgs() tells a flag that is off from one that is not there", () => {
  assertEquals(parseArgs(["--strict=false"]), { ...DEFAULTS, strict: false });
  assertEquals(parseArgs(["--loader", "none"]), { ...DEFAULTS, loader: false });
  assertEquals(parseArgs(["--additional-stack", "0"]), { ...DEFAULTS, additionalStack: 0 });
});

Deno.test("parseArgs() takes modules without a command, numbers and commands as file names too", () => {
  assertEquals(parseArgs(["a.wasm", "b.wasm"]), { ...DEFAULTS, files: ["a.wasm", "b.wasm"] });
  assertEquals(parseArgs(["combine", "12"]), { ...DEFAULTS, files: ["12"] });
  assertEquals(parseArgs(["combine", "inspect"]), { ...DEFAULTS, files: ["inspect"] });
  assertEquals(parseArgs(["combine", "--", "-a.wasm"]), { ...DEFAULTS, files: ["-a.wasm"] });
});

Deno.test("parseArgs() reads inspect, help and version", () => {
  assertEquals(parseArgs(["inspect", "a.wasm", "--json"]), {
    command: "inspect",
    files: ["a.wasm"],
    json: true,
  });
  assertEquals(parseArgs(["--help"]), { command: "help", topic: null });
  assertEquals(parseArgs(["help", "inspect"]), { command: "help", topic: "inspect" });
  assertEquals(parseArgs(["combine", "-h"]), { command: "help", topic: "combine" });
  assertEquals(parseArgs(["-V"]), { command: "version" });
  assertEquals(parseArgs(["version"]), { command: "version" });
});

Deno.test("parseArgs() reads init", () => {
  const nothing = { command: "init" as const, files: [], config: null, out: null };
  assertEquals(parseArgs(["init"]), { ...nothing, force: false, json: false });
  assertEquals(parseArgs("init a.wasm -o out -c x.json --force --json".split(" ")), {
    command: "init",
    files: ["a.wasm"],
    config: "x.json",
    out: "out",
    force: true,
    json: true,
  });
  assertEquals(parseArgs(["init", "--help"]), { command: "help", topic: "init" });
  assertEquals(parseArgs(["help", "init"]), { command: "help", topic: "init" });
  assertEquals(usage(["int"]).hint, `Did you mean "init"?`);
  for (const name of ["wasm-share.config.js", "wasm-share", "x.toml"]) {
    assertStringIncludes(usage(["init", "-c", name]).message, `Cannot write config "${name}"`);
  }
  assertStringIncludes(usage(["init", "-c", "x.json", "-c", "y.json"]).message, "given twice");
  assertEquals(usage(["init", "--forc"]).hint, `Did you mean "--force"?`);
  assertStringIncludes(usage(["init", "--check"]).message, `it belongs to "combine"`);
  assertStringIncludes(usage(["combine", "--force"]).message, `it belongs to "init"`);
  assertStringIncludes(usage(["inspect", "a.wasm", "--force"]).message, `it belongs to "init"`);
});

Deno.test("parseArgs() reports an unknown flag with the one that was meant", () => {
  const error = usage(["--additional-stak", "4"]);
  assertStringIncludes(error.message, `"--additional-stak"`);
  assertEquals(error.hint, `Did you mean "--additional-stack"?`);
});

Deno.test("parseArgs() reports every unknown flag", () => {
  assertEquals(usage(["--chek", "-x", "--jsn"]).errors.map(({ hint }) => hint), [
    `Did you mean "--check"?`,
    "See --help",
    `Did you mean "--json"?`,
  ]);
});

Deno.test("parseArgs() reports an unknown command with the one that was meant", () => {
  const error = usage(["combin"]);
  assertStringIncludes(error.message, `Cannot run "combin"`);
  assertEquals(error.hint, `Did you mean "combine"?`);
  assertStringIncludes(usage(["help", "xyzzy"]).hint, "Commands: combine, inspect");
});

Deno.test("parseArgs() reports numbers that are none", () => {
  for (const wrong of ["64k", "1.5", "4294967296", "0x", "1e3", " "]) {
    assertStringIncludes(usage(["--additional-stack", wrong]).message, `"${wrong}"`);
  }
});

Deno.test("parseArgs() reports a missing value, an unknown loader, a flag of another command", () => {
  assertStringIncludes(usage(["a.wasm", "-o"]).hint, "--out <folder>");
  assertStringIncludes(usage(["--config="]).message, "its value is missing");
  assertStringIncludes(usage(["--loader", "cjs"]).hint, "js, ts or none");
  assertStringIncludes(usage(["inspect", "a.wasm", "--check"]).message, `"--check"`);
  assertStringIncludes(usage(["inspect"]).message, "no file is named");
});

Deno.test("parseArgs() refuses modules together with a config", () => {
  assertStringIncludes(usage(["a.wasm", "-c", "x.json"]).message, "both say which modules");
});

Deno.test("parseArgs() refuses a flag with a value that is given twice", () => {
  for (const argv of [["-c", "x.json", "-c", "y.json"], ["-c", "x.json", "--config=x.json"]]) {
    const error = usage(argv);
    assertEquals(error.errors.length, 1);
    assertStringIncludes(error.message, `Cannot read "--config": it is given twice`);
  }
  assertStringIncludes(usage(["a.wasm", "-o", "x", "--out", "y"]).message, `"--out"`);
  assertEquals(parseArgs(["--json", "--json"]), { ...DEFAULTS, json: true });
});
