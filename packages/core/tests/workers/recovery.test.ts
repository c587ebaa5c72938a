import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { completed, LEASE_MS, started, succeeded, WorkerBench } from './scripted-worker.ts'

let bench: WorkerBench
beforeEach(async () => {
  bench = new WorkerBench()
  await bench.start()
})
afterEach(() => bench.stop())

describe('F-21 a worker that dies', () => {
  test('loses its run when the lease ends; the next worker gets what was recorded', async () => {
    const first = await bench.worker('w1')
    const runId = await bench.trigger('etl', { day: 1 })
    const run = await first.accept()
    await first.events(
      run,
      1,
      started('load#1', { argsHash: 'a1' }),
      { ...succeeded('load#1', { rows: 3 }), argsHash: 'a1' },
      started('clean#1', { idempotent: false, argsHash: 'b2' }),
    )
    first.drop()
    const second = await bench.worker('w2')
    await bench.clock.advance(LEASE_MS - 1)
    await second.beat([])
    expect(second.all('run.assign')).toEqual([])
    await bench.clock.advance(1)
    expect(second.last('run.assign')).toMatchObject({
      runId,
      epoch: 2,
      params: { day: 1 },
      journalTotal: 2,
      journal: [
        { key: 'load#1', task: 'load', status: 'succeeded', result: { rows: 3 }, attempt: 1, epoch: 1, argsHash: 'a1' },
        { key: 'clean#1', task: 'clean', status: 'started', attempt: 1, epoch: 1, argsHash: 'b2' },
      ],
    })
    expect(second.last('run.assign')?.seed).toBe(first.last('run.assign')?.seed)
    await second.accept()
    expect(await bench.engine.getRun(runId)).toMatchObject({ epoch: 2, progress: { percent: 25, done: 1 } })
    await second.events({ runId, epoch: 2 }, 1, started('clean#1'), succeeded('clean#1', 3), completed('done'))
    const { run: view, tasks } = await bench.engine.getRunDetail(runId)
    expect(view).toMatchObject({ status: 'succeeded', progress: { percent: 100 } })
    expect(tasks.map(({ key, status }) => [key, status])).toEqual([
      ['load#1', 'succeeded'],
      ['clean#1', 'succeeded'],
    ])
  })

  test('that the engine has started gives its runs back at once', async () => {
    const first = await bench.worker('w1', { labels: { 'perfect.process': 'py:1' } })
    const runId = await bench.trigger('etl')
    await first.accept()
    const second = await bench.worker('w2', { labels: { 'perfect.process': 'py:2' } })
    await bench.engine.workers.processExited('py:1')
    await bench.settle()
    expect(second.last('run.assign')).toMatchObject({ runId, epoch: 2 })
    expect(bench.engine.workers.status().map(({ id }) => id)).toEqual(['w2'])
    expect(first.closed?.code).toBe(1001)
  })

  test('R15: counts against the run: one that only kills its workers fails', async () => {
    const runId = await triggerAndKill(11)
    const { status, error } = await bench.engine.getRun(runId)
    expect([status, error?.code]).toEqual(['failed', 'CRASH_LOOP'])
  })

  test('R15: counts as well when only the process of the run died, and its worker tells', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    for (let epoch = 1; epoch <= 10; epoch++) {
      await worker.accept()
      await worker.say({ type: 'run.release', runId, epoch, reason: 'crashed' })
    }
    const { status, error } = await bench.engine.getRun(runId)
    expect([status, error?.code]).toEqual(['failed', 'CRASH_LOOP'])
  })

  async function triggerAndKill(times: number): Promise<string> {
    const worker = await bench.worker('w0', { labels: { 'perfect.process': 'py:0' } })
    const runId = await bench.trigger('etl')
    await worker.accept()
    for (let index = 0; index < times; index++) {
      await bench.engine.workers.processExited(`py:${String(index)}`)
      await bench.worker(`w${String(index + 1)}`, { labels: { 'perfect.process': `py:${String(index + 1)}` } })
    }
    return runId
  }
})

