import { connect, type Socket } from 'node:net'

import type { FlowEngine } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { countOpenStreams, heldBytes } from '../../src/live/open-streams.ts'
import { serve, type PerfectServer } from '../../src/serve.ts'
import { ended, startEngine, until } from '../sample-api.ts'
import { openSse, upTo } from './readers.ts'
import { afterTest } from './served-api.ts'

const MIB = 1024 * 1024
const LINES = Array.from({ length: 100 }, () => 'x'.repeat(1000))

interface Bench {
  readonly engine: FlowEngine
  readonly server: PerfectServer
  /** The ends of the connections that the server has. */
  readonly sockets: readonly Socket[]
}

async function start(heartbeatMs?: number): Promise<Bench> {
  const engine = await startEngine()
  const server = await serve(engine, { port: 0, ...(heartbeatMs !== undefined && { heartbeatMs }) })
  const sockets: Socket[] = []
  server.server.on('connection', (socket) => sockets.push(socket))
  afterTest(() => server.close())
  return { engine, server, sockets }
}

const REQUESTS = {
  'server-sent events': 'GET /api/engine/events HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'a WebSocket':
    'GET /api/engine/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
}

/** A reader that asks for everything, reads the greeting and never again. */
async function stall({ engine, server }: Bench, request: string): Promise<void> {
  const before = countOpenStreams(engine)
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  afterTest(() => socket.destroy())
  socket.write(request)
  await until('the stream is open', () => countOpenStreams(engine) > before)
  socket.pause()
}

/** Lets 100 kB of events happen at a time, again and again until the buffers of the system are full and something is true. */
async function flood(engine: FlowEngine, isEnough: () => boolean): Promise<void> {
  const { id } = await engine.triggerFlow('endless')
  for (let count = 0; count < 2000 && !isEnough(); count++) {
    await engine.addFlowLog(id, LINES)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

describe.each(Object.entries(REQUESTS))('F-16: a reader by %s that never reads', (_carrier, request) => {
  it('costs a bounded amount of memory, delays no run and no other reader', async () => {
    const bench = await start()
    const { engine, server, sockets } = bench
    await stall(bench, request)
    await stall(bench, request)
    const other = await openSse(`${server.url}/api`, { topics: 'runs' })
    afterTest(() => other.close())
    let [most, blocked] = [0, 0]
    await flood(engine, () => {
      most = Math.max(most, heldBytes(engine))
      blocked = heldBytes(engine) > 0 ? blocked + 1 : 0
      return blocked > 50
    })
    const inSockets = sockets.reduce((bytes, socket) => bytes + socket.writableLength, 0)
    expect(blocked).toBeGreaterThan(50)
    expect(most).toBeLessThan(2 * 0.3 * MIB)
    expect(most + inSockets).toBeLessThan(2 * MIB)
    const { id } = await engine.triggerFlow('note')
    expect(await ended(engine, id)).toMatchObject({ status: 'succeeded' })
    await upTo(other, ({ data }) => data['id'] === id && data['status'] === 'succeeded')
  })

  it('is dropped after a while, and nothing of it is kept', async () => {
    const bench = await start(50)
    const { engine, sockets } = bench
    await stall(bench, request)
    await flood(engine, () => countOpenStreams(engine) === 0)
    expect(countOpenStreams(engine)).toBe(0)
    expect(heldBytes(engine)).toBe(0)
    await until('its connection is closed', () => sockets.every(({ destroyed }) => destroyed))
    expect(sockets).toHaveLength(1)
  })
})
