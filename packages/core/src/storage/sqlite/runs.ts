import type { RunRecord } from '../records.ts'
import type { AdoptRun, ClaimRun, CreateRun, PauseRun, ResumeRun, UpdateRun } from '../run-changes.ts'
import { isFinalRun, labelsOf } from '../run-rules.ts'
import { placeholders, readRun, RUN_FIELDS, RUN_NAMES, runCells, USUAL_RUN } from './columns.ts'
import type { Cell, Database, Row } from './database.ts'
import { countEnd } from './ended-run.ts'
import { fenceCells, IS_FREE, IS_HELD, IS_OPEN, refusal, refused, type ShortReceipt } from './fence.ts'
import type { HeldRun } from './held-runs.ts'
import { freeAllButGate, takeRunSlots } from './limits.ts'
import type { PackedCreate } from './packed-changes.ts'
import type { ChangeScope } from './scope.ts'
import { hasCome } from './signals.ts'

const create = (values: string): string => `INSERT INTO runs (${RUN_NAMES}) VALUES (${values}) ON CONFLICT DO NOTHING`
const CREATE = create(placeholders(RUN_NAMES.split(', ').length))
const CREATE_USUAL = create(USUAL_RUN.values)
const CREATE_INPUT = 'INSERT INTO run_inputs (run_id, value) VALUES (?, ?)'
const CREATE_LABEL = 'INSERT INTO run_labels (label, run_id) VALUES (?, ?)'
const FIND_DUPLICATE = `
  SELECT id FROM runs WHERE id = ?
  UNION ALL SELECT id FROM runs WHERE flow_id = ? AND idempotency_key = ?
  LIMIT 1`
const HAS_ENDED = `SELECT 1 FROM runs WHERE id = ? AND NOT ${IS_OPEN}`
const FIND_SAME_WORK = `SELECT id FROM runs WHERE flow_id = ? AND dedupe_key = ? AND ${IS_OPEN} ORDER BY id LIMIT 1`
const FIND_UNSTARTED = `
  SELECT id, created_at FROM runs
  WHERE flow_id = ? AND dedupe_key = ? AND ${IS_OPEN} AND wake_at IS NOT NULL AND epoch = 0 AND engine_id IS NULL
    AND retry_of IS NULL
  ORDER BY id LIMIT 1`
const DEBOUNCE = `UPDATE runs SET wake_at = ? WHERE id = ? RETURNING ${RUN_FIELDS}`
const REPLACE_INPUT = 'INSERT OR REPLACE INTO run_inputs (run_id, value) VALUES (?, ?)'
const DROP_INPUT = 'DELETE FROM run_inputs WHERE run_id = ?'
const COPY_TASKS = `
  INSERT INTO tasks
    (run_id, key, name, kind, status, origin, seq, attempt, epoch, args, child_run_id, position, weight, progress, estimated_ms, started_at,
     finished_at, wake_at, value, error)
  SELECT ?, key, name, kind, status, 'copied', seq, attempt, 0, args, child_run_id, position, weight, progress, estimated_ms, started_at,
    finished_at, wake_at, value, error
  FROM tasks WHERE run_id = ? AND status = 'succeeded' AND position <= ? AND kind <> 'undo'
    AND NOT EXISTS (SELECT 1 FROM tasks AS undo WHERE undo.run_id = tasks.run_id AND undo.key = tasks.key || '/undo')`
const COUNT_COPIED = 'UPDATE runs SET tasks_done = ? WHERE id = ?'

const GET = `SELECT ${RUN_FIELDS} FROM runs WHERE id = ?`
const HAS_PROGRESSED =
  "SELECT 1 FROM tasks WHERE run_id = ? AND epoch = ? AND status IN ('succeeded', 'failed') LIMIT 1"
const IS_CLAIMABLE = `SELECT gate FROM runs WHERE id = ? AND epoch = ? AND paused_at IS NULL AND ${IS_OPEN} AND ${IS_FREE}`
const CLAIM = `
  UPDATE runs SET
    status = 'running', reason = NULL, wake_at = NULL, epoch = epoch + 1, engine_id = ?, worker_id = ?,
    started_at = coalesce(started_at, ?), epochs_without_progress = iif(?, 0, epochs_without_progress) + 1,
    worker_event_seq = 0, worker_log_seq = 0
  WHERE id = ?
  RETURNING ${RUN_FIELDS}`
const ADOPT = `
  UPDATE runs SET engine_id = ? WHERE id = ? AND epoch = ? AND engine_id IS NOT NULL AND ${IS_OPEN}
  RETURNING ${RUN_FIELDS}`

