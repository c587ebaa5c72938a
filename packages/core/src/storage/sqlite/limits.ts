/*
 * Slots: who holds a place of a limit, and which starts still count for a rate. Who has a slot of a rate is noted too, so that taking it
 * again is not a second start; given back, its start still counts.
 */
import type { FreeSlots, Receipt, TakeSlots } from '../changes.ts'
import type { Limit } from '../run-changes.ts'
import { gateSlot, MAX_HOLDERS, rateSlot } from '../run-rules.ts'
import type { LimitRoom } from '../storage.ts'
import type { Database } from './database.ts'
import { fenceCells, IS_HELD, refusal, type ShortReceipt } from './fence.ts'
import type { ChangeScope } from './scope.ts'

const COUNT = 'SELECT count(*) AS taken FROM slots WHERE limit_key = ?'
const COUNT_OTHERS = `${COUNT} AND run_id <> ?`
const IS_LOST =
  'engine_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM engines WHERE engines.id = engine_id AND lease_until > ?)'
// What such a run has to undo is not known: it must not be ended as one that has nothing.
const RELEASE_LOST = `
  UPDATE runs SET status = 'queued', reason = NULL, engine_id = NULL, undo_tasks = max(1, undo_tasks)
  WHERE id IN (SELECT run_id FROM slots WHERE limit_key = ? AND task <> '') AND ${IS_LOST} AND engine_id <> ?
  RETURNING id`
// A task of a run that no living engine holds keeps nobody waiting.
const KEEPS_WAITING = `limit_key = ? AND (task = '' OR run_id NOT IN (SELECT id FROM runs WHERE ${IS_LOST} AND id = run_id))`
const COUNT_KEEPING = `SELECT count(*) AS taken FROM slots WHERE ${KEEPS_WAITING}`
const HAS = 'SELECT 1 FROM slots WHERE limit_key = ? AND run_id = ? AND task = ?'
const TAKE = 'INSERT OR IGNORE INTO slots (limit_key, run_id, task) VALUES (?, ?, ?)'
const FREE_TASK = 'DELETE FROM slots WHERE run_id = ? AND task = ?'
const FREE_RUN = 'DELETE FROM slots WHERE run_id = ?'
const FREE_BUT_GATE = "DELETE FROM slots WHERE run_id = ? AND substr(limit_key, 1, 5) <> 'gate:'"
const FORGET_STARTS = 'DELETE FROM starts WHERE limit_key = ? AND at <= ?'
const COUNT_STARTS = 'SELECT count(*) AS taken FROM starts WHERE limit_key = ?'
// The start whose end leaves one less than are allowed.
const NTH_START = 'SELECT at FROM starts WHERE limit_key = ? ORDER BY at LIMIT 1 OFFSET ?'
const START = 'INSERT INTO starts (limit_key, at) VALUES (?, ?)'
const COUNT_STARTS_SINCE = `${COUNT_STARTS} AND at > ?`
const NTH_START_SINCE = 'SELECT at FROM starts WHERE limit_key = ? AND at > ? ORDER BY at LIMIT 1 OFFSET ?'
const HOLDERS = `SELECT DISTINCT run_id FROM slots WHERE ${KEEPS_WAITING} ORDER BY run_id LIMIT ?`
const IS_HELD_RUN = `SELECT 1 FROM runs WHERE ${IS_HELD}`

interface Taker {
  readonly runId: string
  readonly task: string
}

type FreeAt = 'now' | number | null

/** Takes slots for a task of a held run. */
export function takeSlots(scope: ChangeScope, change: TakeSlots): ShortReceipt {
  const { database } = scope
  if (database.first(IS_HELD_RUN, fenceCells(change)) === undefined) return refusal(database, change.runId)
  const { runId, task, limits } = change
  const needed = limits.filter((limit) => database.first(HAS, [slotKey(limit), runId, task]) === undefined)
  for (const { key } of needed) releaseLost(scope, key, change.engineId)
  const free = needed.map((limit) => freeAt(scope, limit, takenSlots(database, limit.key)))
  if (!free.every((at) => at === 'now')) return limited(free)
  for (const limit of needed) take(scope, change, limit)
  return 1
}

// Else all runs of an engine might wait for a slot of one that it has no place to take up. Who asks lives, whatever its lease says.
function releaseLost({ database, now }: ChangeScope, key: string, asking: string): void {
  for (const row of database.all(RELEASE_LOST, [key, now, asking])) {
    const runId = String(row['id'])
    database.held.forget(runId)
    freeAllButGate(database, runId)
  }
}

