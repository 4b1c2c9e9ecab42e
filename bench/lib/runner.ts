/**
 * Rounds in which every contestant runs once, in an order that turns around each time: who comes second finds
 * the caches warm, and whatever else the machine does hits all alike.
 *
 * @module
 */

/** Somebody whose time is taken. */
export interface Contestant {
  name: string;
  /** One round; the time in milliseconds. */
  run(): number | Promise<number>;
  /** It is slow, so it runs in each so-manieth round only. */
  every?: number;
}

/** How often. */
export interface Rounds {
  /** Rounds that count. */
  rounds: number;
  /** Rounds before, which do not. */
  warmup: number;
  /** After so many milliseconds no further round begins, but three rounds always do. */
  budget?: number;
}

/**
 * Runs all contestants in alternation.
 *
 * @param contestants Who runs.
 * @param rounds How often.
 * @returns The times of each in milliseconds, by name.
 */
export async function alternate(
  contestants: readonly Contestant[],
  { rounds, warmup, budget = Infinity }: Rounds,
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  const start = performance.now();
  for (let round = -warmup; round < rounds; round++) {
    if (round >= 3 && performance.now() - start > budget) break;
    const order = round & 1 ? [...contestants].reverse() : contestants;
    for (const { name, run, every = 1 } of order) {
      // In the last round before those that count everybody is warmed up.
      if (round % every !== 0 && round !== -1) continue;
      const time = await run();
      if (round >= 0) times.get(name)!.push(time);
    }
  }
  return times;
}

/**
 * A contestant whose work is a function of this process.
 *
 * @param name Its name.
 * @param work The work.
 * @param every As in {@linkcode Contestant}.
 * @returns The contestant.
 */
export function timed(name: string, work: () => unknown, every?: number): Contestant {
  const run = async () => {
    const start = performance.now();
    const made = work();
    // No turn of the event loop for what is done at once.
    if (made instanceof Promise) await made;
    return performance.now() - start;
  };
  return { name, run, every };
}
