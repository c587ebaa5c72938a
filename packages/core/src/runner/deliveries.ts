/*
 * Hands results to flow code one at a time, in the order in which they were recorded, each only after the code before it has come to
 * rest. So flow code sees the same order on replay as it saw live, and two continuations never run into each other.
 */

interface Delivery {
  readonly turn: number
  readonly settle: () => void
}

/** Whose flow code gets the results. */
interface DeliveryHost {
  /** Everything was handed over, and the flow code has come to rest. */
  cameToRest(): void
}

/** The results on their way to one flow. */
export class Deliveries {
  readonly #host: DeliveryHost
  readonly #order: ((position: number) => number) | null
  // Nothing waits most of the time.
  #waiting: Delivery[] | null = null
  #isScheduled = false
  #burst = 0
  #burstEnds = false
  #isClosed = false

  /** @param order The turn of a result by its position. Default: the position itself. */
  constructor(host: DeliveryHost, order: ((position: number) => number) | null = null) {
    this.#host = host
    this.#order = order
  }

  /**
   * Number of the stretch of flow code that runs now without a pause. Calls of the same stretch always come in the same order;
   * calls of different ones come in the order of what they waited for.
   */
  get burst(): number {
    if (!this.#burstEnds) {
      this.#burstEnds = true
      process.nextTick(Deliveries.#endBurst, this)
    }
    return this.#burst
  }

  /** @param position Place of the record among those of the run. Infinity: after all others. */
  add(position: number, settle: () => void): void {
    const turn = this.#order?.(position) ?? position
    this.#waiting ??= []
    const index = this.#waiting.findLastIndex((other) => other.turn <= turn)
    this.#waiting.splice(index + 1, 0, { turn, settle })
    this.check()
  }

  /** Looks again, once the flow code has come to rest. */
  check(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Ticks run when no microtask is left; scheduling from a microtask puts this one behind those that are queued now.
    queueMicrotask(() => process.nextTick(Deliveries.#next, this))
  }

  /** Hands over nothing more: what waits stays unsettled for ever. */
  close(): void {
    this.#isClosed = true
    this.#waiting = null
  }

  static #next(this: void, deliveries: Deliveries): void {
    deliveries.#isScheduled = false
    if (deliveries.#isClosed) return
    const delivery = deliveries.#waiting?.shift()
    if (deliveries.#waiting?.length === 0) deliveries.#waiting = null
    if (!delivery) {
      deliveries.#host.cameToRest()
      return
    }
    deliveries.#burst++
    delivery.settle()
    deliveries.check()
  }

  static #endBurst(this: void, deliveries: Deliveries): void {
    deliveries.#burst++
    deliveries.#burstEnds = false
  }
}
