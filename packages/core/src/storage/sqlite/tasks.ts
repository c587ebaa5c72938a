import type { PutTask } from '../changes.ts'
import type { TaskRecord } from '../records.ts'
import { placeholders, readTask, TASK_FIELDS, TASK_NAMES, taskCells } from './columns.ts'
import type { Database } from './database.ts'
import { fenceCells, IS_HELD, refusal, refused, type ShortReceipt } from './fence.ts'
import { freeSlots } from './limits.ts'

const NAMES = TASK_NAMES.split(', ')
const REPLACED = NAMES.filter((name) => !['run_id', 'key', 'seq'].includes(name))

// The row comes from the run, so that without the fence there is nothing to insert.
const PUT = `
  INSERT INTO tasks (${TASK_NAMES})
  SELECT ${placeholders(NAMES.length)} FROM runs WHERE ${IS_HELD}
  ON CONFLICT (run_id, key) DO UPDATE SET ${REPLACED.map((name) => `${name} = excluded.${name}`).join(', ')}
  WHERE tasks.status NOT IN ('succeeded', 'failed') OR tasks.epoch = 0`
const COUNT_EVENT = 'UPDATE runs SET worker_event_seq = max(worker_event_seq, ?) WHERE id = ?'
const KEEP = 'INSERT OR REPLACE INTO task_cache (key, value, expires_at) VALUES (?, ?, ?)'
const CACHED = 'SELECT value, expires_at FROM task_cache WHERE key = ? AND expires_at > ?'
const PROGRESS = `
  SELECT run_id, max(progress) AS progress, count(position) AS done FROM tasks
  WHERE run_id IN (SELECT value FROM json_each(?)) GROUP BY run_id`
const LIST = `SELECT ${TASK_FIELDS} FROM tasks WHERE run_id = ? ORDER BY seq, key`

/** Stores a task record of a held run. */
export function putTask(database: Database, change: PutTask): ShortReceipt {
  const { task, runId, workerEventSeq, cache } = change
  if (database.run(PUT, [...taskCells(task), ...fenceCells(change)]) === 0) return putRefusal(database, change)
  if (workerEventSeq !== undefined) database.run(COUNT_EVENT, [workerEventSeq, runId])
  if (cache !== undefined && task.value !== null) database.run(KEEP, [cache.key, task.value, cache.expiresAt])
  if (change.freeSlots === true) freeSlots(database, { runId, task: task.key })
  return 1
}

/** All task records of a run, in the order of their first write. */
export function listTasks(database: Database, runId: string): readonly TaskRecord[] {
  return database.all(LIST, [runId]).map(readTask)
}

/** How far runs are by their task records. */
export function tasksProgress(
  database: Database,
  runIds: readonly string[],
): readonly { readonly runId: string; readonly progress: number; readonly tasksDone: number }[] {
  return database.all(PROGRESS, [JSON.stringify(runIds)]).map((row) => ({
    runId: String(row['run_id']),
    progress: Number(row['progress']),
    tasksDone: Number(row['done']),
  }))
}

/** A value that was kept and has not expired. */
export function cachedValue(
  database: Database,
  key: string,
  now: number,
): { readonly value: string; readonly expiresAt: number } | null {
  const row = database.first(CACHED, [key, now])
  return row === undefined ? null : { value: String(row['value']), expiresAt: Number(row['expires_at']) }
}

function putRefusal(database: Database, change: PutTask): ShortReceipt {
  const isHeld = database.first(`SELECT 1 FROM runs WHERE ${IS_HELD}`, fenceCells(change)) !== undefined
  return isHeld ? refused('recorded') : refusal(database, change.runId)
}
