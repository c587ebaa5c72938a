import type { AdoptRun, CancelRun, ClaimRun, CreateRun, FinishRun, UpdateRun } from '../changes.ts'
import { errorCell, placeholders, readRun, RUN_FIELDS, RUN_NAMES, runCells } from './columns.ts'
import type { Cell, Database, Row } from './database.ts'
import { fenceCells, IS_FREE, IS_HELD, IS_OPEN, refusal, type ShortReceipt } from './fence.ts'

const RUN_CELLS = RUN_NAMES.split(',').length

const CREATE = `INSERT INTO runs (${RUN_NAMES}) VALUES (${placeholders(RUN_CELLS)}) ON CONFLICT DO NOTHING`
const CREATE_INPUT = 'INSERT INTO run_inputs (run_id, value) VALUES (?, ?)'
const FIND_DUPLICATE = `
  SELECT id FROM runs WHERE id = ?
  UNION ALL SELECT id FROM runs WHERE flow_id = ? AND idempotency_key = ?
  LIMIT 1`

const CLAIM = `
  UPDATE runs SET
    status = 'running', reason = NULL, wake_at = NULL, epoch = epoch + 1, engine_id = ?, worker_id = ?,
    started_at = coalesce(started_at, ?), epochs_without_progress = epochs_without_progress + 1,
    worker_event_seq = 0, worker_log_seq = 0
  WHERE id = ? AND epoch = ? AND ${IS_OPEN} AND ${IS_FREE}
  RETURNING ${RUN_FIELDS}`
const ADOPT = `
  UPDATE runs SET engine_id = ? WHERE id = ? AND epoch = ? AND engine_id IS NOT NULL AND ${IS_OPEN}
  RETURNING ${RUN_FIELDS}`

const FINISH = `
  UPDATE runs SET
    status = ?, reason = NULL, wake_at = NULL, engine_id = NULL, finished_at = ?, progress = max(progress, ?), error = ?,
    worker_event_seq = max(worker_event_seq, ?)
  WHERE ${IS_HELD}`
const STORE_RESULT = 'INSERT INTO run_results (run_id, value) VALUES (?, ?)'
const DROP_TASK_VALUES = 'UPDATE tasks SET value = NULL WHERE run_id = ? AND value IS NOT NULL'

// The right sides see the row as it was, so "nobody holds it" means the same in all of them.
const CANCEL = `
  UPDATE runs SET
    cancel_requested_at = coalesce(cancel_requested_at, ?),
    cancel_reason = iif(cancel_requested_at IS NULL, ?, cancel_reason),
    status = iif(engine_id IS NULL, 'cancelled', status),
    reason = iif(engine_id IS NULL, NULL, reason),
    wake_at = iif(engine_id IS NULL, NULL, wake_at),
    epoch = epoch + (engine_id IS NULL),
    finished_at = iif(engine_id IS NULL, ?, finished_at)
  WHERE id = ? AND ${IS_OPEN}
  RETURNING ${RUN_FIELDS}`

/** Stores a new run. The caller knows the run already, so the receipt leaves it out. */
export function createRun(database: Database, { run, input }: CreateRun): ShortReceipt {
  if (database.run(CREATE, runCells(run)) === 0) {
    const owner = database.first(FIND_DUPLICATE, [run.id, run.flowId, run.idempotencyKey])
    return { accepted: false, refusal: 'duplicate', runId: owner?.['id'] as string }
  }
  if (input !== null) database.run(CREATE_INPUT, [run.id, input])
  return 1
}

/** Gives a run that nobody holds to an engine, under a new epoch. */
export function claimRun(database: Database, change: ClaimRun, now: number): ShortReceipt {
  const { engineId, workerId, runId, expectedEpoch } = change
  return withRun(database, runId, database.first(CLAIM, [engineId, workerId, now, runId, expectedEpoch, now]))
}

/** Gives a held run to another engine, under the same epoch. */
export function adoptRun(database: Database, { engineId, runId, epoch }: AdoptRun): ShortReceipt {
  return withRun(database, runId, database.first(ADOPT, [engineId, runId, epoch]))
}

/** Changes fields of a held run. */
export function updateRun(database: Database, change: UpdateRun): ShortReceipt {
  const { sql, cells } = assignments(change.patch)
  const changed = database.run(`UPDATE runs SET ${sql} WHERE ${IS_HELD}`, [...cells, ...fenceCells(change)])
  return changed === 1 ? 1 : refusal(database, change.runId)
}

/** Ends a held run. */
export function finishRun(database: Database, change: FinishRun): ShortReceipt {
  const { status, finishedAt, progress, error, workerEventSeq = 0, runId, result } = change
  const cells = [status, finishedAt, progress, errorCell(error), workerEventSeq, ...fenceCells(change)]
  if (database.run(FINISH, cells) === 0) return refusal(database, runId)
  if (result !== null) database.run(STORE_RESULT, [runId, result])
  if (change.dropTaskValues === true) database.run(DROP_TASK_VALUES, [runId])
  return 1
}

/** Ends a run that nobody holds, or asks its holder to end it. */
export function cancelRun(database: Database, { runId, at, reason }: CancelRun): ShortReceipt {
  return withRun(database, runId, database.first(CANCEL, [at, reason, at, runId]))
}

function withRun(database: Database, runId: string, row: Row | undefined): ShortReceipt {
  return row === undefined ? refusal(database, runId) : { accepted: true, run: readRun(row) }
}

// Each combination of fields is a statement of its own; there are few, and each is prepared once.
const PATCHES = [
  ['status', 'status = ?'],
  ['reason', 'reason = ?'],
  ['wakeAt', 'wake_at = ?'],
  ['engineId', 'engine_id = ?'],
  ['workerId', 'worker_id = ?'],
  ['progress', 'progress = max(progress, ?)'],
  ['epochsWithoutProgress', 'epochs_without_progress = ?'],
  ['workerEventSeq', 'worker_event_seq = max(worker_event_seq, ?)'],
] as const satisfies readonly (readonly [keyof UpdateRun['patch'], string])[]

function assignments(patch: UpdateRun['patch']): { readonly sql: string; readonly cells: readonly Cell[] } {
  const parts = ['id = id']
  const cells: Cell[] = []
  for (const [field, sql] of PATCHES) {
    const cell = patch[field]
    if (cell === undefined) continue
    parts.push(sql)
    cells.push(cell)
  }
  return { sql: parts.join(', '), cells }
}
