/* The waking of runs for which something has come. */
import type { RunRecord } from '../records.ts'
import { isFinalRun, isFinalTask } from '../run-rules.ts'
import { changeRun, type ChangeScope } from './scope.ts'
import { signalsOf } from './signals-of-run.ts'
import type { StoredRun } from './state.ts'

/** A run that waits and that nobody holds is to go on now; gives the run as it is stored then. */
export function wakeRun(scope: ChangeScope, runId: string): RunRecord | undefined {
  const stored = scope.state.runs.get(runId)
  if (stored === undefined) return undefined
  const { status, engineId, wakeAt } = stored.record
  const isParked = (status === 'waiting' || status === 'retrying') && engineId === null
  return isParked ? changeRun(scope, stored, { wakeAt: Math.min(wakeAt ?? scope.now, scope.now) }) : stored.record
}

/** Whether a signal was taken for a run, or a child of it has ended that nothing goes on for, and its task has no final record yet. */
export function hasCome({ state }: ChangeScope, { record, tasks }: StoredRun): boolean {
  const isAwaited = (key: string | null): boolean => {
    const task = key === null ? undefined : tasks.get(key)
    return key !== null && (task === undefined || !isFinalTask(task.status))
  }
  const hasSignal = signalsOf(state, record.id).some(
    ({ takenBy }) => takenBy?.runId === record.id && isAwaited(takenBy.key),
  )
  if (hasSignal) return true
  for (const id of state.children.get(record.id)?.keys() ?? []) {
    const child = state.runs.get(id)?.record
    const hasEnded = child !== undefined && isFinalRun(child.status) && child.nextRunId === null
    if (hasEnded && isAwaited(child.parentKey)) return true
  }
  return false
}
