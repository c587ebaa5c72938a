/* One task in all past runs: what forecasts ask of it again and again, worked out once. */
import { meanLogOf, quantileOf } from './quantiles.ts'
import type { PastGroup, PastRun } from './twin-state.ts'

const MIN_SPREAD = 0.05
// Of one or two runs nobody can say how much they differ.
const UNKNOWN_SPREAD = 0.5

/** What past runs say of one task. */
export class PastTask {
  /** Its calls in each run, by the place of the run; undefined in those that did not have it. */
  readonly groups: readonly (PastGroup | undefined)[]
  /** Mean logarithm of what its calls took in each run. */
  readonly meanLogs: readonly (number | undefined)[]
  /** Added to times before they are compared. Unit: ms. */
  readonly slack: number
  /** Logarithm of what it usually takes. */
  readonly mid: number
  /** Half of the width in which two of three runs are, as a logarithm. */
  readonly spread: number
  /** How long after all that it waits for it began, the shortest first. Unit: ms. */
  readonly gaps: { readonly durations: Float64Array }
  /** Median of these. */
  readonly usualGap: number
  #had: readonly PastGroup[] | null = null
  #durations: Float64Array | null = null

  constructor(groups: readonly (PastGroup | undefined)[], slack: number) {
    this.slack = slack
    const gaps = Float64Array.from(groups.flatMap((group) => group?.gap ?? [])).toSorted()
    this.gaps = { durations: gaps }
    this.usualGap = gaps.length === 0 ? 0 : quantileOf(gaps, 0.5)
    this.groups = groups
    this.meanLogs = groups.map((group) => group && meanLogOf(group.d, slack))
    const sorted = this.meanLogs.filter((log) => log !== undefined).toSorted((left, right) => left - right)
    const width = quantileOf(sorted, 0.84) - quantileOf(sorted, 0.16)
    this.mid = quantileOf(sorted, 0.5)
    this.spread = sorted.length > 2 ? Math.max(MIN_SPREAD, width / 2) : UNKNOWN_SPREAD
  }

  /** Its calls in one of the runs that had it. */
  any(number: number): PastGroup | undefined {
    this.#had ??= this.groups.filter((group) => group !== undefined)
    return this.#had[number % this.#had.length]
  }

  /** What its calls took in all runs, the shortest first. Unit: ms. */
  get durations(): Float64Array {
    this.#durations ??= Float64Array.from(this.groups.flatMap((group) => group?.d ?? [])).toSorted()
    return this.#durations
  }
}

export function pastTasks(runs: readonly PastRun[], slack: number): ReadonlyMap<string, PastTask> {
  const keys = new Set(runs.flatMap(({ groups }) => Object.keys(groups)))
  return new Map(
    [...keys].map((key) => [
      key,
      new PastTask(
        runs.map(({ groups }) => groups[key]),
        slack,
      ),
    ]),
  )
}
