/* An engine with virtual time on a storage of each kind, for tests of runs that wait. */
import { FlowEngine, memoryStorage, type Flow, type Storage } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'

import { ManualClock } from '../../src/testing/manual-clock.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS: number = 24 * HOUR_MS

/** The storages that everything must hold on. */
export const STORAGES = ['memory', 'sqlite'] as const

const PARTS = 40
const TURNS = 5

/** One engine in a test. */
export class EngineHost {
  readonly clock: ManualClock = new ManualClock()
  readonly storage: Storage
  readonly engine: FlowEngine

  constructor(kind: (typeof STORAGES)[number], options: { readonly concurrency?: number } = {}) {
    const { clock } = this
    this.storage = kind === 'memory' ? memoryStorage({ clock }) : sqliteStorage(':memory:', { clock })
    // Nothing is to depend on the renewal of the lease, which looks for runs to take.
    this.engine = new FlowEngine({ storage: this.storage, clock, leaseMs: 30 * DAY_MS, ...options })
  }

  async start(...flows: readonly Flow<never, unknown>[]): Promise<FlowEngine> {
    for (const one of flows) this.engine.registerFlow(one)
    await this.engine.start()
    return this.engine
  }

  // A storage in another thread answers while no time passes, so it passes in steps.
  async pass(durationMs: number): Promise<void> {
    await this.#quiet()
    for (let part = 0; part < PARTS; part++) {
      await this.clock.advance(durationMs / PARTS)
      await this.#quiet()
    }
  }

  async stop(): Promise<void> {
    const stopping = this.engine.stop({ drainMs: 0 })
    await this.pass(100)
    await stopping
  }

  async #quiet(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) {
      await this.storage.runs.nextWakeAt().catch(() => null)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
