import type { EndedRun } from '../run-sums.ts'
import { countFailure } from './failures.ts'
import type { ChangeScope } from './scope.ts'

/** Counts a run that has ended. */
export function countEnd({ database, sums }: ChangeScope, run: EndedRun): void {
  sums.add(run)
  if (run.status === 'failed') countFailure(database, run)
}
