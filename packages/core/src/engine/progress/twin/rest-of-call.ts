import type { PastRun } from './twin-state.ts'

/** One call that runs, in one draw. */
export interface DrawnCall {
  /** Of the past run, the shortest first. Unit: ms. */
  readonly durations: readonly number[]
  readonly pace: number
  readonly elapsed: number
  /** Range: between 0 and 1. */
  readonly level: number
}

// How soon something that takes longer than ever ends: the exponent of a Pareto distribution, as its inverse.
const TAIL = 0.25
const SHORTEST_MS = 1e-3

/** What is left of a call: as in the same past run, else as in any, else some more of what it took. Never 0. Unit: ms. */
export function restOfCall(
  runs: readonly PastRun[],
  key: string,
  { durations, pace, elapsed, level }: DrawnCall,
): number {
  const count = durations.length
  let first = 0
  while (first < count && (durations[first] ?? 0) * pace <= elapsed) first++
  if (first < count) {
    const chosen = first + Math.min(count - first - 1, Math.floor(level * (count - first)))
    return Math.max(SHORTEST_MS, pace * (durations[chosen] ?? 0) - elapsed)
  }
  const longer: number[] = []
  for (const { groups } of runs)
    for (const duration of groups[key]?.d ?? []) if (duration * pace > elapsed) longer.push(duration * pace)
  if (longer.length < 3) return Math.max(SHORTEST_MS, elapsed * ((1 - level) ** -TAIL - 1))
  longer.sort((left, right) => left - right)
  return Math.max(SHORTEST_MS, (longer[Math.floor(level * longer.length)] ?? 0) - elapsed)
}
