import { RUN_STATUSES, type RunRecord, type RunStatus } from '../records.ts'
import { isFinalRun, TIMED_RUN_STATUSES } from '../run-rules.ts'
import type { RunQuery, RunValues } from '../storage.ts'
import { placeholders, readRun, RUN_FIELDS } from './columns.ts'
import type { Cell, Database } from './database.ts'
import { IS_OPEN, sqlList } from './fence.ts'
import { idBounds, type IdBounds } from './id-bounds.ts'

const GET = `SELECT ${RUN_FIELDS} FROM runs WHERE id = ?`

// "+" keeps SQLite from choosing the index by status here, which would visit every run that waits.
const NEXT_WAKE_AT = `
  SELECT wake_at FROM runs
  WHERE wake_at IS NOT NULL AND +status IN ${sqlList(TIMED_RUN_STATUSES)} AND engine_id IS NULL AND paused_at IS NULL
  ORDER BY wake_at LIMIT 1`
const REQUESTED = `
  SELECT ${RUN_FIELDS} FROM runs
  WHERE status = 'running' AND engine_id = ? AND (cancel_requested_at IS NOT NULL OR paused_at IS NOT NULL)`

// Nearly all runs have ended well: what is left has an index of its own.
const LISTED_STATUSES: ReadonlySet<RunStatus> = new Set(RUN_STATUSES.filter((status) => status !== 'succeeded'))

interface Conditions {
  readonly sql: string[]
  readonly cells: Cell[]
}

/** A run by its id. */
export function getRun(database: Database, id: string): RunRecord | undefined {
  const row = database.first(GET, [id])
  return row && readRun(row)
}

/** Runs, the newest first. */
export function listRuns(database: Database, query: RunQuery): readonly RunRecord[] {
  const lists = [query.flowIds, query.statuses, query.configurations, query.triggers, query.scheduleIds]
  if (lists.some((list) => list?.length === 0)) return []
  const bounded = { ...query, ...idBounds(database, query) }
  const { sql, cells } = conditionsOf(bounded)
  const where = sql.length === 0 ? '' : `WHERE ${sql.join(' AND ')}`
  const [label] = query.labels ?? []
  if (label !== undefined) {
    const from = `run_labels CROSS JOIN runs ON runs.id = run_labels.run_id AND run_labels.label = ?`
    return select(database, `${from} ${where}`, 'run_labels.run_id', [label, ...cells], query.limit)
  }
  // An index of open runs is used only when the statement names it so: each time of a schedule asks for those before it.
  if (query.scheduleIds && query.statuses && !query.statuses.some(isFinalRun))
    return select(database, `runs ${where} AND ${IS_OPEN}`, 'id', cells, query.limit)
  const statuses = listedStatuses(query)
  if (statuses !== undefined || query.flowIds !== undefined) return listMerged(database, bounded, statuses)
  return select(database, `runs ${where}`, 'id', cells, query.limit)
}

/** The statuses that fit, when all of them have an index. */
function listedStatuses({ statuses = RUN_STATUSES, not }: RunQuery): readonly RunStatus[] | undefined {
  const fitting = new Set(statuses.filter((status) => not?.statuses?.includes(status) !== true))
  return [...fitting].every((status) => LISTED_STATUSES.has(status)) ? [...fitting] : undefined
}

function select(
  database: Database,
  from: string,
  order: string,
  cells: readonly Cell[],
  limit: number,
): readonly RunRecord[] {
  return database
    .all(`SELECT ${RUN_FIELDS} FROM ${from} ORDER BY ${order} DESC LIMIT ?`, [...cells, limit])
    .map(readRun)
}

// SQLite merges up to 500; so many flows are faster to sort out by themselves.
const MAX_WALKS = 200

// A merge of one index walk per status and flow.
function listMerged(
  database: Database,
  query: BoundedQuery,
  listed: readonly RunStatus[] | undefined,
): readonly RunRecord[] {
  const isWalked = (listed?.length ?? 1) * (query.flowIds?.length ?? 1) <= MAX_WALKS
  const { flowIds, ...unwalked } = query
  const { statuses, ...rest } = isWalked ? unwalked : query
  const { sql, cells: common } = conditionsOf(
    listed !== undefined || statuses === undefined ? rest : { ...rest, statuses },
  )
  const cells: Cell[] = []
  const parts = (listed ?? [null]).flatMap((status) =>
    [...new Set(isWalked ? (flowIds ?? [null]) : [null])].map((flowId) => {
      const conditions = [...sql]
      // Written out, since an index of some statuses is used only when the statement names one of them.
      if (status !== null) conditions.push(`status = '${status}'`)
      if (flowId !== null) conditions.push('flow_id = ?')
      cells.push(...common, ...(flowId === null ? [] : [flowId]))
      // Few run at a time, and by the order alone SQLite would look for them among all others.
      const from = status === 'running' ? 'runs INDEXED BY runs_running' : 'runs'
      return `SELECT id FROM ${from} WHERE ${conditions.join(' AND ')}`
    }),
  )
  if (parts.length === 0) return []
  const found = `${parts.join(' UNION ALL ')} ORDER BY id DESC LIMIT ?`
  return database
    .all(`SELECT ${RUN_FIELDS} FROM runs WHERE id IN (${found}) ORDER BY id DESC`, [...cells, query.limit])
    .map(readRun)
}

type BoundedQuery = RunQuery & IdBounds

function conditionsOf(query: Omit<BoundedQuery, 'limit'>): Conditions {
  const conditions: Conditions = { sql: [], cells: [] }
  const add = (sql: string, ...cells: readonly Cell[]): void => {
    conditions.sql.push(sql)
    conditions.cells.push(...cells)
  }
  if (query.before !== undefined) add('id < ?', query.before)
  if (query.idFrom !== undefined) add('id >= ?', query.idFrom)
  if (query.idBefore !== undefined) add('id < ?', query.idBefore)
  addValues(add, query, 'IN')
  if (query.not) addValues(add, query.not, 'NOT IN')
  for (const label of query.not?.labels ?? [])
    add('NOT EXISTS (SELECT 1 FROM run_labels AS l WHERE l.label = ? AND l.run_id = runs.id)', label)
  if (query.parentRunId !== undefined) add('parent_run_id = ?', query.parentRunId)
  if (query.createdFrom !== undefined) add('created_at >= ?', query.createdFrom)
  if (query.createdBefore !== undefined) add('created_at < ?', query.createdBefore)
  // The first label leads; the cells of the others come last.
  for (const label of query.labels?.slice(1) ?? [])
    add('EXISTS (SELECT 1 FROM run_labels AS l WHERE l.label = ? AND l.run_id = runs.id)', label)
  return conditions
}

const VALUE_COLUMNS = [
  ['flowIds', 'flow_id'],
  ['statuses', 'status'],
  ['configurations', 'configuration'],
  ['triggers', 'trigger_kind'],
  ['scheduleIds', 'schedule_id'],
] as const satisfies readonly (readonly [keyof RunValues, string])[]

function addValues(
  add: (sql: string, ...cells: readonly Cell[]) => void,
  values: RunValues,
  operator: 'IN' | 'NOT IN',
): void {
  for (const [field, column] of VALUE_COLUMNS) {
    const list = values[field]
    if (list === undefined || list.length === 0) continue
    const orNone = operator === 'NOT IN' ? `OR ${column} IS NULL` : ''
    add(`(${column} ${operator} (${placeholders(list.length)}) ${orNone})`, ...list)
  }
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
