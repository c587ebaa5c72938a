import type { LogFields, RunLog, TaskContext } from '../definition/task-context.ts'
import type { RunJournal } from '../journal/run-journal.ts'

/** What a task, or the flow itself, gets to know and to tell about its run. */
export function createTaskContext(
  journal: RunJournal,
  task: { readonly key: string; readonly attempt: number; readonly signal: AbortSignal },
): TaskContext {
  const runId = journal.run.id
  return {
    runId,
    key: task.key,
    attempt: task.attempt,
    configuration: journal.configuration.name,
    signal: task.signal,
    idempotencyKey: `${runId}:${task.key}`,
    log: createRunLog(journal, task.key, () => true),
    progress: (fraction, note) => journal.report(task.key, fraction, note ?? null),
  }
}

/** What code of the flow itself gets to know. @param isHeard Whether its log lines count now. */
export function createFlowContext(journal: RunJournal, signal: AbortSignal, isHeard: () => boolean): TaskContext {
  const { id, epoch } = journal.run
  return {
    runId: id,
    key: '',
    attempt: epoch,
    configuration: journal.configuration.name,
    signal,
    idempotencyKey: id,
    log: createRunLog(journal, null, isHeard),
    progress: () => undefined,
  }
}

/** @param isHeard Whether lines count now: on replay the flow says again what it has said. */
function createRunLog(journal: RunJournal, task: string | null, isHeard: () => boolean): RunLog {
  const at = (level: keyof RunLog) => (message: string, fields?: LogFields) => {
    if (isHeard()) journal.log(level, message, task, fieldsToText(fields))
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

// A log line must never fail the task that writes it.
function fieldsToText(fields: LogFields | undefined): string | null {
  if (fields === undefined) return null
  try {
    return JSON.stringify(fields)
  } catch (error) {
    return JSON.stringify({ unserializable: error instanceof Error ? error.message : String(error) })
  }
}
