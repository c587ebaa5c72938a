import type { FinalRunStatus, RunEstimate, RunRecord } from '../records.ts'
import { countFailure } from './failures.ts'
import type { ChangeScope } from './scope.ts'

/** Counts a run that has ended. */
export function countEnd(scope: ChangeScope, run: RunRecord, status: FinalRunStatus, estimate?: RunEstimate): void {
  const ended = { ...run, status, finishedAt: run.finishedAt ?? run.createdAt, ...(estimate && { estimate }) }
  scope.sums.add(ended)
  if (status === 'failed') countFailure(scope, ended)
}
