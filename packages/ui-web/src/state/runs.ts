import type { RunStatus, RunView } from '@perfect/core'

import { instant } from '../text/time.ts'

/*
 * Questions about runs that several pages ask.
 */

const FINAL: ReadonlySet<RunStatus> = new Set(['succeeded', 'failed', 'cancelled'])

/** The statuses of runs that have not ended. */
export const ACTIVE_STATUSES: readonly RunStatus[] = ['scheduled', 'queued', 'running', 'waiting', 'retrying']

/** Whether the run has ended. */
export function isFinal(run: Pick<RunView, 'status'>): boolean {
  return FINAL.has(run.status)
}

/** Order of every list of runs. Identifiers sort by time of creation, which settles equal instants. */
export function newestFirst(a: RunView, b: RunView): number {
  return compare(b.createdAt, a.createdAt) || compare(b.id, a.id)
}

/** Order of runs that have ended: what just happened comes first. */
export function lastFinishedFirst(a: RunView, b: RunView): number {
  return compare(b.finishedAt ?? b.createdAt, a.finishedAt ?? a.createdAt) || compare(b.id, a.id)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Unit: ms. null before the start. */
export function durationOf(run: Pick<RunView, 'startedAt' | 'finishedAt'>, now: number): number | null {
  const start = instant(run.startedAt)
  return start === null ? null : Math.max(0, (instant(run.finishedAt) ?? now) - start)
}

/** Past runs of a flow in one line of bars. */
export interface FlowHealth {
  readonly flowId: string
  readonly name: string
  /** Oldest first. */
  readonly runs: readonly RunView[]
  /** Share of the finished runs that succeeded. Range: 0..1; null without any. */
  readonly successRate: number | null
}

/** The recent runs of every flow that has any, at most `limit` of each; the flow that ran last comes first. */
export function flowHealth(runs: Iterable<RunView>, limit: number): readonly FlowHealth[] {
  const newest = [...runs].filter(({ status }) => status !== 'scheduled' && status !== 'queued').toSorted(newestFirst)
  return [...Map.groupBy(newest, ({ flowId }) => flowId)].map(([flowId, ofFlow]) => {
    const recent = ofFlow.slice(0, limit).toReversed()
    const finished = recent.filter(({ status }) => status === 'succeeded' || status === 'failed')
    const succeeded = finished.filter(({ status }) => status === 'succeeded').length
    return {
      flowId,
      name: ofFlow[0]?.flowName ?? flowId,
      runs: recent,
      successRate: finished.length === 0 ? null : succeeded / finished.length,
    }
  })
}

/** Successful runs from which on their median is called typical. Unit: runs. Two could be two outliers. */
const TYPICAL_FROM = 3

/** Median duration of the known successful runs by flow. Unit: ms. */
export function typicalDurations(runs: Iterable<RunView>): ReadonlyMap<string, number> {
  const succeeded = [...runs].filter(({ status }) => status === 'succeeded')
  const typical = new Map<string, number>()
  for (const [flowId, ofFlow] of Map.groupBy(succeeded, (run) => run.flowId)) {
    if (ofFlow.length < TYPICAL_FROM) continue
    const durations = ofFlow.flatMap((run) => durationOf(run, 0) ?? []).toSorted((a, b) => a - b)
    const median = durations[Math.floor(durations.length / 2)]
    if (median !== undefined) typical.set(flowId, median)
  }
  return typical
}
