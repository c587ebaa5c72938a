import type { Middleware } from '../../definition/middleware.ts'

/** Lets attempts that end at the same moment be noticed in an order drawn by chance, instead of the order in which they began. */
export class CompletionOrder implements Middleware {
  #random: (() => number) | null = null
  readonly #waiting: (() => void)[] = []
  #isScheduled = false

  /** @param random Draws the order; null leaves it as it is. */
  shuffle(random: (() => number) | null): void {
    this.#random = random
  }

  readonly task = async (_context: unknown, next: () => Promise<unknown>): Promise<unknown> => {
    try {
      return await next()
    } finally {
      if (this.#random !== null) await this.#turn()
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Ticks run when no microtask is left: all that end now are here by then.
    queueMicrotask(() => process.nextTick(this.#release))
  }

  readonly #release = (): void => {
    this.#isScheduled = false
    const draw = this.#random?.() ?? 0
    const [next] = this.#waiting.splice(Math.floor(draw * this.#waiting.length), 1)
    next?.()
    if (this.#waiting.length > 0) this.#schedule()
  }
}
