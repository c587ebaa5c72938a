import { PerfectError } from '../errors/perfect-error.ts'
import { deserializeError } from '../errors/serialized-error.ts'
import { decodeValue } from '../primitives/value.ts'
import type { EventBus } from './event-bus.ts'
import type { RunOutcomes } from './run-outcomes.ts'
import type { EstimateView, ProgressView, RunView } from './views.ts'

/** What a handle needs of the engine. */
export interface HandleParts {
  readonly outcomes: RunOutcomes
  readonly bus: EventBus
  getRun(id: string): Promise<RunView>
  cancelRun(id: string, reason?: string): Promise<RunView>
  pauseRun(id: string): Promise<RunView>
  resumeRun(id: string): Promise<RunView>
}

/** How far a run is, and how long it still takes. */
export interface RunProgress extends ProgressView {
  /** null once it has ended. */
  readonly estimate: EstimateView | null
}

/** A triggered run. */
export class RunHandle<Out = unknown> {
  readonly id: string
  readonly #parts: HandleParts
  #view: RunView | (() => RunView)

  /** @param view Makes {@link run}; called when it is asked for. */
  constructor(id: string, view: () => RunView, parts: HandleParts) {
    this.id = id
    this.#view = view
    this.#parts = parts
  }

  /** The run as it was when it was triggered; its estimate is in {@link progress}. */
  get run(): RunView {
    if (typeof this.#view === 'function') this.#view = this.#view()
    return this.#view
  }

  /**
   * What the flow returned, once the run has ended. Waits as long as the run takes; the run goes on when nobody waits.
   *
   * @throws The error of the flow when it failed.
   * @throws {PerfectError} RUN_CANCELLED
   */
  async result(): Promise<Out> {
    let outcome = await this.#parts.outcomes.wait(this.id)
    // A failed attempt of its flow is not the end.
    while (outcome.run.nextRunId !== null) outcome = await this.#parts.outcomes.wait(outcome.run.nextRunId)
    const { run, result } = outcome
    if (run.status === 'succeeded') return (result === null ? undefined : decodeValue(result)) as Out
    if (run.error) throw deserializeError(run.error)
    throw new PerfectError('RUN_CANCELLED', `Run ${this.id} was cancelled.`, { details: { runId: this.id } })
  }

  /** The progress of the run, and how long it still takes, each time that they change, from now until the run has ended. */
  async *progress(): AsyncGenerator<RunProgress, void, undefined> {
    // At most the newest view: who is slow sees fewer steps, never old ones.
    const newest: RunView[] = []
    let change = Promise.withResolvers<undefined>()
    const listener = (run: RunView): void => {
      if (run.id !== this.id) return
      newest[0] = run
      change.resolve(undefined)
    }
    this.#parts.bus.on('run.updated', listener)
    try {
      let run = await this.#parts.getRun(this.id)
      for (;;) {
        yield { ...run.progress, estimate: run.estimate }
        if (run.finishedAt !== null) return
        await change.promise
        change = Promise.withResolvers<undefined>()
        run = newest.pop() ?? run
      }
    } finally {
      this.#parts.bus.off('run.updated', listener)
    }
  }

  /**
   * Asks the run to end; gives it as it is then.
   *
   * @throws {PerfectError} RUN_FINISHED
   */
  cancel(reason?: string): Promise<RunView> {
    return this.#parts.cancelRun(this.id, reason)
  }

  /**
   * Asks the run to pause: running tasks end and are recorded, nothing new starts.
   *
   * @throws {PerfectError} RUN_FINISHED
   */
  pause(): Promise<RunView> {
    return this.#parts.pauseRun(this.id)
  }

  /**
   * Lets the run go on.
   *
   * @throws {PerfectError} RUN_FINISHED, RUN_NOT_PAUSED
   */
  resume(): Promise<RunView> {
    return this.#parts.resumeRun(this.id)
  }
}
