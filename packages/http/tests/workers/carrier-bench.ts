import { FlowEngine } from '@perfect/core'
import { afterEach, beforeEach } from 'vitest'

import { serve, type PerfectServer } from '../../src/serve.ts'
import type { CarrierClient } from './carrier-clients.ts'

export const LEASE_MS = 400
export const CONNECT = '/api/engine/workers/connect'

/** A server with a real engine, new for each test, and the connections that a test opens. */
export class CarrierBench {
  readonly #clients: CarrierClient[] = []
  #parts: { readonly engine: FlowEngine; readonly server: PerfectServer } | null = null

  get engine(): FlowEngine {
    return this.#open.engine
  }

  get server(): PerfectServer {
    return this.#open.server
  }

  /** Adds a connection, which is ended after the test. */
  async open<C extends CarrierClient>(client: Promise<C>): Promise<C> {
    const opened = await client
    this.#clients.push(opened)
    return opened
  }

  async start(): Promise<void> {
    const engine = new FlowEngine({ leaseMs: LEASE_MS })
    this.#parts = { engine, server: await serve(engine, { port: 0 }) }
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#clients.splice(0).map((client) => client.end()))
    await this.server.close()
    await this.engine.stop({ drainMs: 0 })
  }

  get #open(): { readonly engine: FlowEngine; readonly server: PerfectServer } {
    if (this.#parts === null) throw new Error('The bench was not started.')
    return this.#parts
  }
}

/** A bench for the tests of a file. */
export function carrierBench(): CarrierBench {
  const bench = new CarrierBench()
  beforeEach(() => bench.start())
  afterEach(() => bench.stop())
  return bench
}

/** The first message of a worker that runs the flow "Job". */
export function hello(workerId: string, more: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    type: 'hello',
    workerId,
    protocol: { min: 1, max: 1 },
    slots: 1,
    flows: [{ name: 'Job' }],
    inFlight: [],
    ...more,
  }
}
