/**
 * Vectors that claim 2^32 - 1 items.
 *
 * @module
 */
import { type Fault, firstSite, insert, MANY, module, part, section, splice } from "./edit.ts";

const COMPLETE = "Check that the file is complete";

/** All of them, and of every kind of vector. */
export function counts(good: Uint8Array): Fault[] {
  const many = (which: number): Fault["bytes"] => {
    const { body } = part(good, which);
    return splice(good, body, body + 1, MANY);
  };
  // Reading goes on until the section ends.
  const broken = (name: string, why: string, bytes: Fault["bytes"], offset: number): Fault => (
    { name: `many-${name}`, why, bytes, code: "malformed_module", offset, hint: COMPLETE }
  );
  const inSection = (name: string, id: number, bytes: Fault["bytes"]) =>
    broken(name, `There are 2^32 - 1 ${name}`, bytes, part(bytes, id).end);
  const code = part(good, 10);
  const memory = section(5, [1, 0, 1]);
  const short = (...parts: number[][]) => {
    const bytes = module(...parts);
    return { bytes, end: bytes.length };
  };
  const slots = short(memory, section(9, [1, 0, 0x41, 0, 0x0b], MANY));
  const content = short(memory, section(11, [1, 0, 0x41, 0, 0x0b], MANY));
  const name = short(section(2, [1], MANY));
  const vectors = { tables: 4, memories: 5, globals: 6, exports: 7, elements: 9, data: 11 };
  return [
    ...Object.entries(vectors).map(([name, id]) => inSection(name, id, many(id))),
    inSection("imports", 2, insert(good, part(good, 3).start, section(2, MANY))),
    broken("functions", "There are 2^32 - 1 functions", many(3), part(good, 3).body),
    broken("slots", "An element segment has 2^32 - 1 functions", slots.bytes, slots.end),
    broken("bytes", "A data segment has 2^32 - 1 bytes", content.bytes, content.end),
    broken("name-bytes", "The name of an import has 2^32 - 1 bytes", name.bytes, name.end),
    {
      ...broken(
        "bodies",
        "There are 2^32 - 1 functions in code",
        splice(good, code.body, code.body + 1, MANY),
        // The records count from the start of the section, which is four bytes longer now.
        firstSite(good, "reloc.CODE"),
      ),
      code: "stale_relocations",
      section: "code",
      hint: "run wasm-share on the linker's own output",
    },
  ];
}
