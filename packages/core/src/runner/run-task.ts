/*
 * One task call: its attempts, from the first to the record of the last. Retries happen in here, so that what runs beside it
 * is never run again.
 */
import { ambient } from '../definition/ambient.ts'
import type { TaskDefinition } from '../definition/task.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError } from '../errors/serialized-error.ts'
import type { ProgressCall } from '../journal/progress.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { TaskExtras, TaskOutcome, WriteResult } from '../journal/run-writes.ts'
import { backoffMs } from '../primitives/backoff.ts'
import type { Clock } from '../primitives/clock.ts'
import { encodeValue } from '../primitives/value.ts'
import { mayStart, unknownOutcome, type Attempt } from './at-most-once.ts'
import type { MiddlewareChain } from './middleware-chain.ts'
import { isStop } from './run-stop.ts'
import type { SlotLine } from './slot-line.ts'
import { createTaskContext } from './task-context.ts'
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
  readonly dormant: (wait: Wait) => Promise<WaitEnd>
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

type AttemptEnd = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly error: unknown }

/** Runs a task call that has no final record yet, until it has one. */
export async function runTask(host: TaskHost, call: TaskCall): Promise<CallEnd> {
  const { journal, clock } = host
  const known = journal.records.get(call.key)
  // A copied record that is run again was of other arguments.
  const before = known?.origin === 'copied' ? undefined : known
  let startedAt = before?.startedAt ?? clock.now()
  let attempt = before ? before.attempt + (before.status === 'retrying' ? 1 : 0) : 1
  if (before?.status === 'running' && !call.definition.isIdempotent) {
    journal.begin(call, { kind: call.kind, attempt, estimatedMs: call.estimatedMs })
    const error = serializeError(unknownOutcome(call, before))
    return recorded(journal, {
      ...outcomeOf(call, { attempt, startedAt, clock }),
      status: 'failed',
      value: null,
      error,
    })
  }
  if (before?.wakeAt && (await host.dormant({ wakeAt: before.wakeAt, kind: 'retry', key: call.key })) !== 'over')
    return 'stopped'
  const limits = limitsOfCall(call)
  const cacheKey = call.definition.cache?.keyOf(call.args)
  const kept = before || cacheKey === undefined ? undefined : await host.cached(cacheKey)
  // Looking has taken its time.
  if (cacheKey !== undefined && host.isAborted) return 'stopped'
  if (kept !== undefined) return recordKept(host, call, { value: kept, startedAt })
  for (; ; attempt++) {
    if (limits.length > 0 && !(await takeSlots(host, call, { limits, attempt }))) return 'stopped'
    // A call that was in line has not begun before.
    if (attempt === 1 && !before) startedAt = clock.now()
    journal.begin(call, { kind: call.kind, attempt, estimatedMs: call.estimatedMs })
    if (!call.definition.isIdempotent && !(await mayStart(host, call, { attempt, startedAt }))) return 'stopped'
    const end = await runAttempt(host, call, { attempt, startedAt })
    const outcome = outcomeOf(call, { attempt, startedAt, clock })
    // A cancelled run takes no failure of a task that was told to stop; nobody else takes anything of a run that was lost.
    if (host.isAborted && (!end.ok || !journal.isOpen)) {
      await freeSlots(host, call, limits)
      return stopped(host, outcome, end)
    }
    const extras = extrasOf(call, limits, end.ok ? cacheKey : undefined, clock.now())
    const record = (last: TaskOutcome): Promise<CallEnd> => {
      const written = recorded(journal, last, extras)
      return limits.length === 0 ? written : written.finally(() => host.slots.freed(limits))
    }
    if (end.ok) return record({ ...outcome, status: 'succeeded', value: end.value, error: null })
    const error = serializeError(end.error)
    if (!isWorthAnother(call, end.error, attempt, journal))
      return record({ ...outcome, status: 'failed', value: null, error })
    const wakeAt = clock.now() + backoffMs(call.definition.retry.backoff, attempt, host.random)
    const { name, key, definition } = call
    journal.note(
      'warn',
      `${name} failed (attempt ${String(attempt)} of ${String(definition.retry.attempts)}): ${error.message}`,
      key,
    )
    const retry: TaskOutcome = { ...outcome, status: 'retrying', finishedAt: null, wakeAt, value: null, error }
    if ((await record(retry)) !== 'accepted' || (await host.dormant({ wakeAt, kind: 'retry', key })) !== 'over')
      return 'stopped'
  }
}

/** Those who look at a cancelled run are to see what is not known. */
async function stopped({ journal, signal }: TaskHost, outcome: Ending, end: AttemptEnd): Promise<'stopped'> {
  const isToldToEnd = journal.isOpen && isStop(signal.reason)
  if (isToldToEnd && !end.ok && PerfectError.is(end.error, 'TASK_OUTCOME_UNKNOWN'))
    await recorded(journal, { ...outcome, status: 'failed', value: null, error: serializeError(end.error) })
  return 'stopped'
}

type Ending = Omit<TaskOutcome, 'status' | 'value' | 'error'>

