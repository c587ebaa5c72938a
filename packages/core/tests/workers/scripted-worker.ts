import {
  FlowEngine,
  memoryStorage,
  type EngineMessage,
  type EngineOptions,
  type Storage,
  type WorkerCarrier,
  type WorkerSession,
} from '@perfect/core'

import { ManualClock } from '../../src/testing/manual-clock.ts'

export const LEASE_MS = 3000

/** What a test of workers works with: an engine on a clock and a storage that outlive it. */
export class WorkerBench {
  readonly clock: ManualClock = new ManualClock()
  readonly storage: Storage
  readonly errors: unknown[] = []
  readonly #options: EngineOptions
  #engine: FlowEngine | null = null

  constructor(options: EngineOptions = {}) {
    this.#options = options
    const memory = memoryStorage({ clock: this.clock })
    let opened: Promise<void> | null = null
    // Survives the engines that use it, as a file does.
    this.storage = { ...memory, open: () => (opened ??= memory.open()), close: () => Promise.resolve() }
  }

  get engine(): FlowEngine {
    if (this.#engine === null) throw new Error('No engine was started.')
    return this.#engine
  }

  async start(): Promise<FlowEngine> {
    const { clock, storage } = this
    const onError = (error: unknown): void => void this.errors.push(error)
    this.#engine = new FlowEngine({ leaseMs: LEASE_MS, cancelGraceMs: 1000, ...this.#options, clock, storage, onError })
    await this.#engine.start()
    return this.#engine
  }

  /** Lets everything that was started come to rest, without time passing. */
  settle(): Promise<void> {
    return this.clock.advance(0)
  }

  async worker(id: string, hello: Record<string, unknown> = {}): Promise<ScriptedWorker> {
    const worker = new ScriptedWorker(this, id)
    await worker.connect(hello)
    return worker
  }

  async trigger(flow: string, input?: unknown): Promise<string> {
    const { id } = await this.engine.triggerFlow(flow, input === undefined ? {} : { input })
    await this.settle()
    return id
  }

  async stop(): Promise<void> {
    const stopping = this.#engine?.stop({ drainMs: 0 })
    await this.clock.advance(1000)
    await stopping
    if (this.errors.length > 0) throw new AggregateError(this.errors.splice(0), 'The engine told of errors.')
  }
}

/** A flow as workers announce it. */
export const ETL: Readonly<Record<string, unknown>> = {
  name: 'ETL',
  version: '1',
  tasks: [
    { name: 'load', weight: 1, estimatedMs: 1000 },
    { name: 'clean', weight: 3 },
  ],
}

type Sent<T extends EngineMessage['type']> = Extract<EngineMessage, { readonly type: T }>

/** A worker that does what a test says, message by message. */
export class ScriptedWorker {
  readonly id: string
  readonly inbox: EngineMessage[] = []
  /** Why the engine closed the connection. */
  closed: { readonly code: number; readonly reason: string } | null = null
  bufferedBytes = 0
  readonly #bench: WorkerBench
  #session: WorkerSession | null = null

  constructor(bench: WorkerBench, id: string) {
    this.#bench = bench
    this.id = id
  }

  open(owner: string | null = null): void {
    this.closed = null
    const carrier: WorkerCarrier = {
      kind: 'websocket',
      // As a real carrier does, so that nothing is shared.
      send: (message) => {
        if (this.#session === session) this.inbox.push(JSON.parse(JSON.stringify(message)) as EngineMessage)
      },
      close: (code, reason) => {
        if (this.#session === session) this.closed = { code, reason }
      },
      bufferedBytes: () => this.bufferedBytes,
    }
    const session = this.#bench.engine.workers.open(carrier, { owner })
    this.#session = session
  }

  async connect(
    hello: Record<string, unknown> = {},
    owner: string | null = null,
  ): Promise<Sent<'welcome'> | undefined> {
    this.open(owner)
    await this.say({ ...this.hello(), ...hello })
    return this.last('welcome')
  }

  hello(): Record<string, unknown> {
    return {
      type: 'hello',
      workerId: this.id,
      name: `name of ${this.id}`,
      protocol: { min: 1, max: 1 },
      sdk: { name: 'scripted', version: '0' },
      capabilities: [],
      slots: 2,
      labels: {},
      flows: [ETL],
      inFlight: [],
      draining: false,
    }
  }

  /** Sends messages and waits until the engine has done what they ask. */
  async say(...messages: readonly unknown[]): Promise<void> {
    for (const message of messages) this.#session?.receive(message)
    await this.#bench.settle()
  }

  sayText(text: string): void {
    this.#session?.receiveText(text)
  }

  async events(
    run: { readonly runId: string; readonly epoch: number },
    firstSeq: number,
    ...events: readonly unknown[]
  ): Promise<void> {
    await this.say({ type: 'run.events', runId: run.runId, epoch: run.epoch, firstSeq, events })
  }

  /** The connection breaks; the engine notices. */
  drop(): void {
    const session = this.#session
    this.#session = null
    session?.closed()
  }

  all<T extends EngineMessage['type']>(type: T): readonly Sent<T>[] {
    return this.inbox.filter((message): message is Sent<T> => message.type === type)
  }

  last<T extends EngineMessage['type']>(type: T): Sent<T> | undefined {
    return this.all(type).at(-1)
  }

  /** The newest run that was assigned, accepted by this call. */
  async accept(): Promise<Sent<'run.assign'>> {
    const assigned = this.last('run.assign')
    if (!assigned) throw new Error(`${this.id} has no run: ${JSON.stringify(this.inbox)}`)
    await this.say({ type: 'run.accept', runId: assigned.runId, epoch: assigned.epoch })
    return assigned
  }

  async beat(
    runs: readonly { readonly runId: string; readonly epoch: number }[],
  ): Promise<Sent<'heartbeat.ack'> | undefined> {
    const keys = runs.map(({ runId, epoch }) => ({ runId, epoch }))
    await this.say({ type: 'heartbeat', n: 1, runs: keys, slots: 2, busy: keys.length, lagMs: 0 })
    return this.last('heartbeat.ack')
  }
}

export const started = (key: string, extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  kind: 'step.started',
  key,
  task: key.split('#')[0],
  attempt: 1,
  ...extra,
})

export const succeeded = (key: string, result: unknown): Record<string, unknown> => ({
  kind: 'step.completed',
  key,
  task: key.split('#')[0],
  attempt: 1,
  status: 'succeeded',
  result,
  durationMs: 5,
})

export const completed = (result: unknown): Record<string, unknown> => ({
  kind: 'run.completed',
  status: 'succeeded',
  result,
})
