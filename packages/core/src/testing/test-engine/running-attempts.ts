import type { Middleware } from '../../definition/middleware.ts'
import type { Clock } from '../../primitives/clock.ts'

/** The attempts that run now: what they do in real time is not to be outrun by the time of the test. */
export class RunningAttempts implements Middleware {
  readonly #clock: Clock
  readonly #running = new Map<symbol, number>()
  #started = 0
  #awaited = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether an attempt runs that nobody has waited for yet. */
  get isFresh(): boolean {
    return this.#running.size > 0 && this.#started > this.#awaited
  }

  /** How long the oldest of them has been running, in the time of the test. Unit: ms. */
  get oldestMs(): number {
    const [first] = this.#running.values()
    return first === undefined ? 0 : this.#clock.monotonic() - first
  }

  readonly task = async (_context: unknown, next: () => Promise<unknown>): Promise<unknown> => {
    const attempt = Symbol('attempt')
    this.#running.set(attempt, this.#clock.monotonic())
    this.#started++
    try {
      return await next()
    } finally {
      this.#running.delete(attempt)
    }
  }

  /** Waits in real time until they have ended, but not for long: some wait for the time of the test. */
  async wait(patienceMs: number): Promise<void> {
    const end = performance.now() + patienceMs
    while (this.#running.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 1))
    this.#awaited = this.#started
  }

  /** Those of an engine that has died count no more. */
  forget(): void {
    this.#running.clear()
  }
}
