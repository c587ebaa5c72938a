import type { PutTask } from '../changes.ts'
import type { TaskRecord } from '../records.ts'
import type { Fence } from '../run-changes.ts'
import { placeholders, readTask, TASK_FIELDS, TASK_NAMES, taskCells, USUAL_TASK } from './columns.ts'
import type { Cell, Database } from './database.ts'
import { fenceCells, IS_HELD, refusal, refused, type ShortReceipt } from './fence.ts'
import { freeTaskSlots } from './limits.ts'
import type { PackedPut } from './packed-changes.ts'
import type { ChangeScope } from './scope.ts'

const NAMES = TASK_NAMES.split(', ')
const REPLACED = NAMES.filter((name) => !['run_id', 'key', 'seq'].includes(name))

const put = (source: string): string => `
  INSERT INTO tasks (${TASK_NAMES}) ${source}
  ON CONFLICT (run_id, key) DO UPDATE SET ${REPLACED.map((name) => `${name} = excluded.${name}`).join(', ')}
  WHERE tasks.status NOT IN ('succeeded', 'failed') OR tasks.epoch = 0`
const putAny = (values: string): string => put(`VALUES (${values})`)
// The row comes from the run, so that without the fence there is nothing to insert.
const putIfHeld = (values: string): string => put(`SELECT ${values} FROM runs WHERE ${IS_HELD}`)
const ALL = placeholders(NAMES.length)
const [PUT, PUT_USUAL] = [putAny(ALL), putAny(USUAL_TASK.values)]
const [PUT_IF_HELD, PUT_USUAL_IF_HELD] = [putIfHeld(ALL), putIfHeld(USUAL_TASK.values)]
const COUNT_EVENT = 'UPDATE runs SET worker_event_seq = max(worker_event_seq, ?) WHERE id = ?'
const KEEP = 'INSERT OR REPLACE INTO task_cache (key, value, expires_at) VALUES (?, ?, ?)'
const CACHED = 'SELECT value, expires_at FROM task_cache WHERE key = ? AND expires_at > ?'
const PROGRESS = `
  SELECT run_id, max(progress) AS progress, count(position) AS done FROM tasks
  WHERE run_id IN (SELECT value FROM json_each(?)) GROUP BY run_id`
const LIST = `SELECT ${TASK_FIELDS} FROM tasks WHERE run_id = ? ORDER BY seq, key`

/** Stores a task record of a held run. */
export function putTask({ database }: ChangeScope, change: PutTask): ShortReceipt {
  const { task, runId, workerEventSeq, cache } = change
  if (database.run(PUT_IF_HELD, [...taskCells(task), ...fenceCells(change)]) === 0) return putRefusal(database, change)
  if (workerEventSeq !== undefined) database.run(COUNT_EVENT, [workerEventSeq, runId])
  if (cache !== undefined && task.value !== null) database.run(KEEP, [cache.key, task.value, cache.expiresAt])
  if (change.freeSlots === true) freeTaskSlots(database, { runId, task: task.key })
  return 1
}

/** Stores a packed task record. */
export function putPacked({ database, isPlain }: ChangeScope, [, engineId, epoch, cells]: PackedPut): ShortReceipt {
  const fence: Fence = { runId: cells[0] as string, epoch, engineId }
  const isKnown = database.held.find(fence) !== undefined
  const all: readonly Cell[] = isKnown ? cells : [...cells, ...fenceCells(fence)]
  const isUsual = USUAL_TASK.has(cells)
  const sql = isKnown ? (isUsual ? PUT_USUAL : PUT) : isUsual ? PUT_USUAL_IF_HELD : PUT_IF_HELD
  const changed = isPlain ? database.runEncoded(sql, all) : database.run(sql, all)
  return changed === 0 ? putRefusal(database, fence) : 1
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

function putRefusal(database: Database, change: Fence): ShortReceipt {
  const isHeld = database.first(`SELECT 1 FROM runs WHERE ${IS_HELD}`, fenceCells(change)) !== undefined
  return isHeld ? refused('recorded') : refusal(database, change.runId)
}
