import type { Clock } from '../primitives/clock.ts'

interface Timer {
  readonly dueAt: number
  readonly callback: () => void
}

/**
 * A clock that stands still until it is moved.
 *
 * @example
 * ```ts
 * const clock = new ManualClock()
 * clock.setTimer(1000, () => ring())
 * clock.advance(1000)
 * ```
 */
export class ManualClock implements Clock {
  #elapsedMs = 0
  #wallMs: number
  readonly #timers = new Set<Timer>()

  /** @param startAt - First wall time. Unit: ms since 1970-01-01 UTC. Default: 2026-01-01. */
  constructor(startAt: number = Date.UTC(2026, 0, 1)) {
    this.#wallMs = startAt
  }

  now(): number {
    return this.#wallMs
  }

  monotonic(): number {
    return this.#elapsedMs
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { dueAt: this.#elapsedMs + Math.max(0, delayMs), callback }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /**
   * Moves time on and calls the timers that become due, in their order, each at its time.
   *
   * @param byMs - Unit: ms. Range: >= 0.
   */
  advance(byMs: number): void {
    const until = this.#elapsedMs + byMs
    for (let next = this.#nextUntil(until); next !== undefined; next = this.#nextUntil(until)) {
      this.#moveTo(next.dueAt)
      this.#timers.delete(next)
      next.callback()
    }
    this.#moveTo(until)
  }

  /**
   * Sets the wall clock, as an administrator or a time server does. Timers and durations do not change.
   *
   * @param at - Unit: ms since 1970-01-01 UTC.
   */
  setWallTime(at: number): void {
    this.#wallMs = at
  }

  #nextUntil(until: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.dueAt <= until && (next === undefined || timer.dueAt < next.dueAt)) next = timer
    }
    return next
  }

  #moveTo(elapsedMs: number): void {
    this.#wallMs += elapsedMs - this.#elapsedMs
    this.#elapsedMs = elapsedMs
  }
}
