/**
 * The only way into the cores: plain data in, plain data out, problems as {@linkcode
 * WasmShareError}.
 *
 * @module
 */
import { WasmShareError, type WasmShareProblem, type WasmShareWarning } from "../errors.ts";
import type { AllocatorPass } from "../set/allocator.ts";
import { type ForeignFreeRequest, type FoundFrees, ownerMapSize } from "./foreign_free.ts";
import {
  converter,
  type ConverterModule,
  guard,
  relocator,
  type RelocatorModule,
  transformer,
} from "./load.ts";
import type { CombineOptions, PointerPolicy, StackGuardPolicy } from "./options.ts";
import type {
  LayoutModule,
  LayoutPlan,
  ModuleFacts,
  ModuleKind,
  SideFacts,
  TwinFacts,
} from "./types.ts";
import { type SaidFacts, type SaidProblem, sayAll, sayFacts } from "./words.ts";

/** One module with every option decided. Sizes and addresses in bytes. */
export interface CoreModule {
  name: string;
  bytes: Uint8Array;
  /** Not for the relocator: the same program at other bases. */
  twins?: readonly Uint8Array[];
  /** What the converter made of the input, whose output are the bytes. */
  conversion?: Conversion;
  /** Why the converter made nothing of it. */
  refused?: readonly WasmShareProblem[];
  /** Not for the core: the source map, as the caller gave it. */
  sourceMap?: string | null;
  /** Not for the core: which imports are exports of other modules. */
  bind?: Record<string, string>;
  additionalStack: number;
  stack?: number;
  sharesStack: boolean;
  /** It allocates with the functions of another module. */
  noHeap?: boolean;
  /** It is made together with others, so its allocator cannot be started before they grow memory. */
  noStage?: boolean;
  base?: number;
  heap?: number;
  separateTable: boolean;
  align: number;
  pointers: PointerPolicy;
  assumeNoDataPointers: boolean;
  strip: boolean;
  verify: boolean;
  stackGuard: StackGuardPolicy;
}

/** What the converter found in a module without records. */
export interface Conversion {
  /** What the input was. */
  kind: ModuleKind;
  /** Size of the input in bytes. */
  size: number;
  /** What the comparison with twins found. */
  twin?: TwinFacts;
  /** How a side module was placed. */
  side?: SideFacts;
  /** Code was written anew. */
  rewritten: boolean;
  /** Worth knowing. */
  warnings: WasmShareWarning[];
}

/** What the transformer says of the allocation functions of a module: `malloc`, `__rust_alloc`, … */
export interface Allocation {
  /** Each that the module has, with the name under which it is exported, if it is. */
  entries: Record<string, string | null>;
  /** Those of C that it imports from `env`. */
  imports: string[];
  /** Those of C are made of those of Rust. */
  cCallsRust: boolean;
  /** Its `operator new` or `operator delete` has memory of its own. */
  ownNew: boolean;
  /** What `malloc` aligns to, as far as that is known, in bytes. */
  mallocAlign: number;
  /** Some function grows the memory, or refers to where the heap begins or ends. */
  claims: boolean;
}

/** What the relocator says of a whole run. */
export interface CombinedByCore {
  facts: ModuleFacts[];
  layout: LayoutPlan;
  buildId: string;
  warnings: WasmShareWarning[];
  modules: Uint8Array[];
}

/** What the relocator says of one moved module. */
export interface MovedByCore {
  bytes: Uint8Array;
  warnings: WasmShareWarning[];
  transforms: string[];
}

/** The layout as the core says it. */
type SaidLayout = Omit<LayoutPlan, "stackPointer" | "modules"> & {
  modules: (Omit<LayoutModule, "sharedStack" | "allocator"> & { sharedStack: number | null })[];
};

/** What the transformer made of one module. */
export interface TransformedByCore {
  bytes: Uint8Array;
  /** The passes that changed it. */
  transforms: string[];
  /** What `foreign_free` found, if it was asked for. */
  frees: FoundFrees | null;
  warnings: WasmShareWarning[];
}

/** What the transformer says of its work. */
interface TransformReport {
  problems: WasmShareProblem[];
  passes: { pass: string; changed: number; frees?: FoundFrees }[];
  dropped: string[];
}

type Answer<T> = { ok: T } | { problems: SaidProblem[] };

const POINTERS: readonly PointerPolicy[] = ["guess", "error", "ignore"];

/**
 * Inspects one module.
 *
 * @param module The module.
 * @returns Its facts; why it cannot be moved is in `problems`.
 * @throws {WasmShareError} If the bytes are not a core module.
 */
export async function inspectByCore(module: CoreModule): Promise<ModuleFacts> {
  return guard(await relocator(), (core) => {
    const job = new core.Job();
    const facts = withConversion(module, sayFacts(unwrap(add(core, job, module))));
    job.free();
    return facts;
  });
}

