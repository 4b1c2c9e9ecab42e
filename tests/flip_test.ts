/**
 * Every bit of what says what moves, flipped: section headers, `linking`, `reloc.*`. The module is
 * refused, or what comes out is the same. What else is accepted is on a list, with the reason, so
 * that nothing new is.
 */
import { assert, assertEquals } from "@std/assert";
import { combine, relocate, WasmShareError } from "../mod.ts";
import { without } from "./faults/edit.ts";
import { moduleAt } from "./host/cases.ts";
import { type Field, fields, UNDEFINED } from "./host/fields.ts";
import { assemble, sections } from "./host/sections.ts";

const filler = moduleAt("rust-nostd/base.wasm");
const FAR = 0x100000;

interface Result {
  /** The placed module without custom sections, and where its parts are. */
  placed: string;
  /** Its custom sections. */
  customs: string;
  /** The module moved as a whole, without custom sections. */
  moved: string;
}

const text = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

/** What comes out behind another module, and alone; the code if it is refused. */
async function outcome(bytes: Uint8Array<ArrayBuffer>): Promise<Result | string> {
  try {
    const { modules, layout } = await combine([filler, { name: "it", bytes }], 65536);
    const parts = sections(modules[1]);
    const plain = (all: typeof parts) => text(assemble(all.filter(({ id }) => id !== 0)));
    return {
      placed: plain(parts) + JSON.stringify(layout),
      customs: text(assemble(parts.filter(({ id, name }) => id === 0 && name !== "wasm-share"))),
      moved: plain(sections(await relocate(bytes, FAR))),
    };
  } catch (error) {
    if (!(error instanceof WasmShareError)) throw error;
    return error.code;
  }
}

/**
 * How an accepted flip shows. `same`: nothing is different. `custom`: only custom sections are.
 * `place`: the module is placed elsewhere, and moved alike. `other`: the module is another one.
 */
function difference(is: Result, was: Result, { field }: Field): string {
  if (is.placed === was.placed) return is.customs === was.customs ? "same" : "custom";
  return field === "alignment" && is.moved === was.moved ? "place" : "other";
}

/** What was flipped, as the list below calls it. */
function label(field: Field, at: number, bit: number, all: Field[]): string {
  const { of, item, kind, field: what, start, value, name } = field;
  if (of === "header") {
    const reloc = item.startsWith("reloc.");
    if (reloc && what === "name") return `reloc.* name ${at - start < 6 ? "reloc." : "rest"}`;
    if (reloc) return `reloc.* header ${what}`;
    return item.startsWith("#") || item === "linking"
      ? `${item} header ${what}`
      : `other custom ${what}`;
  }
  if (item === "symbol") {
    const flags = all.find((each) =>
      each.item === item && each.index === field.index && each.field === "flags"
    )!.value;
    const absolute = flags & 0x200 ? "absolute " : "";
    const which = `${absolute}symbol ${kind}`;
    if (what !== "flags") {
      return `${which} ${what}${absolute && what === "name" ? ` ${name}` : ""}`;
    }
    return `${which} flag 0x${((1 << bit % 8) << (at - start) * 7).toString(16)}`;
  }
  if (item === "record") {
    const index = all.find((each) =>
      each.of === of && each.item === item && each.index === field.index && each.field === "index"
    )!.value;
    const weak = kind !== 6 && all.some((each) =>
      each.item === "symbol" && each.index === index && each.field === "flags" &&
      (each.value & UNDEFINED) !== 0
    );
    return `${of} record ${kind}${weak ? " (weak)" : ""} ${what}`;
  }
  return `${of}${item === of ? "" : ` ${item} ${kind}`} ${what}${
    what === "count" && (value ^ 1 << bit) > value ? " higher" : ""
  }`;
}

/** All flips of a module that are accepted: how they show, and what was flipped. */
async function accepted(good: Uint8Array<ArrayBuffer>): Promise<Set<string>> {
  const was = await outcome(good);
  assert(typeof was !== "string", "the module itself is refused");
  const found = new Set<string>();
  const all = fields(good);
  let flips = 0;
  for (const field of all) {
    for (let at = field.start; at < field.end; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = good.slice();
        bytes[at] ^= 1 << bit;
        const is = await outcome(bytes);
        flips++;
        if (is === "internal_error") found.add(`${is}: ${label(field, at, bit, all)}`);
        if (typeof is === "string") continue;
        found.add(`${difference(is, was, field)}: ${label(field, at, bit, all)}`);
      }
    }
  }
  assert(flips > 1000, `${flips} flips`);
  return found;
}

/** What changes nothing that moves, and why. */
const HARMLESS: [flip: RegExp, why: string][] = [
  [/^same: reloc\.\S+ name rest/, "the number in the header says which section is meant"],
  [
    /^same: reloc\.(DATA|\.debug_\w+) count higher/,
    "wasm-ld counts records that it does not write; these modules have no other sign of a missing one",
  ],
  [
    /^same: reloc\.CODE record 4 \(weak\) addend/,
    "an undefined weak symbol is 0, whatever is added",
  ],
  [/^same: reloc\.CODE record 7 type/, "another type of index that is stored there, too"],
  [/^same: reloc\.\.debug_\w+ record (8|13) /, "an offset inside a section that does not move"],
  [/^same: reloc\.\.debug_\w+ target/, "another section of debug information, in the same way"],
  [
    /^same: (absolute )?symbol 1 flag 0x(1|2|4|8|20|40|80|100|400|800|1000|2000)$/,
    "binding, visibility and such; bits without a meaning",
  ],
  [/^same: symbol [0235] flag 0x/, "the same"],
  [/^same: absolute symbol 1 (segment|size)/, "an absolute symbol lies in no segment"],
  [/^same: symbol 1 (name|size)/, "its segment and offset say where it is"],
  [/^same: symbol 0 (index|kind|name)/, "a function that no record names; names are for people"],
  [/^same: symbol 2 name/, "the name section has it, too"],
  [/^same: symbol 3 index/, "only records of debug information name it"],
  [/^same: linking segment 5 (name|flags)/, "nobody reads them"],
  [/^same: linking segment 5 alignment/, "16 or less, which everything is aligned to"],
  [/^place: linking segment 5 alignment/, "more than it needs: another place, the same module"],
  [/^custom: other custom name/, "a custom section that nobody reads is copied as it is"],
];

/** What should be refused and is not, or cannot be seen at all. May become less, never more. */
const MISSED: [flip: RegExp, why: string][] = [
  [/^other: #1 header id/, "the type section becomes a custom one; engines refuse the result"],
  [/^other: #5 header id/, "the memory section becomes one of tags; engines refuse the result"],
  [
    /^custom: reloc\.\* (name reloc\.|header name length)/,
    "debug information stays where it was, with a warning",
  ],
  [/^other: reloc\.DATA record 2 offset/, "another word holds the number of that slot by chance"],
];

Deno.test("a flipped bit is refused, changes nothing, or is on the list", async () => {
  const [sites, debug, copy, pointers] = ["sites", "debug", "llvm-objcopy", "pointers"]
    .map((name) => moduleAt(`refuse/${name}.wasm`));
  const found = new Set<string>();
  for (const good of [sites, without(sites, "name"), debug, copy, pointers]) {
    (await accepted(good)).forEach((flip) => found.add(flip));
  }
  const known = [...HARMLESS, ...MISSED];
  assertEquals([...found].filter((flip) => !known.some(([each]) => each.test(flip))), []);
  const idle = known.filter(([each]) => ![...found].some((flip) => each.test(flip)));
  assertEquals(idle, [], "what is on the list must have been seen");
});
