import type { AdoptRun, CancelRun, ClaimRun, CreateRun, FinishRun, Receipt, Refusal, UpdateRun } from '../changes.ts'
import type { RunRecord } from '../records.ts'
import { isAlive } from '../run-rules.ts'
import { ACCEPTED, changeRun, heldRun, openRun, refused, storeRun, type ChangeScope } from './scope.ts'
import type { StoredRun } from './state.ts'

/** Stores a new run. */
export function createRun(scope: ChangeScope, { run, input }: CreateRun): Receipt {
  const { state, transaction } = scope
  if (state.runs.has(run.id)) return { accepted: false, refusal: 'duplicate', runId: run.id }
  if (run.idempotencyKey !== null) {
    const key = JSON.stringify([run.flowId, run.idempotencyKey])
    const owner = state.runKeys.get(key)
    if (owner !== undefined) return { accepted: false, refusal: 'duplicate', runId: owner }
    transaction.set(state.runKeys, key, run.id)
  }
  storeRun(scope, { record: run, input, result: null, tasks: new Map(), logs: [] })
  return { accepted: true, run }
}

/** Gives a run that nobody holds to an engine, under a new epoch. */
export function claimRun(scope: ChangeScope, change: ClaimRun): Receipt {
  const stored = takeableRun(scope, change.runId, change.expectedEpoch)
  if (typeof stored === 'string') return refused(stored)
  const { record } = stored
  const run = changeRun(scope, stored, {
    status: 'running',
    reason: null,
    wakeAt: null,
    epoch: record.epoch + 1,
    engineId: change.engineId,
    workerId: change.workerId,
    startedAt: record.startedAt ?? scope.now,
    epochsWithoutProgress: record.epochsWithoutProgress + 1,
    workerEventSeq: 0,
    workerLogSeq: 0,
  })
  return { accepted: true, run }
}

/** Gives a held run to another engine, under the same epoch. */
export function adoptRun(scope: ChangeScope, change: AdoptRun): Receipt {
  const stored = openRun(scope, change.runId)
  if (typeof stored === 'string') return refused(stored)
  if (stored.record.epoch !== change.epoch || stored.record.engineId === null) return refused('stale')
  return { accepted: true, run: changeRun(scope, stored, { engineId: change.engineId }) }
}

/** Changes fields of a held run. */
export function updateRun(scope: ChangeScope, change: UpdateRun): Receipt {
  const stored = heldRun(scope, change)
  if (typeof stored === 'string') return refused(stored)
  const { record } = stored
  changeRun(scope, stored, {
    ...change.patch,
    progress: Math.max(record.progress, change.patch.progress ?? 0),
    workerEventSeq: Math.max(record.workerEventSeq, change.patch.workerEventSeq ?? 0),
  })
  return ACCEPTED
}

/** Ends a held run. */
export function finishRun(scope: ChangeScope, change: FinishRun): Receipt {
  const stored = heldRun(scope, change)
  if (typeof stored === 'string') return refused(stored)
  const { record } = stored
  const ended: RunRecord = {
    ...record,
    status: change.status,
    reason: null,
    wakeAt: null,
    engineId: null,
    finishedAt: change.finishedAt,
    progress: Math.max(record.progress, change.progress),
    error: change.error,
    workerEventSeq: Math.max(record.workerEventSeq, change.workerEventSeq ?? 0),
  }
  if (change.dropTaskValues === true) dropTaskValues(scope, stored)
  storeRun(scope, { ...stored, record: ended, result: change.result })
  return ACCEPTED
}

/** Ends a run that nobody holds, or asks its holder to end it. */
export function cancelRun(scope: ChangeScope, change: CancelRun): Receipt {
  const stored = openRun(scope, change.runId)
  if (typeof stored === 'string') return refused(stored)
  const { record } = stored
  const isFirst = record.cancelRequestedAt === null
  const request = {
    cancelRequestedAt: record.cancelRequestedAt ?? change.at,
    cancelReason: isFirst ? change.reason : record.cancelReason,
  }
  if (record.engineId !== null) return { accepted: true, run: changeRun(scope, stored, request) }
  const run = changeRun(scope, stored, {
    ...request,
    status: 'cancelled',
    reason: null,
    wakeAt: null,
    epoch: record.epoch + 1,
    finishedAt: change.at,
  })
  return { accepted: true, run }
}

function takeableRun(scope: ChangeScope, runId: string, epoch: number): StoredRun | Refusal {
  const stored = openRun(scope, runId)
  if (typeof stored === 'string') return stored
  const { engineId } = stored.record
  const isHeld = engineId !== null && isAlive(scope.state.engines.get(engineId), scope.now)
  return stored.record.epoch === epoch && !isHeld ? stored : 'stale'
}

function dropTaskValues({ transaction }: ChangeScope, { tasks }: StoredRun): void {
  for (const [key, task] of tasks) if (task.value !== null) transaction.set(tasks, key, { ...task, value: null })
}
