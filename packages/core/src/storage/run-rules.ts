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

/** Order of two runs from the oldest to the newest. */
export function byAge(left: Pick<RunRecord, 'createdAt' | 'id'>, right: Pick<RunRecord, 'createdAt' | 'id'>): number {
  return left.createdAt - right.createdAt || byId(left, right)
}

/** The error of a change that a newer caller may know and this storage does not. */
export function unknownChange(change: never): PerfectError {
  const { type } = change as { readonly type: unknown }
  return new PerfectError('INTERNAL', `The storage knows no change "${String(type)}".`, { details: { type } })
}
