/**
 * `stack: "shared"`: modules that run on one stack. Frames of a chain of calls through several modules must lie
 * one below the other, whoever calls whom; with separate stacks they do not.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  combine,
  type CombineOptions,
  inspect,
  instantiate,
  type ModuleInput,
  relocate,
  WasmShareError,
} from "../mod.ts";
import { layoutReport } from "../src/report/layout.ts";
import { importsOf } from "./cases/case.ts";
import { assertBehaves, cases, moduleAt, moves } from "./host/cases.ts";
import { loads } from "./host/loads.ts";

interface Nest {
  nest(depth: number, seed: number): number;
  frame(): number;
}

const bytes = moduleAt("stack/nested.wasm");
const names = ["a", "b", "c"];
const three = (options: object = {}): ModuleInput[] =>
  names.map((name) => ({ name, bytes, ...options }));

/** Instantiates modules that call each other through the host: a → b → c → a → … */
async function nested(modules: ModuleInput[], options: CombineOptions) {
  const set = await combine(modules, options);
  const frames: number[] = [];
  const linked = await instantiate<Record<string, Nest>>(set, {
    modules: Object.fromEntries(names.map((name, at) => [name, {
      env: {
        call: (depth: number) => {
          const next = linked.exports[names[(at + 1) % names.length]];
          frames.push(next.frame());
          return next.nest(depth, depth * 7);
        },
      },
    }])),
  });
  return { set, frames, ...linked };
}

Deno.test("frames of a chain through three modules lie one below the other", async () => {
  const { set, frames, exports } = await nested(three({ stack: "shared" }), {});
  assertEquals(exports.a.nest(20, 1), 0);
  assertEquals(frames.length, 20);
  for (const [at, frame] of frames.entries()) {
    assert(at === 0 || frame + 256 <= frames[at - 1], `${frames}`);
    assert(frame >= 0 && frame + 256 <= set.layout.stackPointer!, `${frame}`);
  }
  // Back where it began: again the same frames.
  const before = frames.splice(0);
  assertEquals(exports.a.nest(20, 1), 0);
  assertEquals(frames, before);
});

Deno.test("with separate stacks they do not", async () => {
  const { set, frames, exports } = await nested(three(), {});
  assertEquals(exports.a.nest(20, 1), 0);
  assertEquals(frames.every((frame, at) => at === 0 || frame + 256 <= frames[at - 1]), false);
  assertEquals(set.layout.stackPointer, null);
});

Deno.test("a stack that is too small for the chain is overflowed, and the check names the module", async () => {
  const options: CombineOptions = { stack: "shared", sharedStack: 2048, stackGuard: "check" };
  const { exports } = await nested(three(), options);
  assertEquals(exports.a.nest(2, 1), 0);
  let stack = "";
  try {
    exports.a.nest(40, 1);
  } catch (error) {
    stack = (error as Error).stack ?? "";
  }
  assert(/stack_overflow_in_[abc]/.test(stack), stack);
});

Deno.test("the stack is as large as those of all who share it, and the layout says whose it is", async () => {
  const modules: ModuleInput[] = [
    { name: "own", bytes },
    { name: "a", bytes, stack: "shared" },
    { name: "b", bytes, stack: "shared", additionalStack: 1000 },
    { name: "bare", bytes: moduleAt("c-statics/base.wasm"), stack: 4096 },
  ];
  const { layout } = await combine(modules);
  const [own, a, b, bare] = layout.modules;
  assertEquals(a.stack, { start: 0, end: 16384 + 16384 + 1008, size: 33776 });
  assertEquals(b.stack, a.stack);
  assertEquals(layout.stackPointer, 33776);
  assertEquals([own.stack?.size, bare.stack?.size], [16384, 4096]);
  assertEquals([own.sharedStack, bare.sharedStack], [null, null]);
  assertEquals(a.sharedStack, { import: ["env", "__stack_pointer"], global: 0 });
  assertEquals(
    layout.regions.filter(({ kind }) => kind === "stack").map(({ module }) => module),
    ["", "own", "bare"],
  );
  assert(/^shared +stack +0x00000000 /m.test(layoutReport(layout)), layoutReport(layout));

  const sized = await combine(modules, { sharedStack: 65536 });
  assertEquals(sized.layout.stackPointer, 65536);
  assert(sized.buildId !== (await combine(modules)).buildId);
});

