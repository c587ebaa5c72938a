/*
 * One stretch of life of a run in this process: calls the flow function, answers its calls from the journal or by running them,
 * until the run ends, is parked (waits for long with nothing running), is given back (the engine stops) or is lost.
 *
 *   open ──► cancelling ──► closed      open ──► draining ──► closed
 */
import { ambient } from '../definition/ambient.ts'
import type { TaskContext } from '../definition/task-context.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError } from '../errors/serialized-error.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { RunEnd } from '../journal/run-writes.ts'
import type { Clock } from '../primitives/clock.ts'
import { encodeValue } from '../primitives/value.ts'
import type { TaskRecord } from '../storage/records.ts'
import { captureConsole } from './console-capture.ts'
import { Deliveries } from './deliveries.ts'
import type { MiddlewareChain } from './middleware-chain.ts'
import { describeChange, journalText } from './replay-mismatch.ts'
import { RunScope, type ScopeCall, type ScopeHost } from './run-scope.ts'
import { createRunLog } from './task-context.ts'

/** What an execution works with. */
export interface ExecutionParts {
  readonly clock: Clock
  readonly random: () => number
  /** How long a cancelled run may take to end by itself. Unit: ms. Range: >= 0. */
  readonly cancelGraceMs: number
  readonly middleware: MiddlewareChain
}

/** How an execution came to its end. */
export type ExecutionEnd = 'finished' | 'parked' | 'released' | 'lost'

interface Wait {
  readonly wakeAt: number
  readonly kind: 'sleep' | 'retry'
  readonly end: (isOver: boolean) => void
}

// A shorter wait is cheaper to sit out than to replay.
const PARK_AFTER_MS = 5000

/** Drives one claimed run. */
export class FlowExecution implements ScopeHost {
  readonly journal: RunJournal
  readonly clock: Clock
  readonly random: () => number
  readonly middleware: MiddlewareChain
  readonly deliveries: Deliveries
  readonly flowContext: TaskContext
  readonly #cancelGraceMs: number
  readonly #controller = new AbortController()
  readonly #end = Promise.withResolvers<ExecutionEnd>()
  readonly #waits = new Set<Wait>()
  #phase: 'open' | 'cancelling' | 'draining' | 'closed' = 'open'
  #active = 0
  #replaysLeft: number
  #wasRefused = false
  #stopForce: () => void = () => undefined

