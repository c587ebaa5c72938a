/*
 * Slots: who holds a place of a limit, and which starts still count for a rate. Who has a slot of a rate is noted too, so that taking it
 * again is not a second start; given back, its start still counts.
 */
import type { FreeSlots, Receipt, TakeSlots } from '../changes.ts'
import type { RunRecord } from '../records.ts'
import type { Limit } from '../run-changes.ts'
import { gateSlot, isAlive, MAX_HOLDERS, rateSlot } from '../run-rules.ts'
import type { LimitRoom } from '../storage.ts'
import { ACCEPTED, changeRun, heldRun, refused, type ChangeScope } from './scope.ts'
import type { MemoryState, Slot, StoredRun } from './state.ts'

interface Taker {
  readonly runId: string
  readonly task: string
}

/** Takes slots for a task of a held run. */
export function takeSlots(scope: ChangeScope, change: TakeSlots): Receipt {
  const stored = heldRun(scope, change)
  if (typeof stored === 'string') return refused(stored)
  const needed = change.limits.filter((limit) => !hasSlot(scope.state, change, limit))
  for (const { key } of needed) releaseLost(scope, key, change.engineId)
  const times = needed.map((limit) => freeAt(scope, limit, takenSlots(scope.state, limit.key)))
  if (!times.every((at) => at === 'now')) return limited(times)
  for (const limit of needed) take(scope, change, limit)
  return ACCEPTED
}

// Else all runs of an engine might wait for a slot of one that it has no place to take up. Who asks lives, whatever its lease says.
function releaseLost(scope: ChangeScope, key: string, asking: string): void {
  for (const { runId, task } of scope.state.slots.get(key)?.values() ?? []) {
    const stored = scope.state.runs.get(runId)
    if (task === '' || stored === undefined || stored.record.engineId === asking) continue
    if (!isLost(scope.state, stored.record, scope.now)) continue
    // What it has to undo is not known: it must not be ended as one that has nothing.
    const undoTasks = Math.max(1, stored.record.undoTasks)
    changeRun(scope, stored, { status: 'queued', reason: null, engineId: null, undoTasks })
    freeAllButGate(scope, stored)
  }
}

function isLost({ engines }: MemoryState, { engineId }: RunRecord, now: number): boolean {
  return engineId !== null && !isAlive(engines.get(engineId), now)
}

/** Takes the slots of a run that is claimed, in place of those it had; gives the refusal when there are none. */
export function takeRunSlots(scope: ChangeScope, { record }: StoredRun, limits: readonly Limit[]): Receipt | undefined {
  const { id, gate } = record
  const needed = gate === null ? limits : [...limits, { key: gateSlot(gate), max: 1 }]
  const times = needed.map((limit) => freeAt(scope, limit, takenSlots(scope.state, limit.key, id)))
  if (!times.every((at) => at === 'now')) return limited(times)
  freeRunSlots(scope, id)
  for (const limit of needed) take(scope, { runId: id, task: '' }, limit)
  return undefined
}

/** Gives the slots of a task of a held run back. */
export function freeSlots(scope: ChangeScope, change: FreeSlots): Receipt {
  const stored = heldRun(scope, change)
  if (typeof stored === 'string') return refused(stored)
  freeTaskSlots(scope, change)
  return ACCEPTED
}

/** Gives the slots of a task back. */
export function freeTaskSlots(scope: ChangeScope, { runId, task }: Taker): void {
  for (const slot of scope.state.slotsOfRun.get(runId)?.values() ?? []) if (slot.task === task) giveBack(scope, slot)
}

/** Gives the slots of a run and its tasks back. */
export function freeRunSlots(scope: ChangeScope, runId: string): void {
  for (const slot of scope.state.slotsOfRun.get(runId)?.values() ?? []) giveBack(scope, slot)
}

