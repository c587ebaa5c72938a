import { PerfectError } from '../errors/perfect-error.ts'
import type { Clock } from '../primitives/clock.ts'
import { ReleasingMap } from '../primitives/releasing-map.ts'
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

interface Waiting {
  readonly tell: (outcome: RunOutcome) => void
  readonly fail: (error: PerfectError) => void
}

/** Those who wait for the end of runs. */
export class RunOutcomes {
  readonly #storage: Storage
  readonly #clock: Clock
  readonly #isHeldHere: (runId: string) => boolean
  readonly #waiting = new ReleasingMap<Waiting[]>()
  /** Runs whose transaction is not over. */
  readonly #expected = new Set<string>()
  #isPolling = false

  /** @param isHeldHere Whether this engine holds the run now, and so hears of its end by itself. */
  constructor(storage: Storage, clock: Clock, isHeldHere: (runId: string) => boolean) {
    this.#storage = storage
    this.#clock = clock
    this.#isHeldHere = isHeldHere
  }

  /** Tells those who wait for this run. */
  ended(outcome: RunOutcome): void {
    const waiting = this.#waiting.get(outcome.run.id)
    this.#waiting.delete(outcome.run.id)
    for (const { tell } of waiting ?? []) tell(outcome)
  }

  /** A run will be stored by a transaction, or not. */
  expect(runId: string): void {
    this.#expected.add(runId)
  }

  /** The transaction is over. @param error Given when the run was not stored. */
  expected(runId: string, error: PerfectError | null): void {
    this.#expected.delete(runId)
    if (error) this.#fail(runId, error)
  }

  #fail(runId: string, error: PerfectError): void {
    const waiting = this.#waiting.get(runId)
    this.#waiting.delete(runId)
    for (const { fail } of waiting ?? []) fail(error)
  }

  /** The outcome of a run, once it has ended. */
  wait(runId: string): Promise<RunOutcome> {
    return new Promise((tell, fail) => {
      const waiting = this.#waiting.get(runId)
      if (waiting) waiting.push({ tell, fail })
      else this.#waiting.set(runId, [{ tell, fail }])
      if (!this.#isHeldHere(runId)) void this.#look(runId)
      if (this.#storage.capabilities.multiProcess) this.#pollLater()
    })
  }

  /** The run is no longer held here and has not ended as far as is known: it may have, or ends elsewhere. */
  lost(runId: string): void {
    void this.#look(runId)
  }

  async #look(runId: string): Promise<void> {
    if (this.#waiting.get(runId) === undefined || this.#expected.has(runId)) return
    try {
      const run = await this.#storage.runs.get(runId)
      if (!run) this.#fail(runId, notFound(runId))
      if (run && hasEnded(run)) this.ended({ run, result: await this.#storage.runs.result(runId) })
    } catch {
      // The storage is away; the run may have ended all the same.
      this.#pollLater()
    }
  }

  // One timer for all who wait: one for each would outlive most runs by far.
  #pollLater(): void {
    if (this.#isPolling || this.#waiting.size === 0) return
    this.#isPolling = true
    this.#clock.setTimer(POLL_MS, () => void this.#poll())
  }

  async #poll(): Promise<void> {
    this.#isPolling = false
    const elsewhere = [...this.#waiting.keys()].filter((runId) => !this.#isHeldHere(runId))
    await Promise.all(elsewhere.map((runId) => this.#look(runId)))
    if (this.#storage.capabilities.multiProcess) this.#pollLater()
  }
}

function notFound(runId: string): PerfectError {
  return new PerfectError('RUN_NOT_FOUND', `There is no run ${runId} any more, so its result is not known.`, {
    details: { runId },
  })
}
