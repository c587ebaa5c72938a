/*
 * Hands results to flow code one at a time, in the order in which they were recorded, each only after the code before it has come to
 * rest. So flow code sees the same order on replay as it saw live, and two continuations never run into each other.
 */

interface Delivery {
  readonly turn: number
  readonly settle: () => void
}

/** The results on their way to one flow. */
export class Deliveries {
  readonly #onRest: () => void
  readonly #order: (position: number) => number
  readonly #waiting: Delivery[] = []
  #isScheduled = false
  #burst = 0
  #burstEnds = false
  #isClosed = false

  /**
   * @param onRest Called when everything was handed over and the flow code has come to rest.
   * @param order The turn of a result by its position. Default: the position itself.
   */
  constructor(onRest: () => void, order: (position: number) => number = (position) => position) {
    this.#onRest = onRest
    this.#order = order
  }

  /**
   * Number of the stretch of flow code that runs now without a pause. Calls of the same stretch always come in the same order;
   * calls of different ones come in the order of what they waited for.
   */
  get burst(): number {
    if (!this.#burstEnds) {
      this.#burstEnds = true
      process.nextTick(this.#endBurst)
    }
    return this.#burst
  }

  /** @param position Place of the record among those of the run. Infinity: after all others. */
  add(position: number, settle: () => void): void {
    const turn = this.#order(position)
    const index = this.#waiting.findLastIndex((other) => other.turn <= turn)
    this.#waiting.splice(index + 1, 0, { turn, settle })
    this.check()
  }

  /** Looks again, once the flow code has come to rest. */
  check(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Ticks run when no microtask is left; scheduling from a microtask puts this one behind those that are queued now.
    queueMicrotask(() => process.nextTick(this.#next))
  }

  /** Hands over nothing more: what waits stays unsettled for ever. */
  close(): void {
    this.#isClosed = true
    this.#waiting.length = 0
  }

  readonly #next = (): void => {
    this.#isScheduled = false
    if (this.#isClosed) return
    const delivery = this.#waiting.shift()
    if (!delivery) {
      this.#onRest()
      return
    }
    this.#burst++
    delivery.settle()
    this.check()
  }

  readonly #endBurst = (): void => {
    this.#burst++
    this.#burstEnds = false
  }
}
