import { describe, expect, test } from 'vitest'

import { carrierBench, hello } from './carrier-bench.ts'
import { call, openPolling } from './carrier-clients.ts'

const bench = carrierBench()

describe('the HTTP carrier', () => {
  test('keeps messages until the worker says that it has them', async () => {
    const worker = await bench.open(openPolling(bench.server.url))
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
    const worker = await bench.open(openPolling(bench.server.url))
    await worker.send(hello('w1'))
    await worker.next('welcome')
    worker.stopPolling()
    await expect.poll(() => bench.engine.workers.status()[0]?.status ?? 'gone', { timeout: 5000 }).not.toBe('online')
    await expect
      .poll(async () => (await call(`${worker.sessionUrl}/messages`, 'POST', { messages: [] })).status, {
        timeout: 5000,
      })
      .toBe(404)
  })

  test('forgets a session that is deleted', async () => {
    const worker = await bench.open(openPolling(bench.server.url))
    await worker.send(hello('w1'))
    await worker.next('welcome')
    expect((await call(worker.sessionUrl, 'DELETE')).status).toBe(204)
    expect(await call(`${worker.sessionUrl}/messages?after=0`, 'GET')).toMatchObject({
      status: 404,
      type: 'application/problem+json',
      body: { code: 'SESSION_NOT_FOUND' },
    })
    expect(bench.engine.workers.status()).toMatchObject([{ id: 'w1', status: 'offline' }])
  })

  test.each([
    ['{"protocol":"perfect.worker.v9"}', 426, 'PROTOCOL_UNSUPPORTED'],
    ['{}', 400, 'REQUEST_INVALID'],
    ['{', 400, 'REQUEST_MALFORMED'],
  ])('refuses to open a session for %s', async (body, status, code) => {
    expect(await call(`${bench.server.url}/api/engine/workers/sessions`, 'POST', body)).toMatchObject({
      status,
      body: { code },
    })
  })

  test.each([
    ['{"messages":7}', 400, 'REQUEST_INVALID'],
    ['[]', 400, 'REQUEST_INVALID'],
    [JSON.stringify({ messages: ['x'.repeat(4_200_000)] }), 413, 'BODY_TOO_LARGE'],
  ])('refuses messages such as %.20s', async (body, status, code) => {
    const worker = await bench.open(openPolling(bench.server.url))
    expect(await call(`${worker.sessionUrl}/messages`, 'POST', body)).toMatchObject({ status, body: { code } })
  })

  test('takes results of any depth and with any key', async () => {
    const worker = await bench.open(openPolling(bench.server.url))
    await worker.send(hello('w1'))
    const run = await bench.engine.triggerFlow('job')
    await worker.next('run.assign')
    const deep = `${'['.repeat(200)}{"__proto__":{"polluted":true}}${']'.repeat(200)}`
    const message = `{"type":"run.events","runId":"${run.id}","epoch":1,"firstSeq":1,"events":[{"kind":"run.completed","status":"succeeded","result":${deep}}]}`
    await call(`${worker.sessionUrl}/messages`, 'POST', `{"messages":[${message}]}`)
    expect(await worker.next('run.ack')).toMatchObject({ seq: 1 })
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})