describe('a worker that comes back', () => {
  test('goes on without replay and sends only what was not stored', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await worker.events(run, 1, started('load#1'), succeeded('load#1', 1), started('clean#1'))
    await worker.say({ type: 'log.batch', runId, epoch: 1, firstSeq: 1, lines: [{ msg: 'one' }] })
    worker.drop()
    expect(bench.engine.workers.status()).toMatchObject([{ id: 'w1', status: 'offline', busy: 1 }])
    const welcome = await worker.connect({ inFlight: [{ runId, epoch: 1, eventSeq: 5, logSeq: 2 }] })
    expect(welcome?.runs).toEqual([{ runId, epoch: 1, verdict: 'continue', ackedSeq: 2, ackedLogSeq: 1 }])
    await worker.events(run, 3, started('clean#1'), succeeded('clean#1', 2), completed(2))
    await worker.say({ type: 'log.batch', runId, epoch: 1, firstSeq: 1, lines: [{ msg: 'one' }, { msg: 'two' }] })
    expect(worker.last('run.ack')).toMatchObject({ seq: 5 })
    expect(await bench.engine.getRun(runId)).toMatchObject({ status: 'succeeded', epoch: 1 })
  })

  test('to a new engine keeps its run, its epoch and its positions', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await worker.events(run, 1, started('load#1'), succeeded('load#1', 1), started('clean#1'))
    await bench.clock.advance(1100)
    await bench.stop()
    expect(worker.all('goaway')).toHaveLength(1)
    expect(worker.closed?.code).toBe(1001)
    await bench.start()
    const other = await bench.worker('w2')
    expect(other.all('run.assign')).toEqual([])
    const welcome = await worker.connect({ inFlight: [{ runId, epoch: 1, eventSeq: 4, logSeq: 0 }] })
    expect(welcome?.runs).toMatchObject([{ verdict: 'continue', ackedSeq: 2 }])
    expect((await bench.engine.getRunDetail(runId)).tasks.map(({ key, status }) => [key, status])).toEqual([
      ['load#1', 'succeeded'],
      ['clean#1', 'running'],
    ])
    await worker.events(run, 3, started('clean#1'), succeeded('clean#1', 2), completed(2))
    expect(await bench.engine.getRun(runId)).toMatchObject({
      status: 'succeeded',
      epoch: 1,
      progress: { percent: 100 },
    })
    await bench.clock.advance(LEASE_MS / 2)
    expect(other.all('run.assign')).toEqual([])
  })

  test('learns that its run has ended when the last answer was lost', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await worker.events(run, 1, completed('x'))
    await worker.events(run, 1, completed('x'))
    expect(worker.all('run.ack').map(({ seq }) => seq)).toEqual([1, 1])
    worker.drop()
    const welcome = await worker.connect({ inFlight: [{ runId, epoch: 1, eventSeq: 1, logSeq: 0 }] })
    expect(welcome?.runs).toEqual([{ runId, epoch: 1, verdict: 'continue', ackedSeq: 1, ackedLogSeq: 0 }])
    await bench.stop()
    await bench.start()
    const again = await worker.connect({ inFlight: [{ runId, epoch: 1, eventSeq: 1, logSeq: 0 }] })
    expect(again?.runs).toEqual([{ runId, epoch: 1, verdict: 'continue', ackedSeq: 1, ackedLogSeq: 0 }])
    expect((await worker.beat([run]))?.revoked).toEqual([])
  })

  test('without a run that it was given gives that run back', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    worker.drop()
    await worker.connect({ inFlight: [] })
    expect(worker.last('run.assign')).toMatchObject({ runId, epoch: 2 })
    expect((await bench.storage.runs.get(runId))?.epochsWithoutProgress).toBe(1)
  })

  test('takes over from its older connection', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    const newer = await bench.worker('w1', { inFlight: [{ runId, epoch: 1, eventSeq: 0, logSeq: 0 }] })
    expect(worker.closed?.code).toBe(4409)
    await worker.events(run, 1, completed('old'))
    expect((await bench.engine.getRun(runId)).status).toBe('running')
    await newer.events(run, 1, completed('new'))
    expect(newer.last('run.ack')).toMatchObject({ seq: 1 })
    expect((await bench.engine.getRunDetail(runId)).result).toBe('new')
  })
})

