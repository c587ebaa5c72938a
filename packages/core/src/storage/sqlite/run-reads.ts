import { RUN_STATUSES, type RunRecord, type RunStatus } from '../records.ts'
import { byAge, TIMED_RUN_STATUSES } from '../run-rules.ts'
import type { RunQuery } from '../storage.ts'
import { placeholders, readRun, RUN_FIELDS } from './columns.ts'
import type { Cell, Database } from './database.ts'
import { IS_FREE, sqlList } from './fence.ts'

const TIMED = sqlList(TIMED_RUN_STATUSES)

const GET = `SELECT ${RUN_FIELDS} FROM runs WHERE id = ?`

// "+" keeps SQLite from choosing the index by status here, which would visit every run that waits.
const NEXT_WAKE_AT = `
  SELECT wake_at FROM runs
  WHERE wake_at IS NOT NULL AND +status IN ${TIMED} AND engine_id IS NULL
  ORDER BY wake_at LIMIT 1`

// SQLite takes at most 500 parts in one statement; each flow makes two.
const MAX_FLOWS = 100

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
  return database.all(mergedByAge(parts, 'DESC'), [...cells, query.limit]).map(readRun)
}

/** Runs that may be claimed now, the oldest first. */
export function claimableRuns(
  database: Database,
  query: { readonly flowIds: readonly string[]; readonly limit: number },
  now: number,
): readonly RunRecord[] {
  const flowIds = [...new Set(query.flowIds)]
  const found: RunRecord[] = []
  for (let start = 0; start < flowIds.length; start += MAX_FLOWS)
    found.push(...claimableOf(database, flowIds.slice(start, start + MAX_FLOWS), query.limit, now))
  return found.toSorted(byAge).slice(0, query.limit)
}

// A merge of two index walks per flow and of the runs whose time has come, in order: it ends at the limit, and runs of other flows cost
// nothing, however many of them are queued.
function claimableOf(database: Database, flowIds: readonly string[], limit: number, now: number): readonly RunRecord[] {
  const cells: Cell[] = []
  const parts: string[] = []
  for (const flowId of flowIds)
    for (const status of ['queued', 'running']) {
      parts.push(`SELECT created_at, id FROM runs WHERE flow_id = ? AND status = ? AND ${IS_FREE}`)
      cells.push(flowId, status, now)
    }
  parts.push(
    `SELECT created_at, id FROM runs
     WHERE wake_at <= ? AND +status IN ${TIMED} AND +flow_id IN (${placeholders(flowIds.length)}) AND ${IS_FREE}`,
  )
  cells.push(now, ...flowIds, now)
  return database.all(mergedByAge(parts, 'ASC'), [...cells, limit]).map(readRun)
}

// The records of the runs that the parts find, by age.
function mergedByAge(parts: readonly string[], order: 'ASC' | 'DESC'): string {
  const byTime = `ORDER BY created_at ${order}, id ${order}`
  return `
    WITH found AS (${parts.join(' UNION ALL ')} ${byTime} LIMIT ?)
    SELECT ${RUN_FIELDS} FROM runs WHERE id IN (SELECT id FROM found) ${byTime}`
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
