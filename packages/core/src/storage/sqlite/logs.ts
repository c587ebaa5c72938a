import { LOG_LEVELS } from '../../primitives/log-level.ts'
import type { AppendLog } from '../changes.ts'
import type { LogRecord } from '../records.ts'
import type { LogQuery } from '../storage.ts'
import { LOG_FIELDS, LOG_NAMES } from './columns.ts'
import type { Cell, Database } from './database.ts'
import { fenceCells, IS_HELD, refusal, sqlList, type ShortReceipt } from './fence.ts'

const COUNT_UP = 'UPDATE runs SET log_seq = log_seq + ?, worker_log_seq = max(worker_log_seq, ?)'
const COUNT_UP_FENCED = `${COUNT_UP} WHERE ${IS_HELD} RETURNING log_seq`
const COUNT_UP_OPEN = `${COUNT_UP} WHERE id = ? RETURNING log_seq`
const APPEND = `INSERT INTO logs (${LOG_NAMES}) VALUES (?, ?, ?, ?, ?, ?, ?)`

/** Appends lines to the log of a run. */
export function appendLog(database: Database, change: AppendLog): ShortReceipt {
  const { runId, fence, lines, workerLogSeq = 0 } = change
  const row =
    fence === null
      ? database.first(COUNT_UP_OPEN, [lines.length, workerLogSeq, runId])
      : database.first(COUNT_UP_FENCED, [lines.length, workerLogSeq, ...fenceCells(fence)])
  if (row === undefined) return refusal(database, runId)
  const firstSeq = Number(row['log_seq']) - lines.length + 1
  for (const [index, { at, level, task, message, fields }] of lines.entries())
    database.run(APPEND, [runId, firstSeq + index, at, level, task, message, fields])
  return { accepted: true, firstSeq }
}

/** The lines of a run that a query asks for, oldest first. */
export function listLogs(database: Database, query: LogQuery): readonly LogRecord[] {
  const { conditions, cells } = filters(query)
  const isLast = query.before !== undefined
  const rows = database.all(
    `SELECT ${LOG_FIELDS} FROM logs WHERE ${conditions.join(' AND ')} ORDER BY seq ${isLast ? 'DESC' : 'ASC'} LIMIT ?`,
    [...cells, query.limit],
  ) as unknown as readonly LogRecord[]
  return isLast ? rows.toReversed() : rows
}

/** Number of lines of a run. */
export function countLogs(database: Database, runId: string): number {
  return Number(database.first('SELECT log_seq FROM runs WHERE id = ?', [runId])?.['log_seq'] ?? 0)
}

function filters(query: LogQuery): { readonly conditions: readonly string[]; readonly cells: readonly Cell[] } {
  const conditions = ['run_id = ?']
  const cells: Cell[] = [query.runId]
  const add = (condition: string, cell: Cell | undefined): void => {
    if (cell === undefined) return
    conditions.push(condition)
    cells.push(cell)
  }
  add('seq > ?', query.after)
  add('seq < ?', query.before)
  add('task = ?', query.task)
  if (query.minLevel !== undefined)
    conditions.push(`level IN ${sqlList(LOG_LEVELS.slice(LOG_LEVELS.indexOf(query.minLevel)))}`)
  // Last, since it is the dear one: SQLite tests conditions on plain columns first.
  add('contains_text(message, ?)', query.text?.toLowerCase())
  return { conditions, cells }
}
