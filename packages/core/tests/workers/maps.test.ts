import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { LEASE_MS, started, succeeded, WorkerBench } from './scripted-worker.ts'

let bench: WorkerBench
beforeEach(async () => {
  bench = new WorkerBench()
  await bench.start()
})
afterEach(() => bench.stop())

describe('progress of a map on a remote worker', () => {
  test('counts the items that are still to come', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    const map = { path: 'load#1', count: 4 }
    const item = (n: number): string => `load#1[${String(n)}]`
    await worker.events(run, 1, started(item(0), { map }), started(item(1), { map }), succeeded(item(1), 1))
    expect(await bench.engine.getRun(runId)).toMatchObject({
      progress: { percent: 6.2, done: 1, total: 5, found: { tasks: 4 } },
    })
    await worker.events(run, 4, succeeded(item(0), 1), started(item(2), { map }), started(item(3), { map }))
    await worker.events(run, 7, succeeded(item(2), 1), succeeded(item(3), 1), started('clean#1'))
    expect((await bench.engine.getRun(runId)).progress).toMatchObject({ percent: 25, done: 4, total: 5 })
  })

  test('counts only what is left when the first worker has died', async () => {
    const map = { path: 'load#1', count: 4 }
    const first = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await first.accept()
    const done = ['load#1[0]', 'load#1[2]'].flatMap((key) => [started(key, { map }), succeeded(key, 1)])
    await first.events(run, 1, ...done)
    first.drop()
    const second = await bench.worker('w2')
    await bench.clock.advance(LEASE_MS - 1)
    await second.beat([])
    await bench.clock.advance(1)
    await second.accept()
    await second.events({ runId, epoch: 2 }, 1, started('load#1[1]', { map }))
    expect(await bench.engine.getRun(runId)).toMatchObject({
      epoch: 2,
      progress: { percent: 12.5, done: 2, total: 5, found: null },
    })
  })

  test('goes on when the engine was started again', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    const map = { path: 'load#1', count: 8 }
    const [first, second] = ['load#1[0]', 'load#1[1]']
    await worker.events(run, 1, started(first, { map }), started(second, { map }), { ...succeeded(first, 1), map })
    await bench.stop()
    await bench.start()
    await worker.connect({ inFlight: [{ runId, epoch: 1, eventSeq: 4, logSeq: 0 }] })
    // The start of the second one was acknowledged with the end of the first one, and does not come again.
    await worker.events(run, 4, { ...succeeded(second, 2), map })
    expect((await bench.engine.getRun(runId)).progress).toMatchObject({ percent: 6.2, done: 2, total: 9, found: null })
  })
})
