import type { Clock } from '../primitives/clock.ts'

// For places that come free in other processes.
const POLL_MS = 500

interface Turn {
  readonly keys: ReadonlySet<string>
  readonly look: () => void
}

/** Calls that wait for a place of a limit, in the order in which they came. One line for all runs of an engine. */
export class SlotLine {
  readonly #clock: Clock
  readonly #turns = new Set<Turn>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Waits until it is worth asking again for places of these limits: one came free, time has brought one, or the call is to stop. */
  async wait(keys: readonly string[], retryAt: number | null, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const turn = { keys: new Set(keys), look: () => resolve(undefined) }
    this.#turns.add(turn)
    const delayMs = retryAt === null ? POLL_MS : Math.max(1, retryAt - this.#clock.now())
    const stopTimer = this.#clock.setTimer(delayMs, turn.look)
    signal.addEventListener('abort', turn.look, { once: true })
    await promise
    stopTimer()
    signal.removeEventListener('abort', turn.look)
    this.#turns.delete(turn)
  }

  /** A place of these limits came free here: the call that waits longest for it looks. */
  freed(keys: readonly string[]): void {
    for (const key of keys)
      for (const turn of this.#turns)
        if (turn.keys.has(key)) {
          // It leaves the line, so that the next place is for the next call.
          this.#turns.delete(turn)
          turn.look()
          break
        }
  }
}
