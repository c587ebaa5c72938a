import { RUN_STATUSES, type RunRecord, type RunStatus } from '../records.ts'
import { TIMED_RUN_STATUSES } from '../run-rules.ts'
import type { RunQuery } from '../storage.ts'
import { readRun, RUN_FIELDS } from './columns.ts'
import type { Cell, Database } from './database.ts'
import { IS_FREE, sqlList } from './fence.ts'
import { encodeText } from './text.ts'

const TIMED = sqlList(TIMED_RUN_STATUSES)

const GET = `SELECT ${RUN_FIELDS} FROM runs WHERE id = ?`

// Each part walks an index in order, or a short one; the whole stops at the limit. "+" keeps SQLite from choosing the index by flow,
// which would sort all queued runs.
const MAY_BE_CLAIMED = `+flow_id IN (SELECT value FROM json_each(?1)) AND ${IS_FREE.replace('?', '?2')}`
const CLAIMABLE = `
  WITH found AS (
    SELECT created_at, id FROM runs WHERE status = 'queued' AND ${MAY_BE_CLAIMED}
    UNION ALL
    SELECT created_at, id FROM runs WHERE status = 'running' AND ${MAY_BE_CLAIMED}
    UNION ALL
    SELECT created_at, id FROM runs WHERE wake_at <= ?2 AND status IN ${TIMED} AND ${MAY_BE_CLAIMED}
    ORDER BY created_at, id
    LIMIT ?3
  )
  SELECT ${RUN_FIELDS} FROM runs WHERE id IN (SELECT id FROM found) ORDER BY created_at, id`

const NEXT_WAKE_AT = `
  SELECT wake_at FROM runs
  WHERE wake_at IS NOT NULL AND status IN ${TIMED} AND engine_id IS NULL
  ORDER BY wake_at LIMIT 1`

/** A run by its id. */
export function getRun(database: Database, id: string): RunRecord | undefined {
  const row = database.first(GET, [id])
  return row && readRun(row)
}

/** Runs, the newest first: a merge of one index walk per status. */
export function listRuns(database: Database, query: RunQuery): readonly RunRecord[] {
  const cells: Cell[] = []
  const parts = [...new Set(query.statuses ?? RUN_STATUSES)].map((status) => {
    const conditions = ['status = ?']
    cells.push(status)
    if (query.flowId !== undefined) {
      conditions.push('flow_id = ?')
      cells.push(query.flowId)
    }
    if (query.before !== undefined) {
      conditions.push('(created_at, id) < (?, ?)')
      cells.push(query.before.createdAt, query.before.id)
    }
    return `SELECT created_at, id FROM runs WHERE ${conditions.join(' AND ')}`
  })
  if (parts.length === 0) return []
  const found = `${parts.join(' UNION ALL ')} ORDER BY created_at DESC, id DESC LIMIT ?`
  const sql = `WITH found AS (${found}) SELECT ${RUN_FIELDS} FROM runs WHERE id IN (SELECT id FROM found) ORDER BY created_at DESC, id DESC`
  return database.all(sql, [...cells, query.limit]).map(readRun)
}

/** Runs that may be claimed now, the oldest first. */
export function claimableRuns(
  database: Database,
  query: { readonly flowIds: readonly string[]; readonly limit: number },
  now: number,
): readonly RunRecord[] {
  const flowIds = JSON.stringify(query.flowIds.map(encodeText))
  return database.all(CLAIMABLE, [flowIds, now, query.limit]).map(readRun)
}

/** The earliest time for which a run waits that nobody holds. */
export function nextWakeAt(database: Database): number | null {
  return (database.first(NEXT_WAKE_AT)?.['wake_at'] ?? null) as number | null
}

/** The input or the result of a run. */
export function payload(database: Database, table: 'run_inputs' | 'run_results', runId: string): string | null {
  return (database.first(`SELECT value FROM ${table} WHERE run_id = ?`, [runId])?.['value'] ?? null) as string | null
}

/** Number of runs per status. */
export function countRuns(database: Database): Partial<Record<RunStatus, number>> {
  const rows = database.all('SELECT status, count(*) AS runs FROM runs GROUP BY status')
  return Object.fromEntries(rows.map((row) => [row['status'] as RunStatus, Number(row['runs'])] as const))
}
