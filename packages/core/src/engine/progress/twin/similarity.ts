/* How much past runs were like the one that runs, and how much faster or slower it is. Pure. */
import { meanLogOf } from './quantiles.ts'
import type { SeenGroup } from './seen-groups.ts'
import type { PastRun } from './twin-state.ts'

/** Logarithm of what a task usually takes, and half of the width in which two of three runs are. */
export interface UsualTime {
  readonly mid: number
  readonly spread: number
}

/** What a past run is compared with. */
export interface Comparison {
  readonly seen: ReadonlyMap<string, SeenGroup>
  readonly closed: ReadonlySet<string>
  readonly usual: ReadonlyMap<string, UsualTime>
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
// A past run whose longest call was shorter than one that still runs is half refuted.
const OUTLIVED = 0.5
const MAX_TRUSTED_CALLS = 5

/** @returns likeness: above 0, at most 1; pace: 1 when nothing tells. */
export function compare(
  { groups }: PastRun,
  { seen, closed, usual, gain, finished }: Comparison,
): { readonly likeness: number; readonly pace: number } {
  let [distance, terms, late, trust, likeness] = [0, 0, 0, 0, 1]
  for (const [key, { n, done, logs, running }] of seen) {
    const past = groups[key]
    const time = usual.get(key)
    if (!past || !time) {
      distance += done > 0 ? UNKNOWN_DISTANCE : 0
      terms += done > 0 ? 1 : 0
      continue
    }
    if (done > 0) {
      const ratio = logs / done - meanLogOf(past.d)
      const weight = Math.min(done, MAX_TRUSTED_CALLS) / (time.spread ** 2 + 0.01)
      distance += Math.min(MAX_DISTANCE, (ratio / time.spread) ** 2)
      terms++
      late += ratio * weight
      trust += weight
    }
    if (closed.has(key) && (n > 1 || past.n > 1)) {
      distance += Math.min(MAX_DISTANCE, (Math.log(n / past.n) / COUNT_SPREAD) ** 2)
      terms++
    }
    const longest = past.d.at(-1) ?? 0
    for (const { elapsed } of running) if (longest <= elapsed) likeness *= OUTLIVED
  }
  if (terms > 0) likeness *= Math.exp((-0.5 * distance) / Math.sqrt(terms))
  const pace = trust > 0 ? Math.exp((late / trust) * gain * (finished / (finished + 1))) : 1
  return { likeness, pace }
}
