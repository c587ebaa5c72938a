/* The engine's side of remote workers: which runs they get, keep and give back. Implements what worker sessions ask for. */
import type { FlowDefinition } from '../definition/flow.ts'
import type { FlowRegistration } from '../definition/remote-flow.ts'
import type { GroupCommit } from '../journal/group-commit.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { Clock } from '../primitives/clock.ts'
import type { IdSource } from '../primitives/id.ts'
import type { RunRecord } from '../storage/records.ts'
import type { ClaimableFlow, Storage } from '../storage/storage.ts'
import type { ActiveRuns } from './active-runs.ts'
import { claimRun } from './claim-run.ts'
import { endIfCrashLoop } from './crash-loop.ts'
import { limitsOf } from './flow-limits.ts'
import type { FlowRegistry } from './flow-registry.ts'
import { LimitedFlows } from './limited-flows.ts'
import { readPatiently } from './patient-read.ts'
import { hasEnded } from './run-outcomes.ts'
import type { FlowView, WorkerView } from './views.ts'
import type { GiveBack, WorkerClaim, WorkerHost } from './workers/worker-host.ts'

/** What remote runs work with. */
export interface RemoteRunParts {
  readonly engineId: string
  readonly clock: Clock
  readonly ids: IdSource
  readonly leaseMs: number
  readonly storage: Storage
  readonly commit: GroupCommit
  readonly registry: FlowRegistry
  readonly active: ActiveRuns
  readonly registerFlow: (
    registration: FlowRegistration,
  ) => Promise<{ readonly status: 'created' | 'updated' | 'unchanged'; readonly flow: FlowView }>
  readonly workerChanged: (worker: WorkerView) => void
  /** Looks for runs again at an instant. */
  readonly wakeAt: (instant: number) => void
}

// A worker is given one run at a time; some may be held back for the worker that had them.
const LOOK_AHEAD = 20

const QUEUED = { status: 'queued', reason: 'worker' } as const
const PAUSED = { status: 'waiting', reason: 'paused' } as const
const SLEEPING = { status: 'waiting', reason: 'sleep' } as const

/** Gives runs to remote workers. */
export class RemoteRuns implements WorkerHost {
  readonly engineId: string
  readonly clock: Clock
  readonly ids: IdSource
  readonly leaseMs: number
  readonly registerFlow: RemoteRunParts['registerFlow']
  readonly workerChanged: RemoteRunParts['workerChanged']
  readonly #parts: RemoteRunParts
  readonly #limited: LimitedFlows
  readonly #startedAt: number

  constructor(parts: RemoteRunParts) {
    this.#parts = parts
    this.engineId = parts.engineId
    this.clock = parts.clock
    this.ids = parts.ids
    this.leaseMs = parts.leaseMs
    this.registerFlow = parts.registerFlow
    this.workerChanged = parts.workerChanged
    this.#limited = new LimitedFlows(parts.clock)
    this.#startedAt = parts.clock.monotonic()
  }

  async claim(worker: { readonly id: string; readonly flowIds: readonly string[] }): Promise<WorkerClaim | undefined> {
    const { storage, active, registry } = this.#parts
    const flows = worker.flowIds.flatMap((id) => this.#claimable(id))
    if (flows.length === 0) return undefined
    const found = await storage.runs.claimable({ flows, limit: LOOK_AHEAD })
    const full = new Set<string>()
    for (const candidate of found) {
      const definition = registry.find(candidate.flowId)
      if (!definition || full.has(definition.id) || this.#isKeptForItsWorker(candidate, worker.id)) continue
      const limits = limitsOf(definition, candidate)
      const run = await claimRun(this.#parts, candidate, { workerId: worker.id, limits })
      if (run === 'missed') continue
      if ('retryAt' in run) {
        full.add(definition.id)
        this.#parts.wakeAt(this.#limited.hold(definition.id, run.retryAt))
        continue
      }
      const journal = await active.open(run, definition)
      if (await endIfCrashLoop(journal)) continue
      return { journal, input: await readPatiently(this.#parts, () => storage.runs.input(run.id)) }
    }
    return undefined
  }

  #claimable(flowId: string): readonly ClaimableFlow[] {
    const definition = this.#parts.registry.find(flowId)
    return definition?.run === null ? this.#limited.claimable(definition) : []
  }

  ended(journal: RunJournal): void {
    this.#limited.freed(journal.definition.id)
  }

  async resume(held: {
    readonly runId: string
    readonly epoch: number
    readonly workerId: string
  }): Promise<
    RunJournal | { readonly finished: true; readonly eventSeq: number; readonly logSeq: number } | 'revoked'
  > {
    const { storage, active, registry } = this.#parts
    const known = active.journal(held.runId)
    if (known) return known.run.epoch === held.epoch && known.run.workerId === held.workerId ? known : 'revoked'
    const run = await storage.runs.get(held.runId)
    if (!run || run.epoch !== held.epoch || run.workerId !== held.workerId) return 'revoked'
    if (hasEnded(run)) return { finished: true, eventSeq: run.workerEventSeq, logSeq: run.workerLogSeq }
    const definition = registry.find(run.flowId)
    return definition ? this.#adopt(run, definition) : 'revoked'
  }

  async release(journal: RunJournal, how: GiveBack): Promise<void> {
    const isPaused = journal.run.pausedAt !== null
    const sleeping = typeof how === 'object' ? ({ ...SLEEPING, wakeAt: how.wakeAt } as const) : null
    await journal.update({
      ...(isPaused ? PAUSED : (sleeping ?? QUEUED)),
      engineId: null,
      workerId: null,
      ...(how !== 'crashed' && { epochsWithoutProgress: 0 }),
    })
    if (typeof how === 'object') this.#parts.wakeAt(how.wakeAt)
  }

  /**
   * Gives runs back whose engine died and whose worker has not come back for them: nobody runs them, and they are to be seen as waiting
   * for a worker, also while none is connected.
   */
  async releaseAbandoned(): Promise<void> {
    const { storage, active, registry } = this.#parts
    if (this.#isGracePeriod()) return
    const flowIds = registry.all().flatMap(({ id, run }) => (run === null ? [id] : []))
    if (flowIds.length === 0) return
    const found = await storage.runs.claimable({ flows: flowIds.map((id) => ({ id })), limit: LOOK_AHEAD })
    for (const candidate of found) {
      const definition = registry.find(candidate.flowId)
      if (!definition || candidate.status !== 'running') continue
      const run = await claimRun(this.#parts, candidate, { workerId: null, limits: [] })
      if (run !== 'missed' && !('retryAt' in run)) await this.release(await active.open(run, definition), 'crashed')
    }
  }

  /** A run of an engine that died goes on with its worker, under the epoch that the worker has. */
  async #adopt(run: RunRecord, definition: FlowDefinition): Promise<RunJournal | 'revoked'> {
    const change = { type: 'run.adopt', runId: run.id, epoch: run.epoch, engineId: this.engineId } as const
    const [receipt] = await this.#parts.commit.append([change], 'impatient')
    if (!receipt?.accepted || !receipt.run) return 'revoked'
    return this.#parts.active.open(receipt.run, definition)
  }

  // After a restart of the engine a worker that still runs its run gets the time of one lease to come back for it.
  #isKeptForItsWorker(run: RunRecord, workerId: string): boolean {
    const isHeld = run.status === 'running' && run.workerId !== null && run.workerId !== workerId
    return isHeld && this.#isGracePeriod()
  }

  #isGracePeriod(): boolean {
    return this.clock.monotonic() - this.#startedAt < this.leaseMs
  }
}
