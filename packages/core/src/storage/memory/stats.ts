/* Statistics of ended runs. They stay when the runs are removed. */
import type { FinalRunStatus, RunRecord, RunStatsRecord, RunStatus } from '../records.ts'
import { DURATION_CLASSES, durationClass, hourOf } from '../run-rules.ts'
import type { ChangeScope } from './scope.ts'
import type { MemoryState } from './state.ts'

/** Counts a run that has ended. */
export function countEnd({ state, transaction }: ChangeScope, run: RunRecord, status: FinalRunStatus): void {
  const { flowId, configuration, createdAt, startedAt } = run
  const finishedAt = run.finishedAt ?? createdAt
  const hour = hourOf(finishedAt)
  const key = JSON.stringify([hour, flowId, configuration, status])
  const before = state.stats.get(key)
  const durationMs = startedAt === null ? 0 : Math.max(0, finishedAt - startedAt)
  const counts = before?.durations ?? Array.from({ length: DURATION_CLASSES }, () => 0)
  const counted = startedAt === null ? -1 : durationClass(durationMs)
  transaction.set(state.stats, key, {
    flowId,
    configuration,
    status,
    hour,
    runs: (before?.runs ?? 0) + 1,
    durationMs: (before?.durationMs ?? 0) + durationMs,
    waitMs: (before?.waitMs ?? 0) + Math.max(0, (startedAt ?? finishedAt) - createdAt),
    durations: counts.map((count, index) => count + Number(index === counted)),
  })
}

/** Number of runs per status. */
export function countRuns({ openRuns, stats }: MemoryState): Partial<Record<RunStatus, number>> {
  const counts: Partial<Record<RunStatus, number>> = {}
  for (const { record } of openRuns.values()) counts[record.status] = (counts[record.status] ?? 0) + 1
  for (const { status, runs } of stats.values()) counts[status] = (counts[status] ?? 0) + runs
  return counts
}

/** Ended runs per hour. */
export function runStats(
  { stats }: MemoryState,
  query: { readonly from: number; readonly before: number; readonly flowId?: string },
): readonly RunStatsRecord[] {
  return [...stats.values()]
    .filter(
      ({ hour, flowId }) =>
        hour >= query.from && hour < query.before && (query.flowId === undefined || flowId === query.flowId),
    )
    .toSorted(
      (left, right) =>
        left.hour - right.hour ||
        compare(left.flowId, right.flowId) ||
        compare(left.configuration, right.configuration) ||
        compare(left.status, right.status),
    )
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
