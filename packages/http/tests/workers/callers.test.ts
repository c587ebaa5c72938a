import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { serve, type PerfectServer } from '../../src/serve.ts'
import { carrierBench, CONNECT, hello } from './carrier-bench.ts'
import { call, openPolling, openWebSocket, refusedUpgrade, type CarrierClient } from './carrier-clients.ts'

const bench = carrierBench()

const TOKENS: Readonly<Record<string, readonly ('read' | 'worker')[]>> = {
  a: ['worker'],
  b: ['worker'],
  reader: ['read'],
}

describe('carriers with callers that must be known', () => {
  let guarded: PerfectServer
  beforeEach(async () => {
    guarded = await serve(bench.engine, {
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
    const socket = await bench.open(openWebSocket(guarded.url, { authorization: 'Bearer a' }))
    await socket.send(hello('w1'))
    await socket.next('welcome')
    const polling = await bench.open(openPolling(guarded.url, { authorization: 'Bearer a' }))
    const foreign = await call(
      `${polling.sessionUrl}/messages`,
      'POST',
      { messages: [] },
      { authorization: 'Bearer b' },
    )
    expect(foreign).toMatchObject({ status: 404, body: { code: 'SESSION_NOT_FOUND' } })
    await polling.end()
  })

  test('let nobody take the id of a worker of somebody else, by either carrier', async () => {
    const socket = await bench.open(openWebSocket(guarded.url, { authorization: 'Bearer a' }))
    await socket.send(hello('w1'))
    await socket.next('welcome')
    for (const open of [openWebSocket, openPolling]) {
      const foreign = await bench.open<CarrierClient>(open(guarded.url, { authorization: 'Bearer b' }))
      await foreign.send(hello('w1'))
      expect(await foreign.next('error')).toMatchObject({ code: 'bad_message', fatal: true })
      expect(await foreign.closed()).toMatchObject({ code: 4403 })
    }
    expect(bench.engine.workers.status()).toMatchObject([{ id: 'w1', status: 'online' }])
  })
})
