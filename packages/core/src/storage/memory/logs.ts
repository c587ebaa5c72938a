import { isAtLeast } from '../../primitives/log-level.ts'
import type { AppendLog, Receipt } from '../changes.ts'
import type { LogRecord } from '../records.ts'
import type { LogQuery } from '../storage.ts'
import { changeRun, heldRun, refused, type ChangeScope } from './scope.ts'

/** Appends lines to the log of a run. */
export function appendLog(scope: ChangeScope, change: AppendLog): Receipt {
  const stored =
    change.fence === null ? (scope.state.runs.get(change.runId) ?? 'missing') : heldRun(scope, change.fence)
  if (typeof stored === 'string') return refused(stored)
  const { record, logs } = stored
  const firstSeq = logs.length + 1
  scope.transaction.append(
    logs,
    change.lines.map((line, index) => ({ ...line, runId: change.runId, seq: firstSeq + index })),
  )
  const { workerLogSeq = 0 } = change
  if (workerLogSeq > record.workerLogSeq) changeRun(scope, stored, { workerLogSeq })
  return { accepted: true, firstSeq }
}

/** The lines of a run that a query asks for, oldest first. */
export function selectLogs(logs: readonly LogRecord[], query: LogQuery): readonly LogRecord[] {
  const text = query.text?.toLowerCase()
  const found = logs.filter(
    (line) =>
      line.seq > (query.after ?? 0) &&
      line.seq < (query.before ?? Infinity) &&
      isAtLeast(line.level, query.minLevel ?? 'debug') &&
      (query.task === undefined || line.task === query.task) &&
      (text === undefined || line.message.toLowerCase().includes(text)),
  )
  return query.before === undefined ? found.slice(0, query.limit) : found.slice(-query.limit)
}
