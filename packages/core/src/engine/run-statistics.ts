/* Figures about many runs, from the sums that the storage keeps by the hour and by the day. */
import { PerfectError } from '../errors/perfect-error.ts'
import type { FinalRunStatus, RunStatsRecord } from '../storage/records.ts'
import { startOfSpan } from '../storage/run-sums.ts'
import { addCounts, percentileOf } from '../storage/time-classes.ts'
import type { EngineParts } from './engine-parts.ts'

/** Which figures. */
export interface RunStatsQuery {
  /** Id or name of a flow. Default: all flows. */
  readonly flow?: string
  /** Runs that ended at this time or later; the whole hour counts, or the whole day when buckets are whole days. Default: 24 hours ago. */
  readonly from?: Date | number
  /** Runs that ended before this time; the whole hour counts. Default: now. */
  readonly before?: Date | number
  /** Width of a bucket. Unit: hours. Range: 1..8,760. Default: 1. */
  readonly bucketHours?: number
}

/** Figures about the runs that ended in some time. */
export interface RunStatsView {
  readonly flowId: string
  readonly configuration: string
  /** Start of the bucket. */
  readonly from: string
  /** Number of ended runs, by status. */
  readonly runs: Readonly<Record<FinalRunStatus, number>>
  /** Share that succeeded of those that were not cancelled; null when there are none. Range: 0..1. */
  readonly successRate: number | null
  /** From the first start to the end, of runs that succeeded; null when there are none. Unit: ms. */
  readonly duration: DurationView | null
  /** Mean time from creation to the first start, of all runs. Unit: ms. */
  readonly waitMs: number
}

/** How long runs took. Percentiles are exact to 9.1 percent. Unit: ms. */
export interface DurationView {
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MAX_BUCKET_HOURS = 8760

/** @throws {PerfectError} FLOW_NOT_FOUND, REQUEST_INVALID */
export async function runStats(
  { storage, clock, registry }: EngineParts,
  { flow, from, before, bucketHours = 1 }: RunStatsQuery,
): Promise<readonly RunStatsView[]> {
  if (!Number.isInteger(bucketHours) || bucketHours < 1 || bucketHours > MAX_BUCKET_HOURS)
    throw new PerfectError(
      'REQUEST_INVALID',
      `"bucketHours" is ${String(bucketHours)}. Give a whole number from 1 to 8,760.`,
      { details: { field: 'bucketHours', value: String(bucketHours) } },
    )
  const now = clock.now()
  // Days are kept for longer than hours.
  const span = bucketHours % 24 === 0 ? 'day' : 'hour'
  const records = await storage.stats.runs({
    span,
    from: startOfSpan(span, Number(from ?? now - DAY_MS)),
    before: Number(before ?? now + 1),
    ...(flow !== undefined && { flowId: registry.find(flow)?.id ?? flow }),
  })
  return summarize(records, bucketHours * HOUR_MS)
}

/** Gathers sums into buckets, the oldest first. */
export function summarize(records: readonly RunStatsRecord[], bucketMs: number): readonly RunStatsView[] {
  const groups = Map.groupBy(records, (record) =>
    JSON.stringify([Math.floor(record.from / bucketMs) * bucketMs, record.flowId, record.configuration]),
  )
  return [...groups.entries()].map(([key, group]) => {
    const [from, flowId, configuration] = JSON.parse(key) as [number, string, string]
    const count = (status: FinalRunStatus): number =>
      sum(group.filter((one) => one.status === status).map(({ runs }) => runs))
    const runs = { succeeded: count('succeeded'), failed: count('failed'), cancelled: count('cancelled') }
    const decided = runs.succeeded + runs.failed
    const total = decided + runs.cancelled
    return {
      flowId,
      configuration,
      from: new Date(from).toISOString(),
      runs,
      successRate: decided === 0 ? null : runs.succeeded / decided,
      duration: durationOf(group.filter(({ status }) => status === 'succeeded')),
      waitMs: total === 0 ? 0 : sum(group.map(({ waitMs }) => waitMs)) / total,
    }
  })
}

/** How long the runs of some rows took; null when there are none. */
export function durationOf(records: readonly RunStatsRecord[]): DurationView | null {
  return distributionOf(
    records.map(({ durations }) => durations),
    sum(records.map(({ durationMs }) => durationMs)),
  )
}

/** The distribution of times that were counted by classes; null when none was. */
export function distributionOf(classes: readonly (readonly number[])[], totalMs: number): DurationView | null {
  const counts = classes.reduce(addCounts, [])
  const at = (share: number): number => percentileOf(counts, share) ?? 0
  const counted = sum(counts)
  return counted === 0 ? null : { mean: totalMs / counted, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) }
}

/** The sum of numbers. */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
