import type { Clock } from '../primitives/clock.ts'

/** A call that waits for an instant. */
export interface Wait {
  readonly wakeAt: number
  readonly kind: 'sleep' | 'retry'
}

/** The calls of one run that wait for an instant of the wall clock. */
export class Waits {
  readonly #clock: Clock
  readonly #ends = new Map<Wait, (isOver: boolean) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The wait that is over first. */
  get first(): Wait | undefined {
    return [...this.#ends.keys()].toSorted((left, right) => left.wakeAt - right.wakeAt)[0]
  }

  /** Waits until an instant; gives false when the wait was ended before. */
  async until(wakeAt: number, kind: Wait['kind']): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const wait = { wakeAt, kind }
    this.#ends.set(wait, resolve)
    const stopTimer = this.#callAt(wakeAt, () => resolve(true))
    const isOver = await promise
    stopTimer()
    this.#ends.delete(wait)
    return isOver
  }

  /** Ends all waits before their time. */
  endAll(): void {
    for (const end of this.#ends.values()) end(false)
  }

  // The wall clock may have jumped back while the timer ran.
  #callAt(instant: number, callback: () => void): () => void {
    let stop: () => void
    const arm = (): void => {
      const delayMs = instant - this.#clock.now()
      stop = this.#clock.setTimer(Math.max(0, delayMs), () => (this.#clock.now() < instant ? arm() : callback()))
    }
    arm()
    return () => stop()
  }
}
