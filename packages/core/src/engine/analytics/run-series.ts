/* Figures of ended runs over time, for charts: a point for each hour or day, also for those in which nothing ended. */
import { PerfectError } from '../../errors/perfect-error.ts'
import type { StatsQuery } from '../../storage/figure-reads.ts'
import { STATS_SPANS, type FinalRunStatus, type RunStatsRecord, type StatsSpan } from '../../storage/records.ts'
import { lengthOfSpan, startOfSpan } from '../../storage/run-sums.ts'
import { errorOfTime } from '../../storage/stats-sums.ts'
import type { Storage } from '../../storage/storage.ts'
import { addCounts, percentileOf, TIME_ERROR } from '../../storage/time-classes.ts'
import type { EngineParts } from '../engine-parts.ts'
import { distributionOf, durationOf, sum, type DurationView } from '../run-statistics.ts'

/** Which figures. */
export interface RunSeriesQuery {
  /** Id or name of a flow. Default: all flows together. */
  readonly flow?: string
  /** Ids of flows whose figures are added up, of those that `flow` asks for. Default: all. */
  readonly flows?: readonly string[]
  /** The hour or day of this time is the first. Default: 24 hours, or 30 days, before `to`. */
  readonly from?: Date | number
  /** The hour or day of this time is the last. Default: now. */
  readonly to?: Date | number
  /** Width of a point: an hour, or a day in UTC. Default: `hour`. */
  readonly bucket?: StatsSpan
}

/** Figures over time, the oldest first. */
export interface RunSeries {
  readonly bucket: StatsSpan
  /** By how much percentiles may be off, as a share of them. */
  readonly precision: number
  readonly items: readonly RunSeriesPoint[]
}

/** Figures of the runs that ended in an hour or a day. */
export interface RunSeriesPoint {
  /** Start of the hour or day. */
  readonly from: string
  /** Number of ended runs, by status. */
  readonly runs: Readonly<Record<FinalRunStatus, number>>
  /** Runs that ended, per hour of the time that has passed of it. */
  readonly perHour: number
  /** Share that succeeded of those that were not cancelled; null when there are none. Range: 0..1. */
  readonly successRate: number | null
  /** From the first start to the end, of runs that succeeded; null when there are none. Unit: ms. */
  readonly duration: DurationView | null
  /** From creation to the first start, of runs that started; null when there are none. Unit: ms. */
  readonly wait: DurationView | null
  /** How good the estimates were that were made when the runs started; null when there are none. */
  readonly estimates: EstimateAccuracyView | null
}

/** How good estimates were that were made when runs started, of runs that succeeded. */
export interface EstimateAccuracyView {
  /** Runs that had an estimate. Those that waited for people have none. */
  readonly runs: number
  /** Share that took no less and no more than the interval said, which is made for four of five. Range: 0..1. */
  readonly withinInterval: number
  /** Difference between expected and real, mean over the runs. Unit: ms. */
  readonly meanErrorMs: number
  /** The same as a share of the real time: half of the runs were closer. */
  readonly medianError: number
}

const DEFAULT_POINTS: Readonly<Record<StatsSpan, number>> = { hour: 24, day: 30 }
const MAX_POINTS = 1000

/** @throws {PerfectError} REQUEST_INVALID */
export async function runSeries(
  { storage, clock, registry }: EngineParts,
  { flow, flows, from, to, bucket = 'hour' }: RunSeriesQuery,
): Promise<RunSeries> {
  const now = clock.now()
  if (!STATS_SPANS.includes(bucket))
    throw invalid('bucket', bucket, `Give ${STATS_SPANS.map((span) => `"${span}"`).join(' or ')}`)
  const widthMs = lengthOfSpan(bucket)
  const last = startOfSpan(bucket, instant('to', to ?? now))
  const first = startOfSpan(bucket, instant('from', from ?? last - (DEFAULT_POINTS[bucket] - 1) * widthMs))
  const points = (last - first) / widthMs + 1
  if (points < 1) throw invalid('from', new Date(first).toISOString(), 'Give a time before "to"')
  if (points > MAX_POINTS)
    throw invalid(
      'from',
      new Date(first).toISOString(),
      `Give no more than ${String(MAX_POINTS)} points: a later time, or wider buckets`,
    )
  const flowId = flow === undefined ? null : (registry.find(flow)?.id ?? flow)
  const records = await recordsOf(storage, { span: bucket, from: first, before: last + 1, flowId }, flows)
  const groups = Map.groupBy(records, (record) => record.from)
  const items = Array.from({ length: points }, (_, index) => {
    const start = first + index * widthMs
    return toPoint(start, groups.get(start) ?? [], Math.min(widthMs, Math.max(1, now - start)))
  })
  return { bucket, precision: TIME_ERROR, items }
}

async function recordsOf(
  { stats }: Storage,
  query: StatsQuery,
  flows: readonly string[] | undefined,
): Promise<readonly RunStatsRecord[]> {
  if (flows === undefined) return stats.runs(query)
  const { flowId, ...range } = query
  const wanted = new Set(typeof flowId === 'string' ? flows.filter((id) => id === flowId) : flows)
  return (await stats.runs(range)).filter((record) => wanted.has(record.flowId ?? ''))
}

function toPoint(from: number, records: readonly RunStatsRecord[], passedMs: number): RunSeriesPoint {
  const count = (status: FinalRunStatus): number =>
    sum(records.filter((one) => one.status === status).map(({ runs }) => runs))
  const runs = { succeeded: count('succeeded'), failed: count('failed'), cancelled: count('cancelled') }
  const decided = runs.succeeded + runs.failed
  return {
    from: new Date(from).toISOString(),
    runs,
    perHour: ((decided + runs.cancelled) * lengthOfSpan('hour')) / passedMs,
    successRate: decided === 0 ? null : runs.succeeded / decided,
    duration: durationOf(records.filter(({ status }) => status === 'succeeded')),
    wait: waitOf(records),
    estimates: accuracyOf(records),
  }
}

function waitOf(records: readonly RunStatsRecord[]): DurationView | null {
  // Of those that were cancelled before they started nobody knows how long they would have waited.
  const started = records.filter(({ waits }) => waits.length > 0)
  return distributionOf(
    started.map(({ waits }) => waits),
    sum(started.map(({ waitMs }) => waitMs)),
  )
}

function accuracyOf(records: readonly RunStatsRecord[]): EstimateAccuracyView | null {
  const estimates = records.map((record) => record.estimates)
  const runs = sum(estimates.map((one) => one.runs))
  if (runs === 0) return null
  const errors = estimates.map((one) => one.errors).reduce(addCounts, [])
  return {
    runs,
    withinInterval: sum(estimates.map(({ within }) => within)) / runs,
    meanErrorMs: sum(estimates.map(({ errorMs }) => errorMs)) / runs,
    medianError: errorOfTime(percentileOf(errors, 0.5) ?? 0),
  }
}

function instant(field: string, value: Date | number): number {
  const at = Number(value)
  if (Number.isFinite(at) && Math.abs(at) <= 8.64e15) return at
  throw invalid(field, String(value), 'Give a time')
}

function invalid(field: string, value: string, fix: string): PerfectError {
  return new PerfectError('REQUEST_INVALID', `"${field}" is ${value}. ${fix}.`, { details: { field, value } })
}
