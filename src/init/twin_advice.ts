/**
 * A module that no flag gives records → how to build it at three bases. Pure.
 *
 * @module
 */
import type { ModuleFacts } from "../core/types.ts";
import type { Advice, Maker, Step } from "./flags.ts";
import { type FoundFile, stemOf } from "./project.ts";
import { twinPath } from "./twins.ts";

const PAGE = 0x10000;
/** Nearly all bits of an address there are others than in one near the start of the memory. */
const FAR = 0x7ffe0000;
/** Memory of 2 GiB is the most that emcc takes; a page less is safe. */
const EMCC_END = 0x7fff0000;
/** What rustc reserves for the stack, which lies below the data. */
const RUST_STACK = 0x100000;

/**
 * What to do for a module of AssemblyScript.
 *
 * @param module Where it lies.
 * @param maker What makes it.
 * @param rewriter The program that rewrites it after that, or `null`.
 */
export function ascTwins(module: FoundFile, maker: Maker, rewriter: string | null): Advice {
  const command = maker.line?.text ?? "";
  // Its allocator goes on where it was, so it needs memory that nobody else takes.
  const stub = /--runtime[= ]+stub\b/.test(command);
  const flags = stub ? "" : "--exportRuntime ";
  return {
    say: `AssemblyScript (${placeOf(maker)}) writes no relocation records: build the module at ` +
      `three bases, with the sources and options that are there${onEach(rewriter)}`,
    lines: atBases(
      [PAGE, 2 * PAGE, FAR],
      module,
      maker,
      (base, file) => `asc … ${flags}--memoryBase ${base} -o ${file}`,
    ),
    then: null,
    more: [entryOf(module, stub ? ", heap: <bytes>" : "")],
  };
}

/**
 * What to do for a module of Emscripten.
 *
 * @param module Where it lies.
 * @param maker What makes it, or `null` if the module alone says so.
 * @param memory The memory of the module as it is.
 * @param rewriter The program that rewrites it after that, or `null`.
 */
export function emccTwins(
  module: FoundFile,
  maker: Maker | null,
  memory: ModuleFacts["memory"],
  rewriter: string | null,
): Advice {
  const where = maker === null ? "" : ` (${placeOf(maker)})`;
  // The data begins at 1024 by default, and the memory has 16 MiB.
  const size = (memory?.minPages ?? 256) * PAGE + PAGE;
  const far = EMCC_END - size;
  return {
    say: `Emscripten${where} leaves no relocation records that fit the finished module: build it ` +
      `at three bases, with the sources and options that are there${onEach(rewriter)}; or with ` +
      "clang and wasi-libc, which leave them",
    lines: atBases(
      [PAGE, 2 * PAGE, far],
      module,
      maker,
      (base, file) =>
        `emcc … -sSTANDALONE_WASM --no-entry -sGLOBAL_BASE=${base} ` +
        `-sINITIAL_MEMORY=${size + base - PAGE} -o ${file}`,
    ),
    then: null,
    more: [entryOf(module)],
  };
}

/**
 * The second way for a module that something rewrites after the link: the rewriter keeps no records, but
 * does the same to each of three links.
 *
 * @param module Where it lies.
 * @param maker What links it, or `null` if that is not known.
 * @param rewriter The program that rewrites it.
 */
export function rewrittenTwins(module: FoundFile, maker: Maker | null, rewriter: string): Step[] {
  const { tool = null, line = null } = maker ?? {};
  const rust = tool === "cargo" || tool === "rustc";
  const [, size] = /stack-size=(\d+)/.exec(line?.text ?? "") ?? [];
  // The stack lies below the data.
  const first = Math.max(PAGE, Math.ceil(Number(size ?? (rust ? RUST_STACK : 0)) / PAGE) * PAGE);
  const flag = rust
    ? "-C link-arg=--global-base="
    : tool === "clang" || tool === "cmake"
    ? "-Wl,--global-base="
    : "--global-base=";
  const bases = [first, first + PAGE, FAR - (first - PAGE)];
  return [
    {
      say:
        `Or keep that order and link three times, without --emit-relocs, and run ${rewriter} with ` +
        "the same flags on each",
      lines: atBases(bases, module, maker, (base, file) => `${flag}${base}  # → ${file}`),
    },
    entryOf(module),
  ];
}

function onEach(rewriter: string | null): string {
  return rewriter === null ? "" : `, and run ${rewriter} with the same flags on each`;
}

/** Where the command is, for people. */
function placeOf({ line, folder, tool }: Maker): string {
  if (line !== null) return `"${line.file}", ${line.place}`;
  const file = tool === "asc" ? "asconfig.json" : "";
  return `"${folder.dir === "." ? file : `${folder.dir}/${file}`}"`;
}

/** A line for the module and each twin, with their paths as the command sees them. */
function atBases(
  [base, near, far]: number[],
  { path }: FoundFile,
  maker: Maker | null,
  line: (base: number, file: string) => string,
): string[] {
  const prefix = `${maker?.folder.dir ?? "."}/`;
  const seen = path.startsWith(prefix) ? path.slice(prefix.length) : path;
  return [
    line(base, seen),
    line(near, twinPath(seen, "near")),
    line(far, twinPath(seen, "far")),
  ];
}

/** What the config says then. */
function entryOf({ path }: FoundFile, more = ""): Step {
  const name = JSON.stringify(stemOf(path)).slice(1, -1);
  const [near, far] = (["near", "far"] as const).map((each) =>
    JSON.stringify(twinPath(path, each))
  );
  return {
    say:
      `Then run init again with --force: it finds "${name}.near.wasm" and "${name}.far.wasm" and ` +
      "writes",
    lines: [`{ path: ${JSON.stringify(path)}, twin: [${near}, ${far}]${more} }`],
  };
}
