/* Plays the engine of a dialogue against a worker of any SDK. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { WebSocketServer, type WebSocket } from 'ws'

import { workerMessageSchema } from '../../src/worker-messages.ts'
import { Variables, type Dialogue, type Message, type Step } from './dialogue.ts'
import { Inbox } from './inbox.ts'

const CONNECT_MS = 10_000

// What a dialogue need not say.
const USUAL: Readonly<Record<string, Message>> = {
  welcome: {
    protocol: 1,
    engineId: 'eng_played',
    serverTime: '2026-11-22T00:00:00.000Z',
    heartbeatMs: 1000,
    leaseMs: 10_000,
    limits: { maxMessageBytes: 4_194_304, maxResultBytes: 1_048_576, progressMs: 200 },
    capabilities: [],
    flows: [],
    runs: [],
  },
  'run.assign': {
    version: '1',
    configuration: 'development',
    attempt: 1,
    leaseMs: 10_000,
    trigger: { kind: 'api', by: null },
    startedAt: '2026-11-22T00:00:00.000Z',
    seed: '8f1c',
    journal: [],
  },
  'run.cancel': { cancelId: 'cancel_1', mode: 'graceful', graceMs: 5000, reason: null },
  'run.revoked': { reason: 'stale_epoch' },
  error: { title: 'played', detail: '', fatal: false },
}

/** A server that speaks as a dialogue says. */
export class EnginePlayer {
  readonly #server: Server = createServer((_request, response) => response.writeHead(404).end('{}'))
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'perfect.worker.v1' })
  readonly #waiting: WebSocket[] = []
  #inbox: Inbox | null = null
  #variables = new Variables()

  async listen(): Promise<string> {
    this.#server.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (connected) => {
        this.#waiting.push(connected)
        this.#sockets.emit('waiting')
      })
    })
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`
  }

  async play({ steps }: Dialogue): Promise<void> {
    this.#variables = new Variables()
    for (const step of steps) await this.#do(step)
    this.#inbox?.check()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #do(step: Step): Promise<void> {
    if ('connect' in step) this.#inbox = new Inbox(await this.#connected(), workerMessageSchema, answer)
    else if ('drop' in step) this.#open.socket.terminate()
    else if ('closed' in step) this.#open.socket.close(step.closed)
    else if ('engine' in step) this.#say(step.engine)
    else if ('worker' in step) await this.#open.next((message) => this.#variables.match(step.worker, message), step)
    else if ('events' in step) await this.#collect(step)
    else if ('quiet' in step) await this.#open.quiet((message) => this.#variables.match(step.quiet, message))
  }

  get #open(): Inbox {
    if (this.#inbox === null) throw new Error('A dialogue begins with "connect".')
    return this.#inbox
  }

  async #connected(): Promise<WebSocket> {
    if (this.#waiting.length === 0) await once(this.#sockets, 'waiting', { signal: AbortSignal.timeout(CONNECT_MS) })
    const socket = this.#waiting.shift()
    if (socket === undefined) throw new Error('No worker has connected.')
    return socket
  }

  #say(message: Message): void {
    const filled = this.#variables.filled({ ...USUAL[String(message['type'])], ...message }) as Message
    const { journal } = filled
    const total = Array.isArray(journal) ? { journalTotal: journal.length } : {}
    this.#open.socket.send(JSON.stringify({ ...filled, ...total }))
  }

  /** Waits for events with these numbers, over any number of messages, and no others before them. */
  async #collect(step: Extract<Step, { readonly events: unknown }>): Promise<void> {
    const { events, runId, epoch, firstSeq } = step
    for (let seq = firstSeq; seq < firstSeq + events.length;) {
      const wanted = { type: 'run.events', runId, epoch, firstSeq: seq }
      const message = await this.#open.next((one) => this.#variables.match(wanted, one), { wanted, events })
      const sent = message['events'] as readonly Message[]
      for (const event of sent) {
        if (!this.#variables.match(events[seq - firstSeq], event))
          throw new Error(
            `Event ${String(seq)} is ${JSON.stringify(event)}, not ${JSON.stringify(events[seq - firstSeq])}.`,
          )
        seq++
      }
    }
  }
}

function answer(message: Message): Message | undefined {
  const { type, n, runId, epoch, firstSeq, lines } = message
  if (type === 'heartbeat') return { type: 'heartbeat.ack', n, revoked: [], cancelled: [] }
  if (type !== 'log.batch') return undefined
  return { type: 'log.ack', runId, epoch, seq: Number(firstSeq) + (lines as readonly unknown[]).length - 1 }
}
