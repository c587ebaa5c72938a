/* What past runs say together. Pure. */
import type { FinishedGroup } from './finished-groups.ts'
import { clamp, meanLogOf, quantileOf } from './quantiles.ts'
import type { UsualTime } from './similarity.ts'
import type { PastRun } from './twin-state.ts'

const MIN_SPREAD = 0.05
// Of one or two runs nobody can say how much they differ.
const UNKNOWN_SPREAD = 0.5
const MAX_LATE = 1.5

export function usualTimes(runs: readonly PastRun[]): ReadonlyMap<string, UsualTime> {
  const logs = new Map<string, number[]>()
  for (const { groups } of runs)
    for (const [key, { d }] of Object.entries(groups)) {
      const known = logs.get(key)
      if (known) known.push(meanLogOf(d))
      else logs.set(key, [meanLogOf(d)])
    }
  return new Map([...logs].map(([key, values]) => [key, usualTime(values)]))
}

function usualTime(logs: number[]): UsualTime {
  logs.sort((left, right) => left - right)
  const width = quantileOf(logs, 0.84) - quantileOf(logs, 0.16)
  return { mid: quantileOf(logs, 0.5), spread: logs.length > 2 ? Math.max(MIN_SPREAD, width / 2) : UNKNOWN_SPREAD }
}

/** How late the tasks of a run were against those before them: what a regression through the origin needs; null when nothing came after anything. */
export function lateness(
  groups: readonly FinishedGroup[],
  usual: ReadonlyMap<string, UsualTime>,
): { readonly xy: number; readonly xx: number } | null {
  const known = groups.flatMap(({ key, start, end, past }) => {
    const time = usual.get(key)
    return time ? [{ start, end, late: clamp(meanLogOf(past.d) - time.mid, -MAX_LATE, MAX_LATE) }] : []
  })
  let [xy, xx, count] = [0, 0, 0]
  for (const { start, late } of known) {
    const before = known.filter(({ end }) => end <= start + 1e-9)
    if (before.length === 0) continue
    const mean = before.reduce((sum, one) => sum + one.late, 0) / before.length
    xy += mean * late
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
