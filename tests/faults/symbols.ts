/**
 * `linking` sections that do not describe their module.
 *
 * @module
 */
import {
  type Fault,
  firstSite,
  insert,
  leb,
  MANY,
  part,
  patch,
  pick,
  put,
  set,
  splice,
  without,
} from "./edit.ts";

const STALE = "run wasm-share on the linker's own output";
const COMPLETE = "Check that the file is complete";

/** Faults of the symbol table and of what stands beside it. */
export function symbols(good: Uint8Array): Fault[] {
  const linking = part(good, "linking");
  const of = "linking";
  const data = pick(good, { of, item: "symbol", kind: 1, field: "segment" })[0];
  const start = pick(good, { of, item: "symbol", index: data.index, field: "kind" })[0].start;
  const offset = pick(good, { of, item: "symbol", index: data.index, field: "offset" })[0];
  const [version] = pick(good, { of, field: "version" });
  const [alignment] = pick(good, { of, field: "alignment" });
  const count = (kind: number) => pick(good, { of, item: "subsection", kind, field: "count" })[0];
  const size = (kind: number) => pick(good, { of, item: "subsection", kind, field: "size" })[0];
  const last = pick(good, { of, item: "symbol" }).at(-1)!;
  const lastStart = pick(good, { of, item: "symbol", index: last.index })[0].start;
  const tableEnd = size(8).end + size(8).value;
  const segmentsEnd = size(5).end + size(5).value;
  const [segments, table] = [5, 8].map((kind) =>
    pick(good, { of, item: "subsection", kind, field: "id" })[0]
  );
  const described = pick(good, { of, item: "segment" });
  const lastSegment = described.find(({ index }) => index === described.at(-1)!.index)!.start;
  /** With other descriptions of data segments, and so many more. */
  const segmentsOf = (more: number, ...content: Uint8Array[]) =>
    splice(good, count(5).start, segmentsEnd, [
      ...leb(count(5).value + more),
      ...content.flatMap((each) => [...each]),
    ]);
  const fault = (
    code: Fault["code"],
    hint: string,
    name: string,
    why: string,
    bytes: Fault["bytes"],
    at: number,
  ): Fault => ({ name, why, bytes, code, section: of, offset: at, hint });
  const stale = fault.bind(null, "stale_relocations", STALE);
  const broken = fault.bind(null, "malformed_module", COMPLETE);
  const version2 = fault.bind(null, "unsupported_relocation", "Link with LLVM 9 or newer");
  const aligned = fault.bind(null, "malformed_module", "Alignments above 64 KiB");
  return [
    version2("linking-version-1", "Version 1 of linking", put(good, version, [1]), version.start),
    version2("linking-version-3", "Version 3 of linking", put(good, version, [3]), version.start),
    stale(
      "no-such-segment",
      "A symbol lies in a data segment behind the last one",
      put(good, data, [99]),
      start,
    ),
    stale(
      "segment-max",
      "A symbol lies in data segment 2^32 - 1",
      put(good, data, MANY),
      start,
    ),
    ...[17, 31, 32, 0xffffffff].map((power) =>
      aligned(
        `alignment-2-${power}`,
        `A data segment is aligned to 2^${power}`,
        set(good, alignment, power),
        alignment.start,
      )
    ),
    ...[6, 7, 63].map((kind) =>
      fault(
        "unsupported_relocation",
        "Link with LLVM 9 to 22",
        `symbol-kind-${kind}`,
        `A symbol has the kind ${kind}, which does not exist`,
        patch(good, start, [kind]),
        start,
      )
    ),
    stale(
      "no-segments",
      "The description of the data segments was removed",
      splice(good, segments.start, segmentsEnd, []),
      linking.start,
    ),
    stale(
      "renamed-segments",
      "The description of the data segments has another kind",
      patch(good, segments.start, [0x45]),
      linking.start,
    ),
    stale(
      "fewer-segments",
      "One data segment less is described than there are",
      set(good, count(5), count(5).value - 1),
      lastSegment,
    ),
    stale(
      "one-segment",
      "A data segment and its description do not match: there is none for the last",
      segmentsOf(-1, good.subarray(count(5).end, lastSegment)),
      linking.start,
    ),
    {
      ...broken(
        "more-segments",
        "One data segment more is described than there is room for",
        set(good, count(5), count(5).value + 1),
        segmentsEnd,
      ),
      section: undefined,
    },
    stale(
      "another-segment",
      "One data segment more is described than there are",
      segmentsOf(
        1,
        good.subarray(count(5).end, segmentsEnd),
        good.subarray(lastSegment, segmentsEnd),
      ),
      linking.start,
    ),
    ...([["segments", segments.start, segmentsEnd], ["symbols", table.start, tableEnd]] as const)
      .map(([name, from, to]) =>
        stale(
          `${name}-twice`,
          `There are two subsections of ${name}`,
          splice(good, version.end, version.end, good.subarray(from, to)),
          from + (to - from),
        )
      ),
    stale(
      "fewer-symbols",
      "The symbol table counts one symbol less than it has",
      set(good, count(8), count(8).value - 1),
      lastStart,
    ),
    broken(
      "more-symbols",
      "The symbol table counts one symbol more than it has",
      set(good, count(8), count(8).value + 1),
      tableEnd,
    ),
    broken(
      "symbols-max",
      "The symbol table counts 2^32 - 1 symbols",
      put(good, count(8), MANY),
      tableEnd + 4,
    ),
    broken(
      "symbol-name-too-long",
      "The name of the last symbol reaches beyond the symbol table",
      put(good, pick(good, { of, item: "symbol", index: last.index, field: "name length" })[0], [
        127,
      ]),
      pick(good, { of, item: "symbol", index: last.index, field: "name length" })[0].end,
    ),
    stale(
      "linking-twice",
      "There are two linking sections",
      insert(good, linking.end, good.subarray(linking.start, linking.end)),
      linking.end,
    ),
    {
      ...stale(
        "no-symbols",
        "The symbol table is empty",
        splice(good, count(8).start, tableEnd, [0]),
        firstSite(good, "reloc.CODE"),
      ),
      section: "code",
    },
    {
      ...stale(
        "moved-symbol",
        "The offset of a symbol is 4 more than it was",
        set(good, offset, offset.value + 4),
        firstSite(good, "reloc.CODE", data.name),
      ),
      section: "code",
    },
    {
      ...stale(
        "beyond-segment",
        "The offset of a symbol lies far behind its segment",
        set(good, offset, 0x7fff),
        firstSite(good, "reloc.CODE", data.name),
      ),
      section: "code",
    },
    {
      name: "gone-linking",
      why: "linking was removed, the records were kept",
      bytes: without(good, "linking"),
      code: "incomplete_relocations",
      section: "reloc.CODE",
      offset: linking.start,
      hint: "before strip or wasm-opt",
    },
    {
      name: "renamed-linking",
      why: "linking has another name",
      bytes: patch(good, linking.body - 1, [0x47]),
      code: "incomplete_relocations",
      section: "reloc.CODE",
      offset: part(good, "reloc.CODE").start,
      hint: "before strip or wasm-opt",
    },
    {
      name: "linking-cut-short",
      why: "A subsection of linking reaches beyond the section",
      bytes: set(good, size(8), size(8).value + 0x800),
      code: "malformed_module",
      // Where reading ran out: behind the header of the subsection.
      offset: size(8).end,
      hint: COMPLETE,
    },
    {
      name: "version-too-long",
      why: "The version of linking takes six bytes",
      bytes: put(good, version, leb(2, 6)),
      code: "malformed_module",
      // Its fifth byte goes on.
      offset: version.start + 4,
      hint: COMPLETE,
    },
    ...liars(good),
  ];
}

