import type { PastTask } from './past-task.ts'

/** How the calls of a task go in one draw. */
export interface DrawnTask {
  readonly past: Pick<PastTask, 'durations'> | undefined
  /** Of the past run, the shortest first. Unit: ms. */
  readonly durations: readonly number[]
  readonly pace: number
}

// How soon something that takes longer than ever ends: the exponent of a Pareto distribution, as its inverse.
const TAIL = 0.25
const SHORTEST_MS = 1e-3
const ENOUGH = 3

/**
 * What is left of a call: as in the same past run, else as in any, else some more of what it took. Never 0. Unit: ms.
 *
 * @param level Range: between 0 and 1.
 */
export function restOfCall({ past, durations, pace }: DrawnTask, elapsed: number, level: number): number {
  const first = firstLonger(durations, pace, elapsed)
  const count = durations.length - first
  if (count > 0) {
    const chosen = first + Math.min(count - 1, Math.floor(level * count))
    return Math.max(SHORTEST_MS, pace * (durations[chosen] ?? 0) - elapsed)
  }
  const all = past?.durations ?? durations
  const longer = firstLonger(all, pace, elapsed)
  const others = all.length - longer
  if (others < ENOUGH) return Math.max(SHORTEST_MS, elapsed * ((1 - level) ** -TAIL - 1))
  return Math.max(SHORTEST_MS, (all[longer + Math.floor(level * others)] ?? 0) * pace - elapsed)
}

/** Place of the first that takes longer than `elapsed`; their number when none does. */
function firstLonger(durations: ArrayLike<number>, pace: number, elapsed: number): number {
  // Most have only begun.
  if ((durations[0] ?? 0) * pace > elapsed) return 0
  let [from, to] = [0, durations.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((durations[middle] ?? 0) * pace <= elapsed) from = middle + 1
    else to = middle
  }
  return from
}
