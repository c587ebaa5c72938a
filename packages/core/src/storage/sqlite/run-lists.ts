/*
 * Lists of runs. Every filter that is narrow has an index in the order of ids, and a page is a merge of walks along such indexes: it
 * reads what it shows, and what the other filters leave out. SQLite has no statistics here and would choose others: they are named.
 */
import { RUN_STATUSES, type RunRecord, type RunStatus } from '../records.ts'
import { isFinalRun } from '../run-rules.ts'
import type { RunQuery, RunValues } from '../storage.ts'
import { placeholders, readRun, RUN_FIELDS } from './columns.ts'
import type { Cell, Database } from './database.ts'
import { IS_OPEN, sqlList } from './fence.ts'
import { idBounds, type IdBounds } from './id-bounds.ts'

/** Condition on a row of runs: its status has an index of its own, because few runs have it. */
export const IS_RARE_STATUS = "status NOT IN ('running', 'succeeded')"
const USUAL_CONFIGURATION = 'release'
const USUAL_TRIGGERS: ReadonlySet<string> = new Set(['code', 'api'])

interface Conditions {
  readonly sql: string[]
  readonly cells: Cell[]
}

/** Rows of one index, in the order of ids. */
interface Walk {
  readonly index: string
  readonly sql: string
  readonly cells: readonly Cell[]
}

/** A part of a query that walks take the place of. */
interface Plan {
  readonly walks: readonly Walk[]
  readonly done: readonly (keyof RunValues)[]
}

type BoundedQuery = RunQuery & IdBounds

/** Runs by id, the newest first unless the query asks for the oldest. */
export function listRuns(database: Database, query: RunQuery): readonly RunRecord[] {
  const lists = [query.flowIds, query.statuses, query.configurations, query.triggers, query.scheduleIds, query.versions]
  if (lists.some((list) => list?.length === 0)) return []
  const bounded = { ...query, ...idBounds(database, query) }
  const { sql, cells } = conditionsOf(bounded)
  const where = sql.length === 0 ? '' : `WHERE ${sql.join(' AND ')}`
  const [label] = query.labels ?? []
  if (label !== undefined) {
    const from = `run_labels CROSS JOIN runs ON runs.id = run_labels.run_id AND run_labels.label = ?`
    return select(database, `${from} ${where}`, 'run_labels.run_id', [label, ...cells], query)
  }
  // Each time of a schedule asks for those before it.
  if (query.scheduleIds && query.statuses && !query.statuses.some(isFinalRun))
    return select(database, `runs ${where} AND ${IS_OPEN}`, 'id', cells, query)
  const plan = query.scheduleIds || query.parentRunId !== undefined ? undefined : planOf(query)
  if (plan !== undefined) return listWalks(database, bounded, plan)
  return select(database, `runs ${where}`, 'id', cells, query)
}

function select(
  database: Database,
  from: string,
  order: string,
  cells: readonly Cell[],
  query: RunQuery,
): readonly RunRecord[] {
  return database
    .all(`SELECT ${RUN_FIELDS} FROM ${from} ORDER BY ${order} ${directionOf(query)} LIMIT ?`, [...cells, query.limit])
    .map(readRun)
}

function directionOf({ oldestFirst = false }: RunQuery): 'ASC' | 'DESC' {
  return oldestFirst ? 'ASC' : 'DESC'
}

// SQLite merges up to 500; more are faster to sort out by themselves.
const MAX_WALKS = 200

/** The narrowest walks for a query: by status, by configuration, by trigger, by flow; undefined when it has none of them. */
function planOf(query: RunQuery): Plan | undefined {
  return [byStatus(query), byConfiguration(query), byTrigger(query), byFlow(query)].find(
    (plan) => plan !== undefined && plan.walks.length <= MAX_WALKS,
  )
}

// Nearly all runs have ended well: every other status has an index.
function byStatus({ statuses = RUN_STATUSES, flowIds, not }: RunQuery): Plan | undefined {
  const fitting = [...new Set(statuses)].filter((status) => not?.statuses?.includes(status) !== true)
  if (fitting.includes('succeeded')) return undefined
  const flows = flowIds && [...new Set(flowIds)]
  const walks = fitting.flatMap((status) =>
    flows ? flows.map((flowId) => statusWalk(status, flowId)) : [statusWalk(status)],
  )
  return { walks, done: ['statuses', 'flowIds'] }
}

function statusWalk(status: RunStatus, flowId?: string): Walk {
  const ofFlow = flowId === undefined ? '' : 'AND flow_id = ?'
  const cells = flowId === undefined ? [] : [flowId]
  if (status === 'running') return { index: 'runs_running', sql: `status = 'running' ${ofFlow}`, cells }
  const index = flowId === undefined ? 'runs_by_status' : 'runs_by_flow_status'
  // An index of some rows is used only when the statement repeats its condition.
  return { index, sql: `status = '${status}' AND ${IS_RARE_STATUS} ${ofFlow}`, cells }
}