function outcomeOf(
  { key, kind, name, argsText: args, weight, estimatedMs }: TaskCall,
  { attempt, startedAt, clock }: { readonly attempt: number; readonly startedAt: number; readonly clock: Clock },
): Ending {
  return {
    key,
    name,
    kind,
    args,
    attempt,
    weight,
    estimatedMs,
    startedAt,
    finishedAt: clock.now(),
    wakeAt: null,
  }
}

/** The result that another call has kept. */
function recordKept(
  { journal, clock }: TaskHost,
  call: TaskCall,
  { value, startedAt }: { readonly value: string; readonly startedAt: number },
): Promise<CallEnd> {
  journal.begin(call, { kind: call.kind, attempt: 1, estimatedMs: call.estimatedMs })
  const outcome = outcomeOf(call, { attempt: 1, startedAt, clock })
  return recorded(journal, { ...outcome, origin: 'cache', status: 'succeeded', value, error: null })
}

function recorded(journal: RunJournal, outcome: TaskOutcome, extras: TaskExtras = {}): Promise<CallEnd> {
  if (outcome.status === 'failed')
    journal.note('error', `${outcome.name} failed: ${outcome.error?.message ?? 'unknown error'}`, outcome.key)
  return journal.record(outcome, extras)
}

function isWorthAnother(call: TaskCall, error: unknown, attempt: number, journal: RunJournal): boolean {
  const { retry, name } = call.definition
  const isFinal = PerfectError.is(error, 'VALUE_UNSERIALIZABLE') || PerfectError.is(error, 'TASK_OUTCOME_UNKNOWN')
  if (attempt >= retry.attempts || isFinal) return false
  try {
    return retry.isRetryable(error, attempt)
  } catch (thrown) {
    journal.note('error', `"retry.if" of ${name} threw: ${serializeError(thrown).message}`, call.key)
    return false
  }
}

// One promise of its own: this is on the path of every task.
function runAttempt(host: TaskHost, call: TaskCall, { attempt, startedAt }: Attempt): Promise<AttemptEnd> {
  const { journal } = host
  const { key, definition, args } = call
  const limit = new TimeLimit(host, definition)
  const context = createTaskContext(journal, { key, attempt, source: limit })
  const tell = (what: string, fields: () => unknown): void => {
    if (journal.configuration.logAttempts)
      journal.log('debug', `attempt ${String(attempt)} ${what}`, key, JSON.stringify(fields()))
  }
  const fail = (thrown: unknown): AttemptEnd => {
    // Code that was told to stop may have done its work or not, whatever it throws.
    const isUnknown = !definition.isIdempotent && limit.isAborted
    const error = isUnknown ? unknownOutcome(call, { attempt, startedAt }, thrown) : thrown
    tell('failed', () => ({ error: serializeError(error) }))
    return { ok: false, error }
  }
  tell('starts', () => ({ args: shown(args) }))
  const running = ambient.run({ kind: 'task', context }, () =>
    host.middleware.task(journal, { call, attempt, source: limit }, () => limit.race(() => definition.run(...args))),
  )
  return running.then(
    (result) => {
      limit.stop()
      try {
        const value = encodeValue(result, `result of task "${definition.name}"`)
        tell('succeeded', () => ({ result: shown(result) }))
        return { ok: true, value }
      } catch (error) {
        return fail(error)
      }
    },
    (error: unknown) => {
      limit.stop()
      return fail(error)
    },
  )
}

const MAX_SHOWN_CHARS = 10_000

// What a log line can hold of any value; the log must never fail the task.
function shown(value: unknown): string {
  try {
    return encodeValue(value, 'value').slice(0, MAX_SHOWN_CHARS)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The time that one attempt has. Without a limit it costs nothing. */
class TimeLimit {
  readonly #host: TaskHost
  readonly #own: AbortSignal | null = null
  readonly #elapsed: Promise<never> | null = null
  readonly #stopTimer: () => void = () => undefined

  constructor(host: TaskHost, { name, timeoutMs }: TaskDefinition) {
    this.#host = host
    if (timeoutMs === null) return
    const controller = new AbortController()
    this.#own = AbortSignal.any([host.signal, controller.signal])
    const { promise, reject } = Promise.withResolvers<never>()
    // Nobody may be waiting any more when the time is up.
    promise.catch(() => undefined)
    this.#elapsed = promise
    this.#stopTimer = host.clock.setTimer(timeoutMs, () => {
      const error = new PerfectError(
        'TASK_TIMEOUT',
        `"${name}" took longer than its timeout of ${String(timeoutMs)} ms.`,
        {
          details: { name, timeoutMs },
        },
      )
      controller.abort(error)
      reject(error)
    })
  }

  get signal(): AbortSignal {
    return this.#own ?? this.#host.signal
  }

  get isAborted(): boolean {
    return this.#own?.aborted ?? this.#host.isAborted
  }

  /** What a task gives, unless the time is up before. */
  race(run: () => unknown): Promise<unknown> {
    try {
      const result = run()
      if (this.#elapsed) return Promise.race([result, this.#elapsed])
      return result instanceof Promise ? result : Promise.resolve(result)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  stop(): void {
    this.#stopTimer()
  }
}
