/**
 * Sections whose headers lie, that are there twice, or out of order.
 *
 * @module
 */
import { sections } from "../host/sections.ts";
import { type Fault, insert, leb, part, patch, pick, put, section, text } from "./edit.ts";

const COMPLETE = "Check that the file is complete";
const names: Record<number, string> = {
  1: "type",
  3: "function",
  4: "table",
  5: "memory",
  6: "global",
  7: "export",
  9: "element",
  10: "code",
  11: "data",
};

/** All of them. */
export function sectionFaults(good: Uint8Array): Fault[] {
  const broken = (name: string, why: string, bytes: Fault["bytes"], offset?: number): Fault => (
    { name, why, bytes, code: "malformed_module", offset, hint: COMPLETE }
  );
  const known = sections(good).filter(({ id }) => id !== 0);
  const last = sections(good).at(-1)!;
  const width = (start: number, payload: number) => payload - start - 1;
  const withSize = (id: number, add: number) => {
    const { start, payload, end } = part(good, id);
    return patch(good, start + 1, leb(end - payload + add, width(start, payload)));
  };
  return [
    ...known.map(({ id, start, end }) =>
      broken(
        `${names[id]}-twice`,
        `There are two ${names[id]} sections`,
        insert(good, end, good.subarray(start, end)),
        end,
      )
    ),
    ...known.slice(1).map(({ id, start, end }) => {
      const { start: to } = known[0];
      return broken(
        `${names[id]}-first`,
        `The ${names[id]} section is before all others`,
        new Uint8Array([
          ...good.subarray(0, to),
          ...good.subarray(start, end),
          ...good.subarray(to, start),
          ...good.subarray(end),
        ]),
        to + end - start,
      );
    }),
    ...[14, 15, 127, 255].map((id) =>
      broken(
        `section-id-${id}`,
        `A section has the id ${id}, which does not exist`,
        insert(good, part(good, 10).start, section(id, [0])),
        part(good, 10).start,
      )
    ),
    ...known.map(({ id }) =>
      broken(
        `${names[id]}-longer`,
        `The ${names[id]} section says that it is one byte longer`,
        withSize(id, 1),
      )
    ),
    ...known.map(({ id }) =>
      broken(
        `${names[id]}-shorter`,
        `The ${names[id]} section says that it is one byte shorter`,
        withSize(id, -1),
      )
    ),
    broken(
      "size-max",
      "A section says that it has 2^32 - 1 bytes",
      put(good, pick(good, { of: "header", item: "#10", field: "size" })[0], [
        ...[0xff, 0xff, 0xff, 0xff, 0x0f],
      ]),
      part(good, 10).start,
    ),
    broken(
      "size-too-long",
      "The size of a section takes six bytes",
      put(good, pick(good, { of: "header", item: "#10", field: "size" })[0], leb(9, 6)),
      // Its fifth byte goes on.
      part(good, 10).start + 5,
    ),
    broken(
      "id-only",
      "The file ends behind the id of a section",
      insert(good, good.length, [0]),
      good.length + 1,
    ),
    broken(
      "custom-without-name",
      "A custom section is too short for a name",
      insert(good, good.length, [0, 0]),
      good.length + 2,
    ),
    broken(
      "custom-name-too-long",
      "The name of a custom section reaches beyond it",
      insert(good, good.length, [0, 2, 9, 65]),
      good.length + 3,
    ),
    broken(
      "cut-by-one",
      "The last byte is not there",
      new Uint8Array(good.subarray(0, good.length - 1)),
      last.start,
    ),
    broken(
      "sections-behind-garbage",
      "A zero byte stands between two sections",
      insert(good, part(good, 10).start, [0]),
    ),
    {
      name: "records-without-count",
      why: "A section reloc. ends behind its first number",
      bytes: insert(good, part(good, "linking").start, section(0, text("reloc."), [9])),
      code: "malformed_module",
      section: "reloc.",
      offset: part(good, "linking").start + 9,
      hint: COMPLETE,
    },
  ];
}
