/**
 * The line table of a module: the sections `.debug_line*`, DWARF 4 and 5. Written for tests and for
 * the source maps of the cases; `rust-lib/relocator/tests/dwarf.rs` compares those with gimli.
 *
 * @module
 */
import { Cursor, section, sections } from "./sections.ts";

/** One row of the table: from `address` on, code comes from this line. */
export interface Row {
  /** Offset in the body of the code section. */
  address: number;
  /** Path as the compiler wrote it, or `null` where no source is. */
  file: string | null;
  /** From 1; 0 for code of no line. */
  line: number;
  /** From 1; 0 for the line as a whole. */
  column: number;
}

const TOMBSTONE = 0xffff_fffe;

/** The rows of all functions that were linked, by address. */
export function lineTable(module: Uint8Array): Row[] {
  const whole = new Reader(section(module, ".debug_line"), module);
  const rows: Row[] = [];
  while (!whole.done) {
    const length = whole.u32le();
    rows.push(...unit(new Reader(whole.take(length), module)));
  }
  // Where one function ends and the next begins, the one that begins counts.
  const rank = ({ file }: Row) => file === null ? 0 : 1;
  return rows.sort((a, b) => a.address - b.address || rank(a) - rank(b));
}

/** The row that an offset of the file belongs to: what a trap's offset means. */
export function rowAt(module: Uint8Array, offset: number): Row | undefined {
  const address = offset - codeStart(module);
  return lineTable(module).findLast((row) => row.address <= address);
}

/** Offset in the file of the code section's body: where addresses of DWARF count from. */
export function codeStart(module: Uint8Array): number {
  return sections(module).find(({ id }) => id === 10)!.payload;
}

/** What DWARF is written with, beside LEB128 numbers. */
class Reader extends Cursor {
  constructor(bytes: Uint8Array, readonly module: Uint8Array) {
    super(bytes);
  }

  u8(): number {
    return this.bytes[this.at++];
  }

  number(size: number): number {
    let value = 0;
    for (let i = 0; i < size; i++) value += this.u8() * 256 ** i;
    return value;
  }

  u32le(): number {
    return this.number(4);
  }

  string(): string {
    const end = this.bytes.indexOf(0, this.at);
    const text = new TextDecoder().decode(this.take(end - this.at));
    this.at++;
    return text;
  }

  /** A value in a form of DWARF 5 that names of files and folders have. */
  form(form: number): string | number {
    switch (form) {
      case 0x08: // string
        return this.string();
      case 0x0e: // strp
      case 0x1f: { // line_strp
        const strings = section(this.module, form === 0x0e ? ".debug_str" : ".debug_line_str");
        const there = new Reader(strings, this.module);
        there.at = this.u32le();
        return there.string();
      }
      case 0x0f: // udata
        return this.u32();
      case 0x0b: // data1
        return this.u8();
      case 0x05: // data2
        return this.number(2);
      case 0x1e: // data16: a checksum
        this.at += 16;
        return 0;
      default:
        throw new Error(`Cannot read form ${form}`);
    }
  }

  /** Entries of DWARF 5: paths, and with files the number of their folder. */
  entries(): { path: string; folder: number }[] {
    const formats = Array.from({ length: this.u8() }, () => [this.u32(), this.u32()]);
    return Array.from({ length: this.u32() }, () => {
      const entry = { path: "", folder: 0 };
      for (const [kind, form] of formats) {
        const value = this.form(form);
        if (kind === 1) entry.path = `${value}`;
        if (kind === 2) entry.folder = Number(value);
      }
      return entry;
    });
  }
}

function unit(r: Reader): Row[] {
  const version = r.number(2);
  if (version !== 4 && version !== 5) throw new Error(`Cannot read DWARF ${version}`);
  if (version === 5) r.at += 2; // sizes of addresses and segments
  const program = r.u32le() + r.at;
  const minimum = r.u8();
  r.u8(); // operations of an instruction: 1
  r.u8(); // whether a row begins a statement
  const lineBase = r.u8() << 24 >> 24;
  const lineRange = r.u8();
  const opcodeBase = r.u8();
  const operands = [0, ...r.take(opcodeBase - 1)];

  let folders: string[];
  let files: { path: string; folder: number }[];
  if (version === 5) {
    folders = r.entries().map(({ path }) => path);
    files = r.entries();
  } else {
    folders = ["."];
    for (let name = r.string(); name; name = r.string()) folders.push(name);
    files = [{ path: "", folder: 0 }];
    for (let path = r.string(); path; path = r.string()) {
      files.push({ path, folder: r.u32() });
      r.u32(); // time
      r.u32(); // size
    }
  }
  r.at = program;

  const rows: Row[] = [];
  let sequence: Row[] = [];
  let [address, file, line, column] = [0, 1, 1, 0];
  const push = (source: boolean) => {
    const { path, folder } = files[file] ?? { path: "", folder: 0 };
    sequence.push({
      address,
      file: source ? normal(folders[folder] ?? ".", path) : null,
      line: source ? line : 0,
      column: source ? column : 0,
    });
  };
  while (!r.done) {
    const opcode = r.u8();
    if (opcode >= opcodeBase) {
      address += Math.floor((opcode - opcodeBase) / lineRange) * minimum;
      line += lineBase + (opcode - opcodeBase) % lineRange;
      push(true);
    } else if (opcode === 0) {
      const length = r.u32();
      const end = r.at + length;
      const extended = r.u8();
      if (extended === 1) { // end_sequence
        push(false);
        if (sequence[0].address < TOMBSTONE) rows.push(...sequence);
        sequence = [];
        [address, file, line, column] = [0, 1, 1, 0];
      } else if (extended === 2) address = r.u32le(); // set_address
      r.at = end;
    } else if (opcode === 1) push(true); // copy
    else if (opcode === 2) address += r.u32() * minimum; // advance_pc
    else if (opcode === 3) line += r.i32(); // advance_line
    else if (opcode === 4) file = r.u32(); // set_file
    else if (opcode === 5) column = r.u32(); // set_column
    else if (opcode === 8) { // const_add_pc
      address += Math.floor((255 - opcodeBase) / lineRange) * minimum;
    } else if (opcode === 9) address += r.number(2); // fixed_advance_pc
    else for (let left = operands[opcode]; left > 0; left--) r.u32();
  }
  return rows;
}

/** Folder and file as one path, without "./". */
function normal(folder: string, path: string): string {
  return (path.startsWith("/") ? path : `${folder}/${path}`).replace(/^(\.\/)+/, "");
}
