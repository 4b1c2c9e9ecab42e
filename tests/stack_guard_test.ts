/**
 * `stackGuard`: recursion and frames that are larger than the stack. Without the check they overwrite data,
 * with it they trap in a function whose name says so; whatever fits gives the same results.
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  combine,
  type Combined,
  instantiate,
  type ModuleInput,
  relocate,
  type StackGuardPolicy,
  WasmShareError,
} from "../mod.ts";
import { importsOf } from "./cases/case.ts";
import { assertBehaves, cases, moduleAt, moves } from "./host/cases.ts";
import { loads } from "./host/loads.ts";

interface Deep {
  fill(): void;
  lost(): number;
  deep(levels: number): number;
  deep_leaf(levels: number): number;
  with_alloca(size: number): number;
  with_vla(times: number, size: number): number;
  leaf_alloca(size: number): number;
  leaf_vla(times: number, size: number): number;
  large(): number;
  huge(): number;
}

const named = (file: string, name = file): ModuleInput => ({
  name,
  bytes: moduleAt(`stack/${file}.wasm`),
});
/** First of the set: its stack lies at address 0, that of the others above their data. */
const first: ModuleInput = { name: "first", bytes: moduleAt("rust-nostd/base.wasm") };

async function start(
  modules: ModuleInput[],
  stackGuard: StackGuardPolicy,
): Promise<Record<string, Deep>> {
  const { exports } = await instantiate<Record<string, Deep>>(
    await combine(modules, { stackGuard }),
  );
  for (const name of Object.keys(exports)) exports[name].fill?.();
  return exports;
}

/** What a call returns, or the error that it ends in. */
function outcome(call: () => number): number | WebAssembly.RuntimeError {
  try {
    return call();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return error;
    throw error;
  }
}

/** The name of the function that trapped, as the stack of the error shows it. */
function trappedIn(result: number | WebAssembly.RuntimeError): string | undefined {
  if (typeof result === "number") return `returned ${result}`;
  return /stack_overflow_in_[\w.-]+/.exec(result.stack ?? "")?.[0];
}

for (const file of ["o0", "o2", "rust"]) {
  Deno.test(`${file}: deep recursion overwrites data without the check, and traps with it`, async () => {
    const bare = (await start([first, named(file)], "none"))[file];
    assertEquals(typeof outcome(() => bare.deep(120)), "number");
    assert(bare.lost() > 100, `${bare.lost()} words`);

    const checked = (await start([first, named(file)], "check"))[file];
    assertEquals(trappedIn(outcome(() => checked.deep(120))), `stack_overflow_in_${file}`);
    assertEquals(checked.lost(), 0);
  });

  Deno.test(`${file}: as first module, too`, async () => {
    for (const stackGuard of ["none", "check"] as const) {
      const it = (await start([named(file)], stackGuard))[file];
      const result = outcome(() => it.deep(120));
      assert(result instanceof WebAssembly.RuntimeError, "its stack lies at address 0");
      const name = stackGuard === "check" ? `stack_overflow_in_${file}` : undefined;
      assertEquals(trappedIn(result), name);
    }
  });

  Deno.test(`${file}: whatever depth, it is right or it traps`, async () => {
    const set = await combine([first, { ...named(file), stack: 2048 }], { stackGuard: "check" });
    const wanted = (await start([{ ...named(file), additionalStack: 1 << 20 }], "none"))[file];
    const calls = (["deep", "deep_leaf"] as const).filter((call) => wanted[call]);
    for (const call of calls) {
      let trapped = 0;
      // A trap leaves the stack pointer where it was, so each depth has an instance of its own.
      for (let levels = 0; levels < 140; levels++) {
        const it = (await instantiate<Record<string, Deep>>(set)).exports[file];
        it.fill();
        const result = outcome(() => it[call](levels));
        if (typeof result === "number") {
          assertEquals([result, trapped], [wanted[call](levels), 0], `${call}(${levels})`);
        } else {
          assertEquals(trappedIn(result), `stack_overflow_in_${file}`, `${call}(${levels})`);
          trapped++;
        }
        assertEquals(it.lost(), 0, `${call}(${levels})`);
      }
      assert(trapped > 10 && trapped < 135, `${call}: ${trapped} depths do not fit`);
    }
  });
}