/**
 * Inspects, plans and moves all modules of a run, without the transformer.
 *
 * @param modules The modules in order.
 * @param memory The memory that they share.
 * @param more Size of the stack that they share in bytes, if it is given; what tells builds apart beside layout
 *   and inputs; what they check when they run.
 * @returns The moved modules with facts and layout.
 * @throws {WasmShareError} With all problems of all modules, or all problems of the plan.
 */
export async function combineByCore(
  modules: readonly CoreModule[],
  memory: NonNullable<CombineOptions["memory"]>,
  { sharedStack = 0, salt = "", checks = {} }:
    & { salt?: string }
    & Pick<CombineOptions, "sharedStack" | "checks"> = {},
): Promise<CombinedByCore> {
  return guard(await relocator(), (core) => {
    const job = new core.Job();
    const problems: WasmShareProblem[] = [];
    const facts: ModuleFacts[] = [];
    for (const module of modules) {
      if (module.refused) {
        problems.push(...module.refused);
        continue;
      }
      const answer = add(core, job, module);
      const known = "ok" in answer ? withConversion(module, sayFacts(answer.ok)) : null;
      if (known) facts.push(known);
      problems.push(
        ...(known?.problems as WasmShareProblem[] | undefined ??
          sayAll<WasmShareProblem>((answer as { problems: SaidProblem[] }).problems)),
      );
    }
    if (problems.length > 0) throw new WasmShareError(problems);
    const plan = unwrap(
      parse<{ layout: SaidLayout; buildId: string; warnings: SaidProblem[] }>(
        job.plan(
          memory.initial ?? 0,
          memory.maximum ?? 0,
          Uint32Array.from((memory.reserved ?? []).flatMap(({ start, size }) => [start, size])),
          // The name can hold a dot, the module cannot.
          memory.import?.replace(".", "\n") ?? "",
          sharedStack,
          salt,
          checks.foreignFree ? ownerMapSize(facts) : 0,
        ),
      ),
    );
    const layout = withSharedStack(plan.layout);
    for (const [index, { conversion }] of modules.entries()) {
      if (conversion) layout.modules[index].kind = conversion.kind;
    }
    const moved = modules.map((_, index) => take(core, job.emit(index)).bytes);
    job.free();
    const warnings = [
      ...modules.flatMap(({ conversion }) => conversion?.warnings ?? []),
      ...sayAll<WasmShareWarning>(plan.warnings),
    ];
    return { facts, ...plan, layout, warnings, modules: moved };
  });
}

/**
 * Moves one module as a whole.
 *
 * @param module The module.
 * @param offset By how many bytes.
 * @param heapBase Its new `__heap_base`; `undefined` moves it like everything else.
 * @returns The moved module, and the transformer's passes that it still needs.
 * @throws {WasmShareError} With all problems of the module, or of the move.
 */
export async function relocateByCore(
  module: CoreModule,
  offset: number,
  heapBase: number | undefined,
): Promise<MovedByCore> {
  return guard(await relocator(), (core) => {
    const { name, bytes } = module;
    const { report, bytes: moved } = take<{ warnings: SaidProblem[]; transforms: string[] }>(
      core,
      core.relocate(name, bytes, options(core, module), offset, heapBase ?? -1),
    );
    return { bytes: moved, ...report, warnings: sayAll(report.warnings) };
  });
}

/**
 * Rewrites what a moved module still needs rewritten.
 *
 * @param bytes The moved module.
 * @param original The module before it was moved: it has the names and records that the move drops.
 * @param facts Facts of the module before it was moved.
 * @param placed Where it lives, and which passes it needs.
 * @param more How it gives its allocator, or takes that of another; options of the pass `foreign_free`.
 * @returns The rewritten module, and what was found and dropped. If only `foreign_free` was asked for, and there was nothing to do, the module is as it was.
 * @throws {WasmShareError} If a pass cannot prove what it would change.
 */
