import type { PutTask } from '../changes.ts'
import type { TaskRecord } from '../records.ts'
import { isFinalTask } from '../run-rules.ts'
import { placeholders, readTask, TASK_FIELDS, TASK_NAMES, taskCells } from './columns.ts'
import type { Database } from './database.ts'
import { fenceCells, IS_HELD, refusal, refused, type ShortReceipt } from './fence.ts'

const REPLACED = TASK_NAMES.split(', ').filter((name) => name !== 'run_id' && name !== 'key')
const TASK_CELLS = REPLACED.length + 2

// The row comes from the run, so that without the fence there is nothing to insert.
const PUT = `
  INSERT INTO tasks (${TASK_NAMES}, seq)
  SELECT ${placeholders(TASK_CELLS)}, task_seq + 1 FROM runs WHERE ${IS_HELD}
  ON CONFLICT (run_id, key) DO UPDATE SET ${REPLACED.map((name) => `${name} = excluded.${name}`).join(', ')}
  WHERE tasks.status NOT IN ('succeeded', 'failed')`
const ADVANCE = `
  UPDATE runs SET
    task_seq = task_seq + 1, progress = max(progress, ?), worker_event_seq = max(worker_event_seq, ?)
  WHERE id = ?`
const ADVANCE_DONE = `
  UPDATE runs SET
    task_seq = task_seq + 1, progress = max(progress, ?), worker_event_seq = max(worker_event_seq, ?),
    tasks_done = tasks_done + 1, epochs_without_progress = 0
  WHERE id = ?`
const LIST = `SELECT ${TASK_FIELDS} FROM tasks WHERE run_id = ? ORDER BY seq`

/** Stores a task record of a held run. */
export function putTask(database: Database, change: PutTask): ShortReceipt {
  const { task, runId, progress, workerEventSeq = 0 } = change
  if (database.run(PUT, [...taskCells(task), ...fenceCells(change)]) === 0) return putRefusal(database, change)
  database.run(isFinalTask(task.status) ? ADVANCE_DONE : ADVANCE, [progress, workerEventSeq, runId])
  return 1
}

/** All task records of a run, in the order of their first write. */
export function listTasks(database: Database, runId: string): readonly TaskRecord[] {
  return database.all(LIST, [runId]).map(readTask)
}

function putRefusal(database: Database, change: PutTask): ShortReceipt {
  const isHeld = database.first(`SELECT 1 FROM runs WHERE ${IS_HELD}`, fenceCells(change)) !== undefined
  return isHeld ? refused('recorded') : refusal(database, change.runId)
}
