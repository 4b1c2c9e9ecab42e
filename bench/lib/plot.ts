/**
 * Plots as SVG text, without a library: lines over two logarithmic axes, or bars.
 *
 * @module
 */
import type { Plot } from "./record.ts";
import { digits } from "./table.ts";

const [WIDTH, HEIGHT] = [860, 420];
const BOX = { left: 76, right: 240, top: 16, bottom: 56 };
const COLORS = [
  "#0b6e99",
  "#d9730d",
  "#0f7b6c",
  "#ad1a72",
  "#6940a5",
  "#64473a",
  "#888888",
  "#b59b00",
];

/**
 * Text that is safe inside of HTML and SVG.
 *
 * @param text Any text.
 * @returns The same with references for what has a meaning.
 */
export function escape(text: string): string {
  const names: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot" };
  return text.replace(/[&<>"]/g, (each) => `&${names[each]};`);
}

const line = (x1: number, y1: number, x2: number, y2: number, more = "") =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${
    y2.toFixed(1)
  }" ${more}/>`;
const text = (x: number, y: number, content: string, more = "") =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escape(content)}</text>`;

/** Powers of ten around all values. */
function decades(values: readonly number[]): [number, number] {
  const logs = values.map(Math.log10);
  const low = Math.floor(Math.min(...logs));
  return [low, Math.max(low + 1, Math.ceil(Math.max(...logs)))];
}

/** A number on an axis: 10 000 000 as 10M. */
function tick(value: number): string {
  for (const [unit, name] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) {
    if (value >= unit) return `${Number((value / unit).toPrecision(3))}${name}`;
  }
  return `${Number(value.toPrecision(3))}`;
}

/**
 * Draws a plot.
 *
 * @param plot What to draw.
 * @returns An `svg` element.
 */
export function renderPlot(plot: Plot): string {
  const parts = plot.kind === "lines" ? lines(plot) : bars(plot);
  const label = `role="img" aria-label="${escape(plot.title)}"`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" ${label}>\n${parts.join("\n")}\n</svg>`;
}

function legend({ series }: Plot): string[] {
  return series.flatMap(({ name }, at) => {
    const y = BOX.top + 14 + 20 * at;
    const x = WIDTH - BOX.right + 16;
    const color = COLORS[at % COLORS.length];
    return [
      `<rect x="${x}" y="${y - 9}" width="10" height="10" fill="${color}"/>`,
      text(x + 16, y, name),
    ];
  });
}

function lines(plot: Plot): string[] {
  const points = plot.series.flatMap((each) => each.points).filter(({ x, y }) => x > 0 && y > 0);
  const [xs, ys] = [decades(points.map(({ x }) => x)), decades(points.map(({ y }) => y))];
  const bottom = HEIGHT - BOX.bottom;
  const right = WIDTH - BOX.right;
  const place = (value: number, [low, high]: [number, number]) =>
    (Math.log10(value) - low) / (high - low);
  const x = (value: number) => BOX.left + place(value, xs) * (right - BOX.left);
  const y = (value: number) => bottom - place(value, ys) * (bottom - BOX.top);
  const parts: string[] = [];
  for (let each = xs[0]; each <= xs[1]; each++) {
    parts.push(line(x(10 ** each), BOX.top, x(10 ** each), bottom, 'class="grid"'));
    parts.push(text(x(10 ** each), bottom + 18, tick(10 ** each), 'text-anchor="middle"'));
  }
  for (let each = ys[0]; each <= ys[1]; each++) {
    parts.push(line(BOX.left, y(10 ** each), right, y(10 ** each), 'class="grid"'));
    parts.push(text(BOX.left - 8, y(10 ** each) + 4, tick(10 ** each), 'text-anchor="end"'));
  }
  for (const [at, { points }] of plot.series.entries()) {
    const color = COLORS[at % COLORS.length];
    const drawn = points.filter((each) => each.x > 0 && each.y > 0);
    const path = drawn.map((each) => `${x(each.x).toFixed(1)},${y(each.y).toFixed(1)}`).join(" ");
    parts.push(`<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`);
    for (const each of drawn) {
      const said = escape(`${each.label ?? tick(each.x)}: ${digits(each.y)}`);
      const [cx, cy] = [x(each.x).toFixed(1), y(each.y).toFixed(1)];
      parts.push(
        `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${color}"><title>${said}</title></circle>`,
      );
    }
  }
  parts.push(text((BOX.left + right) / 2, HEIGHT - 12, plot.x, 'text-anchor="middle"'));
  parts.push(
    text(14, HEIGHT / 2, plot.y, `text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})"`),
  );
  return [...parts, ...legend(plot)];
}

function bars(plot: Plot): string[] {
  const labels = plot.series[0].points.map(({ label }) => label ?? "");
  const values = plot.series.flatMap(({ points }) => points.map(({ y }) => y));
  const top = Math.max(...values, plot.mark ?? 0) * 1.05;
  const bottom = HEIGHT - BOX.bottom - 30;
  const right = WIDTH - BOX.right;
  const y = (value: number) => bottom - value / top * (bottom - BOX.top);
  const group = (right - BOX.left) / labels.length;
  const bar = group * 0.8 / plot.series.length;
  const parts: string[] = [];
  for (let each = 0; each <= 4; each++) {
    const value = top / 1.05 * each / 4;
    parts.push(line(BOX.left, y(value), right, y(value), 'class="grid"'));
    parts.push(text(BOX.left - 8, y(value) + 4, tick(value), 'text-anchor="end"'));
  }
  for (const [at, { name, points }] of plot.series.entries()) {
    const color = COLORS[at % COLORS.length];
    for (const [index, point] of points.entries()) {
      const x = BOX.left + group * index + group * 0.1 + bar * at;
      const height = bottom - y(point.y);
      const said = escape(`${labels[index]}, ${name}: ${digits(point.y)}`);
      parts.push(
        `<rect x="${x.toFixed(1)}" y="${y(point.y).toFixed(1)}" width="${bar.toFixed(1)}" ` +
          `height="${height.toFixed(1)}" fill="${color}"><title>${said}</title></rect>`,
      );
    }
  }
  for (const [index, label] of labels.entries()) {
    const x = BOX.left + group * (index + 0.5);
    const turned = `text-anchor="end" transform="rotate(-45 ${x.toFixed(1)} ${bottom + 14})"`;
    parts.push(text(x, bottom + 14, label, turned));
  }
  if (plot.mark !== undefined) {
    parts.push(line(BOX.left, y(plot.mark), right, y(plot.mark), 'class="mark"'));
  }
  parts.push(
    text(14, HEIGHT / 2, plot.y, `text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})"`),
  );
  return [...parts, ...legend(plot)];
}
