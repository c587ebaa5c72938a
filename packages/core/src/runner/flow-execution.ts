/*
 * One stretch of life of a run in this process: calls the flow function, answers its calls from the journal or by running them,
 * until the run ends, is parked (waits for long with nothing running), is given back (the engine stops) or is lost.
 *
 *   open ──► cancelling ──► closed      open ──► draining ──► closed
 *   open, cancelling ──► ending (what was done is undone) ──► closed
 */
import { ambient, settleOutside } from '../definition/ambient.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError } from '../errors/serialized-error.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { RunEnd, WriteResult } from '../journal/run-writes.ts'
import { countReplays } from '../journal/task-record.ts'
import { encodeValue } from '../primitives/value.ts'
import type { TaskRecord } from '../storage/records.ts'
import type { UpdateRun } from '../storage/run-changes.ts'
import { captureConsole } from './console-capture.ts'
import { Deadline } from './deadline.ts'
import { ExecutionBase } from './execution-base.ts'
import type { ExecutionParts } from './execution-parts.ts'
import { judgeChange } from './replay-mismatch.ts'
import { RunScope, type ScopeCall, type ScopeHost } from './run-scope.ts'
import { cancelStop, endOf, isStop, type RunStop } from './run-stop.ts'
import { endUnderUndo, UndoRun } from './undo-run.ts'
import type { Wait, WaitEnd } from './waits.ts'

/** How an execution came to its end. */
export type ExecutionEnd = 'finished' | 'parked' | 'released' | 'lost'

const MAX_REFUSALS = 1000
const PAUSED = { status: 'waiting', reason: 'paused' } as const
const QUEUED = { status: 'queued', reason: null } as const

/** Drives one claimed run. */
export class FlowExecution extends ExecutionBase implements ScopeHost {
  #end: ExecutionEnd | null = null
  #ended: PromiseWithResolvers<ExecutionEnd> | null = null
  #deadline: Deadline | null = null
  #stop: RunStop | null = null
  #phase: 'open' | 'cancelling' | 'draining' | 'ending' | 'closed' = 'open'
  #active = 0
  #replaysLeft: number
  #refusals = 0
  #stopForce: (() => void) | null = null
  #isPausing = false
  #undoing: UndoRun | null = null

  constructor(journal: RunJournal, parts: ExecutionParts) {
    super(journal, parts)
    this.#replaysLeft = countReplays(journal.records.values())
  }

