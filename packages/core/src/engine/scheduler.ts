import type { FlowDefinition } from '../definition/flow.ts'
import { nextTime } from '../definition/schedule.ts'
import type { Clock } from '../primitives/clock.ts'
import type { ErrorReporter } from './event-bus.ts'

/** What a scheduler works with. */
export interface SchedulerParts {
  readonly clock: Clock
  readonly report: ErrorReporter
  /** Starts the run of a scheduled time. Called again for the same time by another engine, it must give no second run. */
  readonly fire: (definition: FlowDefinition, at: number) => Promise<void>
}

interface Planned {
  readonly definition: FlowDefinition
  readonly at: number
}

/**
 * Starts flows at their scheduled times. A time that passes while the engine is down, or the machine asleep, is not made up for;
 * only the latest one of a sleep is.
 */
export class Scheduler {
  readonly #parts: SchedulerParts
  readonly #planned = new Map<string, Planned>()
  #isOpen = false
  #stopTimer: (() => void) | null = null

  constructor(parts: SchedulerParts) {
    this.#parts = parts
  }

  open(definitions: readonly FlowDefinition[]): void {
    this.#isOpen = true
    for (const definition of definitions) this.plan(definition)
  }

  close(): void {
    this.#isOpen = false
    this.#stopTimer?.()
    this.#planned.clear()
  }

  /** A flow was registered or changed. */
  plan(definition: FlowDefinition): void {
    this.#planned.delete(definition.id)
    if (!this.#isOpen) return
    const at = definition.schedule && nextTime(definition.schedule, this.#parts.clock.now())
    if (at !== null) this.#planned.set(definition.id, { definition, at })
    this.#arm()
  }

  /** A flow is gone. */
  forget(flowId: string): void {
    this.#planned.delete(flowId)
    this.#arm()
  }

  #arm(): void {
    this.#stopTimer?.()
    const first = Math.min(...[...this.#planned.values()].map(({ at }) => at))
    if (!Number.isFinite(first)) return
    const delayMs = Math.max(0, first - this.#parts.clock.now())
    this.#stopTimer = this.#parts.clock.setTimer(delayMs, () => this.#fireDue())
  }

  #fireDue(): void {
    // A timer may be early, or the clock may have been set back: then nothing is due, and the timer is set again.
    const now = this.#parts.clock.now()
    for (const { definition, at } of this.#planned.values()) {
      if (at > now) continue
      this.plan(definition)
      void this.#fire(definition, at)
    }
    this.#arm()
  }

  async #fire(definition: FlowDefinition, at: number): Promise<void> {
    try {
      await this.#parts.fire(definition, at)
    } catch (error) {
      this.#parts.report(error, `starting "${definition.name}" on its schedule`)
    }
  }
}
