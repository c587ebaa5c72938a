/*
 * Which runs may be claimed now. Every status that can be claimed has an index of its own, walked in the order of the line: runs of other
 * flows, and runs that wait, cost nothing, however many there are.
 */
import type { RunRecord } from '../records.ts'
import { byTurn, flowSlot, gateSlot, TIMED_RUN_STATUSES } from '../run-rules.ts'
import type { ClaimableFlow } from '../storage.ts'
import { readRun, RUN_FIELDS } from './columns.ts'
import type { Cell, Database } from './database.ts'
import { IS_FREE, sqlList } from './fence.ts'
import { hasRunSlot, takenSlots } from './limits.ts'

const TIMED = sqlList(TIMED_RUN_STATUSES)
const GATE_IS_OPEN =
  "(gate IS NULL OR NOT EXISTS (SELECT 1 FROM slots WHERE limit_key = 'gate:' || gate AND run_id <> runs.id))"
const IS_UNPAUSED = 'paused_at IS NULL'
const QUEUED = `
  SELECT ${RUN_FIELDS} FROM runs
  WHERE flow_id = ? AND status = 'queued' AND ${IS_UNPAUSED} AND ${IS_FREE} AND ${GATE_IS_OPEN}`
const IS_STARTED = 'AND started_at IS NOT NULL'
const IN_LINE = 'ORDER BY queue_at, id LIMIT ?'
const FIRST_KEY = `
  SELECT min(limit_key) AS limit_key FROM runs WHERE flow_id = ? AND status = 'queued' AND limit_key IS NOT NULL`
const NEXT_KEY = `${FIRST_KEY} AND limit_key > ?`
const HOLDERS = "SELECT DISTINCT engine_id FROM runs WHERE status = 'running'"
const IS_ALIVE = 'SELECT 1 FROM engines WHERE id = ? AND lease_until > ?'
const RUNNING = `SELECT ${RUN_FIELDS} FROM runs WHERE status = 'running' AND engine_id IS ? AND ${IS_UNPAUSED}`
// By itself SQLite takes the index by flow or by status, and visits every run there is.
const DUE = `
  SELECT ${RUN_FIELDS} FROM runs INDEXED BY runs_by_wake
  WHERE wake_at <= ? AND status IN ${TIMED} AND ${IS_UNPAUSED} AND ${IS_FREE} AND ${GATE_IS_OPEN}`

/** Places that are left while a list of runs is made. */
class Room {
  readonly #database: Database
  readonly #left = new Map<string, number>()

  constructor(database: Database) {
    this.#database = database
  }

  /** Places left of a slot. */
  left(key: string, max: number): number {
    const known = this.#left.get(key)
    if (known !== undefined) return known
    const left = Math.max(0, max - takenSlots(this.#database, key))
    this.#left.set(key, left)
    return left
  }

  /** Takes a place of every slot that a run needs and does not have still; gives whether there was one of each. */
  take(run: RunRecord, { id, max, keyMax }: ClaimableFlow): boolean {
    const places: (readonly [string, number])[] = []
    if (max !== undefined) places.push([flowSlot(id), max])
    if (keyMax !== undefined && run.limitKey !== null) places.push([flowSlot(id, run.limitKey), keyMax])
    if (run.gate !== null) places.push([gateSlot(run.gate), 1])
    // A dead engine has not given places back, and a gate is kept until the run ends.
    const mayHave = run.status === 'running' || (run.gate !== null && run.epoch > 0)
    const needs = places.filter(([key]) => !mayHave || !hasRunSlot(this.#database, key, run.id))
    if (needs.some(([key, limit]) => this.left(key, limit) === 0)) return false
    for (const [key, limit] of needs) this.#left.set(key, this.left(key, limit) - 1)
    return true
  }
}

/** Runs that may be claimed now, in the order of the line. */
export function claimableRuns(
  database: Database,
  query: { readonly flows: readonly ClaimableFlow[]; readonly limit: number },
  now: number,
): readonly RunRecord[] {
  const { limit } = query
  const flows = new Map(query.flows.map((flow) => [flow.id, flow]))
  const room = new Room(database)
  const open = [...flows.values()].filter(({ id, max }) => max === undefined || room.left(flowSlot(id), max) > 0)
  const found = [
    ...open.flatMap((flow) => queued(database, flow, room, limit, now)),
    ...due(database, open, limit, now),
  ]
  const inLine = [...found, ...abandonedRuns(database, flows, limit, now)].toSorted(byTurn)
  const fitting = inLine.filter((run) => {
    const flow = flows.get(run.flowId)
    return flow !== undefined && room.take(run, flow)
  })
  return fitting.slice(0, limit)
}

function queued(database: Database, flow: ClaimableFlow, room: Room, limit: number, now: number): readonly RunRecord[] {
  const { id, keyMax } = flow
  const started = flow.onlyStarted === true ? IS_STARTED : ''
  const select = (condition: string, cells: readonly Cell[], count: number): readonly RunRecord[] =>
    database.all(`${QUEUED} ${started} ${condition} ${IN_LINE}`, [id, now, ...cells, count]).map(readRun)
  if (keyMax === undefined) return select('', [], limit)
  const runs = [...select('AND limit_key IS NULL', [], limit)]
  let key = database.first(FIRST_KEY, [id])?.['limit_key']
  while (typeof key === 'string') {
    const free = Math.min(limit, room.left(flowSlot(id, key), keyMax))
    if (free > 0) runs.push(...select('AND limit_key = ?', [key], free))
    key = database.first(NEXT_KEY, [id, key])?.['limit_key']
  }
  return runs
}

// Those that have waited longest for their time are looked at; the line orders them among the others.
function due(database: Database, flows: readonly ClaimableFlow[], limit: number, now: number): readonly RunRecord[] {
  const ids = JSON.stringify(flows.map(({ id }) => id))
  const keyMax = JSON.stringify(
    Object.fromEntries(flows.flatMap((flow) => (flow.keyMax === undefined ? [] : [[flow.id, flow.keyMax]]))),
  )
  const rated = JSON.stringify(flows.filter(({ onlyStarted }) => onlyStarted === true).map(({ id }) => id))
  const sql = `${DUE} AND flow_id IN (SELECT value FROM json_each(?))
    AND (started_at IS NOT NULL OR flow_id NOT IN (SELECT value FROM json_each(?)))
    AND (limit_key IS NULL OR ? ->> flow_id IS NULL
      OR (SELECT count(*) FROM slots WHERE limit_key = 'flow:' || flow_id || ':' || runs.limit_key) < ? ->> flow_id)
    ORDER BY wake_at, id LIMIT ?`
  return database.all(sql, [now, now, ids, rated, keyMax, keyMax, limit]).map(readRun)
}

function abandonedRuns(
  database: Database,
  flows: ReadonlyMap<string, ClaimableFlow>,
  limit: number,
  now: number,
): readonly RunRecord[] {
  const runs: RunRecord[] = []
  for (const row of database.all(HOLDERS)) {
    const engineId = row['engine_id'] ?? null
    if (engineId !== null && database.first(IS_ALIVE, [engineId, now]) !== undefined) continue
    const abandoned = database.all(RUNNING, [engineId]).map(readRun)
    runs.push(
      ...abandoned
        .filter(({ flowId }) => flows.has(flowId))
        .toSorted(byTurn)
        .slice(0, limit),
    )
  }
  return runs
}
