/*
 * Signals and the waits that take them. They meet at an address: that of a run and a name, or that of a name and what is to match. A
 * signal has one address, a wait listens at its run's and, when it says what is to match, at that one too.
 */
import type { AwaitSignal, CloseWait, Receipt, SendSignal } from '../changes.ts'
import type { SignalRecord } from '../records.ts'
import { isFinalTask } from '../run-rules.ts'
import { ACCEPTED, heldRun, openRun, refused, type ChangeScope } from './scope.ts'
import { signalsOf } from './signals-of-run.ts'
import type { MemoryState, StoredSignal, Wait } from './state.ts'
import { wakeRun } from './wakes.ts'

/** Sends a signal. */
export function sendSignal(scope: ChangeScope, { signal }: SendSignal): Receipt {
  const { state, transaction } = scope
  if (state.signals.has(signal.id)) return refused('duplicate')
  const target = signal.runId === null ? undefined : openRun(scope, signal.runId)
  if (typeof target === 'string') return refused(target)
  const sent = { order: ++state.order.last, signal }
  transaction.set(state.signals, signal.id, sent)
  if (signal.runId !== null) transaction.group(state.signalsOfRun, signal.runId, signal.id, true)
  const offered = offer(scope, sent)
  if (offered === undefined) keep(scope, sent)
  return offered ?? ACCEPTED
}

/** The task whose wait would take a signal. */
export function takerOf(
  state: MemoryState,
  signal: Pick<SignalRecord, 'runId' | 'name' | 'match'>,
): { readonly runId: string; readonly key: string } | undefined {
  const wait = oldestWait(state, signal)
  return wait && { runId: wait.runId, key: wait.task }
}

/** Takes a signal for a task, or waits for one. */
export function awaitSignal(scope: ChangeScope, change: AwaitSignal): Receipt {
  const stored = heldRun(scope, change)
  if (typeof stored === 'string') return refused(stored)
  const { state } = scope
  const { runId, task, reject } = change
  const rejected = takenSignal(state, runId, task)
  if (rejected !== undefined && rejected.id === reject) removeSignal(scope, rejected)
  const taken = takenSignal(state, runId, task)
  if (taken !== undefined) return { accepted: true, signal: taken }
  const addresses = addressesOf(change)
  const pending = oldest(addresses.flatMap((address) => [...(state.pending.get(address)?.values() ?? [])]))
  if (pending !== undefined) return { accepted: true, signal: takeSignal(scope, pending, runId, task) }
  if (state.waitsOfRun.get(runId)?.has(task) !== true)
    openWait(scope, { id: JSON.stringify([runId, task]), order: ++state.order.last, runId, task, addresses })
  return ACCEPTED
}

/** Ends a wait without a signal. */
export function closeWait(scope: ChangeScope, change: CloseWait): Receipt {
  const stored = heldRun(scope, change)
  if (typeof stored === 'string') return refused(stored)
  if (takenSignal(scope.state, change.runId, change.task) !== undefined) return refused('recorded')
  endWait(scope, scope.state.waitsOfRun.get(change.runId)?.get(change.task))
  return ACCEPTED
}

/** Ends all waits of a run. */
export function closeWaits(scope: ChangeScope, runId: string): void {
  for (const wait of scope.state.waitsOfRun.get(runId)?.values() ?? []) endWait(scope, wait)
}

/** Gives the signals to others that a run has taken and not used: it has ended. */
export function passSignalsOn(scope: ChangeScope, runId: string): void {
  const { state, transaction } = scope
  const tasks = state.runs.get(runId)?.tasks
  for (const { id, takenBy } of signalsOf(state, runId)) {
    const sent = state.signals.get(id)
    if (sent === undefined || sent.signal.runId !== null || takenBy?.runId !== runId) continue
    const task = tasks?.get(takenBy.key)
    if (task !== undefined && isFinalTask(task.status)) continue
    transaction.ungroup(state.signalsOfRun, runId, id)
    const free = { ...sent, signal: { ...sent.signal, takenBy: null } }
    transaction.set(state.signals, id, free)
    if (!offer(scope, free)) keep(scope, free)
  }
}

/** Forgets a signal. */
export function removeSignal({ state, transaction }: ChangeScope, { id, runId, takenBy, ...rest }: SignalRecord): void {
  transaction.delete(state.signals, id)
  if (runId !== null) transaction.ungroup(state.signalsOfRun, runId, id)
  if (takenBy !== null) transaction.ungroup(state.signalsOfRun, takenBy.runId, id)
  const address = addressOf({ runId, ...rest })
  if (address !== null) transaction.ungroup(state.pending, address, id)
}

/** Gives a signal to the oldest wait that it fits; nothing when there is none. */
function offer(scope: ChangeScope, sent: StoredSignal): Receipt | undefined {
  const wait = oldestWait(scope.state, sent.signal)
  if (wait === undefined) return undefined
  const signal = takeSignal(scope, sent, wait.runId, wait.task)
  const run = wakeRun(scope, wait.runId)
  return { accepted: true, signal, ...(run && { run }) }
}

function oldestWait({ waits }: MemoryState, signal: Pick<SignalRecord, 'runId' | 'name' | 'match'>): Wait | undefined {
  const address = addressOf(signal)
  return oldest(address === null ? undefined : waits.get(address)?.values())
}

/** Until somebody waits for it. */
function keep({ state, transaction }: ChangeScope, sent: StoredSignal): void {
  const address = addressOf(sent.signal)
  if (address !== null) transaction.group(state.pending, address, sent.signal.id, sent)
}

function takeSignal(scope: ChangeScope, { order, signal }: StoredSignal, runId: string, task: string): SignalRecord {
  const { state, transaction } = scope
  const taken = { ...signal, takenBy: { runId, key: task } }
  const address = addressOf(signal)
  transaction.set(state.signals, signal.id, { order, signal: taken })
  transaction.group(state.signalsOfRun, runId, signal.id, true)
  if (address !== null) transaction.ungroup(state.pending, address, signal.id)
  endWait(scope, state.waitsOfRun.get(runId)?.get(task))
  return taken
}

function takenSignal(state: MemoryState, runId: string, task: string): SignalRecord | undefined {
  return signalsOf(state, runId).find(({ takenBy }) => takenBy?.runId === runId && takenBy.key === task)
}

function openWait({ state, transaction }: ChangeScope, wait: Wait): void {
  transaction.group(state.waitsOfRun, wait.runId, wait.task, wait)
  for (const address of wait.addresses) transaction.group(state.waits, address, wait.id, wait)
}

function endWait({ state, transaction }: ChangeScope, wait: Wait | undefined): void {
  if (wait === undefined) return
  transaction.ungroup(state.waitsOfRun, wait.runId, wait.task)
  for (const address of wait.addresses) transaction.ungroup(state.waits, address, wait.id)
}

/** Where a signal goes; null when nobody can wait for it. */
function addressOf({ runId, name, match }: Pick<SignalRecord, 'runId' | 'name' | 'match'>): string | null {
  if (runId !== null) return JSON.stringify({ runId, name })
  return match === null ? null : JSON.stringify({ match, name })
}

function addressesOf({ runId, name, match }: AwaitSignal): readonly string[] {
  return [addressOf({ runId, name, match: null }), addressOf({ runId: null, name, match })].filter(
    (address) => address !== null,
  )
}

function oldest<T extends { readonly order: number }>(items: Iterable<T> = []): T | undefined {
  let first: T | undefined
  for (const item of items) if (first === undefined || item.order < first.order) first = item
  return first
}
