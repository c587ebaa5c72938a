/* The remote workers of an engine with the runs that they hold: what sessions, dealing and leases have in common. */
import type { RunJournal } from '../../journal/run-journal.ts'
import type { WorkerView } from '../views.ts'
import type { RevokeReason } from './messages.ts'
import { RemoteWorker } from './remote-worker.ts'
import type { GiveBack, WorkerHost } from './worker-host.ts'
import { WorkerRun, type RunClosing } from './worker-run.ts'

/** Times that workers live by. */
export interface WorkerTimes {
  /** Unit: ms. */
  readonly heartbeatMs: number
  /** For the first message of a connection. Unit: ms. */
  readonly helloMs: number
  /** For a worker to accept a run. Unit: ms. */
  readonly acceptMs: number
  /** For a worker to end a cancelled run. Unit: ms. */
  readonly cancelGraceMs: number
}

/** What a pool tells. */
export interface PoolListener {
  /** A worker may take a run now, or a run may be taken. */
  freed(): void
  /** Something may have to be done when this time has come. Unit: ms of the monotonic clock. */
  due(at: number): void
  report(error: unknown, doing: string): void
}

// Requests to cancel runs that are not held, kept for those that are on their way to a worker; there are never more of those.
const MAX_EARLY_CANCELS = 1000
// A worker that refused a run for lack of room is not asked again at once.
const PAUSE_MS = 1000

/** The workers of an engine. */
export class WorkerPool {
  readonly host: WorkerHost
  readonly times: WorkerTimes
  readonly listener: PoolListener
  isStopping = false
  readonly #workers = new Map<string, RemoteWorker>()
  readonly #earlyCancels = new Map<string, string | null>()

  constructor(host: WorkerHost, times: WorkerTimes, listener: PoolListener) {
    this.host = host
    this.times = times
    this.listener = listener
  }

  get workers(): Iterable<RemoteWorker> {
    return this.#workers.values()
  }

  get views(): readonly WorkerView[] {
    return [...this.#workers.values()].map(({ view }) => view)
  }

  /** The worker of an id; made when it is not known, null when it is the worker of another caller. */
  worker(id: string, owner: string | null): RemoteWorker | null {
    const worker = this.#workers.get(id) ?? new RemoteWorker(id, owner)
    if (worker.owner !== owner) return null
    this.#workers.set(id, worker)
    return worker
  }

  forget(worker: RemoteWorker): void {
    this.#workers.delete(worker.id)
  }

  /** The run with its worker, when one holds it. */
  find(runId: string): WorkerRun | undefined {
    for (const worker of this.#workers.values()) {
      const run = worker.held.get(runId)
      if (run) return run
    }
    return undefined
  }

  /** A worker has a run from now on. `isAccepted`: it said so itself. */
  hold(worker: RemoteWorker, journal: RunJournal, isAccepted: boolean): WorkerRun {
    const { clock, ids, leaseMs } = this.host
    const { cancelGraceMs, acceptMs } = this.times
    const reason = this.#earlyCancels.get(journal.run.id)
    if (reason !== undefined && journal.run.cancelRequestedAt === null)
      journal.requested({ cancelRequestedAt: clock.now(), cancelReason: reason })
    this.#earlyCancels.delete(journal.run.id)
    const deadline = clock.monotonic() + (isAccepted ? leaseMs : acceptMs)
    const run = new WorkerRun(
      {
        clock,
        ids,
        cancelGraceMs,
        send: (message) => worker.send(message),
        release: (released, how) => this.host.release(released, how),
        closed: (closedRun, closing) => this.#drop(worker, closedRun, closing),
        report: (error, doing) => this.listener.report(error, doing),
      },
      journal,
      { deadline, isAccepted },
    )
    worker.held.set(journal.run.id, run)
    this.listener.due(deadline)
    this.changed(worker)
    run.keepTimeout()
    return run
  }

  /** The worker was heard to run it: its lease begins again. */
  renew(run: WorkerRun): void {
    run.isAccepted = true
    run.deadline = this.host.clock.monotonic() + this.host.leaseMs
  }

  /** Gives a run back and lets others take it. `reason` is told to the worker, when it does not know yet. */
  giveBack(run: WorkerRun, how: GiveBack, reason?: RevokeReason): Promise<void> {
    return run
      .giveBack(how, reason)
      .catch((error: unknown) => this.listener.report(error, 'giving back the run of a worker'))
      .finally(() => this.listener.freed())
  }

  /** Gives the worker no runs for a moment. */
  pause(worker: RemoteWorker): void {
    worker.pausedUntil = this.host.clock.monotonic() + PAUSE_MS
    this.listener.due(worker.pausedUntil)
  }

  /** Asks for the end of a run; gives whether a worker holds it. A run that is on its way to one is asked when it is there. */
  cancel(runId: string, reason: string | null): boolean {
    const run = this.find(runId)
    run?.cancel()
    if (run) return true
    this.#earlyCancels.set(runId, reason)
    const [oldest] = this.#earlyCancels.keys()
    if (this.#earlyCancels.size > MAX_EARLY_CANCELS && oldest !== undefined) this.#earlyCancels.delete(oldest)
    return false
  }

  /** Tells the others about a worker. */
  changed(worker: RemoteWorker): void {
    this.host.workerChanged(worker.view)
  }

  #drop(worker: RemoteWorker, run: WorkerRun, closing: RunClosing): void {
    const { runId, epoch } = run.key
    if (worker.held.get(runId) === run) worker.held.delete(runId)
    if (closing.kind === 'ended') worker.ended(runId, epoch, closing.eventSeq)
    this.host.ended(run.journal)
    this.changed(worker)
    this.listener.freed()
  }
}
