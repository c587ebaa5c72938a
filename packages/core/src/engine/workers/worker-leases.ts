import type { RemoteWorker } from './remote-worker.ts'
import type { WorkerPool } from './worker-pool.ts'

/** Looks after the times of workers: leases of runs, connections that fell silent, workers that do not come back. */
export class WorkerLeases {
  readonly #pool: WorkerPool
  #dueAt = Infinity
  #stopTimer: (() => void) | null = null

  constructor(pool: WorkerPool) {
    this.#pool = pool
  }

  /** Looks again when this time has come. Unit: ms of the monotonic clock. */
  due(at: number): void {
    if (at >= this.#dueAt) return
    this.stop()
    this.#dueAt = at
    const { clock } = this.#pool.host
    this.#stopTimer = clock.setTimer(Math.max(0, at - clock.monotonic()), () => this.#look())
  }

  stop(): void {
    this.#stopTimer?.()
    this.#stopTimer = null
    this.#dueAt = Infinity
  }

  #look(): void {
    const { host, times } = this.#pool
    const now = host.clock.monotonic()
    const wasHeldUp = now - this.#dueAt > times.heartbeatMs
    this.#dueAt = Infinity
    this.#stopTimer = null
    // A process that was held up has not read yet what its workers sent meanwhile.
    if (wasHeldUp) return this.due(now + times.heartbeatMs)
    let next = Infinity
    for (const worker of this.#pool.workers) next = Math.min(next, this.#lookAt(worker, now))
    if (next < Infinity) this.due(next)
    this.#pool.listener.freed()
  }

  /** Does what is due; gives when the next thing is. */
  #lookAt(worker: RemoteWorker, now: number): number {
    const { leaseMs } = this.#pool.host
    this.#takeExpired(worker, now)
    const silentAt = worker.heardAt + leaseMs
    if (now >= silentAt) {
      worker.link?.close(4408, 'Nothing was heard for the time of a lease.')
      // Long enough after its end to be seen, and to come back to the same runs.
      if (worker.held.size === 0) this.#pool.forget(worker)
      return nextDeadline(worker)
    }
    const pauseEnd = worker.pausedUntil > now ? worker.pausedUntil : Infinity
    return Math.min(silentAt, pauseEnd, nextDeadline(worker))
  }

  #takeExpired(worker: RemoteWorker, now: number): void {
    for (const run of worker.held.values()) {
      if (now < run.deadline) continue
      if (!worker.isSuspect) {
        worker.isSuspect = true
        this.#pool.changed(worker)
      }
      // Its end may be on its way into the storage already; then this changes nothing.
      run.deadline = now + this.#pool.host.leaseMs
      void this.#pool.giveBack(run, run.isAccepted ? 'crashed' : 'blameless', 'stale_epoch')
    }
  }
}

function nextDeadline({ held }: RemoteWorker): number {
  return Math.min(Infinity, ...[...held.values()].map(({ deadline }) => deadline))
}
