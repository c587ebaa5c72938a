/* Why runs failed. Groups stay when the runs are removed. */
import { failurePattern, isCause } from '../failure-pattern.ts'
import type { FailureQuery } from '../figure-reads.ts'
import type { FailureGroupRecord } from '../records.ts'
import { MAX_FAILURE_FLOWS, MAX_FAILURES } from '../run-rules.ts'
import type { EndedRun } from '../run-sums.ts'
import type { ChangeScope } from './scope.ts'
import type { MemoryState } from './state.ts'
import { compare } from './stats.ts'

/** Counts a run that has failed. */
export function countFailure({ state, transaction }: ChangeScope, run: EndedRun): void {
  const tasks = [...(state.runs.get(run.id)?.tasks.values() ?? [])]
  const failed = tasks.filter(({ status, error }) => status === 'failed' && isCause(run.error, error))
  const task = failed.toSorted((left, right) => (right.position ?? 0) - (left.position ?? 0))[0]?.name ?? null
  const { fingerprint, code, pattern, message } = failurePattern(run.error, task)
  const at = run.finishedAt
  for (const flowId of [run.flowId, null]) {
    const key = JSON.stringify([fingerprint, flowId])
    const known = state.failures.get(key)
    const isNewer = known === undefined || at >= known.lastAt
    transaction.set(state.failures, key, {
      fingerprint,
      flowId,
      code,
      task,
      pattern,
      message: isNewer ? message : known.message,
      runs: (known?.runs ?? 0) + 1,
      firstAt: Math.min(at, known?.firstAt ?? at),
      lastAt: Math.max(at, known?.lastAt ?? at),
      exampleRunId: isNewer ? run.id : known.exampleRunId,
    })
  }
}

/** Groups of failures, the one that was seen last first. */
export function listFailures({ failures }: MemoryState, query: FailureQuery): readonly FailureGroupRecord[] {
  const { flowId, seenFrom = -Infinity, after, limit } = query
  return [...failures.values()]
    .filter((group) => group.flowId === flowId && group.lastAt >= seenFrom)
    .toSorted(byLastSeen)
    .filter((group) => after === undefined || byLastSeen(group, after) > 0)
    .slice(0, limit)
}

/** The flows in which failures of one kind were seen. */
export function flowsOfFailure(
  { failures }: MemoryState,
  fingerprint: string,
): readonly { readonly flowId: string; readonly runs: number }[] {
  return [...failures.values()]
    .flatMap(({ flowId, runs, ...group }) =>
      group.fingerprint === fingerprint && flowId !== null ? [{ flowId, runs }] : [],
    )
    .toSorted((left, right) => right.runs - left.runs || compare(left.flowId, right.flowId))
    .slice(0, MAX_FAILURE_FLOWS)
}

/** Forgets failures that were not seen since an instant, and those of more kinds than anybody can look at. */
export function forgetFailures({ state, transaction }: ChangeScope, before: number): void {
  const kinds = [...state.failures.values()].filter(({ flowId }) => flowId === null).toSorted(byLastSeen)
  const newest = kinds[MAX_FAILURES]?.lastAt ?? -Infinity
  for (const [key, { lastAt }] of state.failures)
    if (lastAt < before || lastAt <= newest) transaction.delete(state.failures, key)
}

type Place = Pick<FailureGroupRecord, 'lastAt' | 'fingerprint'>

function byLastSeen(left: Place, right: Place): number {
  return right.lastAt - left.lastAt || compare(left.fingerprint, right.fingerprint)
}
