/*
 * One task call: its attempts, from the first to the record of the last. Retries happen in here, so that what runs beside it
 * is never run again.
 */
import type { TaskLimit } from '../definition/limits.ts'
import type { TaskDefinition } from '../definition/task.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError } from '../errors/serialized-error.ts'
import type { ProgressCall } from '../journal/progress.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { TaskOutcome, WriteResult } from '../journal/run-writes.ts'
import { backoffMs } from '../primitives/backoff.ts'
import type { Clock } from '../primitives/clock.ts'
import type { TaskRecord } from '../storage/records.ts'
import { mayStart, unknownOutcome } from './at-most-once.ts'
import type { MiddlewareChain } from './middleware-chain.ts'
import { isStop } from './run-stop.ts'
import type { SlotLine } from './slot-line.ts'
import { TaskAttempt, type AttemptEnd, type AttemptedTask } from './task-attempt.ts'
import { extrasOf, freeSlots, limitsOfCall, takeSlots } from './task-slots.ts'
import type { Wait, WaitEnd } from './waits.ts'

/** What a task call needs of the run around it. */
export interface TaskHost {
  readonly journal: RunJournal
  readonly clock: Clock
  readonly random: () => number
  readonly middleware: MiddlewareChain
  /** Aborted when the run may not go on. */
  readonly signal: AbortSignal
  readonly isAborted: boolean
  /** Calls of all runs that wait for a place of a limit. */
  readonly slots: SlotLine
  /** A value that a task has kept for others. */
  readonly cached: (key: string) => Promise<string | undefined>
  /** Waits with nothing to do; the run may be parked meanwhile. */
  dormant(wait: Wait): Promise<WaitEnd>
}

/** A task call with its arguments. */
export interface TaskCall extends ProgressCall {
  readonly kind: 'task' | 'undo'
  readonly definition: TaskDefinition
  readonly args: readonly unknown[]
  readonly argsText: string | null
  readonly estimatedMs: number | null
}

/** `accepted`: the record is in the journal; `stopped`: the run was cancelled or parked before; `lost`: someone else holds it. */
export type CallEnd = WriteResult | 'stopped'

/** Who is told about the end of a task call: once, by one of the two. */
export interface Caller {
  ended(end: CallEnd): void
  /** Something went wrong that is not the task's fault. */
  broke(error: unknown): void
}

/** Runs a task call that has no final record yet, until it has one. */
export function runTask(host: TaskHost, call: TaskCall): Promise<CallEnd> {
  return new Promise((ended, broke) => startTask(host, call, { ended, broke }))
}

/** The same without a promise of its own: this is on the path of every task. */
export function startTask(host: TaskHost, call: TaskCall, caller: Caller): void {
  new TaskRun(host, call, caller).start()
}

/** A task call that runs. While its code does, nothing waits but this object. */
class TaskRun implements AttemptedTask {
  readonly host: TaskHost
  readonly call: TaskCall
  readonly #caller: Caller
  readonly #before: TaskRecord | undefined
  readonly #limits: readonly TaskLimit[]
  readonly #cacheKey: string | undefined
  startedAt: number
  attempt: number

  constructor(host: TaskHost, call: TaskCall, caller: Caller) {
    this.host = host
    this.call = call
    this.#caller = caller
    const known = host.journal.records.get(call.key)
    // A copied record that is run again was of other arguments.
    const before = known?.origin === 'copied' ? undefined : known
    this.#before = before
    this.startedAt = before?.startedAt ?? host.clock.now()
    this.attempt = before ? before.attempt + (before.status === 'retrying' ? 1 : 0) : 1
    this.#limits = limitsOfCall(call)
    this.#cacheKey = call.definition.cache?.keyOf(call.args)
  }

  start(): void {
    const startsAtOnce = !this.#before && this.#cacheKey === undefined && this.#limits.length === 0
    if (startsAtOnce && this.call.definition.isIdempotent) this.#guarded(() => this.#runAttempt())
    else this.#later(this.#prepare())
  }

  /** What is to be done before the first attempt of this stretch; gives the end when there is none. */
  async #prepare(): Promise<CallEnd | 'runs'> {
    const host = this.host
    const call = this.call
    const before = this.#before
    if (before?.status === 'running' && !call.definition.isIdempotent) {
      this.#begin()
      return this.#recorded({ ...this.#outcome(), ...failedWith(unknownOutcome(call, before)) })
    }
    if (before?.wakeAt && (await this.#wait(before.wakeAt)) !== 'over') return 'stopped'
    const cacheKey = this.#cacheKey
    const kept = before || cacheKey === undefined ? undefined : await host.cached(cacheKey)
    // Looking has taken its time.
    if (cacheKey !== undefined && host.isAborted) return 'stopped'
    return kept === undefined ? this.#nextAttempt() : this.#recordKept(kept)
  }

  async #nextAttempt(): Promise<CallEnd | 'runs'> {
    const host = this.host
    const call = this.call
    const attempt = this.attempt
    if (this.#limits.length > 0 && !(await takeSlots(host, call, { limits: this.#limits, attempt }))) return 'stopped'
    // A call that was in line has not begun before.
    if (attempt === 1 && !this.#before) this.startedAt = host.clock.now()
    if (call.definition.isIdempotent) return this.#runAttempt()
    this.#begin()
    if (!(await mayStart(host, call, { attempt, startedAt: this.startedAt }))) return 'stopped'
    return this.#runCode()
  }

  #runAttempt(): 'runs' {
    this.#begin()
    return this.#runCode()
  }

  #runCode(): 'runs' {
    new TaskAttempt(this).run()
    return 'runs'
  }

