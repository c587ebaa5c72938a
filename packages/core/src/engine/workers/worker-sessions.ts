/*
 * Remote workers of an engine, whatever carries their messages: who is connected, which runs they hold under a lease, who gets the next
 * one. States of a worker: online -> (draining | suspect) -> offline. The rules are those of the protocol `perfect.worker.v1`.
 */
import { PerfectError } from '../../errors/perfect-error.ts'
import { warnOfError } from '../observability/engine-log.ts'
import type { WorkerView } from '../views.ts'
import type { PermitFlow } from './flow-announcement.ts'
import type { RemoteWorker } from './remote-worker.ts'
import { WorkDealer } from './work-dealer.ts'
import type { WorkerHost } from './worker-host.ts'
import { WorkerLeases } from './worker-leases.ts'
import { WorkerPool } from './worker-pool.ts'
import { WorkerSession, type WorkerCarrier } from './worker-session.ts'

/** How workers are treated. */
export interface WorkerSessionsOptions {
  /** How long a worker may take to end a cancelled run, before the engine ends it. Unit: ms. Range: >= 0. Default: 10,000. */
  readonly cancelGraceMs?: number
  /** Hears errors that nobody waits for. Default: a process warning. */
  readonly onError?: (error: unknown, doing: string) => void
}

// Two heartbeats may be lost before a lease ends.
const HEARTBEATS_PER_LEASE = 3
const HELLO_MS = 5000
const ACCEPT_MS = 5000
const DEFAULT_CANCEL_GRACE_MS = 10_000
// Long enough for a new engine to be there, short enough not to be noticed.
const RECONNECT_AFTER_MS = 1000
/** Label with which a worker says that this engine has started its process. */
const PROCESS_LABEL = 'perfect.process'

/** The remote workers of an engine. */
export class WorkerSessions {
  readonly #pool: WorkerPool
  readonly #dealer: WorkDealer
  readonly #leases: WorkerLeases
  readonly #sessions = new Set<WorkerSession>()

  constructor(host: WorkerHost, options: WorkerSessionsOptions = {}) {
    const report = options.onError ?? warnOfError
    this.#pool = new WorkerPool(
      host,
      {
        heartbeatMs: Math.ceil(host.leaseMs / HEARTBEATS_PER_LEASE),
        helloMs: HELLO_MS,
        acceptMs: Math.min(ACCEPT_MS, host.leaseMs / 2),
        cancelGraceMs: options.cancelGraceMs ?? DEFAULT_CANCEL_GRACE_MS,
      },
      {
        freed: () => this.#dealer.wake(),
        due: (at) => this.#leases.due(at),
        report,
      },
    )
    this.#dealer = new WorkDealer(this.#pool)
    this.#leases = new WorkerLeases(this.#pool)
  }

  /** How long a worker keeps its runs, and its connection, without being heard of. Unit: ms. */
  get leaseMs(): number {
    return this.#pool.host.leaseMs
  }

  /**
   * A worker has connected.
   *
   * @param options `permit`: throws when the worker may not run a flow; it is told so, and gets no runs of it. Default: it may run all.
   * `owner`: name of the caller; as long as a worker is known, no other caller may connect with its id. Default: nobody was asked.
   */
  open(
    carrier: WorkerCarrier,
    { permit = null, owner = null }: { readonly permit?: PermitFlow | null; readonly owner?: string | null } = {},
  ): WorkerSession {
    const session = new WorkerSession(this.#pool, carrier, {
      permit,
      owner,
      onClosed: () => this.#sessions.delete(session),
    })
    this.#sessions.add(session)
    return session
  }

  /** The workers that are connected, or were a moment ago. */
  status(): readonly WorkerView[] {
    return this.#pool.views
  }

  /** @throws {PerfectError} WORKER_NOT_FOUND */
  get(id: string): WorkerView {
    return this.#find(id).view
  }

  /**
   * Lets a worker finish what it holds and gives it nothing more, also when it connects anew; with `false` it gets runs again.
   *
   * @throws {PerfectError} WORKER_NOT_FOUND
   */
  drain(id: string, isHeldBack: boolean = true): WorkerView {
    const worker = this.#find(id)
    worker.isHeldBack = isHeldBack
    this.#pool.changed(worker)
    if (!isHeldBack) this.wake()
    return worker.view
  }

  /** There may be a run to give to a worker. */
  wake(): void {
    this.#dealer.wake()
  }

  /** Tells the worker that holds a run that it was paused, or that it is not any more. */
  tellPause(runId: string): void {
    this.#pool.find(runId)?.tellPause()
  }

  /**
   * Asks the worker that holds a run to end it, and ends it without the worker when that takes too long. The request is stored already.
   *
   * @returns Whether a worker holds the run.
   */
  cancel(runId: string, reason: string | null): boolean {
    return this.#pool.cancel(runId, reason)
  }

  /** What is heard of the workers in a process of this engine; undefined when none of them has connected. */
  heartbeat(label: string): 'ok' | 'silent' | undefined {
    const own = [...this.#pool.workers].filter(({ labels }) => labels[PROCESS_LABEL] === label)
    if (own.length === 0) return undefined
    return own.every(({ view: { status } }) => status === 'online' || status === 'draining') ? 'ok' : 'silent'
  }

  /** A process of this engine has ended: what its workers held can be taken at once. */
  async processExited(label: string): Promise<void> {
    const gone = [...this.#pool.workers].filter(({ labels }) => labels[PROCESS_LABEL] === label)
    await Promise.all(
      gone.map(async (worker) => {
        worker.isDraining = true
        worker.link?.close(1001, 'The process has ended.')
        await Promise.all([...worker.held.values()].map((run) => this.#pool.giveBack(run, 'crashed')))
        this.#pool.forget(worker)
      }),
    )
  }

  #find(id: string): RemoteWorker {
    for (const worker of this.#pool.workers) if (worker.id === id) return worker
    const shown = id.slice(0, 100)
    throw new PerfectError(
      'WORKER_NOT_FOUND',
      `No worker ${JSON.stringify(shown)} is known. List them with workers.status().`,
      {
        details: { field: 'workerId', value: shown },
      },
    )
  }

  /** Whether a worker holds a run. */
  holds(runId: string): boolean {
    return this.#pool.find(runId) !== undefined
  }

  /** Number of connected workers that can run a flow. */
  workersFor(flowId: string): number {
    return [...this.#pool.workers].filter(({ link, flowIds }) => link !== null && flowIds.has(flowId)).length
  }

  /**
   * Ends all connections. Workers of their own keep their runs, and go on with them at the next engine; processes that this engine
   * has started end with it, so their runs are given back.
   *
   * @param options `drainMs`: how long the engine will still be there at most; told to the workers. Unit: ms.
   */
  async stop({ drainMs }: { readonly drainMs: number }): Promise<void> {
    if (this.#pool.isStopping) return
    this.#pool.isStopping = true
    this.#dealer.stop()
    this.#leases.stop()
    const workers = [...this.#pool.workers]
    for (const worker of workers)
      worker.send({ type: 'goaway', reason: 'shutdown', reconnectAfterMs: RECONNECT_AFTER_MS, deadlineMs: drainMs })
    await Promise.all(
      workers.flatMap((worker) => {
        const isOurs = worker.labels[PROCESS_LABEL] !== undefined
        const runs = [...worker.held.values()]
        if (isOurs) return runs.map((run) => this.#pool.giveBack(run, 'blameless', 'stale_epoch'))
        for (const run of runs) run.leave()
        return []
      }),
    )
    for (const session of this.#sessions) session.close(1001, 'The engine is stopping.')
  }
}