// A run that is given back as paused, and was resumed meanwhile, goes on.
const QUEUE_CANCELLED = `
  UPDATE runs SET status = 'queued', reason = NULL, wake_at = NULL, paused_at = NULL
  WHERE id = ? AND cancel_requested_at IS NOT NULL AND reason IS NOT 'version'`
const QUEUE_RESUMED = `
  UPDATE runs SET status = 'queued', reason = 'slot'
  WHERE id = ? AND paused_at IS NULL AND status = 'waiting' AND reason = 'paused'`
const WAKE_NOW =
  "UPDATE runs SET wake_at = min(coalesce(wake_at, ?), ?) WHERE id = ? AND status IN ('waiting', 'retrying')"

const PAUSE = `
  UPDATE runs SET
    paused_at = coalesce(paused_at, ?),
    status = iif(engine_id IS NULL, 'waiting', status), reason = iif(engine_id IS NULL, 'paused', reason)
  WHERE id = ? AND ${IS_OPEN}
  RETURNING ${RUN_FIELDS}`
const IS_STOPPED = "(engine_id IS NULL AND status = 'waiting' AND reason IN ('paused', 'version'))"
// The right sides see the row as it was.
const RESUME = `
  UPDATE runs SET
    paused_at = NULL,
    status = iif(${IS_STOPPED}, iif(wake_at IS NULL, 'queued', iif(epoch = 0, 'scheduled', 'waiting')), status),
    reason = iif(${IS_STOPPED}, iif(wake_at IS NULL, 'slot', NULL), reason)
  WHERE id = ? AND ${IS_OPEN}
  RETURNING ${RUN_FIELDS}`

/** Stores a new run. The caller knows the run already, so the receipt leaves it out when nothing else was done. */
export function createRun(scope: ChangeScope, change: CreateRun): ShortReceipt {
  const { database } = scope
  const { run, input } = change
  const isKnown =
    change.collapse !== undefined && database.first(FIND_DUPLICATE, [run.id, run.flowId, run.idempotencyKey])
  const same = change.collapse === undefined || isKnown ? undefined : collapse(database, change)
  if (same !== undefined) return same
  if (isOrphan(database, run)) return orphan(database, run)
  if (database.run(CREATE, runCells(run)) === 0) return duplicate(database, run.id, run.flowId, run.idempotencyKey)
  if (input !== null) database.run(CREATE_INPUT, [run.id, input])
  for (const label of labelsOf(run)) database.run(CREATE_LABEL, [label, run.id])
  const { status, finishedAt } = run
  if (isFinalRun(status)) countEnd(scope, { ...run, status, finishedAt: finishedAt ?? run.createdAt })
  return change.copyTasks === undefined ? 1 : copyTasks(database, run.id, change.copyTasks)
}

/** Stores a packed new run. */
export function createPacked({ database, isPlain }: ChangeScope, change: PackedCreate): ShortReceipt {
  const [, cells, input, labels] = change
  const run = toHeldRun(cells)
  if (isOrphan(database, run)) return orphan(database, run)
  const sql = USUAL_RUN.has(cells) ? CREATE_USUAL : CREATE
  const changed = isPlain ? database.runEncoded(sql, cells) : database.run(sql, cells)
  if (changed === 0) return duplicate(database, run.id, run.flowId, run.idempotencyKey)
  if (input !== null) {
    if (isPlain) database.runEncoded(CREATE_INPUT, [run.id, input])
    else database.run(CREATE_INPUT, [run.id, input])
  }
  for (const label of labels) database.run(CREATE_LABEL, [label, run.id])
  database.held.add(run)
  return 1
}

const heldCells = USUAL_RUN.reader([
  'id',
  'epoch',
  'engine_id',
  'flow_id',
  'configuration',
  'created_at',
  'started_at',
  'parent_run_id',
  'idempotency_key',
])

function toHeldRun(packed: readonly Cell[]): HeldRun {
  const [id, epoch, engineId, flowId, configuration, createdAt, startedAt, parentRunId, idempotencyKey] =
    heldCells(packed)
  // The cells are of these columns.
  return { id, epoch, engineId, flowId, configuration, createdAt, startedAt, parentRunId, idempotencyKey } as HeldRun
}

function isOrphan(database: Database, { parentRunId }: Pick<RunRecord, 'parentRunId'>): boolean {
  return parentRunId !== null && database.first(HAS_ENDED, [parentRunId]) !== undefined
}