function byConfiguration({ configurations }: RunQuery): Plan | undefined {
  if (configurations === undefined || configurations.includes(USUAL_CONFIGURATION)) return undefined
  const sql = `configuration = ? AND configuration <> '${USUAL_CONFIGURATION}'`
  return {
    walks: [...new Set(configurations)].map((name) => ({ index: 'runs_by_configuration', sql, cells: [name] })),
    done: ['configurations'],
  }
}

function byTrigger({ triggers }: RunQuery): Plan | undefined {
  if (triggers === undefined || triggers.some((kind) => USUAL_TRIGGERS.has(kind))) return undefined
  const sql = `trigger_kind = ? AND trigger_kind NOT IN ${sqlList([...USUAL_TRIGGERS])}`
  return {
    walks: [...new Set(triggers)].map((kind) => ({ index: 'runs_by_trigger', sql, cells: [kind] })),
    done: ['triggers'],
  }
}

function byFlow({ flowIds }: RunQuery): Plan | undefined {
  if (flowIds === undefined) return undefined
  return {
    walks: [...new Set(flowIds)].map((id) => ({ index: 'runs_by_flow', sql: 'flow_id = ?', cells: [id] })),
    done: ['flowIds'],
  }
}

function listWalks(database: Database, query: BoundedQuery, { walks, done }: Plan): readonly RunRecord[] {
  if (walks.length === 0) return []
  const rest = Object.fromEntries(Object.entries(query).filter(([field]) => !done.includes(field as never)))
  const { sql, cells } = conditionsOf(rest)
  const parts = walks.map(
    (walk) => `SELECT id FROM runs INDEXED BY ${walk.index} WHERE ${[walk.sql, ...sql].join(' AND ')}`,
  )
  const all = walks.flatMap((walk) => [...walk.cells, ...cells])
  const found = `${parts.join(' UNION ALL ')} ORDER BY id ${directionOf(query)} LIMIT ?`
  return database
    .all(`SELECT ${RUN_FIELDS} FROM runs WHERE id IN (${found}) ORDER BY id ${directionOf(query)}`, [
      ...all,
      query.limit,
    ])
    .map(readRun)
}

function conditionsOf(query: Omit<BoundedQuery, 'limit'>): Conditions {
  const conditions: Conditions = { sql: [], cells: [] }
  const add = (sql: string, ...cells: readonly Cell[]): void => {
    conditions.sql.push(sql)
    conditions.cells.push(...cells)
  }
  if (query.before !== undefined) add('id < ?', query.before)
  if (query.after !== undefined) add('id > ?', query.after)
  if (query.idFrom !== undefined) add('id >= ?', query.idFrom)
  if (query.idBefore !== undefined) add('id < ?', query.idBefore)
  addValues(add, query, 'IN')
  if (query.not) addValues(add, query.not, 'NOT IN')
  for (const label of query.not?.labels ?? [])
    add('NOT EXISTS (SELECT 1 FROM run_labels AS l WHERE l.label = ? AND l.run_id = runs.id)', label)
  if (query.parentRunId !== undefined) add('parent_run_id = ?', query.parentRunId)
  if (query.createdFrom !== undefined) add('created_at >= ?', query.createdFrom)
  if (query.createdBefore !== undefined) add('created_at < ?', query.createdBefore)
  if (query.durationFromMs !== undefined) add('finished_at - started_at >= ?', query.durationFromMs)
  if (query.durationBelowMs !== undefined) add('finished_at - started_at < ?', query.durationBelowMs)
  if (query.text !== undefined) add(HAS_TEXT, ...Array.from(TEXT_PLACES, () => query.text?.toLowerCase() ?? ''))
  // The first label leads; the cells of the others come last.
  for (const label of query.labels?.slice(1) ?? [])
    add('EXISTS (SELECT 1 FROM run_labels AS l WHERE l.label = ? AND l.run_id = runs.id)', label)
  return conditions
}

const TEXT_PLACES = ['id', 'flow_id', "coalesce(json_extract(error, '$.message'), '')"]
const HAS_TEXT = `(${TEXT_PLACES.map((place) => `contains_text(${place}, ?)`).join(' OR ')})`

const VALUE_COLUMNS = [
  ['flowIds', 'flow_id'],
  ['statuses', 'status'],
  ['configurations', 'configuration'],
  ['triggers', 'trigger_kind'],
  ['scheduleIds', 'schedule_id'],
  ['versions', 'flow_version'],
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
