/*
 * The WebSockets of a server: remote workers and live events. Whether a connection may be made is asked of the app, see `upgrade.ts`; a
 * refusal is an ordinary HTTP answer.
 */
import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import { PerfectError, WORKER_LIMITS, WORKER_PROTOCOL, type FlowEngine } from '@perfect/core'
import { WebSocketServer } from 'ws'

import { PROBLEM_TYPE, toProblem } from './problem.ts'
import { ROUTES } from './route-table.ts'
import { closeSocket } from './socket-close.ts'
import type { CheckUpgrade } from './upgrade.ts'
import { KeepAlive } from './workers/keep-alive.ts'
import { acceptWorker } from './workers/websocket.ts'

/** What WebSockets need. */
export interface WebSocketOptions {
  readonly engine: FlowEngine
  /** Asks the app whether a connection may be made. */
  readonly check: CheckUpgrade
}

/** The WebSockets of a server. */
export interface WebSockets {
  /** Takes no more connections and ends those that are open. */
  close(): void
}

/** What may be opened at a path. */
interface Endpoint {
  readonly path: string
  /** The one that is spoken there. */
  readonly protocol: string | null
  /** Unit: bytes. */
  readonly maxPayload: number
  /** Refuses what the app lets pass and the endpoint cannot serve. */
  readonly accept: (engine: FlowEngine, incoming: IncomingMessage) => Promise<void>
}

const ENDPOINTS: readonly Endpoint[] = [
  {
    path: ROUTES.connectWorker.path,
    protocol: WORKER_PROTOCOL,
    maxPayload: WORKER_LIMITS.maxMessageBytes,
    accept: acceptWorker,
  },
  // A hundred topics fit.
  { path: ROUTES.connectEvents.path, protocol: null, maxPayload: 64 * 1024, accept: () => Promise.resolve() },
]

/** Opens WebSockets for workers and live events on a server. Upgrades of other paths are left to other listeners, and refused when there are none. */
export function attachWebSockets(server: Server, options: WebSocketOptions): WebSockets {
  const keepAlive = new KeepAlive()
  const openers = ENDPOINTS.map((endpoint) => new Opener(endpoint, options, keepAlive))
  const onUpgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Without a listener an error of the socket would end the process.
    socket.on('error', () => socket.destroy())
    const opener = openers.find((each) => each.isAskedBy(incoming))
    if (opener) void opener.open(incoming, socket, head).catch(() => socket.destroy())
    else if (server.listenerCount('upgrade') === 1)
      void refuse(socket, problem(new PerfectError('NOT_FOUND', 'No WebSocket can be opened here.')))
  }
  server.on('upgrade', onUpgrade)
  return {
    close() {
      server.off('upgrade', onUpgrade)
      keepAlive.stop()
      for (const opener of openers) opener.close()
    },
  }
}

class Opener {
  readonly #endpoint: Endpoint
  readonly #options: WebSocketOptions
  readonly #keepAlive: KeepAlive
  readonly #sockets: WebSocketServer

  constructor(endpoint: Endpoint, options: WebSocketOptions, keepAlive: KeepAlive) {
    this.#endpoint = endpoint
    this.#options = options
    this.#keepAlive = keepAlive
    const { protocol, maxPayload } = endpoint
    this.#sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload,
      handleProtocols: () => protocol ?? false,
    })
    this.#sockets.on('wsClientError', (error, socket) => {
      void refuse(
        socket,
        problem(new PerfectError('REQUEST_INVALID', `The WebSocket handshake is not valid. ${error.message}.`)),
      )
    })
  }

  isAskedBy({ url = '' }: IncomingMessage): boolean {
    const [path = ''] = url.split('?', 1)
    return path.endsWith(this.#endpoint.path)
  }

  async open(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { engine, check } = this.#options
    const granted = await check(incoming)
    if (granted instanceof Response) return refuse(socket, granted)
    try {
      await this.#endpoint.accept(engine, incoming)
    } catch (error) {
      return refuse(socket, problem(error, whatNow(error)))
    }
    // Messages are small and waited for.
    if (socket instanceof Socket) socket.setNoDelay(true)
    this.#sockets.handleUpgrade(incoming, socket, head, (connected) => {
      granted(connected, socket)
      this.#keepAlive.watch(connected)
    })
  }

  close(): void {
    for (const socket of this.#sockets.clients) closeSocket(socket, 1001, 'The server is closing.')
    this.#sockets.close()
  }
}

function whatNow(error: unknown): Readonly<Record<string, string>> {
  return PerfectError.is(error, 'PROTOCOL_UNSUPPORTED') ? { upgrade: 'websocket' } : { 'retry-after': '1' }
}

function problem(error: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  const requestId = `req_${crypto.randomUUID().replaceAll('-', '')}`
  const body = toProblem(error, requestId)
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { 'content-type': PROBLEM_TYPE, 'request-id': requestId, ...headers },
  })
}

async function refuse(socket: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer())
  const { status, headers } = response
  headers.set('connection', 'close')
  headers.set('content-length', String(body.byteLength))
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(
    Buffer.concat([Buffer.from(`HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\n${lines}\r\n`), body]),
  )
}
