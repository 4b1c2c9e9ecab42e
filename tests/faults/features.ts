/**
 * Modules of proposals and kinds that are not accepted, and files that are no modules.
 *
 * @module
 */
import { sections } from "../host/sections.ts";
import { type Fault, insert, leb, module, part, section, text } from "./edit.ts";

const RELOCS = "Link with --emit-relocs";
const COMPLETE = "Check that the file is complete";
const memory = (...limits: number[]) => section(5, [1, ...limits]);
const imported = (...type: number[]) => section(2, [1], text("env"), text("memory"), [2, ...type]);
/** A data segment at 1024. */
const data = section(11, [1, 0, 0x41, 0x80, 8, 0x0b, 1, 65]);
const page = memory(0, 1);
/** Empty symbol tables. */
const linking = section(0, text("linking"), [2, 8, 1, 0]);
const exported = section(7, [1], text("memory"), [2, 0]);

/** Features of the format. */
export function features(): Fault[] {
  const fault = (
    code: Fault["code"],
    hint: string,
    name: string,
    why: string,
    bytes: Fault["bytes"],
    section?: string,
    offset: number | null = null,
  ): Fault => ({ name, why, bytes, code, section, offset, hint });
  const element = (...content: number[]) =>
    module(section(4, [1, 0x70, 0, 1]), page, exported, section(9, [1, ...content]), linking);
  const elements = fault.bind(
    null,
    "unsupported_element_segment",
    "active segments at constant slots",
  );
  const at = (bytes: Uint8Array, id: number) => part(bytes, id).body + 1;
  const collected = {
    struct: [0x5f, 0],
    array: [0x5e, 0x7f, 0],
    recursive: [0x4e, 0],
    open: [0x50, 0, 0x60, 0, 0],
    final: [0x4f, 0, 0x60, 0, 0],
  };
  const passive = element(1, 0, 0);
  const byGlobal = element(0, 0x23, 0, 0x0b, 0);
  const tooHigh = element(0, 0x41, 9, 0x0b, 1, 0);
  return [
    fault(
      "memory64",
      "Build for wasm32",
      "wide-memory",
      "A memory of 64 bits",
      module(memory(4, 1)),
    ),
    fault(
      "memory64",
      "Build for wasm32",
      "wide-imported-memory",
      "An imported memory of 64 bits",
      module(imported(4, 1)),
    ),
    fault(
      "memory64",
      "Build for wasm32",
      "wide-table",
      "A function table of 64 bits",
      module(section(4, [1, 0x70, 4, 1]), page, exported, linking),
    ),
    fault(
      "shared_memory",
      "Build without -pthread",
      "shared-imported-memory",
      "A memory that threads share",
      module(imported(3, 1, 2)),
    ),
    fault(
      "multiple_memories",
      "Link with one memory",
      "imported-and-own-memory",
      "An imported memory and one of its own",
      module(imported(0, 1), page),
    ),
    fault(
      "multiple_memories",
      "Link with one memory",
      "data-of-second-memory",
      "A data segment of a second memory",
      module(memory(0, 1), section(11, [1, 2, 1, 0x41, 0, 0x0b, 0])),
      "data",
      8 + 5 + 3,
    ),
    ...[0, 1, 12].map((log) =>
      fault(
        "unsupported_memory",
        "Link without --page-size",
        `page-size-2-${log}`,
        `A memory with pages of 2^${log} bytes`,
        module(memory(8, 1, log)),
      )
    ),
    fault(
      "passive_segments",
      "without hand-written passive segments",
      "passive-data",
      "A data segment that memory.init places",
      module(page, section(12, [1]), section(11, [1, 1, 1, 65])),
    ),
    fault(
      "malformed_module",
      "Link statically, without -pie",
      "data-at-global",
      "A data segment that a global places",
      module(
        section(2, [1], text("env"), text("__memory_base"), [3, 0x7f, 0]),
        page,
        section(11, [1, 0, 0x23, 0, 0x0b, 1, 65]),
      ),
    ),
    elements(
      "passive-elements",
      "An element segment that table.init places",
      passive,
      "element",
      at(passive, 9),
    ),
    elements(
      "elements-at-global",
      "An element segment that a global places",
      byGlobal,
      "element",
      at(byGlobal, 9),
    ),
    elements(
      "elements-beyond-table",
      "An element segment reaches beyond its table",
      tooHigh,
      "element",
      at(tooHigh, 9),
    ),
    fault(
      "table_limit",
      "check --table-base",
      "table-of-20-million",
      "A table with more slots than engines give",
      module(section(4, [1, 0x70, 0, ...leb(20_000_000)]), page, exported, linking),
    ),
    ...["dylink.0", "dylink"].map((name) =>
      fault(
        "side_module",
        "without -shared or -pie",
        `first-section-${name}`,
        `The first section is ${name}`,
        module(section(0, text(name), [1, 4, 0, 0, 0, 0]), page),
      )
    ),
    fault(
      "object_file",
      "Link it: wasm-ld --emit-relocs",
      "imports-linear-memory",
      "It imports __linear_memory, as objects do",
      module(section(2, [1], text("env"), text("__linear_memory"), [2, 0, 1]), linking),
    ),
    ...[0x7e, 0x7f].map((kind) =>
      fault(
        "malformed_module",
        "Build without the compact-imports feature",
        `compact-imports-${kind - 0x7d}`,
        "Imports that share the name of their module",
        module(section(2, [1], text("env"), [0, kind, 0])),
        undefined,
        8 + 3,
      )
    ),
    ...Object.entries(collected).map(([kind, type]) =>
      fault(
        "unsupported_type",
        "Build without garbage-collected types",
        `type-${kind}`,
        `A type of garbage collection: ${kind}`,
        module(section(1, [1, ...type]), page, exported, linking),
        "type",
        8 + 3,
      )
    ),
    fault(
      "no_relocations",
      RELOCS,
      "own-data",
      "A hand-written module with data",
      module(page, data),
    ),
    fault(
      "no_relocations",
      RELOCS,
      "only-memory",
      "A hand-written module with a memory",
      module(page),
    ),
    fault(
      "no_relocations",
      "combine it with strip: false",
      "placed-before",
      "It was placed by wasm-share before, and its records were dropped",
      module(page, section(0, text("wasm-share"), [..."{}"].map((each) => each.charCodeAt(0)))),
    ),
  ];
}

