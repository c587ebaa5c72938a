import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { LEASE_MS, ScriptedWorker, started, WorkerBench } from './scripted-worker.ts'

let bench: WorkerBench
beforeEach(async () => {
  bench = new WorkerBench()
  await bench.start()
})
afterEach(() => bench.stop())

describe('a connection of a worker', () => {
  test('begins with a welcome that says what the engine expects', async () => {
    const worker = await bench.worker('w1')
    expect(worker.inbox[0]).toMatchObject({
      type: 'welcome',
      protocol: 1,
      engineId: bench.engine.id,
      heartbeatMs: 1000,
      leaseMs: LEASE_MS,
      limits: { maxMessageBytes: 4 << 20, maxResultBytes: 1 << 20, progressMs: 200 },
      runs: [],
    })
    expect(bench.engine.workers.status()).toMatchObject([
      {
        id: 'w1',
        name: 'name of w1',
        status: 'online',
        carrier: 'websocket',
        flows: ['etl'],
        slots: 2,
        busy: 0,
        sdk: 'scripted 0',
      },
    ])
  })

  test('ends when no hello comes in time', async () => {
    const worker = new ScriptedWorker(bench, 'w1')
    worker.open()
    await bench.clock.advance(5000)
    expect(worker.closed).toMatchObject({ code: 4408 })
  })

  test('ends when the first message is not a hello', async () => {
    const worker = new ScriptedWorker(bench, 'w1')
    worker.open()
    await worker.say({ type: 'heartbeat', n: 1, runs: [] })
    expect(worker.last('error')).toMatchObject({ code: 'bad_message', fatal: true })
    expect(worker.closed).toMatchObject({ code: 4400 })
  })

  test('ends when the worker speaks another version', async () => {
    const worker = new ScriptedWorker(bench, 'w1')
    await worker.connect({ protocol: { min: 2, max: 3 } })
    expect(worker.closed).toMatchObject({ code: 4426 })
  })

  test('is refused with the id of a worker of another caller, who keeps its connection, until that worker is forgotten', async () => {
    const worker = new ScriptedWorker(bench, 'w1')
    await worker.connect({}, 'ann')
    const foreign = new ScriptedWorker(bench, 'w1')
    await foreign.connect({}, 'ben')
    expect(foreign.last('error')).toMatchObject({ code: 'bad_message', fatal: true })
    expect(foreign.closed).toMatchObject({ code: 4403 })
    expect(worker.closed).toBeNull()
    expect(bench.engine.workers.status()).toMatchObject([{ id: 'w1', status: 'online' }])
    await bench.clock.advance(2 * LEASE_MS)
    expect(worker.closed).toMatchObject({ code: 4408 })
    expect(await foreign.connect({}, 'ben')).toBeDefined()
  })

  test('may be taken over by the caller who has it', async () => {
    const worker = new ScriptedWorker(bench, 'w1')
    await worker.connect({}, 'ann')
    const again = new ScriptedWorker(bench, 'w1')
    expect(await again.connect({}, 'ann')).toBeDefined()
    expect(worker.closed).toMatchObject({ code: 4409 })
  })

  test('ends when nothing is heard for the time of a lease', async () => {
    const worker = await bench.worker('w1')
    await bench.clock.advance(LEASE_MS)
    expect(worker.closed).toMatchObject({ code: 4408 })
    await bench.clock.advance(LEASE_MS)
    expect(bench.engine.workers.status()).toEqual([])
  })

  test('ends when the worker reads nothing', async () => {
    const worker = await bench.worker('w1')
    worker.bufferedBytes = 64 << 20
    await worker.beat([])
    expect(worker.closed).toMatchObject({ code: 4408 })
  })

  test('answers types that it does not know and goes on', async () => {
    const worker = await bench.worker('w1')
    await worker.say({ type: 'call', id: 'c1' }, worker.hello())
    expect(worker.all('error').map(({ code, fatal }) => [code, fatal])).toEqual([
      ['unknown_type', false],
      ['bad_message', false],
    ])
    expect(await worker.beat([])).toBeDefined()
  })

  test('refuses runs that nobody knows', async () => {
    const worker = await bench.worker('w1')
    await worker.events({ runId: 'run_none', epoch: 1 }, 1, started('a#1'))
    expect(worker.last('run.revoked')).toEqual({
      type: 'run.revoked',
      runId: 'run_none',
      epoch: 1,
      reason: 'unknown_run',
    })
  })

  test('ends after too many messages that are not valid', async () => {
    const worker = await bench.worker('w1')
    for (let index = 0; index < 21; index++) worker.sayText('{"type":')
    expect(
      worker
        .all('error')
        .map(({ fatal }) => fatal)
        .lastIndexOf(false),
    ).toBe(19)
    expect(worker.closed).toMatchObject({ code: 4400 })
  })

  test('fails a run whose events are not valid, so that it does not hang', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await worker.events(run, 1, { kind: 'step.completed', key: 'load#1', task: 'load', attempt: 0 })
    expect(worker.last('run.revoked')).toMatchObject({ runId, reason: 'finished' })
    const { status, error } = await bench.engine.getRun(runId)
    expect([status, error?.code, error?.message.includes('events[0].attempt')]).toEqual([
      'failed',
      'MESSAGE_INVALID',
      true,
    ])
  })

  test('is refused by an engine that stops', async () => {
    const worker = await bench.worker('w1')
    await bench.stop()
    await worker.connect()
    expect(worker.closed).toMatchObject({ code: 1001 })
  })
})
