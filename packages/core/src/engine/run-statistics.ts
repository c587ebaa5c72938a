/* Figures about many runs, from the sums that the storage keeps by the hour. */
import { PerfectError } from '../errors/perfect-error.ts'
import type { FinalRunStatus, RunStatsRecord } from '../storage/records.ts'
import { durationOfClass, hourOf } from '../storage/run-rules.ts'
import type { EngineParts } from './engine-parts.ts'

/** Which figures. */
export interface RunStatsQuery {
  /** Id or name of a flow. Default: all flows. */
  readonly flow?: string
  /** Runs that ended at this time or later; the whole hour counts. Default: 24 hours ago. */
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

/** How long runs took. Percentiles are exact to a factor of the square root of two. Unit: ms. */
export interface DurationView {
  readonly mean: number
  readonly p50: number
  readonly p90: number
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
  const records = await storage.stats.runs({
    from: hourOf(Number(from ?? now - DAY_MS)),
    before: Number(before ?? now + 1),
    ...(flow !== undefined && { flowId: registry.find(flow)?.id ?? flow }),
  })
  return summarize(records, bucketHours * HOUR_MS)
}

/** Gathers hourly sums into buckets, the oldest first. */
export function summarize(records: readonly RunStatsRecord[], bucketMs: number): readonly RunStatsView[] {
  const groups = Map.groupBy(records, ({ hour, flowId, configuration }) =>
    JSON.stringify([Math.floor(hour / bucketMs) * bucketMs, flowId, configuration]),
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
      duration: toDuration(group.filter(({ status }) => status === 'succeeded')),
      waitMs: total === 0 ? 0 : sum(group.map(({ waitMs }) => waitMs)) / total,
    }
  })
}

function toDuration(records: readonly RunStatsRecord[]): DurationView | null {
  const runs = sum(records.map((record) => record.runs))
  if (runs === 0) return null
  const classes =
    records[0]?.durations.map((_, index) => sum(records.map(({ durations }) => durations[index] ?? 0))) ?? []
  const at = (share: number): number => percentile(classes, share)
  return { mean: sum(records.map(({ durationMs }) => durationMs)) / runs, p50: at(0.5), p90: at(0.9), p99: at(0.99) }
}

/** Upper end of the class in which this share of the durations is reached. Unit: ms. */
function percentile(classes: readonly number[], share: number): number {
  const wanted = Math.ceil(sum(classes) * share)
  let reached = 0
  const found = classes.findIndex((count) => (reached += count) >= wanted && reached > 0)
  return found === -1 ? 0 : durationOfClass(found)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
