/* The end of runs: finished by their holder, cancelled, or forgotten. */
import type { RunRecord } from '../records.ts'
import type { CancelRun, FinishRun, RemoveRun } from '../run-changes.ts'
import { isFinalRun, labelsOf } from '../run-rules.ts'
import { alertEnd } from './alerts.ts'
import { errorCell, readRun, RUN_FIELDS } from './columns.ts'
import type { Database } from './database.ts'
import { countEnd } from './ended-run.ts'
import { fenceCells, IS_HELD, IS_OPEN, refusal, refused, type ShortReceipt } from './fence.ts'
import { freeRunSlots } from './limits.ts'
import type { PackedFinish } from './packed-changes.ts'
import { payload } from './run-reads.ts'
import { createRun } from './runs.ts'
import type { ChangeScope } from './scope.ts'
import { closeWaits, passSignalsOn, wakeRun } from './signals.ts'

const FINISH = `
  UPDATE runs SET
    status = ?, reason = NULL, wake_at = NULL, engine_id = NULL, finished_at = ?, progress = max(progress, ?),
    tasks_done = max(tasks_done, ?), error = ?, worker_event_seq = max(worker_event_seq, ?)
  WHERE ${IS_HELD}
  RETURNING flow_id, configuration, created_at, started_at, parent_run_id, cancel_requested_at`
const FINISH_KNOWN = `
  UPDATE runs SET
    status = ?, reason = NULL, wake_at = NULL, engine_id = NULL, finished_at = ?, progress = max(progress, ?),
    tasks_done = max(tasks_done, ?)
  WHERE id = ?`
const TELL_NEXT = `UPDATE runs SET next_run_id = ? WHERE id = ? RETURNING ${RUN_FIELDS}`
const STORE_RESULT = 'INSERT INTO run_results (run_id, value) VALUES (?, ?)'
const DROP_TASK_VALUES = 'UPDATE tasks SET value = NULL WHERE run_id = ? AND value IS NOT NULL'

const REQUEST_CANCEL = `
  UPDATE runs SET
    cancel_requested_at = coalesce(cancel_requested_at, ?),
    cancel_reason = iif(cancel_requested_at IS NULL, ?, cancel_reason)
  WHERE id = ? AND ${IS_OPEN}
  RETURNING ${RUN_FIELDS}`
const CANCEL = `
  UPDATE runs SET
    status = 'cancelled', reason = NULL, wake_at = NULL, engine_id = NULL, epoch = epoch + 1, finished_at = ?,
    progress = max(progress, (SELECT coalesce(max(progress), 0) FROM tasks WHERE run_id = runs.id)),
    tasks_done = max(tasks_done, (SELECT count(position) FROM tasks WHERE run_id = runs.id))
  WHERE id = ?
  RETURNING ${RUN_FIELDS}`

const QUEUE_UNDO = `
  UPDATE runs SET status = 'queued', reason = NULL, wake_at = NULL, paused_at = NULL WHERE id = ?
  RETURNING ${RUN_FIELDS}`

const GET = `SELECT ${RUN_FIELDS} FROM runs WHERE id = ?`
const REMOVALS = [
  'DELETE FROM run_inputs WHERE run_id = ?',
  'DELETE FROM run_results WHERE run_id = ?',
  'DELETE FROM tasks WHERE run_id = ?',
  'DELETE FROM logs WHERE run_id = ?',
  'DELETE FROM slots WHERE run_id = ?',
  'DELETE FROM waits WHERE run_id = ?',
  'DELETE FROM signals WHERE run_id = ?',
  'DELETE FROM signals WHERE taken_run_id = ?',
  'DELETE FROM runs WHERE id = ?',
]
const REMOVE_LABEL = 'DELETE FROM run_labels WHERE label = ? AND run_id = ?'

