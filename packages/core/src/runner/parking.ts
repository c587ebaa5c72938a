import type { Clock } from '../primitives/clock.ts'
import type { UpdateRun } from '../storage/run-changes.ts'
import type { Wait, Waits } from './waits.ts'

/** When runs are parked. */
export interface ParkingRules {
  /** A run that waits longer than this, with nothing running, leaves memory. Unit: ms. Range: >= 0. */
  readonly parkAfterMs: number
  /** Whether another run waits for the slot of this one. */
  readonly isSlotWanted: () => boolean
}

// What people ask about first, when a run waits for several things.
const REASONS = ['approval', 'signal', 'child', 'sleep'] as const

/** Decides when a run that only waits leaves memory. */
export class Parking {
  readonly #clock: Clock
  readonly #rules: ParkingRules
  #stopTimer: (() => void) | null = null

  constructor(clock: Clock, rules: ParkingRules) {
    this.#clock = clock
    this.#rules = rules
  }

  /**
   * The run has come to rest: calls `park` with what is to be stored of it, now or in a moment, when it is worth it.
   *
   * @param deadline When it has to be looked at in any case; null: never.
   */
  consider(waits: Waits, deadline: number | null, park: (patch: UpdateRun['patch']) => void): void {
    const { all, since } = waits
    const wakeAt = earlier(waits.wakeAt, deadline)
    const { parkAfterMs, isSlotWanted } = this.#rules
    this.stay()
    // Who waits for a place is in a line of this engine, and would lose its turn.
    if (all.length === 0 || all.some(({ kind }) => kind === 'slot')) return
    if (wakeAt !== null && wakeAt - this.#clock.now() <= parkAfterMs) return
    const leave = (): void => park(parkedAs(all, wakeAt))
    // What may come at any time is waited for a moment; a time that is known to be far is not.
    const isKnown = all.every(({ kind }) => kind === 'sleep' || kind === 'retry')
    if (isKnown || isSlotWanted()) leave()
    else this.#stopTimer = this.#clock.setTimer(since + parkAfterMs - this.#clock.now(), leave)
  }

  /** Something goes on: the run stays. */
  stay(): void {
    this.#stopTimer?.()
  }
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other)
}

function parkedAs(waits: readonly Wait[], wakeAt: number | null): UpdateRun['patch'] {
  const reason = REASONS.find((kind) => waits.some((wait) => wait.kind === kind)) ?? null
  return { status: reason === null ? 'retrying' : 'waiting', reason, wakeAt }
}
