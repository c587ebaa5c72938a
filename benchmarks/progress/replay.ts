/* Runs in the order of time: an estimator knows what had ended before a run started, and nothing else. */
import { ShownEstimate } from '../../packages/core/src/engine/progress/shown-estimate.ts'
import type { Forecasted, Forecaster } from './forecasts.ts'
import { seenAt, type TracedRun } from './traces.ts'

/** What one estimator did in one run. Shares of the run's length. */
export interface RunFigures {
  readonly flow: string
  readonly error: number
  readonly covered: number | null
  readonly width: number | null
  /** Mean distance of the bar from the truth. */
  readonly dishonesty: number
  readonly backwards: number
  readonly timeAt99: number
  readonly longestFreeze: number
  /** Shifts of the announced end by more than 5 % of the run between two instants. */
  readonly jumps: number
}

/** Instants of a run, equally far apart. */
export const INSTANTS = 60
/** Runs of a flow that only teach. */
export const TAUGHT_FIRST = 10
const MAX_ERROR = 10
// Instants into a phase.
const INSIDE = 8
const FROZEN = 0.0002

export interface ReplayOptions {
  readonly withReports?: boolean
}

export function replay(
  runs: readonly TracedRun[],
  make: () => Forecaster,
  { withReports = false }: ReplayOptions = {},
): readonly RunFigures[] {
  const figures: RunFigures[] = []
  for (const flow of new Set(runs.map((run) => run.flow))) {
    const forecaster = make()
    const judges = new Map<TracedRun, () => void>()
    for (const { run, index, ended, learned } of inTime(runs.filter((one) => one.flow === flow))) {
      for (const before of ended) {
        if (before.ok) judges.get(before)?.()
        judges.delete(before)
        forecaster.learn(before)
      }
      const { measured, judge } = watchRun(run, forecaster.watch(seedOf(index), run), withReports)
      judges.set(run, judge)
      if (run.ok && learned >= TAUGHT_FIRST && measured) figures.push(measured)
    }
  }
  return figures
}

/** Runs of a flow as they start, each with those that have ended since the one before, and the number of all that have. */
export function* inTime(runs: readonly TracedRun[]): Generator<{
  readonly run: TracedRun
  readonly index: number
  readonly ended: readonly TracedRun[]
  readonly learned: number
}> {
  let open: readonly TracedRun[] = []
  let learned = 0
  for (const [index, run] of runs.entries()) {
    const ended = open.filter((one) => endOf(one) <= run.startedAt)
    learned += ended.length
    yield { run, index, ended: ended.toSorted((left, right) => endOf(left) - endOf(right)), learned }
    open = [...open.filter((one) => !ended.includes(one)), run]
  }
}

function endOf({ startedAt, total }: TracedRun): number {
  return startedAt + total
}

function seedOf(index: number): number {
  return Math.imul(index + 1, 2_654_435_761) >>> 0
}

function watchRun(
  run: TracedRun,
  forecast: ReturnType<Forecaster['watch']>,
  withReports: boolean,
): { readonly measured: RunFigures | null; readonly judge: () => void } {
  const sums = { error: 0, covered: 0, width: 0 }
  const kept: (() => void)[] = []
  const seenIn: number[] = []
  const bar = new Bar(run.total)
  let count = 0
  for (let index = 0; index < INSTANTS; index++) {
    const now = ((index + 0.5) / INSTANTS) * run.total
    const told = forecast(now, seenAt(run, now, withReports))
    if (told === null) continue
    const left = run.total - now
    count++
    sums.error += Math.min(MAX_ERROR, Math.abs(told.median - left) / run.total)
    sums.covered += told.low !== null && told.high !== null && told.low <= left && left <= told.high ? 1 : 0
    sums.width += ((told.high ?? 0) - (told.low ?? 0)) / run.total
    if (isKept(seenIn, told.phase)) kept.push(() => told.judge?.(left))
    bar.follow(now, told)
  }
  const judge = (): void => kept.forEach((one) => one())
  if (count === 0) return { measured: null, judge }
  const hasInterval = sums.width > 0
  const [covered, width] = hasInterval ? [sums.covered / count, sums.width / count] : [null, null]
  return { measured: { flow: run.flow, error: sums.error / count, covered, width, ...bar.figures() }, judge }
}

/** Two of each phase: its first instant, and one inside. */
function isKept(seenIn: number[], phase: number): boolean {
  const seen = (seenIn[phase] ?? 0) + 1
  seenIn[phase] = seen
  return seen === 1 || seen === INSIDE
}

/** The bar of one run. */
class Bar {
  readonly #shown = new ShownEstimate()
  readonly #total: number
  #before = 0
  #finishAt: number | null = null
  #frozen = 0
  #longest = 0
  #steps = 0
  #at99 = 0
  #off = 0
  #backwards = 0
  #jumps = 0

  constructor(total: number) {
    this.#total = total
  }

  follow(now: number, { median, high }: Forecasted): void {
    this.#step(now, median, high ?? median)
    const finishAt = now + this.#shown.remainingMs
    if (this.#finishAt !== null && Math.abs(finishAt - this.#finishAt) > 0.05 * this.#total) this.#jumps++
    this.#finishAt = finishAt
  }

  #step(now: number, remainingMs: number, lateMs: number): void {
    this.#shown.update({ elapsedMs: now, remainingMs, lateMs, state: 'ok' })
    const { fraction } = this.#shown
    this.#steps++
    if (fraction < this.#before) this.#backwards++
    if (fraction >= 0.99) this.#at99++
    this.#frozen = fraction - this.#before < FROZEN && fraction < 0.99 ? this.#frozen + 1 : 0
    this.#longest = Math.max(this.#longest, this.#frozen)
    this.#off += Math.abs(fraction - now / this.#total)
    this.#before = fraction
  }

  figures(): Pick<RunFigures, 'dishonesty' | 'backwards' | 'timeAt99' | 'longestFreeze' | 'jumps'> {
    return {
      dishonesty: this.#off / this.#steps,
      backwards: this.#backwards,
      timeAt99: this.#at99 / this.#steps,
      longestFreeze: this.#longest / INSTANTS,
      jumps: this.#jumps,
    }
  }
}
