import { FlowEngine } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { serve, type PerfectServer } from '../../src/serve.ts'
import { call, openPolling, openWebSocket, refusedUpgrade, type CarrierClient } from './carrier-clients.ts'

const LEASE_MS = 400
const CONNECT = '/api/engine/workers/connect'
const TOKENS: Readonly<Record<string, readonly ('read' | 'worker')[]>> = {
  a: ['worker'],
  b: ['worker'],
  reader: ['read'],
}

let engine: FlowEngine
let server: PerfectServer
const clients: CarrierClient[] = []

beforeEach(async () => {
  engine = new FlowEngine({ leaseMs: LEASE_MS })
  server = await serve(engine, { port: 0 })
})
afterEach(async () => {
  await Promise.allSettled(clients.splice(0).map((client) => client.end()))
  await server.close()
  await engine.stop({ drainMs: 0 })
})

const CARRIERS: Readonly<Record<'websocket' | 'http', (url: string) => Promise<CarrierClient>>> = {
  websocket: openWebSocket,
  http: openPolling,
}

async function open<C extends CarrierClient>(client: Promise<C>): Promise<C> {
  const opened = await client
  clients.push(opened)
  return opened
}

function hello(workerId: string, more: Readonly<Record<string, unknown>> = {}): unknown {
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

describe.each(['websocket', 'http'] as const)('a worker connected by %s', (kind) => {
  test('runs a flow from its assignment to its end', async () => {
    const worker = await open(CARRIERS[kind](server.url))
    await worker.send(hello('w1'))
    expect(await worker.next('welcome')).toMatchObject({ protocol: 1, flows: [{ name: 'Job', status: 'accepted' }] })
    const run = await engine.triggerFlow('job', { input: { text: 'größer 🙂' } })
    const assigned = await worker.next('run.assign')
    expect(assigned).toMatchObject({ runId: run.id, epoch: 1, params: { text: 'größer 🙂' } })
    const key = { runId: run.id, epoch: 1 }
    await worker.send(
      { type: 'run.accept', ...key },
      { type: 'log.batch', ...key, firstSeq: 1, lines: [{ msg: 'ünï' }] },
    )
    expect(await worker.next('log.ack')).toMatchObject({ seq: 1 })
    const step = {
      kind: 'step.completed',
      key: 'a#1',
      task: 'a',
      attempt: 1,
      status: 'succeeded',
      result: 'ä'.repeat(200_000),
    }
    await worker.send({ type: 'run.events', ...key, firstSeq: 1, events: [step] })
    expect(await worker.next('run.ack')).toMatchObject({ seq: 1 })
    await worker.send({
      type: 'run.events',
      ...key,
      firstSeq: 2,
      events: [{ kind: 'run.completed', status: 'succeeded', result: [1] }],
    })
    expect(await worker.next('run.ack')).toMatchObject({ seq: 2 })
    expect(await run.result()).toEqual([1])
    expect(engine.workers.status()).toMatchObject([{ id: 'w1', carrier: kind, status: 'online', busy: 0 }])
  })

  test('is told of a cancel at once', async () => {
    const worker = await open(CARRIERS[kind](server.url))
    await worker.send(hello('w1'))
    await worker.next('welcome')
    const run = await engine.triggerFlow('job')
    await worker.next('run.assign')
    await run.cancel('enough')
    expect(await worker.next('run.cancel')).toMatchObject({ runId: run.id, reason: 'enough' })
  })

  test('is closed when a newer connection of it comes', async () => {
    const older = await open(CARRIERS[kind](server.url))
    await older.send(hello('w1'))
    await older.next('welcome')
    const newer = await open(CARRIERS[kind](server.url))
    await newer.send(hello('w1'))
    await newer.next('welcome')
    expect(await older.closed()).toMatchObject({ code: 4409 })
    await newer.send({ type: 'heartbeat', n: 7, runs: [] })
    expect(await newer.next('heartbeat.ack')).toMatchObject({ n: 7 })
  })

  test('is told that the engine goes away', async () => {
    const worker = await open(CARRIERS[kind](server.url))
    await worker.send(hello('w1'))
    await worker.next('welcome')
    await engine.stop({ drainMs: 0 })
    await worker.next('goaway')
    expect(await worker.closed()).toMatchObject({ code: 1001 })
  })

  test('loses its run to another when it falls silent', async () => {
    const silent = await open(CARRIERS[kind](server.url))
    await silent.send(hello('w1'))
    await silent.next('welcome')
    const run = await engine.triggerFlow('job')
    await silent.next('run.assign')
    await silent.send({ type: 'run.accept', runId: run.id, epoch: 1 })
    const other = await open(CARRIERS[kind](server.url))
    await other.send(hello('w2'))
    const beat = setInterval(() => void other.send({ type: 'heartbeat', n: 1, runs: [] }), LEASE_MS / 4)
    try {
      expect(await other.next('run.assign')).toMatchObject({ runId: run.id, epoch: 2 })
    } finally {
      clearInterval(beat)
    }
    expect(await silent.closed()).toMatchObject({ code: 4408 })
  })
})

describe('the WebSocket carrier', () => {
  test('ends a connection that sends too much at once', async () => {
    const worker = await open(openWebSocket(server.url))
    await worker.send(hello('w1', { padding: 'x'.repeat(4 << 20) }))
    expect(await worker.closed()).toMatchObject({ code: 1009 })
    expect(engine.workers.status()).toEqual([])
  })

  test('answers what is no JSON and ends for what is no text', async () => {
    const worker = await open(openWebSocket(server.url))
    await worker.send(hello('w1'))
    await worker.next('welcome')
    worker.socket.send('{"type":')
    expect(await worker.next('error')).toMatchObject({ code: 'bad_message', fatal: false })
    worker.socket.send(Buffer.from([1, 2, 3]))
    expect(await worker.closed()).toMatchObject({ code: 4400 })
  })

  test('keeps the runs of a connection that breaks', async () => {
    const worker = await open(openWebSocket(server.url))
    await worker.send(hello('w1'))
    await worker.next('welcome')
    const run = await engine.triggerFlow('job')
    await worker.next('run.assign')
    worker.socket.terminate()
    const again = await open(openWebSocket(server.url))
    await again.send(hello('w1', { inFlight: [{ runId: run.id, epoch: 1, eventSeq: 0, logSeq: 0 }] }))
    expect(await again.next('welcome')).toMatchObject({ runs: [{ runId: run.id, verdict: 'continue', ackedSeq: 0 }] })
  })

  test.each([
    ['no protocol that is known', { 'sec-websocket-protocol': 'other' }, 426, 'PROTOCOL_UNSUPPORTED'],
    ['a host name that is not ours', { host: 'evil.example' }, 403, 'HOST_NOT_ALLOWED'],
    ['a web page that is not ours', { origin: 'https://evil.example' }, 403, 'ORIGIN_NOT_ALLOWED'],
    ['no valid handshake', { 'sec-websocket-key': 'short' }, 400, 'REQUEST_INVALID'],
  ])('refuses %s', async (_what, headers, status, code) => {
    const refusal = await refusedUpgrade(server.url + CONNECT, headers)
    expect([refusal.status, refusal.headers['content-type'], refusal.body['code']]).toEqual([
      status,
      'application/problem+json',
      code,
    ])
    expect(refusal.headers['connection']).toBe('close')
  })

  test('refuses other paths when nobody else takes them', async () => {
    expect((await refusedUpgrade(`${server.url}/api/elsewhere`)).status).toBe(404)
    server.server.on('upgrade', ({ url }, socket) => {
      if (url === '/mine')
        socket.end('HTTP/1.1 418 Teapot\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}')
    })
    expect((await refusedUpgrade(`${server.url}/mine`)).status).toBe(418)
  })

  test('refuses while the engine stops and says when to come back', async () => {
    await engine.start()
    await engine.stop({ drainMs: 0 })
    const refusal = await refusedUpgrade(server.url + CONNECT)
    expect([refusal.status, refusal.body['code'], refusal.headers['retry-after']]).toEqual([503, 'ENGINE_STOPPED', '1'])
  })
})

describe('the HTTP carrier', () => {
  test('keeps messages until the worker says that it has them', async () => {
    const worker = await open(openPolling(server.url))
    worker.stopPolling()
    await worker.send(hello('w1'))
    const poll = async (after: number): Promise<unknown> => {
      const { body } = await call(`${worker.sessionUrl}/messages?after=${String(after)}&waitMs=1000`, 'GET')
      return (body['messages'] as { n: number; message: { type: string } }[]).map(({ n, message }) => [n, message.type])
    }
    expect(await poll(0)).toEqual([[1, 'welcome']])
    expect(await poll(0)).toEqual([[1, 'welcome']])
    await worker.send({ type: 'heartbeat', n: 1, runs: [] })
    expect(await poll(1)).toEqual([[2, 'heartbeat.ack']])
    expect((await call(`${worker.sessionUrl}/messages?after=2&waitMs=10`, 'GET')).body).toEqual({ messages: [] })
  })

  test('closes a session that nobody polls', async () => {
    const worker = await open(openPolling(server.url))
    await worker.send(hello('w1'))
    await worker.next('welcome')
    worker.stopPolling()
    await expect.poll(() => engine.workers.status()[0]?.status ?? 'gone', { timeout: 5000 }).not.toBe('online')
    await expect
      .poll(async () => (await call(`${worker.sessionUrl}/messages`, 'POST', { messages: [] })).status, {
        timeout: 5000,
      })
      .toBe(404)
  })

  test('forgets a session that is deleted', async () => {
    const worker = await open(openPolling(server.url))
    await worker.send(hello('w1'))
    await worker.next('welcome')
    expect((await call(worker.sessionUrl, 'DELETE')).status).toBe(204)
    expect(await call(`${worker.sessionUrl}/messages?after=0`, 'GET')).toMatchObject({
      status: 404,
      type: 'application/problem+json',
      body: { code: 'SESSION_NOT_FOUND' },
    })
    expect(engine.workers.status()).toMatchObject([{ id: 'w1', status: 'offline' }])
  })

  test.each([
    ['{"protocol":"perfect.worker.v9"}', 426, 'PROTOCOL_UNSUPPORTED'],
    ['{}', 400, 'REQUEST_INVALID'],
    ['{', 400, 'REQUEST_MALFORMED'],
  ])('refuses to open a session for %s', async (body, status, code) => {
    expect(await call(`${server.url}/api/engine/workers/sessions`, 'POST', body)).toMatchObject({
      status,
      body: { code },
    })
  })

  test.each([
    ['{"messages":7}', 400, 'REQUEST_INVALID'],
    ['[]', 400, 'REQUEST_INVALID'],
    [JSON.stringify({ messages: ['x'.repeat(4_200_000)] }), 413, 'BODY_TOO_LARGE'],
  ])('refuses messages such as %.20s', async (body, status, code) => {
    const worker = await open(openPolling(server.url))
    expect(await call(`${worker.sessionUrl}/messages`, 'POST', body)).toMatchObject({ status, body: { code } })
  })

  test('takes results of any depth and with any key', async () => {
    const worker = await open(openPolling(server.url))
    await worker.send(hello('w1'))
    const run = await engine.triggerFlow('job')
    await worker.next('run.assign')
    const deep = `${'['.repeat(200)}{"__proto__":{"polluted":true}}${']'.repeat(200)}`
    const message = `{"type":"run.events","runId":"${run.id}","epoch":1,"firstSeq":1,"events":[{"kind":"run.completed","status":"succeeded","result":${deep}}]}`
    await call(`${worker.sessionUrl}/messages`, 'POST', `{"messages":[${message}]}`)
    expect(await worker.next('run.ack')).toMatchObject({ seq: 1 })
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})

describe('carriers with callers that must be known', () => {
  let guarded: PerfectServer
  beforeEach(async () => {
    guarded = await serve(engine, {
      port: 0,
      authenticate: ({ headers }) => {
        const token = headers.get('authorization')?.replace('Bearer ', '') ?? ''
        const scopes = TOKENS[token]
        return scopes ? { name: token, scopes } : null
      },
    })
  })
  afterEach(() => guarded.close())

  test('refuse those who are not, or may not', async () => {
    expect((await refusedUpgrade(guarded.url + CONNECT)).body['code']).toBe('UNAUTHORIZED')
    expect((await refusedUpgrade(guarded.url + CONNECT, { authorization: 'Bearer reader' })).body['code']).toBe(
      'FORBIDDEN',
    )
    const sessions = `${guarded.url}/api/engine/workers/sessions`
    const body = { protocol: 'perfect.worker.v1' }
    expect((await call(sessions, 'POST', body)).status).toBe(401)
    expect((await call(sessions, 'POST', body, { authorization: 'Bearer reader' })).status).toBe(403)
  })

  test('take a worker with its token, and nobody else into its session', async () => {
    const socket = await open(openWebSocket(guarded.url, { authorization: 'Bearer a' }))
    await socket.send(hello('w1'))
    await socket.next('welcome')
    const polling = await open(openPolling(guarded.url, { authorization: 'Bearer a' }))
    const foreign = await call(
      `${polling.sessionUrl}/messages`,
      'POST',
      { messages: [] },
      { authorization: 'Bearer b' },
    )
    expect(foreign).toMatchObject({ status: 404, body: { code: 'SESSION_NOT_FOUND' } })
    await polling.end()
  })
})
