import type { FlowDefinition } from '../definition/flow.ts'
import { fireAt, nextTime } from '../definition/schedules/next-time.ts'
import type { Schedule } from '../definition/schedules/schedule.ts'
import type { Clock } from '../primitives/clock.ts'
import type { ErrorReporter } from './event-bus.ts'

/** What a scheduler works with. */
export interface SchedulerParts {
  readonly clock: Clock
  readonly report: ErrorReporter
  /** Starts the run of a scheduled time. Called again for the same time by another engine, it must give no second run. */
  readonly fire: (definition: FlowDefinition, due: DueTime) => Promise<void>
}

/** A time of a schedule. */
export interface DueTime {
  readonly schedule: Schedule
  readonly at: number
}

interface Planned extends DueTime {
  readonly definition: FlowDefinition
  readonly firesAt: number
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
    this.#drop(definition.id)
    if (!this.#isOpen) return
    for (const schedule of definition.schedules) this.#planNext(definition, schedule, this.#parts.clock.now())
    this.#arm()
  }

  /** A flow is gone. */
  forget(flowId: string): void {
    this.#drop(flowId)
    this.#arm()
  }

  #drop(flowId: string): void {
    for (const [id, { definition }] of this.#planned) if (definition.id === flowId) this.#planned.delete(id)
  }

  #planNext(definition: FlowDefinition, schedule: Schedule, after: number): void {
    const at = nextTime(schedule, after)
    if (at === null) this.#planned.delete(schedule.id)
    else this.#planned.set(schedule.id, { definition, schedule, at, firesAt: fireAt(schedule, at) })
  }

  #arm(): void {
    this.#stopTimer?.()
    const first = Math.min(...[...this.#planned.values()].map(({ firesAt }) => firesAt))
    if (!Number.isFinite(first)) return
    const delayMs = Math.max(0, first - this.#parts.clock.now())
    this.#stopTimer = this.#parts.clock.setTimer(delayMs, () => this.#fireDue())
  }

  #fireDue(): void {
    // A timer may be early, or the clock may have been set back: then nothing is due, and the timer is set again.
    const now = this.#parts.clock.now()
    for (const planned of this.#planned.values()) {
      if (planned.firesAt > now) continue
      this.#planNext(planned.definition, planned.schedule, now)
      void this.#fire(planned)
    }
    this.#arm()
  }

  async #fire({ definition, schedule, at }: Planned): Promise<void> {
    try {
      await this.#parts.fire(definition, { schedule, at })
    } catch (error) {
      this.#parts.report(error, `starting "${definition.name}" on its schedule`)
    }
  }
}
