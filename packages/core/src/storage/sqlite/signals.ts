/* Signals, the waits that take them, and the waking of runs for which something has come. */
import type { AwaitSignal, CloseWait, SendSignal } from '../changes.ts'
import type { RunStatus, SignalRecord } from '../records.ts'
import { FINAL_RUN_STATUSES } from '../records.ts'
import { isFinalRun } from '../run-rules.ts'
import { readRun, RUN_FIELDS } from './columns.ts'
import type { Database, Row } from './database.ts'
import { fenceCells, IS_HELD, refusal, refused, sqlList, type ShortReceipt } from './fence.ts'
import type { ChangeScope } from './scope.ts'

const FIELDS = 'id, name, run_id, match, value, sent_at, sent_by, taken_run_id, taken_task'
const KNOWN = 'SELECT 1 FROM signals WHERE id = ?'
const RUN_STATUS = 'SELECT status FROM runs WHERE id = ?'
const WAIT_OF_RUN = 'SELECT run_id, task FROM waits WHERE run_id = ? AND name = ? ORDER BY seq LIMIT 1'
const WAIT_BY_MATCH = 'SELECT run_id, task FROM waits WHERE name = ? AND match = ? ORDER BY seq LIMIT 1'
const SEND = `INSERT INTO signals (${FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
const GET_RUN = `SELECT ${RUN_FIELDS} FROM runs WHERE id = ?`
const IS_HELD_RUN = `SELECT 1 FROM runs WHERE ${IS_HELD}`
const TAKEN = `SELECT ${FIELDS} FROM signals WHERE taken_run_id = ? AND taken_task = ?`
const PENDING = `
  SELECT seq FROM signals WHERE run_id = ? AND name = ? AND taken_run_id IS NULL
  UNION ALL
  SELECT seq FROM signals WHERE run_id IS NULL AND name = ? AND match = ? AND taken_run_id IS NULL
  ORDER BY seq LIMIT 1`
const TAKE = `UPDATE signals SET taken_run_id = ?, taken_task = ? WHERE seq = ? RETURNING ${FIELDS}`
const REJECT = 'DELETE FROM signals WHERE id = ? AND taken_run_id = ? AND taken_task = ?'
const OPEN_WAIT = 'INSERT OR IGNORE INTO waits (run_id, task, name, match) VALUES (?, ?, ?, ?)'
const CLOSE_WAIT = 'DELETE FROM waits WHERE run_id = ? AND task = ?'
const CLOSE_WAITS = 'DELETE FROM waits WHERE run_id = ?'
const GIVE_TO = 'UPDATE signals SET taken_run_id = ?, taken_task = ? WHERE seq = ?'
const WAKE = `
  UPDATE runs SET wake_at = min(coalesce(wake_at, ?), ?)
  WHERE id = ? AND status IN ('waiting', 'retrying') AND engine_id IS NULL`
const LIST = `SELECT ${FIELDS} FROM signals WHERE run_id = ? OR taken_run_id = ? ORDER BY seq`

const NO_RECORD = (run: string, key: string): string =>
  `NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.run_id = ${run} AND tasks.key = ${key} AND tasks.status IN ('succeeded', 'failed'))`
const UNUSED = `
  SELECT seq, name, match FROM signals
  WHERE taken_run_id = ? AND run_id IS NULL AND ${NO_RECORD('taken_run_id', 'taken_task')} ORDER BY seq`
const HAS_COME = `
  SELECT 1 FROM signals WHERE taken_run_id = ? AND ${NO_RECORD('taken_run_id', 'taken_task')}
  UNION ALL
  SELECT 1 FROM runs WHERE parent_run_id = ? AND status IN ${sqlList(FINAL_RUN_STATUSES)} AND next_run_id IS NULL
    AND ${NO_RECORD('parent_run_id', 'parent_key')}
  LIMIT 1`

/** Sends a signal. */
export function sendSignal(scope: ChangeScope, { signal }: SendSignal): ShortReceipt {
  const { database } = scope
  if (database.first(KNOWN, [signal.id]) !== undefined) return refused('duplicate')
  const { id, name, runId, match, value, sentAt, by } = signal
  if (runId !== null) {
    const status = database.first(RUN_STATUS, [runId])?.['status']
    if (status === undefined) return refused('missing')
    if (isFinalRun(status as RunStatus)) return refused('finished')
  }
  const takenBy = takerOf(database, signal)
  database.run(SEND, [id, name, runId, match, value, sentAt, by, takenBy?.runId ?? null, takenBy?.key ?? null])
  if (takenBy === null) return 1
  database.run(CLOSE_WAIT, [takenBy.runId, takenBy.key])
  wakeRun(scope, takenBy.runId)
  const run = database.first(GET_RUN, [takenBy.runId])
  return { accepted: true, signal: { ...signal, takenBy }, ...(run && { run: readRun(run) }) }
}

/** The task whose wait would take a signal; null when nobody waits for it. */
export function takerOf(
  database: Database,
  { runId, name, match }: Pick<SignalRecord, 'runId' | 'name' | 'match'>,
): SignalRecord['takenBy'] {
  const wait =
    runId === null ? database.first(WAIT_BY_MATCH, [name, match]) : database.first(WAIT_OF_RUN, [runId, name])
  return wait === undefined ? null : { runId: String(wait['run_id']), key: String(wait['task']) }
}

/** Takes a signal for a task, or waits for one. */
export function awaitSignal({ database }: ChangeScope, change: AwaitSignal): ShortReceipt {
  if (database.first(IS_HELD_RUN, fenceCells(change)) === undefined) return refusal(database, change.runId)
  const { runId, task, name, match } = change
  if (change.reject !== undefined) database.run(REJECT, [change.reject, runId, task])
  const taken = database.first(TAKEN, [runId, task])
  if (taken !== undefined) return { accepted: true, signal: readSignal(taken) }
  const pending = database.first(PENDING, [runId, name, name, match])
  if (pending === undefined) {
    database.run(OPEN_WAIT, [runId, task, name, match])
    return 1
  }
  database.run(CLOSE_WAIT, [runId, task])
  const row = database.first(TAKE, [runId, task, pending['seq'] ?? null])
  return row === undefined ? 1 : { accepted: true, signal: readSignal(row) }
}

/** Ends a wait without a signal. */
export function closeWait({ database }: ChangeScope, change: CloseWait): ShortReceipt {
  if (database.first(IS_HELD_RUN, fenceCells(change)) === undefined) return refusal(database, change.runId)
  if (database.first(TAKEN, [change.runId, change.task]) !== undefined) return refused('recorded')
  database.run(CLOSE_WAIT, [change.runId, change.task])
  return 1
}

/** Ends all waits of a run. */
export function closeWaits(database: Database, runId: string): void {
  database.run(CLOSE_WAITS, [runId])
}

/** Gives the signals to others that a run has taken and not used: it has ended. */
export function passSignalsOn(scope: ChangeScope, runId: string): void {
  const { database } = scope
  for (const { seq = null, name = null, match = null } of database.all(UNUSED, [runId])) {
    const wait = database.first(WAIT_BY_MATCH, [name, match])
    const taker = wait === undefined ? null : { runId: String(wait['run_id']), task: String(wait['task']) }
    database.run(GIVE_TO, [taker?.runId ?? null, taker?.task ?? null, seq])
    if (taker === null) continue
    database.run(CLOSE_WAIT, [taker.runId, taker.task])
    wakeRun(scope, taker.runId)
  }
}

/** A run that waits and that nobody holds is to go on now. */
export function wakeRun({ database, now }: ChangeScope, runId: string): void {
  database.run(WAKE, [now, now, runId])
}

/** Whether a signal was taken for a run, or a child of it has ended, and its flow has not seen it yet. */
export function hasCome(database: Database, runId: string): boolean {
  return database.first(HAS_COME, [runId, runId]) !== undefined
}

/** Signals for a run, or taken by it. */
export function listSignals(database: Database, runId: string): readonly SignalRecord[] {
  return database.all(LIST, [runId, runId]).map(readSignal)
}

function readSignal(row: Row): SignalRecord {
  const takenRunId = row['taken_run_id']
  return {
    id: String(row['id']),
    name: String(row['name']),
    runId: (row['run_id'] ?? null) as string | null,
    match: (row['match'] ?? null) as string | null,
    value: (row['value'] ?? null) as string | null,
    sentAt: Number(row['sent_at']),
    by: (row['sent_by'] ?? null) as string | null,
    takenBy: typeof takenRunId === 'string' ? { runId: takenRunId, key: String(row['taken_task']) } : null,
  }
}
