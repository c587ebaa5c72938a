import type { RunRecord } from '../records.ts'
import { MAX_AHEAD, TIMED_RUN_STATUSES } from '../run-rules.ts'
import { readRun, RUN_FIELDS } from './columns.ts'
import type { Database } from './database.ts'
import { sqlList } from './fence.ts'

const GET = `SELECT ${RUN_FIELDS} FROM runs WHERE id = ?`

// "+" keeps SQLite from choosing the index by status here, which would visit every run that waits.
const NEXT_WAKE_AT = `
  SELECT wake_at FROM runs
  WHERE wake_at IS NOT NULL AND +status IN ${sqlList(TIMED_RUN_STATUSES)} AND engine_id IS NULL AND paused_at IS NULL
  ORDER BY wake_at LIMIT 1`
const REQUESTED = `
  SELECT ${RUN_FIELDS} FROM runs
  WHERE status = 'running' AND engine_id = ? AND (cancel_requested_at IS NOT NULL OR paused_at IS NOT NULL)`

const AHEAD = `
  SELECT count(*) AS ahead FROM (
    SELECT 1 FROM runs
    WHERE flow_id = ? AND status = 'queued' AND paused_at IS NULL AND (queue_at, id) < (?, ?) LIMIT ${String(MAX_AHEAD)})`

/** A run by its id. */
export function getRun(database: Database, id: string): RunRecord | undefined {
  const row = database.first(GET, [id])
  return row && readRun(row)
}

/** Number of queued runs of the same flow that come before a run in line. */
export function runsAhead(
  database: Database,
  { flowId, queueAt, id }: Pick<RunRecord, 'flowId' | 'queueAt' | 'id'>,
): number {
  return Number(database.first(AHEAD, [flowId, queueAt, id])?.['ahead'])
}

/** The earliest time for which a run waits that nobody holds. */
export function nextWakeAt(database: Database): number | null {
  return (database.first(NEXT_WAKE_AT)?.['wake_at'] ?? null) as number | null
}

/** Runs that an engine holds and that are to end or to pause. */
export function requestedRuns(database: Database, engineId: string): readonly RunRecord[] {
  return database.all(REQUESTED, [engineId]).map(readRun)
}

/** The input or the result of a run. */
export function payload(database: Database, table: 'run_inputs' | 'run_results', runId: string): string | null {
  return (database.first(`SELECT value FROM ${table} WHERE run_id = ?`, [runId])?.['value'] ?? null) as string | null
}
