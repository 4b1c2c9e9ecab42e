import { assert, assertEquals, assertThrows } from "@std/assert";
import { renderPage } from "../bench/lib/html.ts";
import { type BenchRecord, recordFaults } from "../bench/lib/record.ts";
import { alternate } from "../bench/lib/runner.ts";
import { Draft } from "../bench/lib/section.ts";
import {
  exponent,
  geomean,
  median,
  paired,
  quantile,
  split,
  summarize,
} from "../bench/lib/stats.ts";
import { digits, ms, renderTable, size, speed, times } from "../bench/lib/table.ts";

const near = (value: number, wanted: number) =>
  assert(
    Math.abs(value - wanted) < 1e-9 * Math.max(1, Math.abs(wanted)),
    `${value}, not ${wanted}`,
  );

Deno.test("median() takes the middle, whatever the order, and leaves the list alone", () => {
  const list = [10, 9, 2, 100];
  assertEquals(median(list), 9.5);
  assertEquals(list, [10, 9, 2, 100]);
  assertEquals(median([3]), 3);
  assertThrows(() => median([]), RangeError);
});

Deno.test("quantile() goes in proportion between neighbours", () => {
  assertEquals(quantile([4, 1, 2, 3, 5], 0.25), 2);
  assertEquals(quantile([0, 10], 0.25), 2.5);
  assertEquals(summarize([5, 1, 2, 3, 4]), { median: 3, low: 2, high: 4, rounds: 5 });
});

Deno.test("paired() compares round by round, so that what slows both down is not in it", () => {
  const slow = [1, 1, 10, 1, 1];
  assertEquals(paired(slow.map((each) => 2 * each), slow).median, 2);
  assertEquals(paired([2, 8], [1, 2]), { median: 3, low: 2.5, high: 3.5, rounds: 2 });
  assertThrows(() => paired([1], [1, 2]), RangeError);
});

Deno.test("geomean() of a ratio and its inverse is 1", () => {
  near(geomean([4, 0.25]), 1);
  near(geomean([2, 8]), 4);
});

Deno.test("exponent() tells linear from quadratic", () => {
  near(exponent([[1, 3], [10, 30], [1000, 3000]]), 1);
  near(exponent([[2, 4], [20, 400], [200, 40_000]]), 2);
});

Deno.test("split() finds the cost of each of two sizes", () => {
  const time = (bytes: number, sites: number) => 3 * bytes + 7 * sites;
  const points = [[10, 1], [100, 90], [5000, 20], [900, 4000]] as const;
  const exact = split(points.map(([a, b]) => [a, b, time(a, b)]));
  near(exact.each[0], 3);
  near(exact.each[1], 7);
  near(exact.worst, 0);
  // One point is half again as slow as the others say.
  const off = split(points.map(([a, b], at) => [a, b, time(a, b) * (at === 2 ? 1.5 : 1)]));
  assert(off.worst > 0.1);
  // A cost is not negative.
  assertEquals(split([[1, 1, 1], [2, 3, 1], [3, 9, 1]]).each.every((each) => each >= 0), true);
});

Deno.test("alternate() turns the order around, and counts no round of the warm-up", async () => {
  const order: string[] = [];
  const contestant = (name: string, time: number) => ({
    name,
    run: () => (order.push(name), time),
  });
  const seen = await alternate([contestant("a", 1), contestant("b", 2)], { rounds: 2, warmup: 1 });
  assertEquals(order.join(""), "ba" + "ab" + "ba");
  assertEquals([...seen], [["a", [1, 1]], ["b", [2, 2]]]);
});

Deno.test("alternate() lets a slow one run less often, but warms it up", async () => {
  let runs = 0;
  const slow = { name: "slow", every: 4, run: () => (runs++, 5) };
  const seen = await alternate([slow], { rounds: 9, warmup: 3 });
  assertEquals([seen.get("slow"), runs], [[5, 5, 5], 4]);
});

