/**
 * What is said of a list of times: medians and quartiles, because one late round must not decide; ratios of
 * medians; geometric means of ratios; how something grows.
 *
 * @module
 */

/** A list of times in short. */
export interface Summary {
  median: number;
  /** A quarter of the rounds took less. */
  low: number;
  /** A quarter of the rounds took more. */
  high: number;
  rounds: number;
}

/**
 * The value below which a share of the list lies, between two neighbours in proportion.
 *
 * @param list Numbers in any order; stays as it is.
 * @param share From 0 (the least) to 1 (the greatest).
 * @returns The value.
 */
export function quantile(list: readonly number[], share: number): number {
  if (list.length === 0) throw new RangeError("Cannot take a quantile: the list is empty");
  const sorted = [...list].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

/**
 * The middle of a list.
 *
 * @param list Numbers in any order.
 * @returns Its median.
 */
export function median(list: readonly number[]): number {
  return quantile(list, 0.5);
}

/**
 * A list in short.
 *
 * @param list Numbers in any order.
 * @returns Median and quartiles.
 */
export function summarize(list: readonly number[]): Summary {
  return {
    median: median(list),
    low: quantile(list, 0.25),
    high: quantile(list, 0.75),
    rounds: list.length,
  };
}

/**
 * How much longer one takes than another, from rounds that both were in.
 *
 * @param list Times of one.
 * @param base Times of the other, of the same rounds.
 * @returns The ratio of each round, in short: what both slowed down is not in it.
 */
export function paired(list: readonly number[], base: readonly number[]): Summary {
  if (list.length !== base.length) {
    throw new RangeError(`Cannot pair ${list.length} rounds with ${base.length}`);
  }
  return summarize(list.map((each, at) => each / base[at]));
}

/**
 * The geometric mean.
 *
 * @param list Ratios above 0.
 * @returns Their mean: that of a ratio and its inverse is 1.
 */
export function geomean(list: readonly number[]): number {
  if (list.length === 0) throw new RangeError("Cannot take a mean: the list is empty");
  return Math.exp(list.reduce((sum, each) => sum + Math.log(each), 0) / list.length);
}

/**
 * The exponent with which something grows: 1 is linear, 2 quadratic.
 *
 * @param points Pairs of size and time, two or more, all above 0.
 * @returns The slope of the line through the logarithms with the least squares.
 */
export function exponent(points: readonly (readonly [size: number, time: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const mean = (axis: number) => logs.reduce((sum, each) => sum + each[axis], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const across = logs.reduce((sum, each) => sum + (each[0] - x) * (each[1] - y), 0);
  return across / logs.reduce((sum, each) => sum + (each[0] - x) ** 2, 0);
}

/** A cost for each of two sizes. */
export interface Costs {
  /** Time for one of the first, and of the second. */
  each: [number, number];
  /** The largest difference between a time and what these costs say, as a share of the time. */
  worst: number;
}

/**
 * Splits times into a cost for each of two sizes, with the least squares of relative errors: a small module
 * counts as much as a large one.
 *
 * @param points The two sizes, and the time.
 * @returns Costs, and how far the worst point is from them.
 */
export function split(points: readonly (readonly [number, number, number])[]): Costs {
  let [aa, ab, bb, ay, by] = [0, 0, 0, 0, 0];
  for (const [first, second, time] of points) {
    const [a, b] = [first / time, second / time];
    aa += a * a, ab += a * b, bb += b * b, ay += a, by += b;
  }
  const determinant = aa * bb - ab * ab;
  let each: [number, number] = [
    (ay * bb - by * ab) / determinant,
    (by * aa - ay * ab) / determinant,
  ];
  // A cost below 0 means nothing: then the other one explains all.
  if (!(each[0] >= 0)) each = [0, by / bb];
  else if (!(each[1] >= 0)) each = [ay / aa, 0];
  const worst = Math.max(
    ...points.map(([a, b, time]) => Math.abs(a * each[0] + b * each[1] - time) / time),
  );
  return { each, worst };
}
