/* The WebSocket carrier of remote workers: one text frame is one message. */
import type { IncomingMessage } from 'node:http'

import { PerfectError, WORKER_PROTOCOL, type FlowEngine, type PermitFlow, type WorkerCarrier } from '@perfect/core'
import type { WebSocket } from 'ws'

import { closeSocket } from '../socket-close.ts'

// A worker that does not read what it is sent is not read either.
const HIGH_WATER_BYTES = 1 << 20

/**
 * Checks that a connection is one of a worker that the engine can serve.
 *
 * @throws {PerfectError} PROTOCOL_UNSUPPORTED
 * @throws {PerfectError} ENGINE_STOPPED
 */
export async function acceptWorker(engine: FlowEngine, { headers }: IncomingMessage): Promise<void> {
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
  if (!offered.includes(WORKER_PROTOCOL)) {
    const fix = `Connect with "Sec-WebSocket-Protocol: ${WORKER_PROTOCOL}".`
    throw new PerfectError('PROTOCOL_UNSUPPORTED', `None of the worker protocols offered is known. ${fix}`)
  }
  await engine.start()
}

/** Makes a worker session of a WebSocket. */
export function connectWorker(
  engine: FlowEngine,
  socket: WebSocket,
  caller: { readonly permit: PermitFlow; readonly owner: string | null },
): void {
  const carrier: WorkerCarrier = {
    kind: 'websocket',
    send(message) {
      socket.send(JSON.stringify(message), () => {
        if (socket.isPaused && socket.bufferedAmount < HIGH_WATER_BYTES) socket.resume()
      })
    },
    close: (code, reason) => closeSocket(socket, code, reason),
    bufferedBytes: () => socket.bufferedAmount,
  }
  const session = engine.workers.open(carrier, caller)
  socket.on('message', (data, isBinary) => {
    if (isBinary) session.close(4400, 'Send text frames.')
    else session.receiveText((data as Buffer).toString('utf8'))
    if (socket.bufferedAmount > HIGH_WATER_BYTES) socket.pause()
  })
  socket.on('close', () => session.closed())
  // The close that follows an error tells all there is to know.
  socket.on('error', () => undefined)
}
