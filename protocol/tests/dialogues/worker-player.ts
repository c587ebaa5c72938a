/* Plays the worker of a dialogue against an engine. */
import { once } from 'node:events'

import { WebSocket } from 'ws'

import { engineMessageSchema } from '../../src/engine-messages.ts'
import { Variables, type Dialogue, type Message, type Step } from './dialogue.ts'
import { Inbox } from './inbox.ts'

/** What somebody beside the worker asks of the engine that is tested. */
export interface EngineUnderTest {
  readonly url: string
  trigger(flow: string, input: unknown): Promise<void>
  cancel(runId: string): Promise<void>
  /** A run, as the HTTP API shows it. */
  run(runId: string): Promise<Message>
}

const FLOWS = ['Steps', 'Wait', 'Boom', 'Once'].map((name) => ({ name, version: '1' }))
const PATIENCE_MS = 5000

// What a dialogue need not say.
const USUAL: Readonly<Record<string, Message>> = {
  hello: {
    name: 'player',
    protocol: { min: 1, max: 1 },
    sdk: { name: 'player', version: '0', language: 'json' },
    capabilities: [],
    slots: 1,
    labels: {},
    flows: FLOWS,
    inFlight: [],
    draining: false,
  },
  heartbeat: { n: 1, slots: 1, busy: 0, lagMs: 0 },
}

/** A worker that speaks as a dialogue says. */
export class WorkerPlayer {
  readonly #engine: EngineUnderTest
  readonly #variables = new Variables()
  readonly #inboxes: Inbox[] = []

  constructor(engine: EngineUnderTest) {
    this.#engine = engine
  }

  async play({ steps }: Dialogue): Promise<void> {
    try {
      for (const step of steps) await this.#do(step)
      for (const inbox of this.#inboxes) inbox.check()
    } finally {
      for (const { socket } of this.#inboxes) socket.terminate()
    }
  }

  async #do(step: Step): Promise<void> {
    if ('connect' in step) await this.#connect()
    else if ('drop' in step) this.#open.socket.terminate()
    // A connection that a newer one took over, or this one.
    else if ('closed' in step) await this.#closing(step.closed)
    else if ('worker' in step) this.#say(step.worker)
    else if ('events' in step) this.#say({ type: 'run.events', ...step })
    else if ('engine' in step) await this.#open.next((message) => this.#variables.match(step.engine, message), step)
    else if ('quiet' in step) await this.#open.quiet((message) => this.#variables.match(step.quiet, message))
    else if ('trigger' in step) await this.#engine.trigger(step.trigger.flow, step.trigger.input)
    else if ('cancel' in step) await this.#engine.cancel(String(this.#variables.filled(step.cancel)))
    else await this.#until(step.run, step.is)
  }

  get #open(): Inbox {
    const inbox = this.#inboxes.at(-1)
    if (inbox === undefined) throw new Error('A dialogue begins with "connect".')
    return inbox
  }

  async #connect(): Promise<void> {
    const socket = new WebSocket(
      `${this.#engine.url.replace('http', 'ws')}/api/engine/workers/connect`,
      'perfect.worker.v1',
    )
    this.#inboxes.push(new Inbox(socket, engineMessageSchema))
    await once(socket, 'open')
  }

  async #closing(code: number): Promise<void> {
    const open = this.#inboxes.length > 1 && code === 4409 ? this.#inboxes.at(-2) : this.#open
    await open?.closed(code)
  }

  #say(message: Message): void {
    this.#open.socket.send(JSON.stringify(this.#variables.filled({ ...USUAL[String(message['type'])], ...message })))
  }

  async #until(run: string, is: Message): Promise<void> {
    const id = String(this.#variables.filled(run))
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const found = await this.#engine.run(id)
      if (this.#variables.match(is, found)) return
      if (performance.now() > deadline) throw new Error(`Run ${id} is ${JSON.stringify(found)}.`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
