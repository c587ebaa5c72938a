/* What past runs say together. Pure. */
import type { FinishedGroup } from './finished-groups.ts'
import type { PastTask } from './past-task.ts'
import { clamp, MAX_LATE, meanLogOf } from './quantiles.ts'
import type { PastRun } from './twin-state.ts'

/** How late the tasks of a run were against those before them: what a regression through the origin needs; null when nothing came after anything. */
export function lateness(
  groups: readonly FinishedGroup[],
  known: ReadonlyMap<string, Pick<PastTask, 'mid' | 'slack'>>,
): { readonly xy: number; readonly xx: number } | null {
  const late = groups.flatMap(({ key, start, end, past }) => {
    const task = known.get(key)
    return task ? [{ start, end, late: clamp(meanLogOf(past.d, task.slack) - task.mid, -MAX_LATE, MAX_LATE) }] : []
  })
  let [xy, xx, count] = [0, 0, 0]
  for (const { start, late: own } of late) {
    const before = late.filter(({ end }) => end <= start + 1e-9)
    if (before.length === 0) continue
    const mean = before.reduce((sum, one) => sum + one.late, 0) / before.length
    xy += mean * own
    xx += mean ** 2
    count++
  }
  return count === 0 ? null : { xy: xy / count, xx: xx / count }
}

/** The median length of past runs, when each older one counts less. Unit: ms. */
export function recentMedian(runs: readonly PastRun[], decay: number): number | null {
  const totals = runs.flatMap(({ total }, index) =>
    total === undefined ? [] : [{ total, weight: decay ** (runs.length - 1 - index) }],
  )
  totals.sort((left, right) => left.total - right.total)
  let half = totals.reduce((sum, { weight }) => sum + weight, 0) / 2
  return totals.find(({ weight }) => (half -= weight) <= 0)?.total ?? null
}
