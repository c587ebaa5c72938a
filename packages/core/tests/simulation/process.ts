/* One process of a simulation: an engine with a clock of its own and a faulty way to the storage. It can die, stand still and go wrong. */
import { FlowEngine, PerfectError, type Clock, type Flow } from '@perfect/core'

import { presumeDead } from '../../src/engine/engine-lease.ts'
import { interceptStorage, type StorageCall } from '../../src/testing/intercept-storage.ts'
import { Link } from './link.ts'
import type { ProgramHost, Stretch } from './run-program.ts'
import type { World } from './world.ts'

/** How engines of a simulation are made. */
export interface EngineSettings {
  readonly leaseMs: number
  readonly concurrency: number
  readonly cancelGraceMs: number
}

/** One process, from its start to its end. */
export class SimulatedProcess implements ProgramHost {
  readonly name: string
  readonly engine: FlowEngine
  isAlive = true
  /** Whether the storage cannot be reached from here. */
  isCut = false
  /** Difference of this machine's wall clock from the truth. Unit: ms. */
  skewMs = 0
  readonly #world: World
  readonly #link: Link
  #backlog: (() => void)[] | null = null

  constructor(
    world: World,
    name: string,
    settings: EngineSettings,
    flows: (host: ProgramHost) => readonly Flow<number, number>[],
  ) {
    this.#world = world
    this.#link = new Link(world, this)
    this.name = name
    const shared = world.store.storage
    const storage = interceptStorage(shared, (call, proceed) => this.#call(call, proceed))
    this.engine = new FlowEngine({
      ...settings,
      storage: { ...storage, capabilities: { ...shared.capabilities, durable: true, multiProcess: true } },
      clock: this.#clock(),
      random: () => world.timeline.random(),
      onError: (error, doing) => this.#reported(error, doing),
    })
    this.engine.events.subscribe(this.#whileAlive(world.audit.subscriber()))
    for (const one of flows(this)) this.engine.registerFlow(one)
  }

  get isPaused(): boolean {
    return this.#backlog !== null
  }

  /** Ends it as `kill -9` does: nothing of it goes on, and nothing is cleaned up. */
  kill(): void {
    if (!this.isAlive) return
    this.isAlive = false
    this.#world.fault(`kill ${this.name}`)
  }

  /** Makes others know that the process is gone, as they do on the same machine. Without it they wait for the lease. */
  forget(): void {
    presumeDead(this.engine.id)
  }

  /** Stands still for a time, as a stopped process does; what comes meanwhile waits. */
  pause(durationMs: number): void {
    if (this.#backlog !== null || !this.isAlive) return
    this.#world.fault(`pause ${this.name}`)
    this.#backlog = []
    this.#world.timeline.after(durationMs, () => this.#resume())
  }

  work(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#world.timeline.after(ms, () => this.deliver(resolve)))
  }

  attemptStarted(stretch: Stretch, key: string, attempt: number): void {
    if (!this.isAlive) return
    this.#world.timeline.trace(`${this.name} starts ${stretch.runId} ${key} attempt ${String(attempt)}`)
    this.#world.audit.attemptStarted(stretch, key)
  }

  attemptOf(runId: string): number {
    return this.#world.audit.run(runId)?.attempt ?? 1
  }

  saw(stretch: Stretch, index: number, what: string): void {
    if (this.isAlive) this.#world.audit.saw(stretch, index, what)
  }

  /** Lets something come in: now, after the pause, or never. */
  deliver(run: () => void): void {
    if (!this.isAlive) return
    if (this.#backlog === null) run()
    else this.#backlog.push(run)
  }

  // One by one, so that what each starts has come to rest before the next.
  #resume(): void {
    const next = this.#backlog?.shift()
    if (next === undefined) {
      this.#backlog = null
      return
    }
    if (this.isAlive) next()
    this.#world.timeline.after(0, () => this.#resume())
  }

  #whileAlive<T>(listener: (event: T) => void): (event: T) => void {
    return (event) => {
      if (this.isAlive) listener(event)
    }
  }

  #clock(): Clock {
    const { timeline } = this.#world
    return {
      now: () => timeline.now + this.skewMs,
      monotonic: () => timeline.elapsed,
      setTimer: (delayMs, callback) => {
        let isStopped = false
        // A timer that rang while the process stood still can still be stopped by what comes before it.
        const stop = timeline.after(delayMs, () => this.deliver(() => (isStopped ? undefined : callback())))
        return () => {
          isStopped = true
          stop()
        }
      },
    }
  }

  #call<T>(call: StorageCall, proceed: () => Promise<T>): Promise<T> {
    // The storage is shared: it is opened before, and closed after all of them.
    if (call.name === 'open' || call.name === 'close') return Promise.resolve() as Promise<T>
    return this.#link.send(call, proceed)
  }

  #reported(error: unknown, doing: string): void {
    if (!this.isAlive || PerfectError.is(error, 'STORAGE_UNAVAILABLE') || PerfectError.is(error, 'ENGINE_STOPPED'))
      return
    this.#world.audit.violation('error', `${doing}: ${error instanceof Error ? String(error.stack) : String(error)}`)
  }
}
