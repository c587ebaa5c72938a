import type { RunRecord } from '../records.ts'
import { byId, byTurn, isTimedRun, labelsOf, MAX_AHEAD } from '../run-rules.ts'
import type { RunFilter, RunQuery, RunValues } from '../storage.ts'
import type { MemoryState } from './state.ts'

/** Runs by id, the newest first unless the query asks for the oldest. */
export function listRuns({ runs }: MemoryState, query: RunQuery): readonly RunRecord[] {
  const { before, after, oldestFirst = false, limit } = query
  return [...runs.values()]
    .map(({ record }) => record)
    .filter(({ id }) => (before === undefined || id < before) && (after === undefined || id > after))
    .filter((run) => fits(run, query))
    .toSorted((left, right) => (oldestFirst ? byId(left, right) : byId(right, left)))
    .slice(0, limit)
}

/** The earliest time for which a run waits that nobody holds. */
export function nextWakeAt({ openRuns }: MemoryState): number | null {
  let next: number | null = null
  for (const { record } of openRuns.values()) {
    const { status, engineId, pausedAt, wakeAt } = record
    const waits = isTimedRun(status) && engineId === null && pausedAt === null
    if (waits && wakeAt !== null) next = Math.min(next ?? wakeAt, wakeAt)
  }
  return next
}

/** Number of queued runs of the same flow that come before a run in line. */
export function runsAhead({ openRuns }: MemoryState, run: Pick<RunRecord, 'flowId' | 'queueAt' | 'id'>): number {
  const ahead = [...openRuns.values()].filter(
    ({ record: { flowId, status, pausedAt, queueAt, id } }) =>
      flowId === run.flowId && status === 'queued' && pausedAt === null && byTurn({ queueAt, id }, run) < 0,
  )
  return Math.min(ahead.length, MAX_AHEAD)
}

/** Runs that an engine runs and that are to end or to pause. */
export function requestedRuns({ openRuns }: MemoryState, engineId: string): readonly RunRecord[] {
  return [...openRuns.values()]
    .map(({ record }) => record)
    .filter(
      (run) =>
        run.engineId === engineId &&
        run.status === 'running' &&
        (run.cancelRequestedAt !== null || run.pausedAt !== null),
    )
    .toSorted(byId)
}

function fits(run: RunRecord, filter: RunFilter): boolean {
  const { not, labels = [], parentRunId, createdFrom, createdBefore, text } = filter
  const found = labels.length > 0 || not?.labels !== undefined ? labelsOf(run) : []
  return (
    answers(run, filter).every(Boolean) &&
    (not === undefined || !answers(run, not).some(Boolean)) &&
    labels.every((label) => found.includes(label)) &&
    not?.labels?.some((label) => found.includes(label)) !== true &&
    (parentRunId === undefined || run.parentRunId === parentRunId) &&
    (createdFrom === undefined || run.createdAt >= createdFrom) &&
    (createdBefore === undefined || run.createdAt < createdBefore) &&
    tookAsLong(run, filter) &&
    (text === undefined || hasText(run, text.toLowerCase()))
  )
}

function tookAsLong(
  { startedAt, finishedAt }: RunRecord,
  { durationFromMs, durationBelowMs }: Pick<RunFilter, 'durationFromMs' | 'durationBelowMs'>,
): boolean {
  if (durationFromMs === undefined && durationBelowMs === undefined) return true
  if (startedAt === null || finishedAt === null) return false
  const took = finishedAt - startedAt
  return took >= (durationFromMs ?? took) && (durationBelowMs === undefined || took < durationBelowMs)
}

function hasText({ id, flowId, error }: RunRecord, text: string): boolean {
  return [id, flowId, error?.message ?? ''].some((place) => place.toLowerCase().includes(text))
}

/** For each list that is given: whether the value of the run is in it. */
function answers(run: RunRecord, values: RunValues): readonly boolean[] {
  const lists: readonly (readonly [readonly string[] | undefined, string | null])[] = [
    [values.flowIds, run.flowId],
    [values.statuses, run.status],
    [values.configurations, run.configuration],
    [values.triggers, run.trigger.kind],
    [values.scheduleIds, run.scheduleId],
    [values.versions, run.flowVersion],
  ]
  return lists.flatMap(([list, value]) => (list === undefined ? [] : [value !== null && list.includes(value)]))
}
