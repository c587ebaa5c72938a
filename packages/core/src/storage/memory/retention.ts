/* What may be forgotten. */
import type { Receipt, Sweep } from '../changes.ts'
import { byId, isFinalRun } from '../run-rules.ts'
import { forgetAlerts } from './alerts.ts'
import { forgetAudit } from './audit.ts'
import { forgetEstimates } from './estimates.ts'
import { forgetFailures } from './failures.ts'
import { ACCEPTED, type ChangeScope } from './scope.ts'
import { removeSignal } from './signals.ts'
import type { MemoryState } from './state.ts'
import { forgetStats } from './stats.ts'

/** Ids of ended runs of a flow that may be removed, the oldest first. */
export function expiredRuns(
  { runs }: MemoryState,
  query: {
    readonly flowId: string
    readonly finishedBefore: number | null
    readonly keep: number | null
    readonly limit: number
  },
): readonly string[] {
  const { finishedBefore, keep, limit } = query
  const ended = [...runs.values()]
    .map(({ record }) => record)
    .filter(({ flowId, status }) => flowId === query.flowId && isFinalRun(status))
    .toSorted(byId)
  return ended
    .filter(({ finishedAt, parentRunId }, index) => {
      const parent = parentRunId === null ? undefined : runs.get(parentRunId)
      // A parent that has not ended may still ask for the result.
      if (parent !== undefined && !isFinalRun(parent.record.status)) return false
      const isOld = finishedBefore !== null && finishedAt !== null && finishedAt < finishedBefore
      return isOld || (keep !== null && index < ended.length - keep)
    })
    .slice(0, limit)
    .map(({ id }) => id)
}

/** Ids of the flows that have runs. */
export function flowIds({ runs }: MemoryState): readonly string[] {
  return [...new Set([...runs.values()].map(({ record }) => record.flowId))].toSorted()
}

/** Forgets cached values that have expired, signals for no run in particular that nobody took, and what was learned long ago. */
export function sweep(
  scope: ChangeScope,
  { signalsBefore, estimatesBefore, statsBefore, alertsBefore, audit }: Sweep,
): Receipt {
  const { state, transaction, now } = scope
  for (const [key, { expiresAt }] of state.cache) if (expiresAt <= now) transaction.delete(state.cache, key)
  for (const { signal } of state.signals.values())
    if (signal.runId === null && signal.takenBy === null && signal.sentAt < signalsBefore) removeSignal(scope, signal)
  forgetEstimates(scope, estimatesBefore)
  if (alertsBefore !== undefined) forgetAlerts(scope, alertsBefore)
  if (audit) forgetAudit(scope, audit)
  if (statsBefore) {
    forgetStats(scope, statsBefore)
    forgetFailures(scope, statsBefore.failure)
  }
  return ACCEPTED
}
