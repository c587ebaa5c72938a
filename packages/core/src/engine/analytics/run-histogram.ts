/* When the runs were created that fit a filter: bars for a chart above their list. */
import { PerfectError } from '../../errors/perfect-error.ts'
import type { RunStatus } from '../../storage/records.ts'
import type { EngineParts } from '../engine-parts.ts'
import { toRunFilter, type RunsFilter } from '../runs-query.ts'

/** Which runs: by default those of the last 24 hours. */
export interface RunHistogramQuery extends RunsFilter {
  /** Number of bars. Range: 1..500. Default: 60. */
  readonly bars?: number
}

/** How many runs were created when. */
export interface RunHistogram {
  /** Width of a bar. Unit: ms. Range: >= 1. */
  readonly widthMs: number
  /** Whether more runs fit than were counted: the older bars have too few then. */
  readonly isPartial: boolean
  /** The oldest first, also those in which no run was created. */
  readonly items: readonly RunHistogramBar[]
}

/** Runs that were created in a stretch of time. */
export interface RunHistogramBar {
  /** Start of the bar. */
  readonly from: string
  /** Number of runs by the status that they have now; statuses without runs are left out. */
  readonly runs: Readonly<Partial<Record<RunStatus, number>>>
}

const DAY_MS = 86_400_000
const DEFAULT_BARS = 60
const MAX_BARS = 500
const MAX_RUNS = 10_000
const PAGE = 1000

/** @throws {PerfectError} REQUEST_INVALID */
export async function runHistogram(
  { storage, clock }: EngineParts,
  { bars = DEFAULT_BARS, ...asked }: RunHistogramQuery,
): Promise<RunHistogram> {
  if (!Number.isInteger(bars) || bars < 1 || bars > MAX_BARS)
    throw invalid('bars', String(bars), `Give a whole number from 1 to ${String(MAX_BARS)}`)
  const filter = toRunFilter(asked)
  const to = filter.createdBefore ?? clock.now() + 1
  const from = filter.createdFrom ?? to - DAY_MS
  if (to <= from) throw invalid('createdFrom', new Date(from).toISOString(), 'Give a time before the end')
  const widthMs = Math.ceil((to - from) / bars)
  const counts = Array.from({ length: bars }, (): Partial<Record<RunStatus, number>> => ({}))
  const query = { ...filter, createdFrom: from, createdBefore: to, limit: PAGE }
  let before: string | undefined
  let read = 0
  for (;;) {
    const page = await storage.runs.list({ ...query, ...(before !== undefined && { before }) })
    for (const { createdAt, status } of page) {
      const bar = counts[Math.floor((createdAt - from) / widthMs)]
      if (bar) bar[status] = (bar[status] ?? 0) + 1
    }
    read += page.length
    before = page.at(-1)?.id
    if (page.length < PAGE || read >= MAX_RUNS) break
  }
  const items = counts.map((runs, index) => ({ from: new Date(from + index * widthMs).toISOString(), runs }))
  return { widthMs, isPartial: read >= MAX_RUNS, items }
}

function invalid(field: string, value: string, fix: string): PerfectError {
  return new PerfectError('REQUEST_INVALID', `"${field}" is ${value}. ${fix}.`, { details: { field, value } })
}
