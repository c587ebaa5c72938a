import type { Receipt, Refusal } from '../changes.ts'
import type { RunRecord } from '../records.ts'
import type { AdoptRun, ClaimRun, PauseRun, ResumeRun, UpdateRun } from '../run-changes.ts'
import { isAlive, isFinalTask } from '../run-rules.ts'
import { freeAllButGate, takeRunSlots } from './limits.ts'
import { ACCEPTED, changeRun, heldRun, openRun, refused, type ChangeScope } from './scope.ts'
import type { StoredRun } from './state.ts'
import { hasCome, wakeRun } from './wakes.ts'

/** Gives a run that nobody holds to an engine, under a new epoch. */
export function claimRun(scope: ChangeScope, change: ClaimRun): Receipt {
  const stored = takeableRun(scope, change.runId, change.expectedEpoch)
  if (typeof stored === 'string') return refused(stored)
  const limited = takeRunSlots(scope, stored, change.limits ?? [])
  if (limited !== undefined) return limited
  const { record } = stored
  const run = changeRun(scope, stored, {
    status: 'running',
    reason: null,
    wakeAt: null,
    epoch: record.epoch + 1,
    engineId: change.engineId,
    workerId: change.workerId,
    startedAt: record.startedAt ?? scope.now,
    epochsWithoutProgress: (hasProgressed(stored) ? 0 : record.epochsWithoutProgress) + 1,
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
  const { patch } = change
  const record = {
    ...stored.record,
    ...patch,
    progress: Math.max(stored.record.progress, patch.progress ?? 0),
    tasksDone: Math.max(stored.record.tasksDone, patch.tasksDone ?? 0),
    workerEventSeq: Math.max(stored.record.workerEventSeq, patch.workerEventSeq ?? 0),
  }
  changeRun(scope, stored, record.engineId === null ? givenBack(record) : record)
  if (change.freeSlots === true) freeAllButGate(scope, stored)
  if (isToEnd(record)) return ACCEPTED
  if (record.engineId === null && record.reason !== 'version' && hasCome(scope, stored)) wakeRun(scope, change.runId)
  return ACCEPTED
}

/** How a run is stored that its holder gives back: somebody may have asked something meanwhile that the holder has not heard of. */
function givenBack(record: RunRecord): RunRecord {
  if (isToEnd(record)) return { ...record, status: 'queued', reason: null, wakeAt: null, pausedAt: null }
  return isPaused(record) && record.pausedAt === null ? { ...record, status: 'queued', reason: 'slot' } : record
}

/** Whether a run that nobody holds is to be taken up once more, to end it. */
function isToEnd({ engineId, cancelRequestedAt, reason }: RunRecord): boolean {
  return engineId === null && cancelRequestedAt !== null && reason !== 'version'
}

/** Asks a run to pause. */
export function pauseRun(scope: ChangeScope, { runId, at }: PauseRun): Receipt {
  const stored = openRun(scope, runId)
  if (typeof stored === 'string') return refused(stored)
  const { engineId, pausedAt } = stored.record
  const parked = engineId === null ? ({ status: 'waiting', reason: 'paused' } as const) : {}
  return { accepted: true, run: changeRun(scope, stored, { pausedAt: pausedAt ?? at, ...parked }) }
}

/** Ends the pause of a run. */
export function resumeRun(scope: ChangeScope, { runId }: ResumeRun): Receipt {
  const stored = openRun(scope, runId)
  if (typeof stored === 'string') return refused(stored)
  const { record } = stored
  const going = record.engineId === null && isStopped(record) ? resumed(record) : {}
  return { accepted: true, run: changeRun(scope, stored, { pausedAt: null, ...going }) }
}

/** Whether only somebody's word lets a run go on. */
function isStopped({ status, reason }: RunRecord): boolean {
  return status === 'waiting' && (reason === 'paused' || reason === 'version')
}

function isPaused({ status, reason }: RunRecord): boolean {
  return status === 'waiting' && reason === 'paused'
}

/** How a run that had paused goes on. */
function resumed({ wakeAt, epoch }: RunRecord): Partial<RunRecord> {
  if (wakeAt === null) return { status: 'queued', reason: 'slot' }
  return { status: epoch === 0 ? 'scheduled' : 'waiting', reason: null }
}

function takeableRun(scope: ChangeScope, runId: string, epoch: number): StoredRun | Refusal {
  const stored = openRun(scope, runId)
  if (typeof stored === 'string') return stored
  const { record } = stored
  const isHeld = record.engineId !== null && isAlive(scope.state.engines.get(record.engineId), scope.now)
  return record.epoch === epoch && !isHeld && record.pausedAt === null ? stored : 'stale'
}

function hasProgressed({ record, tasks }: StoredRun): boolean {
  return [...tasks.values()].some(({ status, epoch }) => isFinalTask(status) && epoch === record.epoch)
}
