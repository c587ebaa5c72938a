import type { Clock } from '../primitives/clock.ts'
import { FINAL_RUN_STATUSES, type FinalRunStatus, type RunRecord } from '../storage/records.ts'
import type { Storage } from '../storage/storage.ts'

// Only for runs that end in another process, which cannot tell us.
const POLL_MS = 1000

/** Whether a run has ended. */
export function hasEnded(run: RunRecord): run is RunRecord & { readonly status: FinalRunStatus } {
  return FINAL_RUN_STATUSES.some((status) => status === run.status)
}

/** How a run ended. */
export interface RunOutcome {
  readonly run: RunRecord
  /** Stored text of what the flow returned. */
  readonly result: string | null
}

/** Those who wait for the end of runs. */
export class RunOutcomes {
  readonly #storage: Storage
  readonly #clock: Clock
  readonly #waiting = new Map<string, ((outcome: RunOutcome) => void)[]>()

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage
    this.#clock = clock
  }

  /** Tells those who wait for this run. */
  ended(outcome: RunOutcome): void {
    const waiting = this.#waiting.get(outcome.run.id)
    this.#waiting.delete(outcome.run.id)
    for (const tell of waiting ?? []) tell(outcome)
  }

  /**
   * The outcome of a run, once it has ended.
   *
   * @param isHeldHere Whether this engine holds the run, and so will hear of its end by itself.
   */
  wait(runId: string, isHeldHere: boolean): Promise<RunOutcome> {
    const { promise, resolve } = Promise.withResolvers<RunOutcome>()
    this.#waiting.set(runId, [...(this.#waiting.get(runId) ?? []), resolve])
    if (!isHeldHere) void this.#look(runId)
    else if (this.#storage.capabilities.multiProcess) this.#lookLater(runId)
    return promise
  }

  /** The run is no longer held here and has not ended as far as is known: it may have, or ends elsewhere. */
  lost(runId: string): void {
    void this.#look(runId)
  }

  async #look(runId: string): Promise<void> {
    if (!this.#waiting.has(runId)) return
    try {
      const run = await this.#storage.runs.get(runId)
      if (run && hasEnded(run)) this.ended({ run, result: await this.#storage.runs.result(runId) })
      else if (this.#storage.capabilities.multiProcess) this.#lookLater(runId)
    } catch {
      // The storage is away; the run may have ended all the same.
      this.#lookLater(runId)
    }
  }

  #lookLater(runId: string): void {
    this.#clock.setTimer(POLL_MS, () => void this.#look(runId))
  }
}