/** Symbols that name another thing than they did. */
function liars(good: Uint8Array): Fault[] {
  const of = "linking";
  const named = (name: string, field: string) => pick(good, { of, item: "symbol", name, field })[0];
  const fault = (name: string, why: string, bytes: Fault["bytes"], symbol: string): Fault => {
    const offset = firstSite(good, "reloc.CODE", symbol);
    return { name, why, bytes, code: "stale_relocations", section: "code", offset, hint: STALE };
  };
  const init = (name: string) => named(name, "index");
  const renamed = ["__heap_base", "__heap_end", "__data_end"].map((name): Fault => {
    const field = named(name, "name");
    return {
      name: `renamed-${name.slice(2)}`,
      why: `The linker's ${name} has another name`,
      bytes: patch(good, field.end - 1, [0x7a]),
      code: "unclassified_symbol",
      section: of,
      offset: field.start,
      hint: "Define it by a variable or a constant",
    };
  });
  return [
    ...renamed,
    fault(
      "other-function",
      "The symbol of a function names another one",
      set(good, init("fill"), init("half").value),
      "fill",
    ),
    fault(
      "other-global",
      "The symbol of the stack pointer names another global",
      set(good, init("__stack_pointer"), init("__stack_pointer").value + 1),
      "__stack_pointer",
    ),
    fault(
      "data-is-absolute",
      "A symbol of data says that it is absolute",
      set(good, named("numbers", "flags"), named("numbers", "flags").value | 0x200),
      "numbers",
    ),
    fault(
      "heap-base-not-absolute",
      "The linker's __heap_base says that it is not absolute",
      set(good, named("__heap_base", "flags"), named("__heap_base", "flags").value & ~0x200),
      "__heap_base",
    ),
    fault(
      "other-heap-base",
      "The linker's __heap_base has another address",
      set(good, named("__heap_base", "offset"), named("__heap_base", "offset").value + 16),
      "__heap_base",
    ),
  ];
}
