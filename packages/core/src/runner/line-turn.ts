import type { TaskLimit } from '../definition/limits.ts'
import type { LinePlace } from '../journal/live-tasks.ts'
import type { Receipt } from '../storage/changes.ts'

/** A task call that needs places of limits. */
export interface LineCall {
  /** At least one. */
  readonly limits: readonly TaskLimit[]
  /** Asks the storage for a place of each limit. */
  ask(): Promise<Receipt | 'lost'>
  /** Gives the places back that were given to a call which does not want them any more. */
  giveBack(): void
}

/** The turn of one call in its lines. */
export class Turn {
  /** What came of it first: it has its places, the run is lost, or it has to wait. */
  readonly first: Promise<'taken' | 'lost' | 'waits'>
  /** Whether it has its places, once it is in line no more. Rejected when asking for them has failed. */
  readonly ended: Promise<boolean>
  readonly limits: readonly TaskLimit[]
  /** The same for calls of the same limits. */
  readonly needs: string
  readonly #call: LineCall
  readonly #line: { left(): void; placeIn(key: string): number }
  readonly #tellFirst: (outcome: 'taken' | 'lost' | 'waits') => void
  readonly #tellEnd: (end: boolean | Promise<never>) => void
  #state: 'waiting' | 'asking' | 'taken' | 'lost' | 'left' = 'waiting'
  /** When to ask again after a refusal; null: nobody knows; undefined: it was not refused. */
  refusedUntil: number | null | undefined = undefined

  constructor(call: LineCall, line: { left(): void; placeIn(key: string): number }) {
    const first = Promise.withResolvers<'taken' | 'lost' | 'waits'>()
    const ended = Promise.withResolvers<boolean>()
    this.first = first.promise
    this.#tellFirst = first.resolve
    this.ended = ended.promise
    this.#tellEnd = ended.resolve
    ended.promise.catch(() => undefined)
    this.limits = call.limits
    this.needs = call.limits.map(({ key }) => key).join('\0')
    this.#call = call
    this.#line = line
  }

  /** Whether it is in line no more. */
  get hasEnded(): boolean {
    return this.#state === 'taken' || this.#state === 'lost' || this.#state === 'left'
  }

  /** Of several lines the one with the most before it. */
  get place(): LinePlace | null {
    const places = this.limits.map((limit) => ({ limit, place: this.#line.placeIn(limit.key) }))
    const [worst] = places.toSorted((left, right) => right.place - left.place)
    return worst && worst.place > 0 ? worst : null
  }

  /** It asks now. */
  asks(): void {
    this.#state = 'asking'
  }

  /** It was looked at: when it does not ask now, it waits. */
  waits(): void {
    if (this.#state === 'waiting') this.#tellFirst('waits')
  }

  /** Asks the storage. */
  async ask(): Promise<void> {
    try {
      this.#answered(await this.#call.ask())
    } catch (error) {
      const failure = Promise.reject(error)
      // Who has left does not hear of it.
      failure.catch(() => undefined)
      this.#end('lost', failure)
    }
  }

  /** Leaves the line; places that it has, or is about to get, are given back. */
  leave(): void {
    const before = this.#state
    this.#state = 'left'
    this.#tellEnd(false)
    if (before === 'taken') this.#call.giveBack()
    else if (before === 'waiting') this.#line.left()
  }

  #answered(answer: Receipt | 'lost'): void {
    if (answer === 'lost') this.#end('lost')
    else if (answer.accepted) this.#end('taken')
    else if (this.#state === 'asking') {
      this.#state = 'waiting'
      this.refusedUntil = answer.retryAt ?? null
      this.#tellFirst('waits')
    }
  }

  #end(state: 'taken' | 'lost', end: boolean | Promise<never> = state === 'taken'): void {
    if (this.#state === 'left') {
      if (state === 'taken') this.#call.giveBack()
      return
    }
    this.#state = state
    this.#tellFirst(state)
    this.#tellEnd(end)
  }
}
