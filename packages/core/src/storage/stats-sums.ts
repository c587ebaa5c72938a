import type { EstimateStats, RunEstimate, RunStatsRecord } from './records.ts'
import { timeClass } from './time-classes.ts'

/** What belongs into one row of statistics. */
export type StatsKey = Pick<RunStatsRecord, 'span' | 'from' | 'flowId' | 'configuration' | 'status'>

// Errors of estimates are shares; counted by classes of times they are parts of a thousand.
const PER_SHARE = 1000

/** The error of an estimate that a class of `EstimateStats.errors` stands for, as a share of the real time. */
export function errorOfTime(ms: number): number {
  return ms / PER_SHARE
}

/** One row of statistics, to add to: it changes in place, since this is done for every run that ends. */
export class StatsSums {
  readonly key: StatsKey
  #runs = 0
  #durationMs = 0
  #waitMs = 0
  #durations: number[] = []
  #waits: number[] = []
  #estimated = 0
  #within = 0
  #errorMs = 0
  #errors: number[] = []

  constructor(key: StatsKey) {
    this.key = key
  }

  /** A row as it is stored. */
  static of(record: RunStatsRecord): StatsSums {
    const sums = new StatsSums(record)
    sums.#runs = record.runs
    sums.#durationMs = record.durationMs
    sums.#waitMs = record.waitMs
    sums.#durations = [...record.durations]
    sums.#waits = [...record.waits]
    const { runs, within, errorMs, errors } = record.estimates
    sums.#estimated = runs
    sums.#within = within
    sums.#errorMs = errorMs
    sums.#errors = [...errors]
    return sums
  }

  get runs(): number {
    return this.#runs
  }

  get durationMs(): number {
    return this.#durationMs
  }

  get waitMs(): number {
    return this.#waitMs
  }

  get durations(): readonly number[] {
    return this.#durations
  }

  get waits(): readonly number[] {
    return this.#waits
  }

  get estimates(): EstimateStats {
    return { runs: this.#estimated, within: this.#within, errorMs: this.#errorMs, errors: this.#errors }
  }

  /** Counts a run. @param durationMs null: it never started. */
  count(durationMs: number | null, waitMs: number): void {
    this.#runs++
    this.#waitMs += waitMs
    if (durationMs === null) return
    this.#durationMs += durationMs
    raise(this.#durations, timeClass(durationMs), 1)
    raise(this.#waits, timeClass(waitMs), 1)
  }

  /** Counts what was expected of a run. */
  countEstimate({ expectedMs, earlyMs, lateMs }: RunEstimate, durationMs: number): void {
    const errorMs = Math.abs(expectedMs - durationMs)
    this.#estimated++
    this.#errorMs += errorMs
    if (durationMs >= earlyMs && durationMs <= lateMs) this.#within++
    raise(this.#errors, timeClass((PER_SHARE * errorMs) / Math.max(1, durationMs)), 1)
  }

  /** Adds another row. */
  add(other: StatsSums): void {
    this.#runs += other.#runs
    this.#durationMs += other.#durationMs
    this.#waitMs += other.#waitMs
    this.#estimated += other.#estimated
    this.#within += other.#within
    this.#errorMs += other.#errorMs
    addAll(this.#durations, other.#durations)
    addAll(this.#waits, other.#waits)
    addAll(this.#errors, other.#errors)
  }

  /** The row as it is now. */
  record(): RunStatsRecord {
    return {
      ...this.key,
      runs: this.#runs,
      durationMs: this.#durationMs,
      waitMs: this.#waitMs,
      durations: [...this.#durations],
      waits: [...this.#waits],
      estimates: { ...this.estimates, errors: [...this.#errors] },
    }
  }
}

function addAll(counts: number[], others: readonly number[]): void {
  for (let index = 0; index < others.length; index++) raise(counts, index, others[index] ?? 0)
}

function raise(counts: number[], index: number, by: number): void {
  while (counts.length <= index) counts.push(0)
  counts[index] = (counts[index] ?? 0) + by
}