export async function transformByCore(
  bytes: Uint8Array,
  original: Uint8Array,
  facts: ModuleFacts,
  placed: Pick<
    LayoutModule,
    "transforms" | "dataDelta" | "memoryView" | "stackGuard" | "sharedStack"
  >,
  { allocator, foreignFree = null }: {
    allocator?: AllocatorPass;
    foreignFree?: ForeignFreeRequest | null;
  } = {},
): Promise<TransformedByCore> {
  const module = facts.name;
  const data = {
    delta: placed.dataDelta,
    low: facts.data?.start ?? 0,
    high: facts.data?.end ?? 0,
  };
  const options: Record<string, object | null> = {
    data_relocs: data,
    init_memory: data,
    memory_view: placed.memoryView,
    stack_guard: { ...placed.stackGuard, module },
    share_stack: placed.sharedStack,
    ...(allocator && { [allocator.pass]: allocator }),
    foreign_free: foreignFree,
  };
  const request = { passes: placed.transforms.map((pass) => ({ pass, ...options[pass] })) };
  return guard(await transformer(), (core) => {
    const result = core.transform(bytes, original, JSON.stringify(request));
    const report: TransformReport = JSON.parse(result.report);
    const transformed = result.take_bytes();
    result.free();
    if (report.problems.length > 0) {
      throw new WasmShareError(report.problems.map((problem) => ({ ...problem, module })));
    }
    const frees = report.passes.find(({ frees }) => frees)?.frees ?? null;
    const transforms = report.passes
      .filter(({ frees, changed }) => frees === undefined || changed > 0)
      .map(({ pass }) => pass);
    if (transforms.length === 0) return { bytes, transforms, frees, warnings: [] };
    const warnings = report.dropped.map((section): WasmShareWarning => ({
      code: "dropped_section",
      message: `The section "${section}" was dropped: rewriting the code made it stale`,
      hint: `${
        remedy({ ...placed, transforms })
      }: then the code is patched in place and nothing is dropped`,
      module,
      section,
    }));
    return { bytes: transformed, transforms, frees, warnings };
  });
}

/**
 * Tells which exported functions the start function of a module runs, by direct calls.
 *
 * @param bytes A module that the relocator has accepted.
 * @param name Its name.
 * @returns Names of exports.
 * @throws {WasmShareError} `linker_function` if the code cannot be read.
 */
export async function startedByCore(bytes: Uint8Array, name: string): Promise<string[]> {
  const started = guard(await transformer(), (core) => core.started(bytes));
  if (started !== undefined) return started;
  throw new WasmShareError({
    code: "linker_function",
    message:
      "Cannot tell what the start function of the module runs, and a loader must not run it again",
    hint: "Build without instructions that are not in WebAssembly 3.0, or without a start function",
    module: name,
  });
}

/**
 * Finds the allocation functions of a module.
 *
 * @param name Name of the module.
 * @param original The module before it is moved.
 * @returns What there is.
 * @throws {WasmShareError} If it cannot be read, or has functions with these names that are something else.
 */
export async function allocationByCore(name: string, original: Uint8Array): Promise<Allocation> {
  return guard(await transformer(), (core) => {
    const answer: { ok: Allocation } | { problems: WasmShareProblem[] } = JSON.parse(
      core.allocation(original),
    );
    if ("ok" in answer) return answer.ok;
    throw new WasmShareError(answer.problems.map((problem) => ({ ...problem, module: name })));
  });
}

/**
 * Compares a module with the same program at other bases.
 *
 * @param name Name of the module.
 * @param bytes The module.
 * @param twins One or two others.
 * @returns The module with relocation records, and what was found.
 * @throws {WasmShareError} `twin_mismatch`, `twin_granularity`, `twin_unconfirmed`, `twin_stack`, and what makes
 *   a module unreadable.
 */
export async function compareByCore(
  name: string,
  bytes: Uint8Array,
  [near, far]: readonly Uint8Array[],
): Promise<{ bytes: Uint8Array; twin: TwinFacts }> {
  return guard(await converter(), (core) => {
    const none = new Uint8Array();
    const { bytes: written, report } = takeConverted<TwinFacts>(
      name,
      core.convert_twins(bytes, near, far ?? none),
    );
    return { bytes: written, twin: report };
  });
}

/**
 * Places a side module: what it imports of itself becomes constants.
 *
 * @param name Name of the module.
 * @param bytes The module.
 * @returns The module with relocation records, and what was done; `null` if it is no side module.
 * @throws {WasmShareError} `side_module` for what cannot be placed, and what makes a module unreadable.
 */
export async function placeByCore(
  name: string,
  bytes: Uint8Array,
): Promise<{ bytes: Uint8Array; side: SideFacts } | null> {
  return guard(await converter(), (core) => {
    if (!core.is_side(bytes)) return null;
    const { bytes: written, report } = takeConverted<SideFacts>(name, core.convert_side(bytes));
    return { bytes: written, side: report };
  });
}

/** What the converter made, or its problems thrown. */
function takeConverted<T>(
  name: string,
  converted: ConverterModule["Converted"]["prototype"],
): { bytes: Uint8Array; report: T } {
  const answer: { ok: T } | { problems: (SaidProblem | WasmShareProblem)[] } = JSON.parse(
    converted.report,
  );
  const bytes = converted.take_bytes();
  converted.free();
  if ("ok" in answer) return { bytes, report: answer.ok };
  throw new WasmShareError(answer.problems.map((said) => {
    // What the reader says comes as numbers of sentences.
    const [problem] = typeof said.message === "string"
      ? [said as WasmShareProblem]
      : sayAll<WasmShareProblem>([said as SaidProblem]);
    return { ...problem, module: problem.module ? `${name} (${problem.module})` : name };
  }));
}

