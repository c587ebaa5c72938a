import type { FlowDefinition } from '../definition/flow.ts'
import type { GroupCommit } from '../journal/group-commit.ts'
import type { Clock } from '../primitives/clock.ts'
import type { RunRecord } from '../storage/records.ts'
import type { Storage } from '../storage/storage.ts'
import type { ActiveRuns } from './active-runs.ts'
import { claimRun } from './claim-run.ts'
import type { ErrorReporter } from './event-bus.ts'
import { limitsOf } from './flow-limits.ts'
import type { FlowRegistry } from './flow-registry.ts'
import { LimitedFlows } from './limited-flows.ts'

/** What a dispatcher works with. */
export interface DispatcherParts {
  readonly engineId: string
  readonly storage: Storage
  readonly commit: GroupCommit
  readonly clock: Clock
  readonly registry: FlowRegistry
  readonly active: () => ActiveRuns
  readonly report: ErrorReporter
  /** The time of a run has come; it may be one for a remote worker. */
  readonly onTime: () => void
  /** Runs of local flows that are driven at once. Range: >= 1. */
  readonly concurrency: number
}

// How many runs one look into the storage may bring.
const MAX_CLAIMS = 100
const RETRY_MS = 1000

/** Chooses which local run is driven next: the oldest that may be claimed, as long as there is a free slot. */
export class Dispatcher {
  readonly #parts: DispatcherParts
  /** Runs that are taken or driven here. A lease that ended unnoticed makes them look free; they are not to be taken twice. */
  readonly #taken = new Set<string>()
  readonly #limited: LimitedFlows
  #mayHaveWork = true
  #isLooking = false
  #isOpen = false
  #stopWake: (() => void) | null = null
  #wakeAt = Infinity
  /** Looks and drives that are under way. */
  #busy = 0
  #idle: (() => void)[] = []

  constructor(parts: DispatcherParts) {
    this.#parts = parts
    this.#limited = new LimitedFlows(parts.clock)
  }

  /** Starts to look for work, with what the storage has. */
  async open(): Promise<void> {
    this.#isOpen = true
    const wakeAt = await this.#parts.storage.runs.nextWakeAt()
    if (wakeAt !== null) this.wakeAt(wakeAt)
    this.wake()
  }

  /** Takes no more runs. */
  close(): void {
    this.#isOpen = false
    this.#stopWake?.()
  }

  /** Waits until what was under way has come to its end: claims, and the runs that are driven. */
  async settled(): Promise<void> {
    if (this.#busy > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Takes a slot for a run that is claimed while it is created; false when there is none, or when older runs wait. */
  reserve(runId: string): boolean {
    if (!this.#isOpen || this.#mayHaveWork || this.#free === 0) return false
    this.#taken.add(runId)
    return true
  }

  /** Gives a reserved slot back without a run. */
  unreserve(runId: string): void {
    this.#taken.delete(runId)
    this.wake()
  }

  /** A run has ended: its slot is free before those who wait for its end hear of it, and start the next. */
  ended(runId: string): void {
    this.#taken.delete(runId)
  }

  /** Drives a run that was claimed with a reserved slot. */
  driveReserved(run: RunRecord, definition: FlowDefinition, input: string | null): void {
    this.#drive(run, definition, input)
  }

  /** There may be a run to take. */
  wake(): void {
    this.#mayHaveWork = true
    if (!this.#isLooking) void this.#look()
  }

  /** There may be a run to take at an instant. */
  wakeAt(instant: number): void {
    if (!this.#isOpen || instant >= this.#wakeAt) return
    this.#stopWake?.()
    this.#wakeAt = instant
    const delayMs = Math.max(0, instant - this.#parts.clock.now())
    this.#stopWake = this.#parts.clock.setTimer(delayMs, () => void this.#wakeByTime())
  }

  /** Whether there may be a run to take, and no slot for it. */
  get isSlotWanted(): boolean {
    return this.#isOpen && this.#mayHaveWork && this.#free === 0
  }

  /** Runs that could be driven beside those that are. Range: >= 0. */
  get freeSlots(): number {
    return this.#free
  }

  /** Runs of local flows that may be driven at once. */
  get concurrency(): number {
    return this.#parts.concurrency
  }

  get #free(): number {
    return Math.max(0, this.#parts.concurrency - this.#taken.size)
  }

  async #wakeByTime(): Promise<void> {
    this.#wakeAt = Infinity
    this.wake()
    this.#parts.onTime()
    try {
      const next = await this.#parts.storage.runs.nextWakeAt()
      // A run whose time has come is taken by now, or will be with the next free slot.
      if (next !== null) this.wakeAt(Math.max(next, this.#parts.clock.now() + RETRY_MS))
    } catch {
      this.wakeAt(this.#parts.clock.now() + RETRY_MS)
    }
  }

  #left(): void {
    if (--this.#busy === 0) for (const tell of this.#idle.splice(0)) tell()
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    this.#busy++
    try {
      while (this.#isOpen && this.#mayHaveWork && this.#free > 0) await this.#claimSome()
      if (this.isSlotWanted) this.#parts.active().parkResting()
    } catch (error) {
      this.#parts.report(error, 'looking for runs to take')
      this.wakeAt(this.#parts.clock.now() + RETRY_MS)
    } finally {
      this.#isLooking = false
      this.#left()
    }
  }

  async #claimSome(): Promise<void> {
    const { storage, registry } = this.#parts
    this.#mayHaveWork = false
    const local = registry.all().filter(({ run }) => run !== null)
    const flows = local.flatMap((definition) => this.#limited.claimable(definition))
    if (flows.length === 0) return
    const limit = Math.min(this.#free, MAX_CLAIMS)
    const claimable = await storage.runs.claimable({ flows, limit })
    const found = claimable
      .filter(({ id }, index) => !this.#taken.has(id) && claimable.findIndex((other) => other.id === id) === index)
      .slice(0, limit)
    if (claimable.length >= limit && found.length > 0) this.#mayHaveWork = true
    await Promise.all(found.map((run) => this.#claim(run)))
  }

  async #claim(found: RunRecord): Promise<void> {
    this.#taken.add(found.id)
    try {
      const definition = this.#parts.registry.forRun(found)
      const limits = definition ? limitsOf(definition, found) : []
      const run = definition ? await claimRun(this.#parts, found, { workerId: null, limits }) : 'missed'
      if (definition && run !== 'missed' && !('retryAt' in run)) this.#drive(run, definition)
      else this.#taken.delete(found.id)
      if (run !== 'missed' && 'retryAt' in run) this.wakeAt(this.#limited.hold(found.flowId, run.retryAt))
    } catch (error) {
      this.#taken.delete(found.id)
      throw error
    }
  }

  #drive(run: RunRecord, definition: FlowDefinition, newInput?: string | null): void {
    this.#busy++
    this.#parts.active().drive(run, definition, newInput)
  }

  /** A run that was driven here is so no more. @param error What went wrong with it; null: nothing. */
  driven({ id, flowId, gate }: RunRecord, { limits }: FlowDefinition, error: unknown): void {
    if (error !== null) this.#parts.report(error, `driving run ${id}`)
    this.#taken.delete(id)
    // The next run may be waiting for this one to end.
    if (gate !== null || limits !== null) {
      this.#limited.freed(flowId)
      this.#mayHaveWork = true
    }
    if (this.#mayHaveWork && !this.#isLooking) void this.#look()
    this.#left()
  }
}