describe('F-13 I9 a worker that was taken for dead', () => {
  test('changes nothing any more', async () => {
    const zombie = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await zombie.accept()
    await zombie.events(run, 1, started('load#1'))
    await bench.clock.advance(LEASE_MS)
    expect(zombie.all('run.revoked')).toMatchObject([{ runId, epoch: 1, reason: 'stale_epoch' }])
    const second = await bench.worker('w2')
    expect(second.last('run.assign')).toMatchObject({ epoch: 2 })
    await zombie.connect({ slots: 0 })
    await zombie.events(run, 2, succeeded('load#1', 'zombie'), completed('zombie'))
    await zombie.say({ type: 'log.batch', runId, epoch: 1, firstSeq: 1, lines: [{ msg: 'zombie' }] })
    await zombie.say({ type: 'progress', runId, epoch: 1, key: 'load#1', done: 1 })
    expect(zombie.last('run.revoked')).toMatchObject({ runId, epoch: 1, reason: 'stale_epoch' })
    expect((await zombie.beat([run]))?.revoked).toEqual([{ runId, epoch: 1 }])
    const detail = await bench.engine.getRunDetail(runId)
    expect(detail).toMatchObject({ run: { status: 'running', epoch: 2, progress: { done: 0 } }, logLines: 0 })
    const again = await zombie.connect({ inFlight: [{ runId, epoch: 1, eventSeq: 3, logSeq: 1 }] })
    expect(again?.runs).toEqual([{ runId, epoch: 1, verdict: 'revoked' }])
  })

  test('changes nothing under its old epoch even when it has the run again', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const old = await worker.accept()
    worker.drop()
    await worker.connect()
    const again = await worker.accept()
    expect(again).toMatchObject({ runId, epoch: 2 })
    await worker.events(old, 1, succeeded('load#1', 'old'))
    expect(worker.last('run.revoked')).toMatchObject({ epoch: 1, reason: 'stale_epoch' })
    await worker.events(again, 1, succeeded('load#1', 'new'), completed(1))
    expect((await bench.storage.tasks.list(runId)).map(({ epoch, value }) => [epoch, value])).toEqual([[2, '"new"']])
  })

  test('R9: gets no runs until it is heard of', async () => {
    const worker = await bench.worker('w1')
    await bench.trigger('etl')
    await worker.accept()
    for (let index = 0; index < 3; index++) {
      await bench.clock.advance(LEASE_MS / 3)
      // Heard of, but without the run.
      await worker.say({ type: 'whatever' })
    }
    await bench.trigger('etl')
    expect(bench.engine.workers.status()).toMatchObject([{ status: 'suspect', busy: 0 }])
    expect(worker.all('run.assign')).toHaveLength(1)
    await worker.beat([])
    expect(worker.all('run.assign')).toHaveLength(3)
  })

  test('keeps its run when it was the engine that stood still', async () => {
    const worker = await bench.worker('w1')
    await bench.trigger('etl')
    const run = await worker.accept()
    const { clock } = bench
    const monotonic = clock.monotonic.bind(clock)
    clock.monotonic = () => monotonic() + 10 * LEASE_MS
    await clock.advance(LEASE_MS / 2)
    expect(await worker.beat([run])).toMatchObject({ revoked: [] })
    await clock.advance(LEASE_MS / 2)
    expect(bench.engine.workers.holds(run.runId)).toBe(true)
    await clock.advance(LEASE_MS)
    expect(bench.engine.workers.holds(run.runId)).toBe(false)
  })

  test('R7: keeps its run as long as it beats', async () => {
    const worker = await bench.worker('w1')
    await bench.trigger('etl')
    const run = await worker.accept()
    for (let index = 0; index < 10; index++) {
      await bench.clock.advance(LEASE_MS / 2)
      expect(await worker.beat([run])).toMatchObject({ revoked: [], cancelled: [] })
    }
    expect(bench.engine.workers.holds(run.runId)).toBe(true)
    expect(worker.closed).toBeNull()
  })
})

describe('a long journal', () => {
  test('comes in pages', async () => {
    const first = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await first.accept()
    const large = 'x'.repeat(100_000)
    for (let index = 1; index <= 5; index++) await first.events(run, index, succeeded(`load#${String(index)}`, large))
    await first.say({ type: 'run.release', runId, epoch: 1, reason: 'shutdown' }, { type: 'drain' })
    const second = await bench.worker('w2')
    const assigned = await second.accept()
    expect([assigned.journal.length, assigned.journalTotal]).toEqual([2, 5])
    await second.say({ type: 'journal.get', id: 'j1', runId, epoch: 2, offset: 2, limit: 2 })
    expect(second.last('journal.page')).toMatchObject({
      re: 'j1',
      next: 4,
      entries: [{ key: 'load#3' }, { key: 'load#4' }],
    })
    await second.events(assigned, 1, succeeded('load#6', 1))
    await second.say({ type: 'journal.get', id: 'j2', runId, epoch: 2, offset: 4 })
    expect(second.last('journal.page')).toMatchObject({ re: 'j2', next: null, entries: [{ key: 'load#5' }] })
  })
})
