import type { OverlapPolicy } from '../../definition/schedules/schedule-options.ts'
import type { RunRecord } from '../../storage/records.ts'

/** What is done with times while earlier runs of their schedule have not ended. */
export interface OverlapDecision {
  /** Times that get a run, the oldest first. */
  readonly run: readonly number[]
  /** Times that get none, the oldest first. */
  readonly leftOut: readonly number[]
  /** Runs that are to end. */
  readonly cancel: readonly string[]
}

/** Runs of a schedule that may wait for each other: a queue that only grows is a fault, and must not fill the storage. */
export const MAX_WAITING = 1000

/** How many open runs have to be known to decide. */
export function openRunsNeeded(policy: OverlapPolicy): number {
  if (policy === 'allow') return 0
  return policy === 'queue' || policy === 'cancel-running' ? MAX_WAITING : 2
}

/**
 * Decides about due times. Times that are made up for together follow each other, whatever waits; only where the policy has no place for
 * them all, the newest are taken.
 *
 * @param open Runs of the schedule that have not ended, the newest first.
 */
export function decideOverlap(
  policy: OverlapPolicy,
  times: readonly number[],
  open: readonly Pick<RunRecord, 'id' | 'epoch' | 'cancelRequestedAt'>[],
): OverlapDecision {
  const newest = (count: number): OverlapDecision => ({
    run: count === 0 ? [] : times.slice(-count),
    leftOut: times.slice(0, Math.max(0, times.length - count)),
    cancel: [],
  })
  switch (policy) {
    case 'allow':
      return newest(times.length)
    case 'skip':
      return newest(open.length === 0 ? times.length : 0)
    case 'queue':
      return newest(Math.max(0, Math.min(times.length, MAX_WAITING - open.length)))
    case 'buffer-one': {
      const waits = open.some(({ epoch }) => epoch === 0)
      return newest(open.length === 0 ? 2 : waits ? 0 : 1)
    }
    case 'cancel-running': {
      const cancel = open.filter(({ cancelRequestedAt }) => cancelRequestedAt === null).map(({ id }) => id)
      return { ...newest(1), cancel }
    }
  }
}