  constructor(journal: RunJournal, parts: ExecutionParts) {
    this.journal = journal
    this.clock = parts.clock
    this.random = parts.random
    this.middleware = parts.middleware
    this.#cancelGraceMs = parts.cancelGraceMs
    this.deliveries = new Deliveries(() => this.#cameToRest())
    this.#replaysLeft = [...journal.records.values()].filter(({ position }) => position !== null).length
    this.flowContext = {
      runId: journal.run.id,
      key: '',
      attempt: journal.run.epoch,
      configuration: journal.configuration.name,
      signal: this.signal,
      idempotencyKey: journal.run.id,
      log: createRunLog(journal, null, () => this.#replaysLeft === 0),
      progress: () => undefined,
    }
  }

  /** Settles when this stretch is over. */
  get ended(): Promise<ExecutionEnd> {
    return this.#end.promise
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  accepts(): boolean {
    return this.#phase === 'open'
  }

  acceptsChange(call: ScopeCall, record: TaskRecord): boolean {
    const { configuration, definition } = this.journal
    const change = describeChange(call, record)
    if (configuration.replay === 'flow' && definition.replay === 'warn') {
      this.journal.note('warn', change, call.key)
      return true
    }
    this.#refuseReplay(change, call.key)
    return false
  }

  /** Runs the flow with its stored input, up to the end of this stretch. */
  async drive(input: unknown): Promise<ExecutionEnd> {
    const { definition, configuration, run } = this.journal
    const stopCapture = configuration.captureConsole ? captureConsole(run.id) : undefined
    // Before the flow starts: a run that was cancelled meanwhile starts no task.
    if (run.cancelRequestedAt !== null) this.cancel(run.cancelReason)
    const surroundings = { kind: 'flow', scope: new RunScope(this, '', null) } as const
    const flow = async (): Promise<string> =>
      encodeValue(await definition.run?.(input), `result of flow "${definition.name}"`)
    const wrapped = this.middleware.run(this.journal, this.signal, this.#end.promise, () =>
      ambient.run(surroundings, flow),
    )
    wrapped.then(
      (result) => this.#finish({ status: 'succeeded', result, error: null }),
      (error: unknown) => this.#fail(error),
    )
    try {
      return await this.#end.promise
    } finally {
      stopCapture?.()
    }
  }

  /** Tells the run to end. Calls are refused from now on; after the grace the run is ended from here. */
  cancel(reason: string | null): void {
    if (this.#phase !== 'open' && this.#phase !== 'draining') return
    this.#phase = 'cancelling'
    this.#controller.abort(cancelled(this.journal.run.id, reason))
    for (const wait of this.#waits) wait.end(false)
    this.#stopForce = this.clock.setTimer(this.#cancelGraceMs, () => this.#finish(this.#cancelledEnd()))
  }

  /** Starts nothing new, and gives the run back once what runs has ended. */
  drain(): void {
    if (this.#phase !== 'open') return
    this.#phase = 'draining'
    this.deliveries.check()
  }

  /** Gives the run back now; what runs is told to stop and its result is not taken. */
  async release(): Promise<void> {
    if (this.#phase === 'closed') return
    this.#close()
    const written = await this.journal.update({
      status: 'queued',
      reason: null,
      engineId: null,
      epochsWithoutProgress: 0,
    })
    this.#end.resolve(written === 'lost' ? 'lost' : 'released')
  }

  refusal(): PerfectError | null {
    if (this.#phase !== 'cancelling') return null
    this.#wasRefused = true
    return cancelled(this.journal.run.id, this.journal.run.cancelReason)
  }

  replayed(): void {
    this.#replaysLeft--
  }

  async track<T>(operation: Promise<T>): Promise<T> {
    this.#active++
    try {
      return await operation
    } finally {
      this.#active--
      if (!this.journal.isOpen) this.lose()
      else this.deliveries.check()
    }
  }

  async dormant(wakeAt: number, kind: Wait['kind']): Promise<boolean> {
    if (this.#phase === 'cancelling' || this.#phase === 'closed') return false
    this.#active--
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const wait: Wait = { wakeAt, kind, end: resolve }
    this.#waits.add(wait)
    const stopTimer = this.#callAt(wakeAt, () => resolve(true))
    this.deliveries.check()
    const isOver = await promise
    stopTimer()
    this.#waits.delete(wait)
    this.#active++
    return isOver
  }

  // The wall clock may have jumped back while the timer ran.
  #callAt(instant: number, callback: () => void): () => void {
    let stop: () => void
    const arm = (): void => {
      const delayMs = instant - this.clock.now()
      stop = this.clock.setTimer(Math.max(0, delayMs), () => (this.clock.now() < instant ? arm() : callback()))
    }
    arm()
    return () => stop()
  }

  #cameToRest(): void {
    if (this.#active > 0) return
    if (this.#phase === 'draining') void this.release()
    else if (this.#phase === 'open' && this.#waits.size > 0) this.#parkIfLong()
  }

  #parkIfLong(): void {
    const [first] = [...this.#waits].toSorted((a, b) => a.wakeAt - b.wakeAt)
    if (!first || first.wakeAt - this.clock.now() <= PARK_AFTER_MS) return
    this.#close()
    const isSleep = first.kind === 'sleep'
    const parked = {
      status: isSleep ? 'waiting' : 'retrying',
      reason: isSleep ? 'sleep' : null,
      wakeAt: first.wakeAt,
      engineId: null,
      epochsWithoutProgress: 0,
    } as const
    void this.journal.update(parked).then((written) => this.#end.resolve(written === 'lost' ? 'lost' : 'parked'))
  }

  #fail(thrown: unknown): void {
    const isCancel = this.#phase === 'cancelling' && (this.#wasRefused || PerfectError.is(thrown, 'RUN_CANCELLED'))
    if (isCancel) this.#finish(this.#cancelledEnd())
    else this.#finish({ status: 'failed', result: null, error: serializeError(thrown) })
  }

  // The code is not the one that began the run, or it decides by something that is not recorded.
  #refuseReplay(change: string, key: string): void {
    const { run, configuration, records } = this.journal
    if (configuration.logAttempts) this.journal.log('debug', 'the journal at the mismatch', key, journalText(records))
    const error = new PerfectError(
      'REPLAY_MISMATCH',
      `${change} Make the flow decide by its input and by task results only.`,
      {
        details: { runId: run.id, key },
      },
    )
    this.#finish({ status: 'failed', result: null, error: serializeError(error) })
  }

  #cancelledEnd(): RunEnd {
    const { id, cancelReason } = this.journal.run
    return { status: 'cancelled', result: null, error: serializeError(cancelled(id, cancelReason)) }
  }

  #finish(end: RunEnd): void {
    if (this.#phase === 'closed') return
    // A flow that caught the refusal and went on as if nothing had happened was cancelled all the same.
    const actual = this.#wasRefused && end.status === 'succeeded' ? this.#cancelledEnd() : end
    const left = [...this.journal.liveTasks.keys()]
    if (left.length > 0) this.journal.note('warn', `the flow ended while these still ran: ${left.join(', ')}`)
    this.#close()
    void this.journal.finish(actual).then((written) => this.#end.resolve(written === 'lost' ? 'lost' : 'finished'))
  }

  /** The run is held by someone else: what runs is told to stop, and nothing of it is taken. */
  lose(): void {
    if (this.#phase === 'closed') return
    this.#close()
    this.#end.resolve('lost')
  }

  #close(): void {
    this.#phase = 'closed'
    this.#stopForce()
    this.deliveries.close()
    if (this.#active > 0)
      this.#controller.abort(
        new PerfectError('LEASE_LOST', `Run ${this.journal.run.id} goes on elsewhere or has ended.`),
      )
    for (const wait of this.#waits) wait.end(false)
  }
}

function cancelled(runId: string, reason: string | null): PerfectError<'RUN_CANCELLED'> {
  const why = reason === null ? '' : `: ${reason}`
  return new PerfectError('RUN_CANCELLED', `Run ${runId} was cancelled${why}.`, { details: { runId, reason } })
}
