import type { LogFields, RunLog, TaskContext } from '../definition/task-context.ts'
import type { RunJournal } from '../journal/run-journal.ts'

/** Who has a signal, and makes it when it is asked for. */
export interface SignalSource {
  readonly signal: AbortSignal
}

/** A call as its context tells it. */
interface ContextCall {
  readonly key: string
  readonly attempt: number
  readonly source: SignalSource
}

/** What a task, or the flow itself, gets to know and to tell about its run. Most of it is never asked for, and made only then. */
class CallContext implements TaskContext {
  readonly runId: string
  readonly key: string
  readonly attempt: number
  readonly #journal: RunJournal
  readonly #source: SignalSource
  readonly #isHeard: (() => boolean) | null
  #log: RunLog | null = null

  /** @param isHeard Whether log lines count now: on replay the flow says again what it has said. null: always, as for tasks. */
  constructor(journal: RunJournal, { key, attempt, source }: ContextCall, isHeard: (() => boolean) | null) {
    this.runId = journal.runId
    this.key = key
    this.attempt = attempt
    this.#journal = journal
    this.#source = source
    this.#isHeard = isHeard
  }

  get configuration(): string {
    return this.#journal.configuration.name
  }

  get signal(): AbortSignal {
    return this.#source.signal
  }

  get idempotencyKey(): string {
    return this.key === '' ? this.runId : `${this.runId}:${this.key}`
  }

  get log(): RunLog {
    this.#log ??= createRunLog(this.#journal, this.key === '' ? null : this.key, this.#isHeard ?? (() => true))
    return this.#log
  }

  get progress(): TaskContext['progress'] {
    if (this.key === '') return () => undefined
    return (fraction, note) => this.#journal.report(this.key, fraction, note ?? null)
  }
}

/** What a task gets to know and to tell about its run. */
export function createTaskContext(journal: RunJournal, call: ContextCall): TaskContext {
  return new CallContext(journal, call, null)
}

/** What code of the flow itself gets to know. @param isHeard Whether its log lines count now. */
export function createFlowContext(journal: RunJournal, source: SignalSource, isHeard: () => boolean): TaskContext {
  return new CallContext(journal, { key: '', attempt: journal.run.epoch, source }, isHeard)
}

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