  /** Settles when this stretch is over. */
  get ended(): Promise<ExecutionEnd> {
    if (this.#end !== null) return Promise.resolve(this.#end)
    return (this.#ended ??= Promise.withResolvers()).promise
  }

  protected get isReplaying(): boolean {
    return this.#replaysLeft > 0
  }

  accepts(): boolean {
    return this.#phase === 'open'
  }

  acceptsChange(call: ScopeCall, record: TaskRecord): boolean {
    const error = judgeChange(this.journal, call, record)
    // Nothing is undone: the work is as it should be, only the code is not, and the run can be tried again.
    if (error) this.#seal({ status: 'failed', result: null, error: serializeError(error) })
    return error === null
  }

  /** Runs the flow with its stored input. */
  drive(input: unknown): void {
    const { definition, configuration, run } = this.journal
    const begun = endUnderUndo(this.journal)
    if (begun?.isUndone) {
      this.#seal(begun.end)
      return
    }
    // Before the flow starts: a run that was cancelled meanwhile starts no task.
    if (begun) this.#unwind(begun.end)
    else if (run.cancelRequestedAt !== null) this.cancel(run.cancelReason)
    else if (definition.timeoutMs !== null) this.#keepDeadline()
    const stopCapture = configuration.captureConsole ? captureConsole(run.id) : undefined
    const scope = new RunScope(this, '', null)
    const flow = (): Promise<unknown> => startNow(() => ambient.run(scope, () => definition.run?.(input)))
    this.#follow(this.middleware.run(this.journal, this, flow))
    if (stopCapture) void this.ended.then(stopCapture)
  }

  #keepDeadline(): void {
    this.#deadline = new Deadline(this.journal, this.clock)
    this.#deadline.keep(this.journal, (stop) => this.#tellToEnd(stop))
  }

  /** Tells the run to end. Calls are refused from now on; after the grace the run is ended from here. */
  cancel(reason: string | null): void {
    this.#tellToEnd(cancelStop(this.journal.run.id, reason))
  }

  #tellToEnd(stop: RunStop): void {
    if (this.#phase !== 'open' && this.#phase !== 'draining') return
    this.#phase = 'cancelling'
    this.#stop = stop
    void this.children.cancelAll(this.journal.run)
    this.abort(stop.error)
    this.waits?.endAll()
    this.#stopForce = this.clock.setTimer(this.parts.cancelGraceMs, () => {
      this.#finish(endOf(stop))
      void this.#undo()
    })
  }

  /** Starts nothing new, and gives the run back once what runs has ended. */
  drain(): void {
    if (this.#phase !== 'open') return
    this.#phase = 'draining'
    this.waits?.endAll('slot')
    this.deliveries.check()
  }

  /** Starts nothing new, and lets the run pause once what runs has ended. */
  pause(): void {
    this.#isPausing = true
    this.drain()
  }

  /** What a call waits for may be there; without a key, what any of them waits for. */
  poke(key?: string): void {
    this.allWaits.poke(key)
  }

  /** Another run wants the slot: parks now what would be parked in a moment. */
  parkSoon(): void {
    this.deliveries.check()
  }

  /** Gives the run back now; what runs is told to stop and its result is not taken. */
  async release(): Promise<void> {
    if (this.#phase === 'closed') return
    await this.#giveBack(this.#isPausing ? PAUSED : QUEUED, 'released')
  }

  refusal(): PerfectError | null {
    // A flow that catches every refusal and calls again would keep the process from everything else.
    if (this.#phase !== 'cancelling' || ++this.#refusals > MAX_REFUSALS) return null
    return this.#stop?.error ?? null
  }

  replayed(): void {
    this.#replaysLeft--
  }

  callStarted(): void {
    this.#active++
  }

  callEnded(): void {
    this.#active--
    if (!this.journal.isOpen) this.lose()
    else this.deliveries.check()
  }

  async dormant(wait: Wait): Promise<WaitEnd> {
    if (this.#phase !== 'open' && this.#phase !== 'draining') return 'stopped'
    this.#active--
    const end = this.allWaits.for(wait)
    this.deliveries.check()
    try {
      return await end
    } finally {
      this.parking?.stay()
      this.#active++
    }
  }

  cameToRest(): void {
    if (this.#active > 0) return
    if (this.#phase === 'draining') void this.release()
    else if (this.#phase === 'ending' && this.#replaysLeft <= 0) void this.#undo()
    else if (this.#phase === 'open')
      this.considerParking(this.#deadline?.at ?? null, (patch) => void this.#giveBack(patch, 'parked'))
  }

  /** Nobody holds the run afterwards; it goes on later. */
  async #giveBack(patch: UpdateRun['patch'], end: 'parked' | 'released'): Promise<void> {
    this.#close()
    const undo = this.compensations.toTell(this.journal, this.#replaysLeft > 0)
    const written = await this.journal.update({ ...patch, ...undo, engineId: null, epochsWithoutProgress: 0 })
    this.#over(written === 'lost' ? 'lost' : end)
  }

  // A function of its own, so that what waits keeps nothing else alive, such as the input.
  #follow(running: Promise<unknown>): void {
    const returned = (value: unknown): void => this.#returned(value)
    const threw = (error: unknown): void => this.#fail(error)
    settleOutside(running, returned, threw)
  }

  #returned(value: unknown): void {
    try {
      const result = encodeValue(value, `result of flow "${this.journal.definition.name}"`)
      this.#finish({ status: 'succeeded', result, error: null })
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(thrown: unknown): void {
    const stop = this.#phase === 'cancelling' ? this.#stop : null
    if (stop && (this.#refusals > 0 || isStop(thrown))) this.#finish(endOf(stop))
    else this.#finish({ status: 'failed', result: null, error: serializeError(thrown) })
  }

  #finish(end: RunEnd): void {
    if (this.#phase === 'closed' || this.#phase === 'ending') return
    // A flow that caught the refusal and went on as if nothing had happened was cancelled all the same.
    const actual = this.#refusals > 0 && end.status === 'succeeded' && this.#stop ? endOf(this.#stop) : end
    // What is not replayed yet may have to be taken back: who held the run before may have died without a word about it.
    const mayHaveWork = this.compensations.hasWork(this.journal.records) || this.#replaysLeft > 0
    if (actual.status !== 'succeeded' && mayHaveWork) this.#unwind(actual)
    else this.#seal(actual)
  }

  /** The run only ends from here on: what still runs is told to stop, what is recorded is answered, and then everything is undone. */
  #unwind(end: RunEnd): void {
    this.#phase = 'ending'
    this.#undoing = new UndoRun(this, end, this.parts.compensateGraceMs)
    this.abort(cancelStop(this.journal.run.id, 'what it did is being undone').error)
    this.waits?.endAll()
    this.#stopForce?.()
    this.#stopForce = this.clock.setTimer(this.parts.cancelGraceMs, () => void this.#undo())
    this.deliveries.check()
  }

  async #undo(): Promise<void> {
    if (this.#undoing === null || this.#undoing.hasBegun || this.#phase === 'closed') return
    this.#stopForce?.()
    this.deliveries.close()
    const end = await this.#undoing.run()
    if (end) this.#seal(end)
    else if (!this.journal.isOpen) this.lose()
  }

  #seal(end: RunEnd): void {
    if (this.#phase === 'closed') return
    const left = [...this.journal.liveTasks.keys()]
    if (left.length > 0) this.journal.note('warn', `the flow ended while these still ran: ${left.join(', ')}`)
    this.#close()
    void this.#write(end).then((written) => this.#over(written === 'lost' ? 'lost' : 'finished'))
  }

  // Before the end is stored: a crash between the two must not leave children that nobody waits for.
  async #write(end: RunEnd): Promise<WriteResult> {
    if (end.status !== 'succeeded' && this.children.areAny) await this.children.cancelAll(this.journal.run)
    return this.journal.finish(end)
  }

  /** The run is held by someone else: what runs is told to stop, and nothing of it is taken. */
  lose(): void {
    if (this.#phase === 'closed') return
    this.#close()
    this.#over('lost')
  }

  #over(end: ExecutionEnd): void {
    if (this.#end !== null) return
    this.#end = end
    this.#ended?.resolve(end)
    // Whoever brought this end about goes on first.
    queueMicrotask(() => this.parts.onEnd(this, end))
  }

  #close(): void {
    this.#phase = 'closed'
    this.#stopForce?.()
    this.#deadline?.stop()
    this.parking?.stay()
    this.deliveries.close()
    this.#undoing?.stop()
    if (this.#active > 0)
      this.abort(new PerfectError('LEASE_LOST', `Run ${this.journal.run.id} goes on elsewhere or has ended.`))
    this.waits?.endAll()
  }
}

// As an `async` function would, which keeps twice as much while it waits.
function startNow(run: () => unknown): Promise<unknown> {
  try {
    return Promise.resolve(run())
  } catch (error) {
    return Promise.reject(error)
  }
}
