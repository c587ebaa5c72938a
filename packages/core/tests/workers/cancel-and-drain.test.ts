import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { LEASE_MS, started, succeeded, WorkerBench } from './scripted-worker.ts'

let bench: WorkerBench
beforeEach(async () => {
  bench = new WorkerBench()
  await bench.start()
})
afterEach(() => bench.stop())

describe('cancelling a remote run', () => {
  test('lets the worker end it', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await bench.engine.cancelRun(runId, 'changed my mind')
    expect(worker.last('run.cancel')).toMatchObject({
      runId,
      epoch: 1,
      mode: 'graceful',
      graceMs: 1000,
      reason: 'changed my mind',
    })
    expect((await worker.beat([run]))?.cancelled).toEqual([{ runId, epoch: 1 }])
    await worker.events(run, 1, { kind: 'run.completed', status: 'cancelled' })
    expect(worker.last('run.ack')).toMatchObject({ seq: 1 })
    const view = await bench.engine.getRun(runId)
    expect(view).toMatchObject({
      status: 'cancelled',
      cancelReason: 'changed my mind',
      error: { code: 'RUN_CANCELLED' },
    })
    await bench.clock.advance(LEASE_MS)
    expect(worker.all('run.revoked')).toEqual([])
  })

  test('ends it without a worker that does not', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await bench.engine.cancelRun(runId)
    await bench.clock.advance(1000)
    expect(worker.last('run.revoked')).toMatchObject({ runId, reason: 'cancelled' })
    expect((await bench.engine.getRun(runId)).status).toBe('cancelled')
    await worker.events(run, 1, succeeded('load#1', 1))
    expect(worker.all('run.revoked')).toHaveLength(2)
    expect((await bench.engine.getRunDetail(runId)).tasks).toEqual([])
    expect((await worker.connect({ inFlight: [{ runId, epoch: 1, eventSeq: 1 }] }))?.runs).toMatchObject([
      { verdict: 'revoked' },
    ])
  })

  test('is told to a worker that was away', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    worker.drop()
    await bench.engine.cancelRun(runId, 'stop')
    const welcome = await worker.connect({ inFlight: [{ ...run, eventSeq: 0 }] })
    expect(welcome?.runs).toMatchObject([{ verdict: 'continue', cancel: { mode: 'graceful', reason: 'stop' } }])
  })

  test('ends a run whose worker has died, instead of giving it to the next', async () => {
    const worker = await bench.worker('w1', { labels: { 'perfect.process': 'py:1' } })
    const runId = await bench.trigger('etl')
    await worker.accept()
    await bench.engine.cancelRun(runId)
    const other = await bench.worker('w2')
    await bench.engine.workers.processExited('py:1')
    await bench.settle()
    expect((await bench.engine.getRun(runId)).status).toBe('cancelled')
    expect(other.all('run.assign')).toEqual([])
  })

  test('ends a run that no worker holds at once', async () => {
    await (await bench.worker('w1')).say({ type: 'drain' })
    const runId = await bench.trigger('etl')
    expect(await bench.engine.cancelRun(runId)).toMatchObject({ status: 'cancelled' })
  })
})

describe('a worker that drains', () => {
  test('finishes what it has, gets nothing new and gives the rest back', async () => {
    const worker = await bench.worker('w1', { slots: 2 })
    const [keep, give] = [await bench.trigger('etl'), await bench.trigger('etl')]
    await worker.say({ type: 'drain', deadlineMs: 1000, reason: 'deploy' })
    expect(worker.all('drain.ack')).toHaveLength(1)
    await bench.clock.advance(1)
    const waiting = await bench.trigger('etl')
    expect(worker.all('run.assign')).toHaveLength(2)
    await worker.events({ runId: keep, epoch: 1 }, 1, { kind: 'run.completed', status: 'succeeded', result: 1 })
    await worker.events({ runId: give, epoch: 1 }, 1, started('load#1'), succeeded('load#1', 7))
    await worker.say({ type: 'run.release', runId: give, epoch: 1, reason: 'shutdown' })
    expect((await bench.engine.getRun(keep)).status).toBe('succeeded')
    expect(await bench.storage.runs.get(give)).toMatchObject({
      status: 'queued',
      reason: 'worker',
      epochsWithoutProgress: 0,
    })
    expect(bench.engine.workers.status()).toMatchObject([{ status: 'draining', busy: 0 }])
    const next = await bench.worker('w2')
    expect(next.all('run.assign').map(({ runId, epoch, journalTotal }) => [runId, epoch, journalTotal])).toEqual([
      [give, 2, 1],
      [waiting, 1, 0],
    ])
  })

  test('that says so in its hello gets nothing', async () => {
    const worker = await bench.worker('w1', { draining: true })
    await bench.trigger('etl')
    expect(worker.all('run.assign')).toEqual([])
  })
})

describe('F-27 the end of an engine', () => {
  test('gives the runs of its own processes back and leaves those of others', async () => {
    const own = await bench.worker('w1', { labels: { 'perfect.process': 'py:1' }, slots: 1 })
    const mine = await bench.trigger('etl')
    const foreign = await bench.worker('w2', { slots: 1 })
    const theirs = await bench.trigger('etl')
    await bench.stop()
    expect(own.all('run.revoked')).toMatchObject([{ runId: mine }])
    expect(foreign.all('run.revoked')).toEqual([])
    expect([own.closed?.code, foreign.closed?.code]).toEqual([1001, 1001])
    await bench.start()
    const next = await bench.worker('w3')
    const taken = await next.accept()
    for (let index = 0; index < 3; index++) {
      expect(next.all('run.assign').map(({ runId }) => runId)).toEqual([mine])
      await bench.clock.advance(LEASE_MS / 3)
      await next.beat([taken])
    }
    expect(next.last('run.assign')).toMatchObject({ runId: theirs, epoch: 2 })
  })
})
