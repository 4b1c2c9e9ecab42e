/**
 * A record as one page, without scripts and without anything from elsewhere.
 *
 * @module
 */
import { escape, renderPlot } from "./plot.ts";
import type { BenchRecord, BenchTable, Section, Target } from "./record.ts";

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 0 0 1.5rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { padding: .2rem .8rem; border-bottom: 1px solid #8884; text-align: right; }
td { white-space: nowrap; } .targets td { white-space: normal; }
th:first-child, td:first-child { text-align: left; }
.scroll { overflow-x: auto; }
svg { width: 100%; max-width: 60rem; font-size: 12px; fill: currentColor; }
.grid { stroke: #8885; } .mark { stroke: currentColor; stroke-dasharray: 4 3; }
.met { color: #0f7b6c; } .missed { color: #c4332a; }
`;

/**
 * Writes the page.
 *
 * @param record What was measured.
 * @returns HTML.
 */
export function renderPage(record: BenchRecord): string {
  const { machine, versions, load, sections } = record;
  const targets = sections.flatMap((each) => each.targets);
  const facts = [
    `${record.date}, commit ${record.commit}${record.short ? ", short run: not to be quoted" : ""}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.system}; load average ${
      load.join(" → ")
    }`,
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", "),
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>wasm-share: benchmarks of ${escape(record.date)}</title>
<style>${STYLE}</style>
<h1>wasm-share: side by side</h1>
${facts.map((each) => `<p>${escape(each)}</p>`).join("\n")}
<p>Times are medians of rounds in which all contestants ran once, in an order that alternated.</p>
${targets.length ? `<h2>Targets</h2>\n${targetList(targets)}` : ""}
${sections.map(renderSection).join("\n")}
</html>
`;
}

function targetList(targets: readonly Target[]): string {
  const rows = targets.map(({ what, wanted, measured, met, why }) => {
    const mark = met ? '<td class="met">✔ met</td>' : '<td class="missed">✖ missed</td>';
    const cells = [what, wanted, measured + (!met && why ? `: ${why}` : "")];
    const [first, ...rest] = cells.map((each) => `<td>${escape(each)}</td>`);
    return `<tr>${first}${mark}${rest.join("")}</tr>`;
  });
  const head = "<tr><th>what</th><th></th><th>wanted</th><th>measured</th></tr>";
  return `<div class="scroll"><table class="targets">${head}\n${rows.join("\n")}</table></div>`;
}

function renderSection({ title, tables, plots, notes, skipped, checks }: Section): string {
  const list = [
    ...notes,
    ...skipped.map((each) => `skipped: ${each}`),
    `${checks} answers were looked at, and right`,
  ];
  return [
    `<h2>${escape(title)}</h2>`,
    ...tables.map(renderTable),
    ...plots.map((plot) => `<h3>${escape(plot.title)}</h3>\n${renderPlot(plot)}`),
    `<ul>${list.map((each) => `<li>${escape(each)}</li>`).join("\n")}</ul>`,
  ].join("\n");
}

function renderTable({ title, columns, rows }: BenchTable): string {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((each) => `<${tag}>${escape(each)}</${tag}>`).join("")}</tr>`;
  return `<div class="scroll"><table><caption>${escape(title)}</caption>
${[row(columns, "th"), ...rows.map((each) => row(each, "td"))].join("\n")}
</table></div>`;
}
