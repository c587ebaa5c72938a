/* An engine for tests of flows: time, chance and crashes are in the hands of the test. */
import type { Flow } from '../../definition/flow.ts'
import type { EngineOptions } from '../../engine/engine-options.ts'
import type { FlowEngine } from '../../engine/flow-engine.ts'
import { hasEnded } from '../../engine/run-outcomes.ts'
import type { TriggerOptions } from '../../engine/trigger-run.ts'
import { PerfectError } from '../../errors/perfect-error.ts'
import { toMs, type Duration } from '../../primitives/duration.ts'
import { memoryStorage } from '../../storage/memory/index.ts'
import type { Storage } from '../../storage/storage.ts'
import { ManualClock } from '../manual-clock.ts'
import { seededRandom } from '../seeded-random.ts'
import { CompletionOrder } from './completion-order.ts'
import { CrashPoints, type CrashPoint } from './crash-points.ts'
import { readEndedRun, type EndedRun } from './ended-run.ts'
import { MortalEngine } from './mortal-engine.ts'
import { RunningAttempts } from './running-attempts.ts'

/** Options of {@link testEngine}. */
export interface TestEngineOptions {
  /** The flows that are tested; each engine of the test knows them. */
  // oxlint-disable-next-line typescript/no-explicit-any -- flows of any input and output
  readonly flows?: readonly Flow<any, any>[]
  /** Draws jitter and identifiers. The same seed gives the same ones. Range: whole numbers. Default: 1. */
  readonly seed?: number
  /** Wall time at the start. Default: 2027-01-15T08:00:00Z. */
  readonly startAt?: Date
  /** Makes the storage in which runs are kept; it must go by this clock. Default: in memory. */
  readonly storage?: (clock: ManualClock) => Storage
  /** Whether each run that {@link TestEngine.run} gives is replayed in ten orders, to prove that its flow decides by nothing else than its journal. Default: true. */
  readonly verifyReplays?: boolean
  /** Real time that attempts get to end before the time of the test goes on. Unit: ms. Range: >= 0. Default: 100. */
  readonly patienceMs?: number
  /** What else engines are made with. The lease is 1 h unless it is given here: then each renewal is a stop for the time of the test. */
  readonly engine?: Omit<EngineOptions, 'storage' | 'clock' | 'random'>
}

/** How long a test lets a run take. */
export interface RunLimit {
  /** Longest time of the test. Default: 30 days. */
  readonly within?: Duration
}

const LEASE_MS = 3_600_000
const PATIENCE_MS = 100
const DEFAULT_WITHIN = '30d'
// One that has not ended by then waits for something that the test does not do.
const LONGEST_ATTEMPT_MS = 86_400_000

/** Makes and starts an engine for a test. Stop it at the end of the test, or declare it with `await using`. */
export async function testEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const made = new TestEngine(options)
  await made.open()
  return made
}

/** An engine in the hands of a test, and all engines that follow it on its storage after a crash or a restart. */
export class TestEngine implements AsyncDisposable {
  /** The time of the test. */
  readonly clock: ManualClock
  /** Where the runs are kept, whichever engine runs them. */
  readonly storage: Storage
  readonly #options: TestEngineOptions
  readonly #random: () => number
  readonly #crashes = new CrashPoints()
  readonly #order = new CompletionOrder()
  readonly #attempts: RunningAttempts
  #current: MortalEngine
  #crashCount = 0

  /** @internal */
  constructor(options: TestEngineOptions) {
    this.#options = options
    this.clock = new ManualClock(options.startAt?.getTime())
    const { storage = (clock) => memoryStorage({ clock }) } = options
    this.storage = storage(this.clock)
    this.#attempts = new RunningAttempts(this.clock)
    this.#random = seededRandom(options.seed ?? 1)
    this.#current = this.#make()
  }

  /** The engine that lives now: another one after each crash and restart. */
  get engine(): FlowEngine {
    return this.#current.engine
  }

  /** How often an engine has died. Range: >= 0. */
  get crashes(): number {
    return this.#crashCount
  }

  /** @internal */
  async open(): Promise<void> {
    await this.storage.open()
    await this.#during(this.engine.start())
  }

