/* How much past runs were like the one that runs, and how much faster or slower it is. Pure. */
import type { PastTask } from './past-task.ts'
import { clamp, MAX_LATE } from './quantiles.ts'
import type { SeenGroup } from './seen-groups.ts'

/** A task of the run that runs. */
export interface ComparedTask {
  readonly seen: SeenGroup
  readonly past: PastTask | undefined
  /** Whether its number of calls is final. */
  readonly isClosed: boolean
}

/** What a past run is compared with. */
export interface Comparison {
  readonly tasks: readonly ComparedTask[]
  /** Tasks that have not started although all that they wait for ended some time ago. */
  readonly overdue: readonly PastTask[]
  /** Part of an early delay that later tasks share. Range: 0..1. */
  readonly gain: number
  /** Tasks with a call that has ended. */
  readonly finished: number
}

// One task that is far off says no more than three spreads.
const MAX_DISTANCE = 9
const UNKNOWN_DISTANCE = 2
// Fan-outs whose numbers differ by this, as a logarithm, are one spread apart.
const COUNT_SPREAD = 0.15
// A past run that had a task which does not come this time went another way: it counts when there is no other.
const OF_ANOTHER_KIND = 0.001
// A past run whose longest call was shorter than one that still runs is half refuted.
const OUTLIVED = 0.5
// A past run with fewer calls of a task than this one has already did less.
const OUTGROWN = 0.1
const MAX_TRUSTED_CALLS = 5

/** @param run Place of the past run. @returns likeness: above 0, at most 1; pace: 1 when nothing tells. */
export function compare(
  run: number,
  { tasks, overdue, gain, finished }: Comparison,
): { readonly likeness: number; readonly pace: number } {
  let [distance, terms, late, trust, likeness] = [0, 0, 0, 0, 1]
  for (const { seen, past: task, isClosed } of tasks) {
    const { n, done, logs, running } = seen
    const past = task?.groups[run]
    if (!past) {
      distance += done > 0 ? UNKNOWN_DISTANCE : 0
      terms += done > 0 ? 1 : 0
      continue
    }
    if (done > 0) {
      const ratio = logs / done - (task.meanLogs[run] ?? 0)
      const weight = Math.min(done, MAX_TRUSTED_CALLS) / (task.spread ** 2 + 0.01)
      distance += Math.min(MAX_DISTANCE, (ratio / task.spread) ** 2)
      terms++
      late += clamp(ratio, -MAX_LATE, MAX_LATE) * weight
      trust += weight
    }
    if (isClosed && (n > 1 || past.n > 1)) {
      distance += Math.min(MAX_DISTANCE, (Math.log(n / past.n) / COUNT_SPREAD) ** 2)
      terms++
    }
    if (!isClosed && n > past.n) likeness *= OUTGROWN
    const longest = past.d.at(-1) ?? 0
    for (const { elapsed } of running) if (longest <= elapsed) likeness *= OUTLIVED
  }
  for (const task of overdue) if (task.groups[run]) likeness *= OF_ANOTHER_KIND
  if (terms > 0) likeness *= Math.exp((-0.5 * distance) / Math.sqrt(terms))
  const pace = trust > 0 ? Math.exp((late / trust) * gain * (finished / (finished + 1))) : 1
  return { likeness, pace }
}
