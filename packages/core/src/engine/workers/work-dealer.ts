import { cancelledEnd } from '../../runner/run-stop.ts'
import type { RemoteWorker } from './remote-worker.ts'
import { toAssignment } from './run-assignment.ts'
import type { WorkerClaim } from './worker-host.ts'
import type { WorkerPool } from './worker-pool.ts'

const RETRY_MS = 1000

/** Gives waiting runs to the workers that have room: one claim at a time, the freest worker first. */
export class WorkDealer {
  readonly #pool: WorkerPool
  #mayHaveWork = false
  #isDealing = false
  #stopRetry: (() => void) | null = null

  constructor(pool: WorkerPool) {
    this.#pool = pool
  }

  /** There may be a run to give, or somebody to give it to. */
  wake(): void {
    this.#mayHaveWork = true
    if (!this.#isDealing) void this.#deal()
  }

  stop(): void {
    this.#stopRetry?.()
    this.#stopRetry = null
  }

  async #deal(): Promise<void> {
    this.#isDealing = true
    try {
      while (this.#mayHaveWork) {
        this.#mayHaveWork = false
        await this.#dealRound()
      }
    } catch (error) {
      this.#pool.listener.report(error, 'giving runs to workers')
      this.#stopRetry ??= this.#pool.host.clock.setTimer(RETRY_MS, () => {
        this.#stopRetry = null
        this.wake()
      })
    } finally {
      this.#isDealing = false
    }
  }

  async #dealRound(): Promise<void> {
    const served = new Set<RemoteWorker>()
    for (let worker = this.#freest(served); worker !== undefined; worker = this.#freest(served)) {
      const claim = await this.#pool.host.claim({ id: worker.id, flowIds: [...worker.flowIds] })
      if (claim) await this.#give(worker, claim)
      else served.add(worker)
    }
  }

  #freest(served: ReadonlySet<RemoteWorker>): RemoteWorker | undefined {
    if (this.#pool.isStopping) return undefined
    const now = this.#pool.host.clock.monotonic()
    let freest: RemoteWorker | undefined
    for (const worker of this.#pool.workers) {
      if (served.has(worker) || !worker.canTake(now)) continue
      if (freest === undefined || load(worker) < load(freest)) freest = worker
    }
    return freest
  }

  async #give(worker: RemoteWorker, claim: WorkerClaim): Promise<void> {
    const { host } = this.#pool
    const { journal } = claim
    if (journal.run.cancelRequestedAt !== null) {
      await journal.finish(cancelledEnd(journal))
      return
    }
    // The worker may have gone, or be full, since the claim was made; and the run may be paused.
    if (this.#pool.isStopping || journal.run.pausedAt !== null || !worker.canTake(host.clock.monotonic()))
      return host.release(journal, 'blameless')
    const run = this.#pool.hold(worker, journal, false)
    if (!run.isClosed) worker.send(toAssignment(claim, host.leaseMs, run.cancelRequest))
  }
}

function load({ held, slots }: RemoteWorker): number {
  return held.size / slots
}
