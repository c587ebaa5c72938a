import type { Clock } from '../primitives/clock.ts'
import { FINAL_RUN_STATUSES, type FinalRunStatus, type RunRecord } from '../storage/records.ts'
import type { Storage } from '../storage/storage.ts'

// Only for runs that end in another process, which cannot tell us.
const POLL_MS = 1000

/** Whether a run has ended. */
export function hasEnded(run: RunRecord): run is RunRecord & { readonly status: FinalRunStatus } {
  return FINAL_RUN_STATUSES.some((status) => status === run.status)
}

/** Those who wait for the end of runs. */
export class RunOutcomes {
  readonly #storage: Storage
  readonly #clock: Clock
  readonly #waiting = new Map<string, ((run: RunRecord) => void)[]>()

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage
    this.#clock = clock
  }

  /** Tells those who wait for this run. */
  ended(run: RunRecord): void {
    const waiting = this.#waiting.get(run.id)
    this.#waiting.delete(run.id)
    for (const tell of waiting ?? []) tell(run)
  }

  /** The run, once it has ended. */
  wait(runId: string): Promise<RunRecord> {
    const { promise, resolve } = Promise.withResolvers<RunRecord>()
    this.#waiting.set(runId, [...(this.#waiting.get(runId) ?? []), resolve])
    void this.#look(runId)
    return promise
  }

  async #look(runId: string): Promise<void> {
    if (!this.#waiting.has(runId)) return
    const run = await this.#storage.runs.get(runId)
    if (run && hasEnded(run)) this.ended(run)
    else if (this.#storage.capabilities.multiProcess) this.#clock.setTimer(POLL_MS, () => void this.#look(runId))
  }
}
