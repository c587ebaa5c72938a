import { describe, expect, test } from 'vitest'

import { carrierBench, hello, LEASE_MS } from './carrier-bench.ts'
import { openPolling, openWebSocket, type CarrierClient } from './carrier-clients.ts'

const bench = carrierBench()

const CARRIERS: Readonly<Record<'websocket' | 'http', (url: string) => Promise<CarrierClient>>> = {
  websocket: openWebSocket,
  http: openPolling,
}

describe.each(['websocket', 'http'] as const)('a worker connected by %s', (kind) => {
  test('runs a flow from its assignment to its end', async () => {
    const worker = await bench.open(CARRIERS[kind](bench.server.url))
    await worker.send(hello('w1'))
    expect(await worker.next('welcome')).toMatchObject({ protocol: 1, flows: [{ name: 'Job', status: 'accepted' }] })
    const run = await bench.engine.triggerFlow('job', { input: { text: 'größer 🙂' } })
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
    expect(bench.engine.workers.status()).toMatchObject([{ id: 'w1', carrier: kind, status: 'online', busy: 0 }])
  })

  test('is told of a cancel at once', async () => {
    const worker = await bench.open(CARRIERS[kind](bench.server.url))
    await worker.send(hello('w1'))
    await worker.next('welcome')
    const run = await bench.engine.triggerFlow('job')
    await worker.next('run.assign')
    await run.cancel('enough')
    expect(await worker.next('run.cancel')).toMatchObject({ runId: run.id, reason: 'enough' })
  })

  test('is closed when a newer connection of it comes', async () => {
    const older = await bench.open(CARRIERS[kind](bench.server.url))
    await older.send(hello('w1'))
    await older.next('welcome')
    const newer = await bench.open(CARRIERS[kind](bench.server.url))
    await newer.send(hello('w1'))
    await newer.next('welcome')
    expect(await older.closed()).toMatchObject({ code: 4409 })
    await newer.send({ type: 'heartbeat', n: 7, runs: [] })
    expect(await newer.next('heartbeat.ack')).toMatchObject({ n: 7 })
  })

  test('is told that the engine goes away', async () => {
    const worker = await bench.open(CARRIERS[kind](bench.server.url))
    await worker.send(hello('w1'))
    await worker.next('welcome')
    await bench.engine.stop({ drainMs: 0 })
    await worker.next('goaway')
    expect(await worker.closed()).toMatchObject({ code: 1001 })
  })

  test('loses its run to another when it falls silent', async () => {
    const silent = await bench.open(CARRIERS[kind](bench.server.url))
    await silent.send(hello('w1'))
    await silent.next('welcome')
    const run = await bench.engine.triggerFlow('job')
    await silent.next('run.assign')
    await silent.send({ type: 'run.accept', runId: run.id, epoch: 1 })
    const other = await bench.open(CARRIERS[kind](bench.server.url))
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