  /**
   * Lets time pass. Timers run in the order of their time, and what they start comes to rest before time goes on; an engine that dies
   * meanwhile is followed by the next one.
   *
   * @throws {PerfectError} DURATION_INVALID
   */
  async advance(duration: Duration): Promise<void> {
    const end = this.clock.monotonic() + toMs(duration, 'duration')
    await this.#settle()
    while (await this.#step(end)) await this.#settle()
    await this.clock.advance(Math.max(0, end - this.clock.monotonic()))
    await this.#settle()
  }

  /**
   * Triggers a flow and lets time pass until its run has ended. The run may fail: then `error` is set. Afterwards its replays are
   * verified.
   *
   * @throws {PerfectError} RUN_NOT_FINISHED when it takes too long, or one of its tasks more than a day; REPLAY_MISMATCH when a replay does something else; what `triggerFlow` throws.
   */
  async run<In, Out>(flow: Flow<In, Out>, options: TriggerOptions<In> & RunLimit = {}): Promise<EndedRun<Out>> {
    const { within = DEFAULT_WITHIN, ...trigger } = options
    const { id } = await this.#during(this.engine.triggerFlow(flow, trigger))
    return this.finish<Out>(id, { within })
  }

  /**
   * Lets time pass until a run has ended, and verifies its replays.
   *
   * @throws {PerfectError} RUN_NOT_FINISHED, RUN_NOT_FOUND, REPLAY_MISMATCH
   */
  async finish<Out = unknown>(runId: string, { within = DEFAULT_WITHIN }: RunLimit = {}): Promise<EndedRun<Out>> {
    const end = this.clock.monotonic() + toMs(within, 'within')
    for (;;) {
      await this.#settle()
      if (await this.#hasEnded(runId)) break
      const isHanging = this.#attempts.oldestMs > LONGEST_ATTEMPT_MS
      if (isHanging || !(await this.#step(end))) throw await this.#notFinished(runId, within)
    }
    const ended = await this.#patiently(() => readEndedRun<Out>(this.engine, this.storage, runId))
    if (this.#options.verifyReplays !== false) await this.#verify(runId)
    return ended
  }

  /**
   * Lets the engine die, as with `kill -9`, when a task has ended: before its result is stored, or after. The next engine goes on at
   * once. Code of yours that runs beside it, in another task, goes on too, as it is in this process; nothing of its result is taken.
   *
   * @param task Key or name of the task.
   */
  crashAt(task: string, point: CrashPoint = {}): void {
    this.#crashes.add(task, point)
  }

  /** Lets the engine die now; the next one goes on at once. */
  async crash(): Promise<void> {
    this.#current.kill()
    await this.#settle()
  }

  /** Stops the engine in good order, and starts the next one. */
  async restart(): Promise<void> {
    await this.#during(this.engine.stop({ drainMs: 0 }))
    this.#current = this.#make()
    await this.#during(this.engine.start())
  }

  /**
   * From now on tasks that end at the same moment are noticed in an order drawn by chance.
   *
   * @param seed The same seed gives the same order; null gives the natural one.
   */
  reorder(seed: number | null): void {
    this.#order.shuffle(seed === null ? null : seededRandom(seed))
  }

  /** Ends the test: stops the engine and closes the storage. */
  async stop(): Promise<void> {
    await this.#during(this.engine.stop({ drainMs: 0 }))
    await this.storage.close()
  }

  /** Ends it, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #make(): MortalEngine {
    const { engine: options, flows = [] } = this.#options
    const random = this.#random
    const parts = { leaseMs: LEASE_MS, ...options, storage: this.storage, clock: this.clock, random }
    const made = new MortalEngine(parts, this.#crashes)
    made.engine.use(this.#attempts)
    made.engine.use(this.#order)
    for (const flow of flows) made.engine.registerFlow(flow)
    return made
  }

  /** Lets everything that needs no time come to rest. */
  async #settle(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      if (!this.#current.isAlive) await this.#revive()
      else if (this.#attempts.isFresh) await this.#attempts.wait(this.#options.patienceMs ?? PATIENCE_MS)
      else if (!this.#current.isBusy) return
    }
  }

  async #revive(): Promise<void> {
    this.#crashCount++
    this.#attempts.forget()
    this.#current = this.#make()
    await this.engine.start()
  }

  /** Whether the run has ended, and the engine knows it: it may still wait for an answer of the storage. */
  async #hasEnded(runId: string): Promise<boolean> {
    const run = await this.#patiently(() => this.storage.runs.get(runId))
    if (run !== undefined && !hasEnded(run)) return false
    return (await this.#patiently(() => this.engine.getRun(runId))).finishedAt !== null
  }

  /** Asks again, a second later, while a storage that fails by plan does not answer. */
  async #patiently<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.#during(read())
      } catch (error) {
        if (!PerfectError.is(error, 'STORAGE_UNAVAILABLE')) throw error
        await this.advance(1000)
      }
    }
  }

  /** Lets time pass up to the next timer; gives false when there is none before `end`. */
  async #step(end: number): Promise<boolean> {
    const next = this.clock.nextTimerMs
    if (next === null || this.clock.monotonic() + next > end) return false
    await this.clock.advance(next)
    return true
  }

  /** Lets time pass until something has happened. */
  async #during<T>(operation: Promise<T>): Promise<T> {
    const state = { isOver: false }
    const over = (): void => void (state.isOver = true)
    operation.then(over, over)
    for (;;) {
      await this.#settle()
      if (state.isOver || !(await this.#step(Infinity))) return operation
    }
  }

  async #verify(runId: string): Promise<void> {
    const records = await this.#patiently(() => this.storage.tasks.list(runId))
    // A configuration may keep no results of tasks: then there is nothing to replay with.
    if (records.some(({ kind, status, value }) => kind === 'task' && status === 'succeeded' && value === null)) return
    const { differences } = await this.#patiently(() => this.engine.verifyReplay(runId))
    if (differences.length === 0) return
    throw new PerfectError(
      'REPLAY_MISMATCH',
      `A replay of run ${runId} does something else. Decide by results of tasks only.\n${differences.map(({ text }) => `- ${text}`).join('\n')}`,
      { details: { runId, differences: differences.map(({ kind, key, text }) => ({ kind, key, text })) } },
    )
  }

  async #notFinished(runId: string, within: Duration): Promise<PerfectError> {
    const { text } = await this.engine.explainRun(runId)
    return new PerfectError(
      'RUN_NOT_FINISHED',
      `Run ${runId} did not end within ${String(within)} of the time of the test, or one of its tasks within a day. ${text}`,
      {
        details: { runId, within },
      },
    )
  }
}
