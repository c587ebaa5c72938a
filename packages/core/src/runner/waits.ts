import { callAt } from '../primitives/call-at.ts'
import type { Clock } from '../primitives/clock.ts'

/** A call that waits for an instant, or for something that may come at any time. */
export interface Wait {
  /** null: for ever. */
  readonly wakeAt: number | null
  readonly kind: 'sleep' | 'retry' | 'signal' | 'approval' | 'child' | 'slot'
  /** Key of the call. */
  readonly key: string
  /** Settles when what it waits for is there. */
  readonly until?: Promise<unknown>
}

// What other processes may have brought without a word.
const MAY_COME_UNTOLD: ReadonlySet<Wait['kind']> = new Set(['signal', 'approval', 'child'])

/** How a wait ended: its time is over, somebody says that what it waits for may be there, or the run goes on no further here. */
export type WaitEnd = 'over' | 'poked' | 'stopped'

/** The calls of one run that wait. */
export class Waits {
  readonly #clock: Clock
  readonly #ends = new Map<Wait, (end: WaitEnd) => void>()
  /** Since when calls wait that have only looked again meanwhile. */
  readonly #since = new Map<string, number>()
  /** Calls for which something came while they did not wait: their look at the storage was under way. */
  readonly #missed = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get all(): readonly Wait[] {
    return [...this.#ends.keys()]
  }

  /** The instant at which the first wait is over; null when none ends by itself. */
  get wakeAt(): number | null {
    const instants = this.all.flatMap(({ wakeAt }) => wakeAt ?? [])
    return instants.length === 0 ? null : instants.reduce((first, instant) => Math.min(first, instant))
  }

  /** Since when there is no other wait than those that are there. Looking again in between does not count. */
  get since(): number {
    return this.all.reduce((last, { key }) => Math.max(last, this.#since.get(key) ?? last), -Infinity)
  }

  /** Waits for an instant, or until it is told to look or to stop. */
  async for(wait: Wait): Promise<WaitEnd> {
    if (this.#missed.delete(wait.key)) return 'poked'
    const { promise, resolve } = Promise.withResolvers<WaitEnd>()
    this.#ends.set(wait, resolve)
    if (!this.#since.has(wait.key)) this.#since.set(wait.key, this.#clock.now())
    const stopTimer = wait.wakeAt === null ? undefined : callAt(this.#clock, wait.wakeAt, () => resolve('over'))
    const look = (): void => resolve('poked')
    void wait.until?.then(look, look)
    const end = await promise
    stopTimer?.()
    this.#ends.delete(wait)
    if (end !== 'poked') this.#since.delete(wait.key)
    return end
  }

  /** What a call waits for may be there; without a key, what any waits for. It need not wait yet: then it looks before it does. */
  poke(key?: string): void {
    if (key === undefined) {
      this.#pokeAll()
      return
    }
    const wait = this.all.find((other) => other.key === key)
    if (wait) this.#ends.get(wait)?.('poked')
    else this.#missed.add(key)
  }

  #pokeAll(): void {
    for (const [{ kind }, end] of this.#ends) if (MAY_COME_UNTOLD.has(kind)) end('poked')
  }

  /** Ends all waits, or those of one kind, before their time. */
  endAll(only?: Wait['kind']): void {
    for (const [{ kind }, end] of this.#ends) if (only === undefined || kind === only) end('stopped')
  }
}
