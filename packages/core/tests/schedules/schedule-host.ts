import { FlowEngine, memoryStorage, type RunView, type Storage } from '@perfect/core'

import { ManualClock } from '../../src/testing/manual-clock.ts'

/** Engines on one storage in virtual time, and what they have told. */
export class ScheduleHost {
  readonly clock: ManualClock = new ManualClock()
  readonly storage: Storage
  readonly events: { readonly name: string; readonly data: Readonly<Record<string, unknown>> }[] = []
  readonly errors: unknown[] = []
  readonly #engines: FlowEngine[] = []

  constructor(storage?: (clock: ManualClock) => Storage) {
    const own = storage?.(this.clock) ?? memoryStorage({ clock: this.clock })
    // One engine may end while another goes on.
    this.storage = { ...own, close: () => Promise.resolve() }
  }

  async start(
    flows: readonly Parameters<FlowEngine['registerFlow']>[0][],
    storage: Storage = this.storage,
  ): Promise<FlowEngine> {
    const engine = new FlowEngine({ storage, clock: this.clock, onError: (error) => this.errors.push(error) })
    this.#engines.push(engine)
    for (const name of ['schedule.fired', 'schedule.missed'] as const)
      engine.on(name, (data) => this.events.push({ name, data: { ...data } }))
    for (const flow of flows) engine.registerFlow(flow)
    await engine.start()
    return engine
  }

  async stop(engine: FlowEngine): Promise<void> {
    this.#engines.splice(this.#engines.indexOf(engine), 1)
    const stopping = engine.stop({ drainMs: 0 })
    await this.clock.advance(100)
    await stopping
  }

  async stopAll(): Promise<void> {
    for (let engine = this.#engines[0]; engine; engine = this.#engines[0]) await this.stop(engine)
  }

  /** Runs of the storage, the oldest first. */
  async runs(engine: FlowEngine): Promise<readonly RunView[]> {
    const { items } = await engine.getRuns({ limit: 200 })
    return items.toReversed()
  }

  /** Minutes after the start of the clock at which runs were made. */
  async minutes(engine: FlowEngine): Promise<readonly number[]> {
    const runs = await this.runs(engine)
    return runs.map(({ createdAt }) => (Date.parse(createdAt) - 1_800_000_000_000) / 60_000)
  }

  /** Times of the events of this name. */
  told(name: string): readonly unknown[] {
    return this.events.filter((event) => event.name === name).map(({ data }) => data)
  }
}
