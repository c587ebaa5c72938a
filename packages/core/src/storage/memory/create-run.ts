import type { Receipt } from '../changes.ts'
import type { RunRecord, TaskRecord } from '../records.ts'
import type { CreateRun } from '../run-changes.ts'
import { byId, isFinalRun, undoKey } from '../run-rules.ts'
import { countEnd } from './ended-run.ts'
import { refused, storeRun, type ChangeScope } from './scope.ts'
import type { MemoryState, StoredRun } from './state.ts'

/** Stores a new run, or lets the one that is the same work do. */
export function createRun(scope: ChangeScope, change: CreateRun): Receipt {
  const { state, transaction } = scope
  const { run, input, collapse } = change
  const key = runKey(run)
  const owner = state.runs.has(run.id) ? run.id : key === null ? undefined : state.runKeys.get(key)
  if (owner !== undefined) return duplicate(owner)
  if (collapse?.kind === 'dedupe') {
    const same = sameWork(state, run)[0]
    if (same !== undefined) return duplicate(same.record.id)
  }
  if (collapse?.kind === 'debounce') {
    const same = sameWork(state, run).find(({ record }) => isDelayed(record))
    if (same !== undefined) return debounce(scope, same, change, collapse.maxWaitMs)
  }
  const parent = run.parentRunId === null ? undefined : state.runs.get(run.parentRunId)
  if (parent !== undefined && isFinalRun(parent.record.status)) return refused('finished')
  const tasks = copiedTasks(state, change)
  const record = tasks.size === 0 ? run : { ...run, tasksDone: tasks.size }
  storeRun(scope, { record, input, result: null, tasks, logs: [] })
  if (key !== null) transaction.set(state.runKeys, key, run.id)
  if (run.parentRunId !== null) transaction.group(state.children, run.parentRunId, run.id, true)
  if (isFinalRun(run.status)) countEnd(scope, run, run.status)
  return { accepted: true, run: record }
}

/** Under what the idempotency key of a run is known. */
export function runKey({ flowId, idempotencyKey }: RunRecord): string | null {
  return idempotencyKey === null ? null : JSON.stringify([flowId, idempotencyKey])
}

function duplicate(runId: string): Receipt {
  return { accepted: false, refusal: 'duplicate', runId }
}

/** Open runs that are the same work, by id. */
function sameWork({ openRuns }: MemoryState, { flowId, dedupeKey }: RunRecord): readonly StoredRun[] {
  if (dedupeKey === null) return []
  return [...openRuns.values()]
    .filter(({ record }) => record.flowId === flowId && record.dedupeKey === dedupeKey)
    .toSorted((left, right) => byId(left.record, right.record))
}

/** Whether a run has not started and waits for its time, paused or not. One that repeats another has that one's input, and what came of it. */
function isDelayed({ epoch, engineId, wakeAt, retryOf }: RunRecord): boolean {
  return epoch === 0 && engineId === null && wakeAt !== null && retryOf === null
}

function debounce(scope: ChangeScope, same: StoredRun, { run, input }: CreateRun, maxWaitMs: number): Receipt {
  const latest = same.record.createdAt + maxWaitMs
  const record = { ...same.record, wakeAt: Math.min(run.wakeAt ?? latest, latest) }
  storeRun(scope, { ...same, record, input })
  return { accepted: true, run: record }
}

function copiedTasks({ runs }: MemoryState, { run, copyTasks }: CreateRun): Map<string, TaskRecord> {
  const copies = new Map<string, TaskRecord>()
  if (copyTasks === undefined) return copies
  const tasks = runs.get(copyTasks.runId)?.tasks ?? new Map<string, TaskRecord>()
  for (const task of tasks.values()) {
    const { key, status, position, kind } = task
    const isDone = status === 'succeeded' && position !== null && position <= (copyTasks.throughPosition ?? Infinity)
    // What was undone, or perhaps undone, is done again.
    if (isDone && kind !== 'undo' && !tasks.has(undoKey(key)))
      copies.set(key, { ...task, runId: run.id, origin: 'copied', epoch: 0 })
  }
  return copies
}
