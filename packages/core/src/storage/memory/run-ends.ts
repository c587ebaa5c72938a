/* The end of runs: finished by their holder, cancelled, or forgotten. */
import type { Receipt } from '../changes.ts'
import type { RunRecord } from '../records.ts'
import type { CancelRun, FinishRun, RemoveRun } from '../run-changes.ts'
import { isFinalRun } from '../run-rules.ts'
import { alertEnd } from './alerts.ts'
import { createRun, runKey } from './create-run.ts'
import { countEnd } from './ended-run.ts'
import { freeRunSlots } from './limits.ts'
import { ACCEPTED, changeRun, heldRun, openRun, refused, storeRun, type ChangeScope } from './scope.ts'
import { signalsOf } from './signals-of-run.ts'
import { closeWaits, passSignalsOn, removeSignal } from './signals.ts'
import type { StoredRun } from './state.ts'
import { tasksProgress } from './tasks.ts'
import { wakeRun } from './wakes.ts'

const QUEUED = { status: 'queued', reason: null, wakeAt: null, pausedAt: null } as const

/** Ends a held run. */
export function finishRun(scope: ChangeScope, change: FinishRun): Receipt {
  const stored = heldRun(scope, change)
  if (typeof stored === 'string') return refused(stored)
  const { record } = stored
  const { status, result } = change
  const ended: RunRecord = {
    ...record,
    status,
    reason: null,
    wakeAt: null,
    engineId: null,
    finishedAt: change.finishedAt,
    progress: Math.max(record.progress, change.progress),
    tasksDone: Math.max(record.tasksDone, change.tasksDone ?? 0),
    error: change.error,
    workerEventSeq: Math.max(record.workerEventSeq, change.workerEventSeq ?? 0),
  }
  if (change.dropTaskValues === true) dropTaskValues(scope, stored)
  storeRun(scope, { ...stored, record: ended, result })
  if (change.freeSlots === true) freePlaces(scope, record.id)
  alertEnd(scope, record.flowId, change)
  countEnd(scope, ended, status, change.estimate)
  const run = change.next && storeNext(scope, ended, change.next)
  if (typeof run?.nextRunId !== 'string') wakeParent(scope, ended)
  return run ? { accepted: true, run } : ACCEPTED
}

// Gives the run that has ended; it names the next one only if that was stored.
function storeNext(scope: ChangeScope, ended: RunRecord, run: RunRecord): RunRecord {
  if (ended.cancelRequestedAt !== null) return ended
  const runId = ended.id
  const input = scope.state.runs.get(runId)?.input ?? null
  const copyTasks = { runId, throughPosition: null }
  const { accepted } = createRun(scope, { type: 'run.create', run, input, copyTasks })
  const stored = scope.state.runs.get(runId)
  return accepted && stored ? changeRun(scope, stored, { nextRunId: run.id }) : ended
}

/** Ends a run that nobody holds and of which nothing is to be undone, or any run by force; else asks its holder to end it. */
export function cancelRun(scope: ChangeScope, { runId, at, reason, force = false }: CancelRun): Receipt {
  const stored = openRun(scope, runId)
  if (typeof stored === 'string') return refused(stored)
  const { record } = stored
  const isFirst = record.cancelRequestedAt === null
  const request = {
    cancelRequestedAt: record.cancelRequestedAt ?? at,
    cancelReason: isFirst ? reason : record.cancelReason,
  }
  closeWaits(scope, runId)
  if (record.engineId !== null && !force) return { accepted: true, run: changeRun(scope, stored, request) }
  if (record.undoTasks > 0 && !force)
    return { accepted: true, run: changeRun(scope, stored, { ...request, ...QUEUED }) }
  const [known] = tasksProgress(scope.state, [runId])
  const run = changeRun(scope, stored, {
    ...request,
    progress: Math.max(record.progress, known?.progress ?? 0),
    tasksDone: Math.max(record.tasksDone, known?.tasksDone ?? 0),
    status: 'cancelled',
    reason: null,
    wakeAt: null,
    engineId: null,
    epoch: record.epoch + 1,
    finishedAt: at,
  })
  freePlaces(scope, runId)
  countEnd(scope, run, 'cancelled')
  wakeParent(scope, run)
  return { accepted: true, run }
}

/** Forgets an ended run with everything that belongs to it. */
export function removeRun(scope: ChangeScope, { runId }: RemoveRun): Receipt {
  const { state, transaction } = scope
  const stored = state.runs.get(runId)
  if (stored === undefined) return refused('missing')
  const { record } = stored
  if (!isFinalRun(record.status)) return refused('open')
  const key = runKey(record)
  transaction.delete(state.runs, runId)
  if (key !== null) transaction.delete(state.runKeys, key)
  if (record.parentRunId !== null) transaction.ungroup(state.children, record.parentRunId, runId)
  for (const signal of signalsOf(state, runId)) removeSignal(scope, signal)
  freePlaces(scope, runId)
  return ACCEPTED
}

function wakeParent(scope: ChangeScope, { parentRunId }: RunRecord): void {
  if (parentRunId !== null) wakeRun(scope, parentRunId)
}

function freePlaces(scope: ChangeScope, runId: string): void {
  freeRunSlots(scope, runId)
  closeWaits(scope, runId)
  passSignalsOn(scope, runId)
}

function dropTaskValues({ transaction }: ChangeScope, { tasks }: StoredRun): void {
  for (const [key, task] of tasks) if (task.value !== null) transaction.set(tasks, key, { ...task, value: null })
}
