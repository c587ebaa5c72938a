/*
 * The figures of ended runs: by the hour and by the day, of each flow and of all of them together. What ends in one commit is gathered here
 * and added to the stored rows at its end, so that a thousand runs that end together cost a few writes. Pure.
 */
import type { SerializedError } from '../errors/serialized-error.ts'
import type { EstimateStats, FinalRunStatus, RunEstimate, RunRecord, RunStatsRecord, StatsSpan } from './records.ts'
import { addCounts, timeClass } from './time-classes.ts'

/** A run that has ended. */
export interface EndedRun extends Pick<RunRecord, 'id' | 'flowId' | 'configuration' | 'createdAt' | 'startedAt'> {
  readonly status: FinalRunStatus
  readonly finishedAt: number
  readonly error: SerializedError | null
  /** What was expected of it when it started. */
  readonly estimate?: RunEstimate
}

const HOUR_MS = 3_600_000
const SPAN_MS: Readonly<Record<StatsSpan, number>> = { hour: HOUR_MS, day: 24 * HOUR_MS }
const NO_ESTIMATES: EstimateStats = Object.freeze({ runs: 0, within: 0, errorMs: 0, errors: [] })
// Errors of estimates are shares; counted by classes of times they are parts of a thousand.
const PER_SHARE = 1000

/** Start of the hour or day of an instant, in UTC. */
export function startOfSpan(span: StatsSpan, at: number): number {
  return Math.floor(at / SPAN_MS[span]) * SPAN_MS[span]
}

/** Length of a span. Unit: ms. */
export function lengthOfSpan(span: StatsSpan): number {
  return SPAN_MS[span]
}

/** The error of an estimate that a class of `EstimateStats.errors` stands for, as a share of the real time. */
export function errorOfTime(ms: number): number {
  return ms / PER_SHARE
}

/** What belongs into one row. */
export function statsKey({
  span,
  from,
  flowId,
  configuration,
  status,
}: Pick<RunStatsRecord, 'span' | 'from' | 'flowId' | 'configuration' | 'status'>): string {
  return JSON.stringify([span, from, flowId, configuration, status])
}

/** Two rows of the same key as one. */
export function addStats(left: RunStatsRecord, right: RunStatsRecord): RunStatsRecord {
  return {
    ...left,
    runs: left.runs + right.runs,
    durationMs: left.durationMs + right.durationMs,
    waitMs: left.waitMs + right.waitMs,
    durations: addCounts(left.durations, right.durations),
    waits: addCounts(left.waits, right.waits),
    estimates: addEstimates(left.estimates, right.estimates),
  }
}

/** The runs that end in one commit. */
export class RunSums {
  readonly #hours = new Map<string, Sums>()

  add(run: EndedRun): void {
    const { flowId, configuration, status, startedAt, finishedAt, createdAt } = run
    const from = startOfSpan('hour', finishedAt)
    const key = `${String(from)}\n${status}\n${configuration}\n${flowId}`
    let sums = this.#hours.get(key)
    if (sums === undefined) {
      sums = new Sums({ span: 'hour', from, flowId, configuration, status })
      this.#hours.set(key, sums)
    }
    const durationMs = startedAt === null ? null : Math.max(0, finishedAt - startedAt)
    sums.add(durationMs, Math.max(0, (startedAt ?? finishedAt) - createdAt))
    if (run.estimate && durationMs !== null && status === 'succeeded') sums.estimated(run.estimate, durationMs)
  }

  /** What has to be added to each row. */
  rows(): readonly RunStatsRecord[] {
    if (this.#hours.size === 0) return []
    const rows = new Map<string, RunStatsRecord>()
    for (const sums of this.#hours.values()) {
      const hour = sums.record()
      const day = { ...hour, span: 'day', from: startOfSpan('day', hour.from) } as const
      for (const row of [hour, day, { ...hour, flowId: null }, { ...day, flowId: null }]) {
        const key = statsKey(row)
        const known = rows.get(key)
        rows.set(key, known === undefined ? row : addStats(known, row))
      }
    }
    return [...rows.values()]
  }
}

type Key = Pick<RunStatsRecord, 'span' | 'from' | 'flowId' | 'configuration' | 'status'>

class Sums {
  readonly #key: Key
  #runs = 0
  #durationMs = 0
  #waitMs = 0
  readonly #durations: number[] = []
  readonly #waits: number[] = []
  #estimates = NO_ESTIMATES

  constructor(key: Key) {
    this.#key = key
  }

  add(durationMs: number | null, waitMs: number): void {
    this.#runs++
    this.#waitMs += waitMs
    if (durationMs === null) return
    this.#durationMs += durationMs
    raise(this.#durations, timeClass(durationMs))
    raise(this.#waits, timeClass(waitMs))
  }

  estimated({ expectedMs, earlyMs, lateMs }: RunEstimate, durationMs: number): void {
    const errorMs = Math.abs(expectedMs - durationMs)
    const errors: number[] = []
    raise(errors, timeClass((PER_SHARE * errorMs) / Math.max(1, durationMs)))
    const within = durationMs >= earlyMs && durationMs <= lateMs ? 1 : 0
    this.#estimates = addEstimates(this.#estimates, { runs: 1, within, errorMs, errors })
  }

  record(): RunStatsRecord {
    return {
      ...this.#key,
      runs: this.#runs,
      durationMs: this.#durationMs,
      waitMs: this.#waitMs,
      durations: this.#durations,
      waits: this.#waits,
      estimates: this.#estimates,
    }
  }
}

function addEstimates(left: EstimateStats, right: EstimateStats): EstimateStats {
  if (right.runs === 0) return left
  return {
    runs: left.runs + right.runs,
    within: left.within + right.within,
    errorMs: left.errorMs + right.errorMs,
    errors: addCounts(left.errors, right.errors),
  }
}

function raise(counts: number[], index: number): void {
  while (counts.length <= index) counts.push(0)
  counts[index] = (counts[index] ?? 0) + 1
}
