import type { PutTask, Receipt } from '../changes.ts'
import type { TaskRecord } from '../records.ts'
import { isFinalTask } from '../run-rules.ts'
import { freeTaskSlots } from './limits.ts'
import { ACCEPTED, changeRun, heldRun, refused, type ChangeScope } from './scope.ts'
import type { MemoryState } from './state.ts'

/** Stores a task record of a held run. */
export function putTask(scope: ChangeScope, change: PutTask): Receipt {
  const { state, transaction } = scope
  const stored = heldRun(scope, change)
  if (typeof stored === 'string') return refused(stored)
  const { task, runId, cache, workerEventSeq = 0 } = change
  const known = stored.tasks.get(task.key)
  if (known !== undefined && isFinalTask(known.status) && known.origin !== 'copied') return refused('recorded')
  transaction.set(stored.tasks, task.key, { ...task, seq: known?.seq ?? task.seq })
  if (workerEventSeq > stored.record.workerEventSeq) changeRun(scope, stored, { workerEventSeq })
  if (cache !== undefined && task.value !== null)
    transaction.set(state.cache, cache.key, { value: task.value, expiresAt: cache.expiresAt })
  if (change.freeSlots === true) freeTaskSlots(scope, { runId, task: task.key })
  return ACCEPTED
}

/** All task records of a run, in the order of their first write. */
export function listTasks({ runs }: MemoryState, runId: string): readonly TaskRecord[] {
  return [...(runs.get(runId)?.tasks.values() ?? [])].toSorted(
    (left, right) => left.seq - right.seq || (left.key < right.key ? -1 : 1),
  )
}

/** How far runs are by their task records. */
export function tasksProgress(
  { runs }: MemoryState,
  runIds: readonly string[],
): readonly { readonly runId: string; readonly progress: number; readonly tasksDone: number }[] {
  return runIds.map((runId) => {
    const records = [...(runs.get(runId)?.tasks.values() ?? [])]
    const progress = records.reduce((most, record) => Math.max(most, record.progress), 0)
    return { runId, progress, tasksDone: records.filter(({ position }) => position !== null).length }
  })
}

/** A value that was kept and has not expired. */
export function cachedValue(
  { cache }: MemoryState,
  key: string,
  now: number,
): { readonly value: string; readonly expiresAt: number } | undefined {
  const kept = cache.get(key)
  return kept !== undefined && now < kept.expiresAt ? kept : undefined
}
