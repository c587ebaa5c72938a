/* Engines on one storage in virtual time, for tests of limits. */
import { FlowEngine, memoryStorage, type EngineOptions, type Flow, type Storage } from '@perfect/core'

import { ManualClock } from '../../src/testing/manual-clock.ts'

/** Engines that share a storage in memory. */
export class LimitHost {
  readonly clock: ManualClock = new ManualClock()
  readonly storage: Storage = { ...memoryStorage({ clock: this.clock }), close: () => Promise.resolve() }
  readonly #engines: FlowEngine[] = []

  // oxlint-disable-next-line typescript/no-explicit-any -- flows of any input and output
  async start(flows: readonly Flow<any, any>[], options: EngineOptions = {}): Promise<FlowEngine> {
    const { storage, clock } = this
    const engine = new FlowEngine({ storage, clock, ...options })
    this.#engines.push(engine)
    for (const one of flows) engine.registerFlow(one)
    await engine.start()
    return engine
  }

  async stop(): Promise<void> {
    const stopping = Promise.all(this.#engines.map((engine) => engine.stop({ drainMs: 0 })))
    await this.clock.advance(100)
    await stopping
  }
}

/** Counts what runs at the same time, in all and by key. */
export class Gauge {
  readonly starts: string[] = []
  readonly most: Map<string, number> = new Map()
  readonly #now = new Map<string, number>()
  readonly #clock: ManualClock

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  async hold(key: string, durationMs = 1000): Promise<void> {
    this.starts.push(key)
    for (const one of ['all', key]) {
      const count = (this.#now.get(one) ?? 0) + 1
      this.#now.set(one, count)
      this.most.set(one, Math.max(count, this.most.get(one) ?? 0))
    }
    await new Promise<void>((resolve) => void this.#clock.setTimer(durationMs, resolve))
    for (const one of ['all', key]) this.#now.set(one, (this.#now.get(one) ?? 0) - 1)
  }
}

/** The shortest time in which one more than so many started. */
export function shortestSpan(starts: readonly number[], count: number): number {
  return Math.min(...starts.slice(count).map((start, index) => start - (starts[index] ?? 0)))
}
