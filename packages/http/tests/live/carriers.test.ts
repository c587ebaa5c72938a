import type { FlowEngine, RunView } from '@perfect/core'
import { SCOPES, type Authenticator } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import manifest from '../../package.json' with { type: 'json' }
import { API_VERSION } from '../../src/auth/access.ts'
import { countOpenStreams } from '../../src/live/open-streams.ts'
import { serve } from '../../src/serve.ts'
import { ended, startEngine, until } from '../sample-api.ts'
import { openSse, openWebSocket, upTo, type LiveReader, type LiveRequest, type Message } from './readers.ts'
import { afterTest, startServed } from './served-api.ts'

async function runNote(engine: FlowEngine): Promise<RunView> {
  return ended(engine, (await engine.triggerFlow('note')).id)
}

const hasEnded = ({ data }: Message): boolean => data['status'] === 'succeeded'

describe.each([
  ['server-sent events', openSse],
  ['a WebSocket', openWebSocket],
])('the live stream by %s', (_carrier, openReader) => {
  async function open(url: string, request: LiveRequest = {}): Promise<LiveReader> {
    const reader = await openReader(url, request)
    afterTest(() => reader.close())
    return reader
  }

  it('greets, then sends what happens, in order', async () => {
    const { engine, url } = await startServed()
    const reader = await open(url)
    const { lastId } = engine.events
    expect(await reader.next()).toEqual({
      type: 'hello',
      id: lastId,
      data: {
        engineId: engine.id,
        lastId,
        serverTime: expect.stringMatching(/Z$/) as string,
        version: manifest.version,
        apiVersion: API_VERSION,
        capabilities: { scopes: SCOPES, clients: false },
      },
    })
    const run = await runNote(engine)
    const messages = await upTo(reader, hasEnded)
    expect(messages[0]).toMatchObject({ type: 'run.triggered', data: { id: run.id } })
    expect(messages.map(({ type }) => type)).toContain('log.appended')
    const numbers = messages.map(({ id }) => Number(id.split(':')[1]))
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
  })

  it('sends each event of its topics once, and no other', async () => {
    const { engine, url } = await startServed()
    const run = await engine.triggerFlow('endless')
    const reader = await open(url, { topics: `flows,runs,run:${run.id},logs:${run.id}` })
    await runNote(engine)
    await engine.addFlowLog(run.id, 'hello')
    engine.registerFlow({ name: 'Remote' })
    await engine.cancelRun(run.id)
    const messages = await upTo(reader, ({ data }) => data['status'] === 'cancelled')
    expect(new Set(messages.map(({ type }) => type))).toEqual(
      new Set(['hello', 'run.updated', 'log.appended', 'flow.updated']),
    )
    const ids = messages.slice(1).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('goes on after the last event of the reader', async () => {
    const { engine, url } = await startServed()
    const first = await open(url, { topics: 'runs' })
    await first.next()
    await runNote(engine)
    const id = (await first.next())?.id ?? ''
    const before = await upTo(first, hasEnded)
    first.close()
    const again = await open(url, { topics: 'runs', lastEventId: id })
    expect(await again.next()).toMatchObject({ type: 'hello', id })
    expect(await upTo(again, hasEnded)).toEqual(before)
  })

  it.each(['eng_other:5', 'nonsense', ''])('tells a reader that comes from %j to fetch anew', async (lastEventId) => {
    const { engine, url } = await startServed()
    const reader = await open(url, { lastEventId })
    const { lastId } = engine.events
    expect(await reader.next()).toMatchObject({ type: 'hello', id: lastId })
    expect(await reader.next()).toEqual({ type: 'reset', id: lastId, data: { lastId } })
    engine.registerFlow({ name: 'Remote' })
    expect(await reader.next()).toMatchObject({ type: 'flow.updated' })
  })

  it('says that it is alive, and how far the reader is, when nothing happens', async () => {
    const { engine, url } = await startServed({ heartbeatMs: 5 })
    const reader = await open(url, { topics: 'workers' })
    await runNote(engine)
    const { lastId } = engine.events
    let id = ''
    while (id !== lastId) id = await reader.nextAlive()
    expect(id).toBe(lastId)
  })

  it('is refused to those who may not read, and for topics that do not exist', async () => {
    const authenticate: Authenticator = ({ headers }) => {
      const name = headers.get('authorization')
      return name === null ? null : { name, scopes: name === 'reader' ? ['read'] : ['run', 'worker'] }
    }
    const { url } = await startServed({ authenticate })
    const authorization = 'reader'
    await expect(open(url)).rejects.toThrow('"UNAUTHORIZED"')
    await expect(open(url, { headers: { authorization: 'other' } })).rejects.toThrow('"FORBIDDEN"')
    await expect(open(url, { topics: 'runs,nothing', headers: { authorization } })).rejects.toThrow('"/query/topics"')
    expect(await (await open(url, { headers: { authorization } })).next()).toMatchObject({ type: 'hello' })
  })

  it('ends when the engine stops and when its reader goes, and keeps nothing of it', async () => {
    const { engine, url } = await startServed()
    const [first, second] = [await open(url), await open(url)]
    await Promise.all([first.next(), second.next()])
    expect(countOpenStreams(engine)).toBe(2)
    first.close()
    await until('the stream of the first has ended', () => countOpenStreams(engine) === 1)
    await engine.stop()
    while ((await second.next()) !== undefined);
    expect(countOpenStreams(engine)).toBe(0)
  })
})

describe('GET /engine/ws', () => {
  async function open(url: string, request: LiveRequest = {}): ReturnType<typeof openWebSocket> {
    const reader = await openWebSocket(url, request)
    afterTest(() => reader.close())
    return reader
  }

  it('takes other topics by message, and goes on from an event', async () => {
    const { engine, url } = await startServed()
    const reader = await open(url, { topics: 'workers' })
    const hello = await reader.next()
    const run = await runNote(engine)
    reader.socket.send(JSON.stringify({ type: 'subscribe', topics: ['runs'], lastEventId: hello?.id }))
    expect(await reader.next()).toMatchObject({ type: 'hello', id: hello?.id })
    const messages = await upTo(reader, hasEnded)
    expect(messages.every(({ type, data }) => type === 'run.updated' && data['id'] === run.id)).toBe(true)
    reader.socket.send(JSON.stringify({ type: 'of a later version' }))
    reader.socket.send(JSON.stringify({ type: 'subscribe', topics: ['flows'] }))
    expect(await reader.next()).toMatchObject({ type: 'hello' })
    engine.registerFlow({ name: 'Remote' })
    expect(await reader.next()).toMatchObject({ type: 'flow.updated' })
  })

  it.each([
    ['no JSON', 'subscribe'],
    ['no message', '[]'],
    ['a topic that does not exist', '{"type":"subscribe","topics":["all"]}'],
    ['topics that are no list', '{"type":"subscribe","topics":"runs"}'],
    ['bytes', Buffer.from('{"type":"subscribe"}')],
  ])('closes with a reason for %s', async (_what, sent) => {
    const { engine, url } = await startServed()
    const { socket } = await open(url)
    const closed = new Promise((resolve) => socket.on('close', (code, reason) => resolve([code, reason.length > 0])))
    socket.send(sent)
    expect(await closed).toEqual([4400, true])
    expect(countOpenStreams(engine)).toBe(0)
  })

  it('refuses names and web pages of others', async () => {
    const { url } = await startServed()
    await expect(open(url, { headers: { host: 'evil.example' } })).rejects.toThrow('"HOST_NOT_ALLOWED"')
    await expect(open(url, { headers: { origin: 'https://evil.example' } })).rejects.toThrow('"ORIGIN_NOT_ALLOWED"')
    await expect(open(url, { headers: { 'sec-fetch-site': 'cross-site' } })).rejects.toThrow('"ORIGIN_NOT_ALLOWED"')
    const own = await open(url, { headers: { origin: new URL(url).origin } })
    expect(await own.next()).toMatchObject({ type: 'hello' })
  })

  it('tells a caller without WebSocket where the events are', async () => {
    const { url } = await startServed()
    const response = await fetch(`${url}/engine/ws`)
    expect(response.status).toBe(426)
    expect(await response.json()).toMatchObject({
      code: 'PROTOCOL_UNSUPPORTED',
      detail: expect.stringContaining('/engine/events') as string,
    })
  })

  it('is closed with 1001 when its server closes', async () => {
    const engine = await startEngine()
    const server = await serve(engine, { port: 0 })
    const { socket } = await open(`${server.url}/api`)
    const closed = new Promise((resolve) => socket.on('close', resolve))
    await server.close()
    expect(await closed).toBe(1001)
    expect(countOpenStreams(engine)).toBe(0)
  })
})