for (const file of ["o0", "o2"]) {
  Deno.test(`${file}: deep recursion reaches the neighbour without the check`, async () => {
    for (const stackGuard of ["none", "check"] as const) {
      const it = await start([first, named("o2", "victim"), named(file)], stackGuard);
      outcome(() => it[file].deep(400));
      assertEquals(it.victim.lost() > 0, stackGuard === "none");
    }
  });

  Deno.test(`${file}: alloca, arrays of variable length, large and huge frames`, async () => {
    const modules = [first, named(file)];
    const bare = (await start(modules, "none"))[file];
    const checked = (await start(modules, "check"))[file];
    for (const size of [0, 1, 16, 1000, 3000]) {
      assertEquals(checked.with_alloca(size), bare.with_alloca(size));
      assertEquals(checked.with_vla(300, size), bare.with_vla(300, size));
      assertEquals(checked.leaf_alloca(size), bare.leaf_alloca(size));
      assertEquals(checked.leaf_vla(300, size), bare.leaf_vla(300, size));
    }
    assertEquals([checked.lost(), bare.lost()], [0, 0]);
    const calls: Record<string, (it: Deep) => number> = {
      alloca: (it) => it.with_alloca(5000),
      "alloca that wraps": (it) => it.with_alloca(0x7fff_fff0),
      // Less than nothing: the stack pointer would be raised.
      "alloca that raises": (it) => it.with_alloca(-4096),
      array: (it) => it.with_vla(1, 5000),
      // Nothing says that it takes room. Without optimisation its shape is not known.
      ...(file === "o2" && { "alloca in a leaf": (it: Deep) => it.leaf_alloca(5000) }),
      "frame of 16 KiB": (it) => it.large(),
      "frame of 128 MiB": (it) => it.huge(),
    };
    for (const [what, call] of Object.entries(calls)) {
      const it = (await start(modules, "check"))[file];
      assertEquals(trappedIn(outcome(() => call(it))), `stack_overflow_in_${file}`, what);
      assertEquals(it.lost(), 0, what);
    }
    assertEquals(bare.large(), 42);
    assert(bare.lost() > 0);
  });
}

Deno.test("the stack pointer of a module that trapped stays in its stack", async () => {
  const it = (await start([first, named("o2")], "check")).o2;
  outcome(() => it.deep(120));
  for (let times = 0; times < 3; times++) {
    assertEquals(trappedIn(outcome(() => it.deep(120))), "stack_overflow_in_o2");
  }
  assertEquals(it.lost(), 0);
});

Deno.test("every case gives the same results with the check", async () => {
  for (const { name, described, bytes } of cases) {
    const set = await combine([first, { name: "it", bytes: bytes() }], { stackGuard: "check" });
    const placed = set.layout.modules[1];
    const guarded = placed.stackGuard !== null;
    assertEquals(placed.transforms.includes("stack_guard"), guarded);
    if (guarded) assertEquals(placed.stackGuard!.high, placed.stack!.end);
    const { memory, exports } = await instantiate(set, importsOf(described));
    assertBehaves(exports.it, memory, { name, described }, moves(set, 1));
  }
});

Deno.test("a module without a stack stays as it is", async () => {
  const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  const bare = await combine({ bytes });
  const checked = await combine({ bytes }, { stackGuard: "check" });
  assertEquals(checked.layout, bare.layout);
  assertEquals(checked.modules, bare.modules);
});

Deno.test("stackGuard of a module wins over that of the run", async () => {
  const inputs = [{ ...named("o2") as object, stackGuard: "none" } as ModuleInput, named("rust")];
  const { layout } = await combine(inputs, { stackGuard: "check" });
  assertEquals(layout.modules.map(({ transforms }) => transforms), [[], ["stack_guard"]]);
});

Deno.test("it runs after the other passes, and the hint says what would make them needless", async () => {
  const bytes = moduleAt("heaps/private.wasm");
  const set: Combined = await combine([{
    name: "it",
    bytes,
    heap: 1 << 20,
    stackGuard: "check",
    strip: false,
  }]);
  assertEquals(set.layout.modules[0].transforms, ["memory_view", "stack_guard"]);
  assertEquals(set.codeShifts, [null]);
  const { exports } = await instantiate<Record<string, { work(a: number, b: number): void }>>(set);
  exports.it.work(100, 24);
  const dropped = set.warnings.filter(({ code }) => code === "dropped_section");
  assertEquals(dropped.map(({ section }) => section).includes("linking"), true);
  assertStringIncludes(
    dropped[0].hint ?? "",
    "Remove heap, if this allocator can do without it, and remove stackGuard: then",
  );
});

Deno.test("relocate() refuses stackGuard", async () => {
  const bytes = moduleAt("stack/o2.wasm");
  const error = await assertRejects(
    () => relocate({ bytes, stackGuard: "check" }, 65536),
    WasmShareError,
    "Cannot check the stack",
  );
  assertEquals(error.code, "invalid_option");
});

Deno.test("the stack of the error names the module, through the generated loader", async () => {
  const set = await combine([first, named("o2", "my-parser")], { stackGuard: "check" });
  const main = `
const { exports } = await instantiate();
try { exports["my-parser"].deep(1000); } catch (error) { console.log(error.stack); }
`;
  for (const text of (await loads(set, main, "the trace")).printed) {
    assertStringIncludes(text, "RuntimeError: unreachable");
    assertStringIncludes(text, "stack_overflow_in_my-parser");
  }
});
