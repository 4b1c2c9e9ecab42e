/**
 * What a section gets, and how it puts together what it says.
 *
 * @module
 */
import type { Peers } from "./peers.ts";
import type { Programs } from "./programs.ts";
import type { BenchTable, Measure, Plot, Section, Target } from "./record.ts";
import { summarize, type Summary } from "./stats.ts";

/** What a section gets. */
export interface Context {
  /** Few rounds, and nothing that has to be built: answers and wide margins only. */
  short: boolean;
  peers: Peers;
  programs: Programs;
  /** A folder for files of this run. */
  scratch: string;
  log(line: string): void;
}

/** A section that is being put together. */
export class Draft {
  readonly measures: Measure[] = [];
  readonly tables: BenchTable[] = [];
  readonly plots: Plot[] = [];
  readonly notes: string[] = [];
  readonly targets: Target[] = [];
  readonly skipped: string[] = [];
  #checks = 0;
  readonly #start = performance.now();

  constructor(readonly name: string, readonly title: string) {}

  /**
   * Keeps what was measured.
   *
   * @param subject On what.
   * @param contestant Who.
   * @param unit The unit of the numbers.
   * @param values The numbers of each round, or these in short.
   * @returns Them in short.
   */
  measure(
    subject: string,
    contestant: string,
    unit: Measure["unit"],
    values: readonly number[] | Summary,
  ): Summary {
    const summary = "median" in values ? values : summarize(values);
    this.measures.push({ subject, contestant, unit, ...summary });
    return summary;
  }

  /**
   * Looks at an answer.
   *
   * @param right Whether it is right.
   * @param what What it is the answer of.
   * @throws {Error} If it is wrong: no number is worth anything then.
   */
  check(right: boolean, what: string): void {
    if (!right) throw new Error(`Wrong answer: ${what}`);
    this.#checks++;
  }

  /** The median of something that was measured, if it was. */
  median(subject: string, contestant: string): number | undefined {
    const same = (each: Measure) => each.subject === subject && each.contestant === contestant;
    return this.measures.find(same)?.median;
  }

  /** @returns The section. */
  finish(): Section {
    const { name, title, measures, tables, plots, notes, targets, skipped } = this;
    const seconds = Math.round((performance.now() - this.#start) / 100) / 10;
    return {
      name,
      title,
      checks: this.#checks,
      measures,
      tables,
      plots,
      notes,
      targets,
      skipped,
      seconds,
    };
  }
}
