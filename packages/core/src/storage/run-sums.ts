/*
 * The figures of ended runs: by the hour and by the day, of each flow and of all of them together. What ends in one commit is gathered here
 * and added to the stored rows at its end, so that a thousand runs that end together cost a few writes. Pure.
 */
import type { SerializedError } from '../errors/serialized-error.ts'
import type { FinalRunStatus, RunEstimate, RunRecord, StatsSpan } from './records.ts'
import { StatsSums, type StatsKey } from './stats-sums.ts'

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

/** Start of the hour or day of an instant, in UTC. */
export function startOfSpan(span: StatsSpan, at: number): number {
  return Math.floor(at / SPAN_MS[span]) * SPAN_MS[span]
}

/** Length of a span. Unit: ms. */
export function lengthOfSpan(span: StatsSpan): number {
  return SPAN_MS[span]
}

/** Names a row. */
export function statsKey({ span, from, flowId, configuration, status }: StatsKey): string {
  return JSON.stringify([span, from, flowId, configuration, status])
}

/** The runs that end in one commit. */
export class RunSums {
  readonly #hours = new Map<string, StatsSums>()
  // Runs that end together are mostly of one flow.
  #last: StatsSums | null = null

  add(run: EndedRun): void {
    const { startedAt, finishedAt, createdAt, status, estimate } = run
    const sums = this.#sumsOf(run)
    const durationMs = startedAt === null ? null : Math.max(0, finishedAt - startedAt)
    sums.count(durationMs, Math.max(0, (startedAt ?? finishedAt) - createdAt))
    if (estimate && durationMs !== null && status === 'succeeded') sums.countEstimate(estimate, durationMs)
  }

  /** The sums of each flow and hour. */
  hours(): Iterable<StatsSums> {
    return this.#hours.values()
  }

  #sumsOf({ flowId, configuration, status, finishedAt }: EndedRun): StatsSums {
    const from = startOfSpan('hour', finishedAt)
    const last = this.#last?.key
    if (
      this.#last &&
      last?.flowId === flowId &&
      last.configuration === configuration &&
      last.status === status &&
      last.from === from
    )
      return this.#last
    const key: StatsKey = { span: 'hour', from, flowId, configuration, status }
    const name = statsKey(key)
    const sums = this.#hours.get(name) ?? new StatsSums(key)
    this.#hours.set(name, sums)
    this.#last = sums
    return sums
  }
}

/** The rows to which the sums of a flow and an hour are added. */
export function rowsOf({ key }: StatsSums): readonly StatsKey[] {
  const day: StatsKey = { ...key, span: 'day', from: startOfSpan('day', key.from) }
  return [key, day, { ...key, flowId: null }, { ...day, flowId: null }]
}
