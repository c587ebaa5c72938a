/*
 * The WebSocket carrier of remote workers: one text frame is one message. Whether a connection may be made is asked of the app, see
 * `upgrade.ts`; a refusal is an ordinary HTTP answer.
 */
import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import { PerfectError, WORKER_LIMITS, WORKER_PROTOCOL, type FlowEngine } from '@perfect/core'
import { WebSocketServer, type WebSocket } from 'ws'

import { PROBLEM_TYPE, toProblem } from '../problem.ts'
import { ROUTES } from '../route-table.ts'
import type { CheckUpgrade } from '../upgrade.ts'
import { KeepAlive } from './keep-alive.ts'

/** What worker sockets need. */
export interface WorkerSocketOptions {
  readonly engine: FlowEngine
  /** Asks the app whether a connection may be made. */
  readonly check: CheckUpgrade
}

/** The worker sockets of a server. */
export interface WorkerSockets {
  /** Takes no more connections and ends those that are open. */
  close(): void
}

// The peer of a closed connection gets this long to say that it has heard.
const CLOSE_TIMEOUT_MS = 5000
// A worker that does not read what it is sent is not read either.
const HIGH_WATER_BYTES = 1 << 20
const MAX_REASON_BYTES = 123

/** Lets workers connect to a server by WebSocket. Upgrades of other paths are left to other listeners, and refused when there are none. */
export function attachWorkerSocket(server: Server, options: WorkerSocketOptions): WorkerSockets {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: WORKER_LIMITS.maxMessageBytes,
    handleProtocols: () => WORKER_PROTOCOL,
  })
  const keepAlive = new KeepAlive()
  sockets.on('wsClientError', (error, socket) => {
    void refuse(
      socket,
      problem(new PerfectError('REQUEST_INVALID', `The WebSocket handshake is not valid. ${error.message}.`)),
    )
  })
  const onUpgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Without a listener an error of the socket would end the process.
    socket.on('error', () => socket.destroy())
    if (isOurs(incoming))
      void upgrade({ ...options, sockets, keepAlive }, incoming, socket, head).catch(() => socket.destroy())
    else if (server.listenerCount('upgrade') === 1)
      void refuse(socket, problem(new PerfectError('NOT_FOUND', 'No WebSocket can be opened here.')))
  }
  server.on('upgrade', onUpgrade)
  return {
    close() {
      server.off('upgrade', onUpgrade)
      keepAlive.stop()
      for (const socket of sockets.clients) close(socket, 1001, 'The server is closing.')
      sockets.close()
    },
  }
}

interface Upgrader extends WorkerSocketOptions {
  readonly sockets: WebSocketServer
  readonly keepAlive: KeepAlive
}

async function upgrade(
  { engine, check, sockets, keepAlive }: Upgrader,
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const refusal = (await check(incoming)) ?? (await refusalOf(engine, incoming))
  if (refusal !== null) return refuse(socket, refusal)
  // Messages are small and waited for.
  if (socket instanceof Socket) socket.setNoDelay(true)
  sockets.handleUpgrade(incoming, socket, head, (connected) => {
    connect(engine, connected)
    keepAlive.watch(connected)
  })
}

function isOurs({ url = '' }: IncomingMessage): boolean {
  const [path = ''] = url.split('?', 1)
  return path.endsWith(ROUTES.connectWorker.path)
}

async function refusalOf(engine: FlowEngine, { headers }: IncomingMessage): Promise<Response | null> {
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
  if (!offered.includes(WORKER_PROTOCOL)) {
    const fix = `Connect with "Sec-WebSocket-Protocol: ${WORKER_PROTOCOL}".`
    const error = new PerfectError('PROTOCOL_UNSUPPORTED', `None of the worker protocols offered is known. ${fix}`)
    return problem(error, { upgrade: 'websocket' })
  }
  try {
    await engine.start()
    return null
  } catch (error) {
    return problem(error, { 'retry-after': '1' })
  }
}

function connect(engine: FlowEngine, socket: WebSocket): void {
  const session = engine.workers.open({
    kind: 'websocket',
    send(message) {
      socket.send(JSON.stringify(message), () => {
        if (socket.isPaused && socket.bufferedAmount < HIGH_WATER_BYTES) socket.resume()
      })
    },
    close: (code, reason) => close(socket, code, reason),
    bufferedBytes: () => socket.bufferedAmount,
  })
  socket.on('message', (data, isBinary) => {
    if (isBinary) session.close(4400, 'Send text frames.')
    else session.receiveText((data as Buffer).toString('utf8'))
    if (socket.bufferedAmount > HIGH_WATER_BYTES) socket.pause()
  })
  socket.on('close', () => session.closed())
  // The close that follows an error tells all there is to know.
  socket.on('error', () => undefined)
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

function close(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, cut(reason))
  const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS)
  timer.unref()
}

/** A reason as a close frame can hold it. */
function cut(reason: string): string {
  let text = reason
  while (Buffer.byteLength(text) > MAX_REASON_BYTES) text = text.slice(0, -1)
  return text
}
