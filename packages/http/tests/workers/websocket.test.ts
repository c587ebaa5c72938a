import { describe, expect, test } from 'vitest'

import { carrierBench, CONNECT, hello } from './carrier-bench.ts'
import { openWebSocket, refusedUpgrade } from './carrier-clients.ts'

const bench = carrierBench()

describe('the WebSocket carrier', () => {
  test('ends a connection that sends too much at once', async () => {
    const worker = await bench.open(openWebSocket(bench.server.url))
    await worker.send(hello('w1', { padding: 'x'.repeat(4 << 20) }))
    expect(await worker.closed()).toMatchObject({ code: 1009 })
    expect(bench.engine.workers.status()).toEqual([])
  })

  test('answers what is no JSON and ends for what is no text', async () => {
    const worker = await bench.open(openWebSocket(bench.server.url))
    await worker.send(hello('w1'))
    await worker.next('welcome')
    worker.socket.send('{"type":')
    expect(await worker.next('error')).toMatchObject({ code: 'bad_message', fatal: false })
    worker.socket.send(Buffer.from([1, 2, 3]))
    expect(await worker.closed()).toMatchObject({ code: 4400 })
  })

  test('keeps the runs of a connection that breaks', async () => {
    const worker = await bench.open(openWebSocket(bench.server.url))
    await worker.send(hello('w1'))
    await worker.next('welcome')
    const run = await bench.engine.triggerFlow('job')
    await worker.next('run.assign')
    worker.socket.terminate()
    const again = await bench.open(openWebSocket(bench.server.url))
    await again.send(hello('w1', { inFlight: [{ runId: run.id, epoch: 1, eventSeq: 0, logSeq: 0 }] }))
    expect(await again.next('welcome')).toMatchObject({ runs: [{ runId: run.id, verdict: 'continue', ackedSeq: 0 }] })
  })

  test.each([
    ['no protocol that is known', { 'sec-websocket-protocol': 'other' }, 426, 'PROTOCOL_UNSUPPORTED'],
    ['a host name that is not ours', { host: 'evil.example' }, 403, 'HOST_NOT_ALLOWED'],
    ['a web page that is not ours', { origin: 'https://evil.example' }, 403, 'ORIGIN_NOT_ALLOWED'],
    ['no valid handshake', { 'sec-websocket-key': 'short' }, 400, 'REQUEST_INVALID'],
  ])('refuses %s', async (_what, headers, status, code) => {
    const refusal = await refusedUpgrade(bench.server.url + CONNECT, headers)
    expect([refusal.status, refusal.headers['content-type'], refusal.body['code']]).toEqual([
      status,
      'application/problem+json',
      code,
    ])
    expect(refusal.headers['connection']).toBe('close')
  })

  test('refuses other paths when nobody else takes them', async () => {
    expect((await refusedUpgrade(`${bench.server.url}/api/elsewhere`)).status).toBe(404)
    bench.server.server.on('upgrade', ({ url }, socket) => {
      if (url === '/mine')
        socket.end('HTTP/1.1 418 Teapot\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}')
    })
    expect((await refusedUpgrade(`${bench.server.url}/mine`)).status).toBe(418)
  })

  test('refuses while the engine stops and says when to come back', async () => {
    await bench.engine.start()
    await bench.engine.stop({ drainMs: 0 })
    const refusal = await refusedUpgrade(bench.server.url + CONNECT)
    expect([refusal.status, refusal.body['code'], refusal.headers['retry-after']]).toEqual([503, 'ENGINE_STOPPED', '1'])
  })
})
