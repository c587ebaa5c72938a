import type { PutTask, Receipt } from '../changes.ts'
import { isFinalTask } from '../run-rules.ts'
import { ACCEPTED, changeRun, heldRun, refused, type ChangeScope } from './scope.ts'

/** Stores a task record of a held run. */
export function putTask(scope: ChangeScope, change: PutTask): Receipt {
  const stored = heldRun(scope, change)
  if (typeof stored === 'string') return refused(stored)
  const { task } = change
  const known = stored.tasks.get(task.key)
  if (known !== undefined && isFinalTask(known.status)) return refused('recorded')
  scope.transaction.set(stored.tasks, task.key, task)
  const { record } = stored
  const isFinal = isFinalTask(task.status)
  changeRun(scope, stored, {
    progress: Math.max(record.progress, change.progress),
    tasksDone: record.tasksDone + Number(isFinal),
    epochsWithoutProgress: isFinal ? 0 : record.epochsWithoutProgress,
    workerEventSeq: Math.max(record.workerEventSeq, change.workerEventSeq ?? 0),
  })
  return ACCEPTED
}
