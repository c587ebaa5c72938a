/*
 * Times counted by classes instead of one by one: sums of classes can be added, so that percentiles of any stretch of time come from a few
 * rows. Each class is the fourth root of two times as long as the one before.
 */

// The last one has everything beyond a year.
const TIME_CLASSES = 144
const CLASSES_PER_DOUBLING = 4

/** By how much a percentile may be too large or too small, as a share of it, for times from 1 ms to a year. */
export const TIME_ERROR: number = 2 ** (1 / (2 * CLASSES_PER_DOUBLING)) - 1

/** Class of a time. Class 0 ends at 1 ms. Unit: ms. */
export function timeClass(ms: number): number {
  if (!(ms > 1)) return 0
  // 2 ** (1 / 4) and its powers are not exact: the longest time of a class belongs to it.
  return Math.min(TIME_CLASSES - 1, Math.ceil(CLASSES_PER_DOUBLING * Math.log2(ms) - 1e-9))
}

/** The time that stands for a class: none of it is further away from it than {@link TIME_ERROR}. Unit: ms. */
function timeOfClass(index: number): number {
  return 2 ** ((index - 0.5) / CLASSES_PER_DOUBLING)
}

/** Counts of classes, one more in one of them. They end with the last class that has any. */
export function countTime(counts: readonly number[], ms: number): readonly number[] {
  const counted = timeClass(ms)
  return addCounts(counts, [...Array.from({ length: counted }, () => 0), 1])
}

/** The sum of counts of classes. */
export function addCounts(left: readonly number[], right: readonly number[]): readonly number[] {
  const [long, short] = left.length < right.length ? [right, left] : [left, right]
  return long.map((count, index) => count + (short[index] ?? 0))
}

/** The time that this share of the counted ones did not exceed; null when none was counted. Unit: ms. */
export function percentileOf(counts: readonly number[], share: number): number | null {
  const wanted = Math.ceil(counts.reduce((total, count) => total + count, 0) * share)
  let reached = 0
  const found = counts.findIndex((count) => (reached += count) >= wanted && reached > 0)
  return found === -1 ? null : timeOfClass(found)
}
