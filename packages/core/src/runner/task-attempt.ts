import { ambient, settleOutside, type Surroundings } from '../definition/ambient.ts'
import type { TaskContext } from '../definition/task-context.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError } from '../errors/serialized-error.ts'
import { encodeValue } from '../primitives/value.ts'
import { unknownOutcome, type Attempt } from './at-most-once.ts'
import type { TaskCall, TaskHost } from './run-task.ts'
import { createTaskContext, type SignalSource } from './task-context.ts'

/** How an attempt ended. */
export type AttemptEnd = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly error: unknown }

/** The task of an attempt. */
export interface AttemptedTask extends Attempt {
  readonly host: TaskHost
  readonly call: TaskCall
  /** Called once, when the attempt is over. */
  attemptEnded(end: AttemptEnd): void
}

const MAX_SHOWN_CHARS = 10_000

/** One attempt of a task, from the call of its function to its end. One object and no promise of its own: this is on the path of every task. */
export class TaskAttempt implements SignalSource, Surroundings {
  readonly #task: AttemptedTask
  readonly #limit: TimeLimit | null
  readonly context: TaskContext

  constructor(task: AttemptedTask) {
    this.#task = task
    const { name, timeoutMs } = task.call.definition
    this.#limit = timeoutMs === null ? null : new TimeLimit(task.host, name, timeoutMs)
    this.context = createTaskContext(task.host.journal, { key: task.call.key, attempt: task.attempt, source: this })
  }

  get scope(): null {
    return null
  }

  get signal(): AbortSignal {
    return this.#limit?.signal ?? this.#task.host.signal
  }

  get #isAborted(): boolean {
    return this.#limit?.signal.aborted ?? this.#task.host.isAborted
  }

  /** Runs the code of the user, and tells what came of it. */
  run(): void {
    const task = this.#task
    const { call, attempt } = task
    const { journal, middleware } = task.host
    this.#tell('starts', () => ({ args: shown(call.args) }))
    const body = (): Promise<unknown> =>
      middleware.task(journal, { call, attempt, source: this }, () => this.#runCode())
    this.#follow(ambient.run(this, body))
  }

  #follow(running: Promise<unknown>): void {
    const returned = (result: unknown): void => this.#task.attemptEnded(this.#returned(result))
    const threw = (error: unknown): void => this.#task.attemptEnded(this.#threw(error))
    settleOutside(running, returned, threw)
  }

  /** What the code gives, unless the time is up before. */
  #runCode(): Promise<unknown> {
    const { definition, args } = this.#task.call
    try {
      const result = definition.run(...args)
      if (this.#limit) return Promise.race([result, this.#limit.elapsed])
      return result instanceof Promise ? result : Promise.resolve(result)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #returned(result: unknown): AttemptEnd {
    this.#limit?.stop()
    try {
      const value = encodeValue(result, `result of task "${this.#task.call.definition.name}"`)
      this.#tell('succeeded', () => ({ result: shown(result) }))
      return { ok: true, value }
    } catch (error) {
      return this.#fail(error)
    }
  }

  #threw(error: unknown): AttemptEnd {
    this.#limit?.stop()
    return this.#fail(error)
  }

  #fail(thrown: unknown): AttemptEnd {
    // Code that was told to stop may have done its work or not, whatever it throws.
    const { call } = this.#task
    const isUnknown = !call.definition.isIdempotent && this.#isAborted
    const error = isUnknown ? unknownOutcome(call, this.#task, thrown) : thrown
    this.#tell('failed', () => ({ error: serializeError(error) }))
    return { ok: false, error }
  }

  #tell(what: string, fields: () => unknown): void {
    const { host, call, attempt } = this.#task
    if (host.journal.configuration.logAttempts)
      host.journal.log('debug', `attempt ${String(attempt)} ${what}`, call.key, JSON.stringify(fields()))
  }
}

// What a log line can hold of any value; the log must never fail the task.
function shown(value: unknown): string {
  try {
    return encodeValue(value, 'value').slice(0, MAX_SHOWN_CHARS)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The time that one attempt has. */
class TimeLimit {
  readonly signal: AbortSignal
  /** Fails when the time is up. */
  readonly elapsed: Promise<never>
  readonly stop: () => void

  constructor(host: TaskHost, name: string, timeoutMs: number) {
    const controller = new AbortController()
    this.signal = AbortSignal.any([host.signal, controller.signal])
    const { promise, reject } = Promise.withResolvers<never>()
    // Nobody may be waiting any more when the time is up.
    promise.catch(() => undefined)
    this.elapsed = promise
    this.stop = host.clock.setTimer(timeoutMs, () => {
      const error = new PerfectError(
        'TASK_TIMEOUT',
        `"${name}" took longer than its timeout of ${String(timeoutMs)} ms.`,
        { details: { name, timeoutMs } },
      )
      controller.abort(error)
      reject(error)
    })
  }
}