/** Files that are no core modules. */
export function noModules(good: Uint8Array): Fault[] {
  const ascii = (text: string) => new TextEncoder().encode(text);
  const files: [name: string, why: string, bytes: Uint8Array][] = [
    ["gzip", "A module that gzip compressed", new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])],
    ["brotli", "A module that brotli compressed", new Uint8Array([0x8b, 2, 0x80, 0, 0x61, 0x73])],
    ["zip", "A zip file", new Uint8Array([0x50, 0x4b, 3, 4, 20, 0, 0, 0])],
    ["elf", "A native object: the target was forgotten", ascii("\x7fELF\x02\x01\x01\0")],
    ["bitcode", "LLVM bitcode: clang -flto", new Uint8Array([0x42, 0x43, 0xc0, 0xde, 0x35, 0x14])],
    ["archive", "A static library", ascii("!<arch>\n/               0  ")],
    [
      "javascript",
      "The glue instead of the module",
      ascii("export default async function init() {}\n"),
    ],
    [
      "html",
      "The error page of a server",
      ascii("<!DOCTYPE html>\n<title>404 Not Found</title>\n"),
    ],
    ["json", "The error of a server", ascii('{ "error": "Not Found" }\n')],
    [
      "lfs",
      "A pointer of Git LFS",
      ascii("version https://git-lfs.github.com/spec/v1\noid sha256:"),
    ],
    ["base64", "A module in base64", ascii(good.subarray(0, 60).toBase64())],
    ["data-url", "A module in a data: URL", ascii("data:application/wasm;base64,AGFzbQEAAAA=")],
    ["wat", "The text format", ascii("(module)")],
    ["zeros", "A file of zeros, as a full disk leaves it", new Uint8Array(1024)],
    ["magic-cut", "Three bytes of the magic number", good.slice(0, 3)],
    ["behind-bom", "A byte order mark before the module", insert(good, 0, [0xef, 0xbb, 0xbf])],
  ];
  const asText = new TextEncoder().encode(new TextDecoder().decode(good));
  const head = (at: number, ...by: number[]) => new Uint8Array([...good.subarray(0, at), ...by]);
  return [
    ...files.map(([name, why, bytes]): Fault => (
      {
        name: `file-${name}`,
        why,
        bytes: new Uint8Array(bytes),
        code: "not_wasm",
        offset: 0,
        hint: "Pass the .wasm file",
      }
    )),
    {
      name: "read-as-text",
      why: "A module that was read and written as text",
      bytes: asText,
      code: "malformed_module",
      hint: COMPLETE,
    },
    {
      name: "magic-only",
      why: "The magic number without a version",
      bytes: head(4),
      code: "malformed_module",
      offset: 4,
      hint: "Only version 1",
    },
    {
      name: "version-cut",
      why: "The magic number and half a version",
      bytes: head(6),
      code: "malformed_module",
      offset: 4,
      hint: "Only version 1",
    },
    {
      name: "big-endian-version",
      why: "The bytes of the version in the wrong order",
      bytes: head(4, 0, 0, 0, 1),
      code: "malformed_module",
      offset: 4,
      hint: "Only version 1",
    },
    {
      name: "component-with-modules",
      why: "A component around a core module",
      bytes: new Uint8Array([0, 0x61, 0x73, 0x6d, 13, 0, 1, 0, ...section(1, [...good])]),
      code: "component",
      offset: 4,
      hint: "wasm-tools component unbundle",
    },
    ...sections(good).filter(({ id }) => id !== 0).map(({ id, payload }): Fault => (
      {
        name: `cut-in-section-${id}`,
        why: `It ends inside section ${id}`,
        bytes: new Uint8Array(good.subarray(0, payload + 1)),
        code: "malformed_module",
        offset: part(good, id).start,
        hint: COMPLETE,
      }
    )),
  ];
}