/** Facts of the input, where the bytes are what the converter made of it. */
function withConversion({ conversion }: CoreModule, facts: ModuleFacts): ModuleFacts {
  if (!conversion) return facts;
  const { kind, size, twin, side, warnings } = conversion;
  return {
    ...facts,
    kind,
    bytes: size,
    ...(twin && { twin }),
    ...(side && { side }),
    warnings: [...warnings, ...facts.warnings],
  };
}

/** What would leave the code as it is: something for each pass. */
function remedy(
  { transforms, memoryView }: Pick<LayoutModule, "transforms" | "memoryView">,
): string {
  const remedies: Record<string, string> = {
    data_relocs: "set pointers to symbols of other modules in code, not in initial values",
    init_memory: "link with --emit-relocs",
    memory_view: memoryView?.limit === null
      ? "export malloc and free (-Wl,--export=malloc -Wl,--export=free)"
      : "remove heap, if this allocator can do without it",
    stack_guard: "remove stackGuard",
    share_stack: 'remove stack: "shared"',
    give_allocator: "remove allocator",
    take_allocator: "remove allocator",
    foreign_free: "remove checks.foreignFree",
  };
  const all = transforms.map((pass) => remedies[pass]).join(", and ");
  return all[0].toUpperCase() + all.slice(1);
}

/** The names under which wasm-ld imports a stack pointer. */
const STACK_POINTER: [module: string, name: string] = ["env", "__stack_pointer"];

function withSharedStack(said: SaidLayout): LayoutPlan {
  const modules = said.modules.map(({ sharedStack, ...module }): LayoutModule => ({
    ...module,
    allocator: null,
    sharedStack: sharedStack === null ? null : { import: STACK_POINTER, global: sharedStack },
  }));
  const sharer = modules.find(({ sharedStack }) => sharedStack !== null);
  return { ...said, modules, stackPointer: sharer?.stack?.end ?? null };
}

function options(core: RelocatorModule, module: CoreModule) {
  const flags = (module.assumeNoDataPointers ? 1 : 0) | (module.strip ? 0 : 2) |
    (module.verify ? 4 : 0) | (module.separateTable ? 8 : 0) |
    (module.stackGuard === "check" ? 16 : 0) | (module.sharesStack ? 32 : 0) |
    (module.noHeap ? 64 : 0) | (module.noStage ? 128 : 0);
  return new core.ModuleOptions(
    module.additionalStack,
    module.stack ?? -1,
    module.base ?? -1,
    module.heap ?? -1,
    module.align,
    POINTERS.indexOf(module.pointers),
    flags,
  );
}

function add(
  core: RelocatorModule,
  job: RelocatorModule["Job"]["prototype"],
  module: CoreModule,
): Answer<SaidFacts> {
  return parse(job.add(module.name, module.bytes, options(core, module)));
}

function parse<T>(text: string): Answer<T> {
  return JSON.parse(text);
}

function unwrap<T>(answer: Answer<T>): T {
  if ("ok" in answer) return answer.ok;
  throw new WasmShareError(sayAll<WasmShareProblem>(answer.problems));
}

/** The bytes and the report of something emitted, or its problems thrown. */
function take<T>(
  core: RelocatorModule,
  emitted: RelocatorModule["Emitted"]["prototype"],
): { bytes: Uint8Array; report: T } {
  try {
    const report = unwrap(parse<T>(emitted.report));
    const parts = emitted.parts();
    // Last, because whatever allocates can replace the buffer.
    return { bytes: assemble(core.memory().buffer, parts), report };
  } finally {
    emitted.free();
  }
}

/**
 * Puts a module together from parts of memory. Nearly all of it lies in one piece where it lay in the
 * input, so that is copied with whatever lies around it, and the rest is written over.
 */
function assemble(buffer: ArrayBuffer, parts: Uint32Array): Uint8Array {
  let size = 0;
  let longest = 0;
  let base = 0;
  for (let i = 0; i < parts.length; i += 2) {
    const [address, length] = parts.subarray(i, i + 2);
    if (length > longest) {
      longest = length;
      base = address - size;
    }
    size += length;
  }
  base = Math.max(0, Math.min(base, buffer.byteLength - size));
  // The constructor does not fill the copy with zeros first.
  const bytes = new Uint8Array(new Uint8Array(buffer, base, size));
  for (let i = 0, to = 0; i < parts.length; i += 2) {
    const [address, length] = parts.subarray(i, i + 2);
    if (address !== base + to) bytes.set(new Uint8Array(buffer, address, length), to);
    to += length;
  }
  return bytes;
}