/** Takes the slots of a run that is claimed, in place of those it had; gives the refusal when there are none. */
export function takeRunSlots(
  scope: ChangeScope,
  run: { readonly id: string; readonly gate: string | null },
  limits: readonly Limit[],
): Receipt | undefined {
  const { database } = scope
  const { id, gate } = run
  const needed = gate === null ? limits : [...limits, { key: gateSlot(gate), max: 1 }]
  const free = needed.map((limit) => freeAt(scope, limit, takenByOthers(database, limit.key, id)))
  if (!free.every((at) => at === 'now')) return limited(free)
  freeRunSlots(database, id)
  for (const limit of needed) take(scope, { runId: id, task: '' }, limit)
  return undefined
}

/** Gives the slots of a task of a held run back. */
export function freeSlots(database: Database, change: FreeSlots): ShortReceipt {
  if (database.first(IS_HELD_RUN, fenceCells(change)) === undefined) return refusal(database, change.runId)
  freeTaskSlots(database, change)
  return 1
}

/** Gives the slots of a task back. */
export function freeTaskSlots(database: Database, { runId, task }: Taker): void {
  database.run(FREE_TASK, [runId, task])
}

/** Gives the slots of a run and its tasks back. */
export function freeRunSlots(database: Database, runId: string): void {
  database.run(FREE_RUN, [runId])
}

/** Gives the slots of a run that has not ended and its tasks back; it keeps its gate. */
export function freeAllButGate(database: Database, runId: string): void {
  database.run(FREE_BUT_GATE, [runId])
}

/** Number of taken slots of a limit. */
export function takenSlots(database: Database, key: string): number {
  return Number(database.first(COUNT, [key])?.['taken'])
}

/** What is left of a limit. Read only: starts that count no more are left where they are. */
export function roomOf(database: Database, limit: Limit, now: number): LimitRoom {
  if ('perMs' in limit) {
    const since = now - limit.perMs
    const counting = Number(database.first(COUNT_STARTS_SINCE, [limit.key, since])?.['taken'])
    const free = Math.max(0, limit.max - counting)
    if (free > 0) return { free, freeAt: null, holders: [] }
    const next = Number(database.first(NTH_START_SINCE, [limit.key, since, counting - limit.max])?.['at'])
    return { free, freeAt: next + limit.perMs, holders: [] }
  }
  const holders = database.all(HOLDERS, [limit.key, now, MAX_HOLDERS]).map((row) => String(row['run_id']))
  const taken = Number(database.first(COUNT_KEEPING, [limit.key, now])?.['taken'])
  return { free: Math.max(0, limit.max - taken), freeAt: null, holders }
}

/** Whether a run itself has a slot of a limit. */
export function hasRunSlot(database: Database, key: string, runId: string): boolean {
  return database.first(HAS, [key, runId, '']) !== undefined
}

function takenByOthers(database: Database, key: string, runId: string): number {
  return Number(database.first(COUNT_OTHERS, [key, runId])?.['taken'])
}

/** When a slot of a limit can be taken; null when only giving one back frees one. */
function freeAt({ database, now }: ChangeScope, limit: Limit, taken: number): FreeAt {
  if (!('perMs' in limit)) return taken < limit.max ? 'now' : null
  database.run(FORGET_STARTS, [limit.key, now - limit.perMs])
  const surplus = Number(database.first(COUNT_STARTS, [limit.key])?.['taken']) - limit.max
  if (surplus < 0) return 'now'
  return Number(database.first(NTH_START, [limit.key, surplus])?.['at']) + limit.perMs
}

/** The refusal: time alone will do only when every missing slot is one of a rate. */
function limited(free: readonly FreeAt[]): Receipt {
  const missing = free.filter((at) => at !== 'now')
  const times = missing.filter((at) => at !== null)
  const retryAt = times.length === missing.length ? Math.max(...times) : null
  return { accepted: false, refusal: 'limited', retryAt }
}

function take({ database, now }: ChangeScope, { runId, task }: Taker, limit: Limit): void {
  database.run(TAKE, [slotKey(limit), runId, task])
  if ('perMs' in limit) database.run(START, [limit.key, now])
}

function slotKey(limit: Limit): string {
  return 'perMs' in limit ? rateSlot(limit.key) : limit.key
}
