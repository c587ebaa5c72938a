import type { RunRecord, RunStatus } from '../records.ts'
import { byAge, isAlive, isTimedRun } from '../run-rules.ts'
import type { RunQuery } from '../storage.ts'
import type { MemoryState } from './state.ts'

/** Runs, the newest first. */
export function listRuns({ runs }: MemoryState, query: RunQuery): readonly RunRecord[] {
  const { flowId, statuses, before } = query
  return [...runs.values()]
    .map(({ record }) => record)
    .filter(
      (run) =>
        (flowId === undefined || run.flowId === flowId) &&
        (statuses === undefined || statuses.includes(run.status)) &&
        (before === undefined || byAge(run, before) < 0),
    )
    .toSorted((left, right) => byAge(right, left))
    .slice(0, query.limit)
}

/** Runs that may be claimed now, the oldest first. */
export function claimableRuns(
  { openRuns, engines }: MemoryState,
  query: { readonly flowIds: readonly string[]; readonly limit: number },
  now: number,
): readonly RunRecord[] {
  const flowIds = new Set(query.flowIds)
  return [...openRuns.values()]
    .map(({ record }) => record)
    .filter(
      ({ flowId, engineId, status, wakeAt }) =>
        flowIds.has(flowId) &&
        (engineId === null || !isAlive(engines.get(engineId), now)) &&
        (!isTimedRun(status) || (wakeAt !== null && wakeAt <= now)),
    )
    .toSorted(byAge)
    .slice(0, query.limit)
}

/** The earliest time for which a run waits that nobody holds. */
export function nextWakeAt({ openRuns }: MemoryState): number | null {
  let next: number | null = null
  for (const { record } of openRuns.values()) {
    const { status, engineId, wakeAt } = record
    if (isTimedRun(status) && engineId === null && wakeAt !== null) next = Math.min(next ?? wakeAt, wakeAt)
  }
  return next
}

/** Number of runs per status. */
export function countRuns({ runs }: MemoryState): Partial<Record<RunStatus, number>> {
  const counts: Partial<Record<RunStatus, number>> = {}
  for (const { record } of runs.values()) counts[record.status] = (counts[record.status] ?? 0) + 1
  return counts
}
