/* Slots: who holds a place of a limit, and which starts still count for a rate. */
import type { FreeSlots, Receipt, TakeSlots } from '../changes.ts'
import type { Limit } from '../run-changes.ts'
import { gateSlot } from '../run-rules.ts'
import type { Database } from './database.ts'
import { fenceCells, IS_HELD, refusal, type ShortReceipt } from './fence.ts'
import type { ChangeScope } from './scope.ts'

const COUNT = 'SELECT count(*) AS taken FROM slots WHERE limit_key = ?'
const HAS = 'SELECT 1 FROM slots WHERE limit_key = ? AND run_id = ? AND task = ?'
const TAKE = 'INSERT OR IGNORE INTO slots (limit_key, run_id, task) VALUES (?, ?, ?)'
const FREE_TASK = 'DELETE FROM slots WHERE run_id = ? AND task = ?'
const FREE_RUN = 'DELETE FROM slots WHERE run_id = ?'
const FORGET_STARTS = 'DELETE FROM starts WHERE limit_key = ? AND at <= ?'
const COUNT_STARTS = 'SELECT count(*) AS taken FROM starts WHERE limit_key = ?'
const HAS_START = 'SELECT 1 FROM starts WHERE limit_key = ? AND run_id = ? AND task = ?'
// The start whose end frees a place: as many as there are too many, plus one.
const NTH_START = 'SELECT at FROM starts WHERE limit_key = ? ORDER BY at LIMIT 1 OFFSET ?'
const START = 'INSERT INTO starts (limit_key, at, run_id, task) VALUES (?, ?, ?, ?)'
const IS_HELD_RUN = `SELECT 1 FROM runs WHERE ${IS_HELD}`

interface Taker {
  readonly runId: string
  readonly task: string
}

/**
 * Why a slot of each limit cannot be had; null when it can.
 *
 * @param start Names the start that a rate counts; the same one again is not counted again.
 */
export function limitedBy(
  { database, now }: ChangeScope,
  taker: Taker,
  limits: readonly Limit[],
  start: string = taker.task,
): Receipt | null {
  const retryAts: (number | null)[] = []
  for (const limit of limits) {
    const retryAt =
      'perMs' in limit
        ? rateFreeAt(database, { ...taker, task: start }, limit, now)
        : slotFreeAt(database, taker, limit)
    if (retryAt !== 'free') retryAts.push(retryAt)
  }
  if (retryAts.length === 0) return null
  const times = retryAts.filter((at) => at !== null)
  return { accepted: false, refusal: 'limited', retryAt: times.length === retryAts.length ? Math.max(...times) : null }
}

/** Takes a slot of each limit. */
export function takeAll(
  { database, now }: ChangeScope,
  { runId, task }: Taker,
  limits: readonly Limit[],
  start: string = task,
): void {
  for (const limit of limits) {
    if (!('perMs' in limit)) database.run(TAKE, [limit.key, runId, task])
    else if (database.first(HAS_START, [limit.key, runId, start]) === undefined)
      database.run(START, [limit.key, now, runId, start])
  }
}

/** Takes slots for a task of a held run. */
export function takeSlots(scope: ChangeScope, change: TakeSlots): ShortReceipt {
  if (scope.database.first(IS_HELD_RUN, fenceCells(change)) === undefined) return refusal(scope.database, change.runId)
  const limited = limitedBy(scope, change, change.limits)
  if (limited === null) takeAll(scope, change, change.limits)
  return limited ?? 1
}

/** Gives the slots of a task back. */
export function freeSlots(database: Database, { runId, task }: Pick<FreeSlots, 'runId' | 'task'>): ShortReceipt {
  database.run(FREE_TASK, [runId, task])
  return 1
}

/** Gives the slots of a run and its tasks back. */
export function freeAllSlots(database: Database, runId: string): void {
  database.run(FREE_RUN, [runId])
}

/** Number of taken slots of a limit. */
export function takenSlots(database: Database, key: string): number {
  return Number(database.first(COUNT, [key])?.['taken'])
}

/** The limits of a claim with the one that the gate of the run stands for. */
export function withGate(limits: readonly Limit[], gate: string | null): readonly Limit[] {
  return gate === null ? limits : [...limits, { key: gateSlot(gate), max: 1 }]
}

function slotFreeAt(database: Database, { runId, task }: Taker, { key, max }: Limit): 'free' | null {
  const isTaken = database.first(HAS, [key, runId, task]) !== undefined
  return isTaken || takenSlots(database, key) < max ? 'free' : null
}

function rateFreeAt(
  database: Database,
  { runId, task }: Taker,
  { key, max, perMs }: Limit & { readonly perMs: number },
  now: number,
): 'free' | number {
  database.run(FORGET_STARTS, [key, now - perMs])
  if (database.first(HAS_START, [key, runId, task]) !== undefined) return 'free'
  const surplus = Number(database.first(COUNT_STARTS, [key])?.['taken']) - max
  if (surplus < 0) return 'free'
  return Number(database.first(NTH_START, [key, surplus])?.['at']) + perMs
}
