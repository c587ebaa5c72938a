import type { TaskContext } from '../definition/task-context.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { Clock } from '../primitives/clock.ts'
import type { UpdateRun } from '../storage/run-changes.ts'
import { Compensations } from './compensations.ts'
import { Deliveries } from './deliveries.ts'
import type { ExecutionParts } from './execution-parts.ts'
import type { MiddlewareChain } from './middleware-chain.ts'
import { Parking } from './parking.ts'
import { StartedChildren } from './started-children.ts'
import { createFlowContext } from './task-context.ts'
import { Waits } from './waits.ts'

/** What a run has at hand while it is driven. Made when it is asked for: of all runs at a time, most need little of it. */
export abstract class ExecutionBase {
  readonly journal: RunJournal
  readonly deliveries: Deliveries
  protected readonly parts: ExecutionParts
  protected waits: Waits | null = null
  protected parking: Parking | null = null
  #compensations: Compensations | null = null
  #children: StartedChildren | null = null
  #flowContext: TaskContext | null = null
  #controller: AbortController | null = null

  constructor(journal: RunJournal, parts: ExecutionParts) {
    this.journal = journal
    this.parts = parts
    this.deliveries = new Deliveries(this)
  }

  /** The flow code has come to rest. */
  abstract cameToRest(): void

  /** Whether the flow does again what it has done before. */
  protected abstract get isReplaying(): boolean

  get clock(): Clock {
    return this.parts.clock
  }

  get random(): () => number {
    return this.parts.random
  }

  get middleware(): MiddlewareChain {
    return this.parts.middleware
  }

  get slots(): ExecutionParts['slots'] {
    return this.parts.slots
  }

  get cached(): ExecutionParts['cached'] {
    return this.parts.cached
  }

  get compensations(): Compensations {
    return (this.#compensations ??= new Compensations())
  }

  get children(): StartedChildren {
    return (this.#children ??= new StartedChildren(this.parts.children, this.journal))
  }

  get flowContext(): TaskContext {
    return (this.#flowContext ??= createFlowContext(this.journal, this, () => !this.isReplaying))
  }

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal
  }

  get isAborted(): boolean {
    return this.#controller?.signal.aborted ?? false
  }

  protected abort(reason: unknown): void {
    this.#controller ??= new AbortController()
    this.#controller.abort(reason)
  }

  protected get allWaits(): Waits {
    return (this.waits ??= new Waits(this.clock))
  }

  /** Parks the run when it only waits, and that is worth it. */
  protected considerParking(deadline: number | null, park: (patch: UpdateRun['patch']) => void): void {
    this.parking ??= new Parking(this.clock, this.parts)
    this.parking.consider(this.allWaits, deadline, park)
  }
}
