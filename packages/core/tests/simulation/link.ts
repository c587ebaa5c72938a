/* The way from one process to the storage: slow, lossy, and deadly now and then. */
import { PerfectError } from '@perfect/core'

import type { StorageCall } from '../../src/testing/intercept-storage.ts'
import type { World } from './world.ts'

/** The process at this end of a link. */
export interface LinkEnd {
  readonly name: string
  readonly isAlive: boolean
  /** Whether the storage cannot be reached from here. */
  readonly isCut: boolean
  kill(): void
  /** Lets an answer come in: now, after a pause, or never. */
  deliver(run: () => void): void
}

/** One link. */
export class Link {
  readonly #world: World
  readonly #end: LinkEnd
  #lastArrival = 0

  constructor(world: World, end: LinkEnd) {
    this.#world = world
    this.#end = end
  }

  /** Sends a call; its answer comes later, or never. */
  send<T>(call: StorageCall, proceed: () => Promise<T>): Promise<T> {
    const { timeline, plan } = this.#world
    const crash = timeline.chance(plan.crashingCalls) ? timeline.pick(['before', 'after']) : null
    if (crash === 'before') this.#end.kill()
    if (!this.#end.isAlive) return new Promise(() => undefined)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    timeline.after(this.#arrival() - timeline.elapsed, () => {
      void this.#arrive(call, proceed, crash === 'after').then(
        (answer) => this.#answer(answer === null ? null : () => resolve(answer.value)),
        (error: unknown) => this.#answer(() => reject(error)),
      )
    })
    return promise
  }

  // A storage that keeps the order of one process's calls is as good as one that does not.
  #arrival(): number {
    const { timeline, plan } = this.#world
    const free = timeline.elapsed + this.#world.latency()
    const at = plan.isOrdered ? Math.max(free, this.#lastArrival) : free
    this.#lastArrival = Math.max(at, this.#lastArrival)
    return at
  }

  /** Gives null when nobody is left to hear the answer. */
  async #arrive<T>(
    call: StorageCall,
    proceed: () => Promise<T>,
    isDeadly: boolean,
  ): Promise<{ readonly value: T } | null> {
    const { timeline, plan, store, mutant } = this.#world
    if (store.isDown || this.#end.isCut || timeline.chance(plan.lostCalls)) {
      timeline.trace(`${this.#end.name} ${call.name} is lost`)
      throw unavailable('the call was lost')
    }
    timeline.trace(`${this.#end.name} ${call.name}`)
    const isLost = timeline.chance(plan.lostAnswers)
    if (mutant.answersEarly === true && call.changes !== null) {
      const receipts: unknown = call.changes.map(() => ({ accepted: true }))
      timeline.after(this.#world.latency() * 50, () => void store.make(call, proceed))
      return { value: receipts as T }
    }
    const value = await store.make(call, proceed)
    if (isDeadly) this.#end.kill()
    if (isDeadly) return null
    if (isLost) throw unavailable('the answer was lost')
    return { value }
  }

  #answer(settle: (() => void) | null): void {
    if (settle !== null) this.#world.timeline.after(this.#world.latency(), () => this.#end.deliver(settle))
  }
}

function unavailable(why: string): PerfectError {
  return new PerfectError('STORAGE_UNAVAILABLE', `Simulated: ${why}.`, { details: {} })
}