/** Ends a held run. */
export function finishRun(scope: ChangeScope, change: FinishRun): ShortReceipt {
  const { database } = scope
  const { status, finishedAt, progress, tasksDone = 0, error, workerEventSeq = 0, runId, result } = change
  const cells = [status, finishedAt, progress, tasksDone, errorCell(error), workerEventSeq, ...fenceCells(change)]
  const row = database.first(FINISH, cells)
  if (row === undefined) return refusal(database, runId)
  if (result !== null) database.run(STORE_RESULT, [runId, result])
  if (change.dropTaskValues === true) database.run(DROP_TASK_VALUES, [runId])
  if (change.freeSlots === true) freePlaces(scope, runId)
  alertEnd(database, String(row['flow_id']), change)
  countEnd(scope, {
    id: runId,
    flowId: String(row['flow_id']),
    configuration: String(row['configuration']),
    status,
    createdAt: Number(row['created_at']),
    startedAt: row['started_at'] as number | null,
    finishedAt,
    error,
    ...(change.estimate && { estimate: change.estimate }),
  })
  const isToEnd = row['cancel_requested_at'] !== null
  const run = change.next && storeNext(scope, { id: runId, isToEnd }, change.next)
  const parent = row['parent_run_id']
  if (typeof run?.nextRunId !== 'string' && typeof parent === 'string') wakeRun(scope, parent)
  return run ? { accepted: true, run } : 1
}

// Gives the run that has ended; it names the next one only if that was stored.
function storeNext(
  scope: ChangeScope,
  ended: { readonly id: string; readonly isToEnd: boolean },
  run: RunRecord,
): RunRecord | undefined {
  const isStored = !ended.isToEnd && createNext(scope, ended.id, run)
  const row = scope.database.first(TELL_NEXT, [isStored ? run.id : null, ended.id])
  return row && readRun(row)
}

function createNext(scope: ChangeScope, runId: string, run: RunRecord): boolean {
  const input = payload(scope.database, 'run_inputs', runId)
  const copyTasks = { runId, throughPosition: null }
  const receipt = createRun(scope, { type: 'run.create', run, input, copyTasks })
  return receipt === 1 || receipt.accepted
}

/** Ends a held run without an error. */
export function finishPacked(scope: ChangeScope, change: PackedFinish): ShortReceipt {
  const { database } = scope
  const [, runId, epoch, engineId, status, finishedAt, progress, tasksDone, result, expected] = change
  const estimate = expected && { expectedMs: expected[0], earlyMs: expected[1], lateMs: expected[2] }
  const fence = { runId, epoch, engineId }
  const run = database.held.find(fence)
  database.held.forget(runId)
  if (run === undefined)
    return finishRun(scope, {
      type: 'run.finish',
      ...fence,
      status,
      finishedAt,
      progress,
      tasksDone,
      result,
      error: null,
      ...(estimate && { estimate }),
    })
  database.runEncoded(FINISH_KNOWN, [status, finishedAt, progress, tasksDone, runId])
  if (result !== null) {
    if (scope.isPlain) database.runEncoded(STORE_RESULT, [runId, result])
    else database.run(STORE_RESULT, [runId, result])
  }
  countEnd(scope, { ...run, status, finishedAt, error: null, ...(estimate && { estimate }) })
  if (run.parentRunId !== null) wakeRun(scope, run.parentRunId)
  return 1
}

/** Ends a run that nobody holds and of which nothing is to be undone, or any run by force; else asks its holder to end it. */
export function cancelRun(scope: ChangeScope, { runId, at, reason, force = false }: CancelRun): ShortReceipt {
  const { database } = scope
  const asked = database.first(REQUEST_CANCEL, [at, reason, runId])
  if (asked === undefined) return refusal(database, runId)
  const run = readRun(asked)
  closeWaits(database, runId)
  if (run.engineId !== null && !force) return { accepted: true, run }
  if (run.undoTasks > 0 && !force) return { accepted: true, run: readRun(database.first(QUEUE_UNDO, [runId]) ?? asked) }
  const row = database.first(CANCEL, [at, runId])
  freePlaces(scope, runId)
  countEnd(scope, { ...run, status: 'cancelled', finishedAt: at })
  if (run.parentRunId !== null) wakeRun(scope, run.parentRunId)
  return { accepted: true, run: row === undefined ? run : readRun(row) }
}

/** Forgets an ended run with everything that belongs to it. */
export function removeRun(database: Database, { runId }: RemoveRun): ShortReceipt {
  const row = database.first(GET, [runId])
  if (row === undefined) return refused('missing')
  const run = readRun(row)
  if (!isFinalRun(run.status)) return refused('open')
  for (const label of labelsOf(run)) database.run(REMOVE_LABEL, [label, runId])
  for (const sql of REMOVALS) database.run(sql, [runId])
  return 1
}

function freePlaces(scope: ChangeScope, runId: string): void {
  freeRunSlots(scope.database, runId)
  closeWaits(scope.database, runId)
  passSignalsOn(scope, runId)
}