Deno.test("it lies elsewhere if address 0 is taken", async () => {
  const options: CombineOptions = {
    stack: "shared",
    memory: { reserved: [{ start: 0, size: 8 }] },
  };
  const { set, exports } = await nested(three(), options);
  const [{ stack }] = set.layout.modules;
  assert(stack!.start >= 16 && stack!.size === 3 * 16384, JSON.stringify(stack));
  assertEquals(exports.c.nest(30, 3), 0);
});

Deno.test("every case gives the same results on a shared stack", async () => {
  const other: ModuleInput = { name: "other", bytes };
  for (const { name, described, bytes } of cases) {
    // As large as its own: some of them tell how large their stack is.
    const sharedStack = (await inspect(bytes())).stack?.size || undefined;
    const modules = [other, { name: "it", bytes: bytes() }];
    const set = await combine(modules, { stack: "shared", sharedStack });
    const [first, placed] = set.layout.modules;
    if (placed.stack !== null) assertEquals(placed.stack, first.stack);
    assertEquals(placed.transforms.includes("share_stack"), placed.sharedStack !== null);
    const { memory, exports } = await instantiate(set, {
      shared: importsOf(described),
      modules: { other: { env: { call: () => 0 } } },
    });
    assertBehaves(exports.it, memory, { name, described }, moves(set, 1));
  }
});

Deno.test("by hand: one global for all, as large as the layout says", async () => {
  const set = await combine(three(), { stack: "shared" });
  const memory = new WebAssembly.Memory({ initial: set.neededPages });
  const table = new WebAssembly.Table({ element: "anyfunc", initial: set.layout.tableSize });
  const top = set.layout.stackPointer!;
  const __stack_pointer = new WebAssembly.Global({ value: "i32", mutable: true }, top);
  const seen: number[] = [];
  const instances: Nest[] = set.modules.map((module, at) =>
    new WebAssembly.Instance(new WebAssembly.Module(module as Uint8Array<ArrayBuffer>), {
      env: {
        memory,
        __stack_pointer,
        __indirect_function_table: table,
        call: (depth: number) => {
          seen.push(__stack_pointer.value);
          return instances[(at + 1) % 3].nest(depth, 1);
        },
      },
    }).exports as unknown as Nest
  );
  assertEquals(instances[1].nest(4, 9), 0);
  assertEquals(seen.length, 4);
  assert(seen.every((value, at) => value <= (seen[at - 1] ?? top) - 256), `${seen}`);
  assertEquals(__stack_pointer.value, top);
});

Deno.test("nothing else in the set binds to a stack pointer, and the host need not give one", async () => {
  const set = await combine(three(), { stack: "shared" });
  const imports = WebAssembly.Module.imports(
    await WebAssembly.compile(set.modules[0] as Uint8Array<ArrayBuffer>),
  );
  assertEquals(imports.map(({ name }) => name).sort(), [
    "__indirect_function_table",
    "__stack_pointer",
    "call",
    "memory",
  ]);
  await instantiate(set, { env: { call: () => 0 } });
});

Deno.test("values that are none are refused", async () => {
  const wrong: [modules: object, run: object, message: string][] = [
    [{ stack: "common" }, {}, 'Cannot use "common" as stack'],
    [{ stack: 100 }, {}, "not a multiple of 16"],
    [{}, { stack: 65536 }, 'Cannot use 65536 as stack: it is not "shared"'],
    [{}, { stack: "shared", sharedStack: 1000 }, "not a multiple of 16"],
    [{}, { sharedStack: 4096 }, "no module shares a stack"],
    [{}, { stack: "shared", sharedStack: 0 }, "Cannot use 0 as sharedStack"],
  ];
  for (const [module, run, message] of wrong) {
    const error = await assertRejects(
      () => combine(three(module), run as CombineOptions),
      WasmShareError,
      message,
    );
    assertEquals(error.code, "invalid_option");
  }
  const error = await assertRejects(
    () => relocate({ bytes, stack: "shared" }, 65536),
    WasmShareError,
  );
  assertEquals(error.hint, "Use combine for stack, additionalStack and base");
});

Deno.test("through the generated loader", async () => {
  const set = await combine(three(), { stack: "shared" });
  const main = `
const { exports } = await instantiate({ env: { call: (depth) => exports.b.nest(depth, 5) } });
console.log(exports.a.nest(30, 1), exports.c.nest(10, 1));
`;
  for (const text of (await loads(set, main, "a shared stack")).printed) assertEquals(text, "0 0");
});