/** Gives the slots of a run that has not ended and its tasks back; it keeps its gate. */
export function freeAllButGate(scope: ChangeScope, { record: { id, gate } }: StoredRun): void {
  const kept = gate === null ? null : gateSlot(gate)
  for (const slot of scope.state.slotsOfRun.get(id)?.values() ?? []) if (slot.key !== kept) giveBack(scope, slot)
}

/** Number of taken slots of a limit, leaving out those of one run. */
export function takenSlots({ slots }: MemoryState, key: string, exceptRunId?: string): number {
  const taken = slots.get(key)
  if (taken === undefined) return 0
  if (exceptRunId === undefined) return taken.size
  return [...taken.values()].filter(({ runId }) => runId !== exceptRunId).length
}

/** What is left of a limit. */
export function roomOf(state: MemoryState, limit: Limit, now: number): LimitRoom {
  if ('perMs' in limit) {
    const counting = countingStarts(state, limit, now)
    const free = Math.max(0, limit.max - counting.length)
    return { free, freeAt: free === 0 ? nextStartAt(counting, limit) : null, holders: [] }
  }
  const counting = [...(state.slots.get(limit.key)?.values() ?? [])].filter(({ runId, task }) => {
    const record = state.runs.get(runId)?.record
    return task === '' || record === undefined || !isLost(state, record, now)
  })
  const runIds = counting.map(({ runId }) => runId)
  const holders = [...new Set(runIds)].toSorted().slice(0, MAX_HOLDERS)
  return { free: Math.max(0, limit.max - runIds.length), freeAt: null, holders }
}

function hasSlot({ slots }: MemoryState, taker: Taker, limit: Limit): boolean {
  const key = slotKey(limit)
  return slots.get(key)?.has(slotId(key, taker)) ?? false
}

/** When a slot of a limit can be taken; null when only giving one back frees one. */
function freeAt({ state, now }: ChangeScope, limit: Limit, taken: number): 'now' | number | null {
  if (!('perMs' in limit)) return taken < limit.max ? 'now' : null
  const counting = countingStarts(state, limit, now)
  return counting.length < limit.max ? 'now' : nextStartAt(counting, limit)
}

// The start whose end leaves one less than are allowed.
function nextStartAt(
  counting: readonly number[],
  { max, perMs }: { readonly max: number; readonly perMs: number },
): number | null {
  const last = counting[counting.length - max]
  return last === undefined ? null : last + perMs
}

/** The refusal: time alone will do only when every missing slot is one of a rate. */
function limited(all: readonly ('now' | number | null)[]): Receipt {
  const missing = all.filter((at) => at !== 'now')
  const times = missing.filter((at) => at !== null)
  const retryAt = times.length === missing.length ? Math.max(...times) : null
  return { accepted: false, refusal: 'limited', retryAt }
}

function take({ state, transaction, now }: ChangeScope, { runId, task }: Taker, limit: Limit): void {
  const key = slotKey(limit)
  const id = slotId(key, { runId, task })
  if (state.slots.get(key)?.has(id) === true) return
  const slot = { id, key, runId, task }
  transaction.group(state.slots, key, id, slot)
  transaction.group(state.slotsOfRun, runId, id, slot)
  if ('perMs' in limit) transaction.set(state.starts, limit.key, [...countingStarts(state, limit, now), now])
}

function giveBack({ state, transaction }: ChangeScope, { id, key, runId }: Slot): void {
  transaction.ungroup(state.slots, key, id)
  transaction.ungroup(state.slotsOfRun, runId, id)
}

function countingStarts(
  { starts }: MemoryState,
  { key, perMs }: { readonly key: string; readonly perMs: number },
  now: number,
): readonly number[] {
  return (starts.get(key) ?? []).filter((at) => now < at + perMs)
}

function slotKey(limit: Limit): string {
  return 'perMs' in limit ? rateSlot(limit.key) : limit.key
}

function slotId(key: string, { runId, task }: Taker): string {
  return JSON.stringify([key, runId, task])
}
