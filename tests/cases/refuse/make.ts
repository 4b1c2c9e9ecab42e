/**
 * Makes modules that must be refused and that no tool makes, from a good one.
 *
 * ```
 * deno run -A make.ts relocs.wasm directory
 * ```
 */
interface Section {
  id: number;
  /** Of a custom section. */
  name: string;
  /** Without the name. */
  body: number[];
}

function leb(value: number): number[] {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push(value & 127 | 128);
  return [...bytes, value];
}

/** Reads an unsigned LEB. */
function read(bytes: ArrayLike<number>, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0;; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return [value >>> 0, at];
  }
}

const text = (value: string) => [...new TextEncoder().encode(value)];
const named = (value: string) => [...leb(text(value).length), ...text(value)];

function split(module: Uint8Array): Section[] {
  const sections: Section[] = [];
  for (let at = 8; at < module.length;) {
    const id = module[at];
    const [size, start] = read(module, at + 1);
    const end = start + size;
    let body = start;
    let name = "";
    if (id === 0) {
      const [length, first] = read(module, start);
      body = first + length;
      name = new TextDecoder().decode(module.slice(first, body));
    }
    sections.push({ id, name, body: [...module.slice(body, end)] });
    at = end;
  }
  return sections;
}

function join(sections: Section[]): Uint8Array {
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...sections.flatMap(({ id, name, body }) => {
      const content = id ? body : [...named(name), ...body];
      return [id, ...leb(content.length), ...content];
    }),
  ]);
}

/** Types with an addend. */
const addends = new Set([3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25]);

/** Drops the first relocation record of a type. */
function dropRecord(body: number[], type: number): number[] {
  const [target, afterTarget] = read(body, 0);
  const [count, first] = read(body, afterTarget);
  for (let at = first; at < body.length;) {
    const start = at;
    const kind = body[at];
    at = read(body, read(body, at + 1)[1])[1];
    if (addends.has(kind)) at = read(body, at)[1];
    if (kind === type) {
      return [...leb(target), ...leb(count - 1), ...body.slice(first, start), ...body.slice(at)];
    }
  }
  throw new Error(`Cannot drop a record: there is none of type ${type}`);
}

const [input, out] = Deno.args;
const good = await Deno.readFile(input);
const edit = (name: string, change: (body: number[]) => number[] | null) =>
  join(
    split(good).flatMap((section) => {
      if (section.name !== name) return [section];
      const body = change(section.body);
      return body ? [{ ...section, body }] : [];
    }),
  );

/** `memory.size`, with a memory section of the given content. */
const withMemories = (...memories: number[][]) =>
  join([
    { id: 1, name: "", body: [1, 0x60, 0, 1, 0x7f] },
    { id: 3, name: "", body: [1, 0] },
    { id: 5, name: "", body: [memories.length, ...memories.flat()] },
    { id: 7, name: "", body: [1, ...named("size"), 0, 0] },
    { id: 10, name: "", body: [1, 4, 0, 0x3f, 0, 0x0b] },
  ]);

/** The same bytes with one text in place of another. */
function replace(module: Uint8Array, from: string, to: string): Uint8Array {
  const wanted = named(from);
  const copy = module.slice();
  const at = copy.findIndex((_, start) =>
    wanted.every((byte, next) => copy[start + next] === byte)
  );
  copy.set(text(to), at + 1);
  return copy;
}

/** Adds 4 to the pointer that the first record of the data section describes. */
function changePointer(): Uint8Array {
  const sections = split(good);
  const records = sections.find((section) => section.name === "reloc.DATA")!.body;
  const [offset] = read(records, read(records, read(records, 0)[1])[1] + 1);
  sections.find((section) => section.id === 11)!.body[offset] += 4;
  return join(sections);
}

const [addressInCode, addressInInstruction] = [4, 3];
const files: Record<string, Uint8Array> = {
  // Records that were lost.
  "no-reloc-data": edit("reloc.DATA", () => null),
  "no-reloc-code": edit("reloc.CODE", () => null),
  "empty-reloc-code": edit("reloc.CODE", (body) => [...leb(read(body, 0)[0]), 0]),
  "missing-address": edit("reloc.CODE", (body) => dropRecord(body, addressInCode)),
  "missing-offset": edit("reloc.CODE", (body) => dropRecord(body, addressInInstruction)),
  "no-linking": edit("linking", () => null),
  // A record that points behind its section, and bytes behind the last record.
  "bad-offset": edit("reloc.DATA", (body) => {
    const first = read(body, read(body, 0)[1])[1];
    const next = read(body, first + 1)[1];
    return [...body.slice(0, first + 1), ...leb(0xffffff), ...body.slice(next)];
  }),
  "trailing-bytes": edit("reloc.DATA", (body) => [...body, 0x80]),
  // wasm-ld may count records that it does not write, for undefined weak functions. Here are none.
  "high-count": edit("reloc.CODE", (body) => {
    const [target, afterTarget] = read(body, 0);
    const [count, first] = read(body, afterTarget);
    return [...leb(target), ...leb(count + 2), ...body.slice(first)];
  }),
  // A pointer in data that was changed after the link.
  "changed-data": changePointer(),
  // An exported address that no symbol explains.
  "unknown-global": replace(good, "numbers", "nobodys"),
  // No memory at all, so there is nothing to move. Accepted.
  "no-memory": join([
    { id: 1, name: "", body: [1, 0x60, 1, 0x7f, 1, 0x7f] },
    { id: 3, name: "", body: [1, 0] },
    { id: 7, name: "", body: [1, ...named("twice"), 0, 0] },
    { id: 10, name: "", body: [1, 7, 0, 0x20, 0, 0x41, 2, 0x6c, 0x0b] },
  ]),
  "two-memories": withMemories([0, 1], [0, 1]),
  "component": new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]),
  "text": new TextEncoder().encode('(module (memory (export "memory") 1))\n'),
  "empty": new Uint8Array(),
  "other-version": new Uint8Array([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]),
  "truncated": good.slice(0, good.length >> 1),
};

for (const [name, bytes] of Object.entries(files)) {
  await Deno.writeFile(`${out}/${name}.wasm`, bytes);
}
