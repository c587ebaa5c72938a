/* An engine that can die as with `kill -9`, while the test and its storage go on. */
import { presumeDead } from '../../engine/engine-lease.ts'
import type { EngineOptions } from '../../engine/engine-options.ts'
import { FlowEngine } from '../../engine/flow-engine.ts'
import type { Clock } from '../../primitives/clock.ts'
import type { Change } from '../../storage/changes.ts'
import type { Storage } from '../../storage/storage.ts'
import { interceptStorage, type StorageCall } from '../intercept-storage.ts'

/** When an engine dies, if it does. */
export interface CrashPlan {
  /** Whether it dies with this change, before it is stored or after. */
  readonly momentOf: (change: Change) => 'before' | 'after' | null
}

/** One engine, from its start to its end. */
export class MortalEngine {
  readonly engine: FlowEngine
  readonly #crash: CrashPlan
  #isAlive = true
  #calls = 0

  constructor(options: EngineOptions & { readonly storage: Storage; readonly clock: Clock }, crash: CrashPlan) {
    this.#crash = crash
    this.engine = new FlowEngine({
      ...options,
      storage: interceptStorage(options.storage, (call, proceed) => this.#call(call, proceed)),
      clock: this.#clock(options.clock),
    })
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  /** Whether it waits for the storage. */
  get isBusy(): boolean {
    return this.#isAlive && this.#calls > 0
  }

  /** Ends it at once: nothing of it goes on, nothing is cleaned up, and the next engine knows that it is gone. */
  kill(): void {
    this.#isAlive = false
    presumeDead(this.engine.id)
  }

  async #call<T>(call: StorageCall, proceed: () => Promise<T>): Promise<T> {
    // The test opens the storage once and closes it at its end.
    if (call.name === 'open' || call.name === 'close') return undefined as T
    const moment = this.#isAlive ? this.#momentOf(call.changes ?? []) : null
    if (moment === 'before') this.kill()
    if (!this.#isAlive) return never()
    this.#calls++
    try {
      const answer = await proceed()
      if (moment === 'after') this.kill()
      return await (this.isAlive ? answer : never<T>())
    } finally {
      this.#calls--
    }
  }

  #momentOf(changes: readonly Change[]): 'before' | 'after' | null {
    for (const change of changes) {
      const moment = this.#crash.momentOf(change)
      if (moment !== null) return moment
    }
    return null
  }

  #clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimer: (delayMs, callback, options) =>
        clock.setTimer(delayMs, () => (this.#isAlive ? callback() : undefined), options),
    }
  }
}

function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined)
}