Deno.test("alternate() stops at its budget, but not before three rounds", async () => {
  const seen = await alternate([{ name: "a", run: () => 1 }], {
    rounds: 50,
    warmup: 0,
    budget: -1,
  });
  assertEquals(seen.get("a")!.length, 3);
});

Deno.test("numbers have three digits that count, and the right unit", () => {
  assertEquals([1234.5, 123.45, 12.345, 0.012345, 0].map(digits), [
    "1235",
    "123",
    "12.3",
    "0.0123",
    "0",
  ]);
  assertEquals([0.0123, 0.5, 12.345, 12_345].map(ms), ["12.3 µs", "0.500 ms", "12.3 ms", "12.3 s"]);
  assertEquals([999, 1500, 21_553_935].map(size), ["999 B", "1.50 KB", "21.6 MB"]);
  assertEquals([speed(1e6, 2), speed(3e6, 1)], ["500 MB/s", "3.00 GB/s"]);
  assertEquals([times(0.998), times(33.33)], ["1.00 x", "33.3 x"]);
});

Deno.test("renderTable() puts numbers to the right", () => {
  const table = {
    title: "t",
    columns: ["name", "ms"],
    rows: [["long name", "1.00"], ["b", "123"]],
  };
  assertEquals(
    renderTable(table),
    ["t", "name         ms", "─────────  ────", "long name  1.00", "b           123"].join("\n"),
  );
});

function record(): BenchRecord {
  const draft = new Draft("moving", "Moving");
  draft.check(true, "");
  draft.measure("a <b>", "ours", "ms", [1, 2, 3]);
  draft.tables.push({ title: "a & b", columns: ["x"], rows: [["<script>"]] });
  draft.plots.push({
    title: "growth",
    kind: "lines",
    x: "bytes",
    y: "ms",
    series: [{ name: "ours", points: [{ x: 10, y: 1 }, { x: 1000, y: 100 }] }],
  });
  draft.targets.push({
    what: "speed",
    wanted: "much",
    measured: "little",
    met: false,
    why: "because",
  });
  return {
    format: 1,
    date: "2026-11-28",
    commit: "abc",
    short: false,
    machine: { cpu: "c", cores: 2, memory: "1 GiB", system: "s" },
    versions: { deno: "2" },
    load: [0, 0],
    sections: [draft.finish()],
    seconds: 1,
  };
}

Deno.test("recordFaults() finds what would mislead", () => {
  assertEquals(recordFaults(record()), []);
  const faults = (change: (record: BenchRecord) => void) => {
    const changed = record();
    change(changed);
    return recordFaults(changed);
  };
  assertEquals(faults((each) => each.sections[0].checks = 0), ["sections.moving.checks"]);
  assertEquals(faults((each) => each.sections[0].measures[0].median = NaN).length, 2);
  assertEquals(faults((each) => each.sections[0].measures[0].low = 2.5), [
    "sections.moving.measures: a <b>, ours: order",
  ]);
  assertEquals(faults((each) => each.sections[0].tables[0].rows[0].push("x")), [
    "sections.moving: a & b",
  ]);
  assertEquals(faults((each) => each.sections = []), ["sections"]);
  assert(recordFaults(null).length > 3);
});

Deno.test("a wrong answer ends a section", () => {
  assertThrows(() => new Draft("a", "A").check(false, "2 + 2 gave 5"), Error, "2 + 2 gave 5");
});

Deno.test("renderPage() is one page, with targets, escaped texts and plots", () => {
  const page = renderPage(record());
  assert(page.includes("&lt;script&gt;") && !page.includes("<script"));
  assert(page.includes("a &amp; b"));
  assert(page.includes("missed") && page.includes("little: because"));
  // Nothing comes from elsewhere.
  assertEquals(/(src|href)=|url\(|@import/.test(page), false);
  // Two decades on each axis: the points are in opposite corners of the box.
  const points = /<polyline points="([\d.]+),([\d.]+) ([\d.]+),([\d.]+)"/.exec(page)!.slice(1).map(
    Number,
  );
  assertEquals(points, [76, 364, 620, 16]);
});