/** One that is there already is told all the same. */
function orphan(
  database: Database,
  { id, flowId, idempotencyKey }: Pick<RunRecord, 'id' | 'flowId' | 'idempotencyKey'>,
): ShortReceipt {
  const isKnown = database.first(FIND_DUPLICATE, [id, flowId, idempotencyKey]) !== undefined
  return isKnown ? duplicate(database, id, flowId, idempotencyKey) : refused('finished')
}

function duplicate(database: Database, id: string, flowId: string, idempotencyKey: Cell): ShortReceipt {
  const owner = database.first(FIND_DUPLICATE, [id, flowId, idempotencyKey])
  return { accepted: false, refusal: 'duplicate', runId: owner?.['id'] as string }
}

/** Gives a run that nobody holds to an engine, under a new epoch. */
export function claimRun(scope: ChangeScope, change: ClaimRun): ShortReceipt {
  const { database, now } = scope
  const { engineId, workerId, runId, expectedEpoch, limits = [] } = change
  const found = database.first(IS_CLAIMABLE, [runId, expectedEpoch, now])
  if (found === undefined) return refusal(database, runId)
  const limited = takeRunSlots(scope, { id: runId, gate: found['gate'] as string | null }, limits)
  if (limited !== undefined) return limited
  const hasProgressed = database.first(HAS_PROGRESSED, [runId, expectedEpoch]) === undefined ? 0 : 1
  return withRun(database, runId, database.first(CLAIM, [engineId, workerId, now, hasProgressed, runId]))
}

/** Gives a held run to another engine, under the same epoch. */
export function adoptRun(database: Database, { engineId, runId, epoch }: AdoptRun): ShortReceipt {
  return withRun(database, runId, database.first(ADOPT, [engineId, runId, epoch]))
}

/** Changes fields of a held run. */
export function updateRun({ database, now }: ChangeScope, change: UpdateRun): ShortReceipt {
  const { patch, runId } = change
  const { sql, cells } = assignments(patch)
  if (database.run(`UPDATE runs SET ${sql} WHERE ${IS_HELD}`, [...cells, ...fenceCells(change)]) === 0)
    return refusal(database, runId)
  if (change.freeSlots === true) freeAllButGate(database, runId)
  if (patch.engineId !== null) return 1
  if (database.run(QUEUE_CANCELLED, [runId]) > 0) return 1
  if (patch.reason === 'paused') database.run(QUEUE_RESUMED, [runId])
  const isParked = patch.status === 'waiting' || patch.status === 'retrying'
  if (isParked && patch.reason !== 'version' && hasCome(database, runId)) database.run(WAKE_NOW, [now, now, runId])
  return 1
}

/** Asks a run to pause. */
export function pauseRun(database: Database, { runId, at }: PauseRun): ShortReceipt {
  return withRun(database, runId, database.first(PAUSE, [at, runId]))
}

/** Ends the pause of a run. */
export function resumeRun(database: Database, { runId }: ResumeRun): ShortReceipt {
  return withRun(database, runId, database.first(RESUME, [runId]))
}

function collapse(database: Database, { run, input, collapse: how }: CreateRun): ShortReceipt | undefined {
  if (how?.kind === 'dedupe') {
    const same = database.first(FIND_SAME_WORK, [run.flowId, run.dedupeKey])
    return same && { accepted: false, refusal: 'duplicate', runId: String(same['id']) }
  }
  const same = database.first(FIND_UNSTARTED, [run.flowId, run.dedupeKey])
  if (how === undefined || same === undefined) return undefined
  const latest = Number(same['created_at']) + how.maxWaitMs
  const id = String(same['id'])
  if (input === null) database.run(DROP_INPUT, [id])
  else database.run(REPLACE_INPUT, [id, input])
  return withRun(database, id, database.first(DEBOUNCE, [Math.min(run.wakeAt ?? latest, latest), id]))
}

function copyTasks(database: Database, runId: string, from: NonNullable<CreateRun['copyTasks']>): ShortReceipt {
  const last = from.throughPosition ?? Number.MAX_SAFE_INTEGER
  const copied = database.run(COPY_TASKS, [runId, from.runId, last])
  database.run(COUNT_COPIED, [copied, runId])
  return withRun(database, runId, database.first(GET, [runId]))
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
  ['tasksDone', 'tasks_done = max(tasks_done, ?)'],
  ['flowVersion', 'flow_version = ?'],
  ['fingerprint', 'fingerprint = ?'],
  ['epochsWithoutProgress', 'epochs_without_progress = ?'],
  ['undoTasks', 'undo_tasks = ?'],
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
