import { PerfectError } from '../errors/perfect-error.ts'
import type { EngineRecord, FinalRunStatus, RunRecord, RunStatus, TaskStatus } from './records.ts'
import { FINAL_RUN_STATUSES, RUN_STATUSES } from './records.ts'

/** The statuses of a run that goes on at its `wakeAt`. */
export const TIMED_RUN_STATUSES: readonly RunStatus[] = ['scheduled', 'waiting', 'retrying']

/** The statuses that can still change. */
export const OPEN_RUN_STATUSES: readonly RunStatus[] = RUN_STATUSES.filter((status) => !isFinalRun(status))

/** Whether a run of this status has ended. */
export function isFinalRun(status: RunStatus): status is FinalRunStatus {
  return (FINAL_RUN_STATUSES as readonly RunStatus[]).includes(status)
}

/** Whether a task of this status has its checkpoint. */
export function isFinalTask(status: TaskStatus): boolean {
  return status === 'succeeded' || status === 'failed'
}

/** Whether a run of this status waits for a time. */
export function isTimedRun(status: RunStatus): boolean {
  return TIMED_RUN_STATUSES.includes(status)
}

/** Whether an engine counts as alive at an instant of the storage clock. */
export function isAlive(engine: EngineRecord | undefined, now: number): boolean {
  return engine !== undefined && engine.leaseUntil > now
}

/** Order of two records by their id. */
export function byId(left: { readonly id: string }, right: { readonly id: string }): number {
  return left.id < right.id ? -1 : Number(left.id > right.id)
}

/** Order of two runs in line. */
export function byTurn(left: Pick<RunRecord, 'queueAt' | 'id'>, right: Pick<RunRecord, 'queueAt' | 'id'>): number {
  return left.queueAt - right.queueAt || byId(left, right)
}

/** The labels under which a run is found: `#tag` for a tag, `name=value` for an attribute. */
export function labelsOf({ tags, attributes }: Pick<RunRecord, 'tags' | 'attributes'>): readonly string[] {
  return [
    ...new Set([
      ...tags.map((tag) => `#${tag}`),
      ...Object.entries(attributes).map(([name, value]) => `${name}=${String(value)}`),
    ]),
  ]
}

/** Key of the compensation of a task. */
export function undoKey(key: string): string {
  return `${key}/undo`
}

/** Slots of a flow's own limits: of all its runs, and of those with one key. */
export function flowSlot(flowId: string, limitKey?: string): string {
  return limitKey === undefined ? `flow:${flowId}` : `flow:${flowId}:${limitKey}`
}

/** The slot that the gate of a run stands for. */
export function gateSlot(gate: string): string {
  return `gate:${gate}`
}

/** The slot which says that a start of a rate was counted already: see {@link TakeSlots}. */
export function rateSlot(key: string): string {
  return `rate:${key}`
}

/** How many runs a storage names that have places of a limit. */
export const MAX_HOLDERS = 5

/** How many kinds of failures a storage keeps when it sweeps. */
export const MAX_FAILURES = 5000

/** How many flows a storage names in which failures of one kind were seen. */
export const MAX_FAILURE_FLOWS = 20

/** How many runs a storage counts that come before another. */
export const MAX_AHEAD = 10_000

/** Name of the signal that an approval waits for. */
export function approvalSignal(name: string): string {
  return `approval:${name}`
}

/** The error of a change that a newer caller may know and this storage does not. */
export function unknownChange(change: never): PerfectError {
  const { type } = change as { readonly type: unknown }
  return new PerfectError('INTERNAL', `The storage knows no change "${String(type)}".`, { details: { type } })
}