  attemptEnded(end: AttemptEnd): void {
    this.#guarded(() => this.#take(end))
  }

  #take(end: AttemptEnd): void {
    const host = this.host
    const outcome = this.#outcome()
    // A cancelled run takes no failure of a task that was told to stop; nobody else takes anything of a run that was lost.
    if (host.isAborted && (!end.ok || !host.journal.isOpen)) this.#later(this.#stopped(outcome, end))
    else if (end.ok)
      this.#later(this.#recorded({ ...outcome, status: 'succeeded', value: end.value, error: null }, true))
    else if (this.#isWorthAnother(end.error)) this.#later(this.#tryAgain(outcome, end.error))
    else this.#later(this.#recorded({ ...outcome, ...failedWith(end.error) }))
  }

  async #tryAgain(outcome: Ending, thrown: unknown): Promise<CallEnd | 'runs'> {
    const { clock, journal, random } = this.host
    const { name, key, definition } = this.call
    const error = serializeError(thrown)
    const attempt = this.attempt
    const wakeAt = clock.now() + backoffMs(definition.retry.backoff, attempt, random)
    const which = `attempt ${String(attempt)} of ${String(definition.retry.attempts)}`
    journal.note('warn', `${name} failed (${which}): ${error.message}`, key)
    const retry: TaskOutcome = { ...outcome, status: 'retrying', finishedAt: null, wakeAt, value: null, error }
    if ((await this.#recorded(retry)) !== 'accepted' || (await this.#wait(wakeAt)) !== 'over') return 'stopped'
    this.attempt++
    return this.#nextAttempt()
  }

  /** Those who look at a cancelled run are to see what is not known. */
  async #stopped(outcome: Ending, end: AttemptEnd): Promise<'stopped'> {
    const { journal, signal } = this.host
    await freeSlots(this.host, this.call, this.#limits)
    const isToldToEnd = journal.isOpen && isStop(signal.reason)
    if (isToldToEnd && !end.ok && PerfectError.is(end.error, 'TASK_OUTCOME_UNKNOWN'))
      await journal.record(this.#noted({ ...outcome, ...failedWith(end.error) }))
    return 'stopped'
  }

  /** The result that another call has kept. */
  #recordKept(value: string): Promise<CallEnd> {
    this.#begin()
    const outcome = this.#outcome()
    return this.host.journal.record({ ...outcome, origin: 'cache', status: 'succeeded', value, error: null })
  }

  /** @param isKept Whether the result is kept for other calls. */
  #recorded(outcome: TaskOutcome, isKept = false): Promise<CallEnd> {
    const { journal, clock, slots } = this.host
    const limits = this.#limits
    const extras = extrasOf(this.call, limits, isKept ? this.#cacheKey : undefined, clock.now())
    const written = journal.record(this.#noted(outcome), extras)
    return limits.length === 0 ? written : written.finally(() => slots.freed(limits))
  }

  #noted(outcome: TaskOutcome): TaskOutcome {
    if (outcome.status === 'failed')
      this.host.journal.note(
        'error',
        `${outcome.name} failed: ${outcome.error?.message ?? 'unknown error'}`,
        outcome.key,
      )
    return outcome
  }

  #isWorthAnother(error: unknown): boolean {
    const { retry, name } = this.call.definition
    const isFinal = PerfectError.is(error, 'VALUE_UNSERIALIZABLE') || PerfectError.is(error, 'TASK_OUTCOME_UNKNOWN')
    if (this.attempt >= retry.attempts || isFinal) return false
    try {
      return retry.isRetryable(error, this.attempt)
    } catch (thrown) {
      const message = `"retry.if" of ${name} threw: ${serializeError(thrown).message}`
      this.host.journal.note('error', message, this.call.key)
      return false
    }
  }

  #begin(): void {
    const { kind, estimatedMs } = this.call
    this.host.journal.begin(this.call, { kind, attempt: this.attempt, estimatedMs })
  }

  #wait(wakeAt: number): Promise<WaitEnd> {
    return this.host.dormant({ wakeAt, kind: 'retry', key: this.call.key })
  }

  #outcome(): Ending {
    const { key, kind, name, argsText: args, weight, estimatedMs } = this.call
    const finishedAt = this.host.clock.now()
    const [attempt, startedAt] = [this.attempt, this.startedAt]
    return { key, name, kind, args, attempt, weight, estimatedMs, startedAt, finishedAt, wakeAt: null }
  }

  #later(end: Promise<CallEnd | 'runs'>): void {
    end.then(
      (how) => how !== 'runs' && this.#caller.ended(how),
      (error: unknown) => this.#caller.broke(error),
    )
  }

  #guarded(act: () => unknown): void {
    try {
      act()
    } catch (error) {
      this.#caller.broke(error)
    }
  }
}

type Ending = Omit<TaskOutcome, 'status' | 'value' | 'error'>

function failedWith(error: unknown): Pick<TaskOutcome, 'status' | 'value' | 'error'> {
  return { status: 'failed', value: null, error: serializeError(error) }
}
