import type { Clock } from '../primitives/clock.ts'

interface Timer {
  readonly dueAt: number
  readonly callback: () => void
}

// A round number that is easy to recognise: 2027-01-15T08:00:00Z.
const START = 1_800_000_000_000

/**
 * A clock that moves only when a test says so.
 *
 * @example
 * ```ts
 * const clock = new ManualClock()
 * const engine = new FlowEngine({ clock })
 * await clock.advance(60_000)
 * ```
 */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>()
  #now: number
  #elapsed = 0

  /** @param start First wall time. Unit: ms since 1970 UTC. Default: 2027-01-15T08:00:00Z. */
  constructor(start: number = START) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#elapsed
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { dueAt: this.#elapsed + Math.max(0, delayMs), callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Number of timers that have not run. Range: >= 0. */
  get pending(): number {
    return this.#timers.size
  }

  /** Time until the next timer; null when there is none. Unit: ms. Range: >= 0. */
  get nextTimerMs(): number | null {
    const next = this.#earliest(Infinity)
    return next === undefined ? null : Math.max(0, next.dueAt - this.#elapsed)
  }

  /**
   * Lets time pass. Timers run in the order of their time, each at its own; what they and the code before them start is given the
   * chance to run, and to set further timers, before time goes on.
   *
   * @param durationMs Unit: ms. Range: >= 0.
   */
  async advance(durationMs: number): Promise<void> {
    const end = this.#elapsed + durationMs
    for (;;) {
      await settle()
      const timer = this.#earliest(end)
      if (timer === undefined) break
      this.#timers.delete(timer)
      this.#pass(Math.max(this.#elapsed, timer.dueAt))
      timer.callback()
    }
    this.#pass(end)
    await settle()
  }

  /**
   * Sets the wall time, as when someone sets the clock of the machine. No time passes: no timer comes nearer.
   *
   * @param at Unit: ms since 1970 UTC.
   */
  jumpTo(at: number): void {
    this.#now = at
  }

  #pass(elapsed: number): void {
    this.#now += elapsed - this.#elapsed
    this.#elapsed = elapsed
  }

  #earliest(end: number): Timer | undefined {
    let earliest: Timer | undefined
    for (const timer of this.#timers)
      if (timer.dueAt <= end && (earliest === undefined || timer.dueAt < earliest.dueAt)) earliest = timer
    return earliest
  }
}

// Node runs all microtasks, and those that they start, before the next immediate.
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
