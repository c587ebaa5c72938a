import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { completed, ETL, LEASE_MS, started, succeeded, WorkerBench } from './scripted-worker.ts'

let bench: WorkerBench
beforeEach(async () => {
  bench = new WorkerBench()
  await bench.start()
})
afterEach(() => bench.stop())

describe('a run of a remote worker', () => {
  test('is assigned with its input, recorded task by task, and ends with its result', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl', { day: 'monday' })
    const run = await worker.accept()
    expect(run).toMatchObject({ runId, epoch: 1, flow: 'ETL', params: { day: 'monday' }, journal: [], journalTotal: 0 })
    await worker.events(run, 1, started('load#1', { weight: 1 }))
    await worker.events(run, 2, succeeded('load#1', [1, 2]))
    expect(worker.last('run.ack')).toMatchObject({ runId, epoch: 1, seq: 2 })
    expect(await bench.engine.getRun(runId)).toMatchObject({
      status: 'running',
      progress: { percent: 25, done: 1 },
      workerId: 'w1',
    })
    await worker.events(run, 3, started('clean#1'), succeeded('clean#1', 2), completed({ rows: 2 }))
    expect(worker.last('run.ack')).toMatchObject({ seq: 5 })
    const detail = await bench.engine.getRunDetail(runId)
    expect(detail).toMatchObject({ run: { status: 'succeeded', progress: { percent: 100 } }, result: { rows: 2 } })
    expect(detail.tasks.map(({ key, status, weight }) => [key, status, weight])).toEqual([
      ['load#1', 'succeeded', 1],
      ['clean#1', 'succeeded', 3],
    ])
  })

  test('gets an empty object when there is no input', async () => {
    const worker = await bench.worker('w1')
    await bench.trigger('etl')
    expect(worker.last('run.assign')?.params).toEqual({})
  })

  test('shows the progress of time and of reports', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await worker.events(run, 1, started('load#1', { estimatedMs: 1000 }))
    await bench.clock.advance(500)
    expect((await bench.engine.getRun(runId)).progress).toMatchObject({ percent: 12.5, current: 'load' })
    expect((await bench.engine.getRunDetail(runId)).tasks[0]).toMatchObject({ fraction: 0.5, remainingMs: 500 })
    await worker.say({ type: 'progress', runId, epoch: 1, key: 'load#1', done: 0.8, message: 'part 8' })
    await bench.clock.advance(250)
    expect((await bench.engine.getRun(runId)).progress.percent).toBe(20)
    const [told] = (await bench.engine.getRunDetail(runId)).tasks
    expect(told).toMatchObject({ fraction: 0.8, note: 'part 8', remainingMs: 187 })
    await worker.events(run, 2, succeeded('load#1', 1), started('clean#1'))
    const { tasks } = await bench.engine.getRunDetail(runId)
    expect(tasks.map(({ remainingMs }) => remainingMs)).toEqual([null, null])
  })

  test('fails with the error of the worker', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    const error = {
      type: 'ValueError',
      message: 'bad row 7',
      retryable: false,
      stack: 'Traceback',
      cause: { type: 'OSError', message: 'gone' },
    }
    await worker.events(run, 1, started('load#1'), {
      kind: 'step.retrying',
      key: 'load#1',
      task: 'load',
      attempt: 1,
      error,
      retryInMs: 50,
    })
    expect((await bench.storage.tasks.list(runId))[0]).toMatchObject({ status: 'retrying', attempt: 1 })
    const failed = {
      kind: 'step.completed',
      key: 'load#1',
      task: 'load',
      attempt: 2,
      status: 'failed',
      error,
      durationMs: 1,
    }
    await worker.events(run, 3, failed, { kind: 'run.completed', status: 'failed', error })
    const { run: view, tasks } = await bench.engine.getRunDetail(runId)
    expect(view).toMatchObject({ status: 'failed', error: { name: 'ValueError', message: 'bad row 7' } })
    expect(tasks[0]).toMatchObject({ status: 'failed', attempt: 2 })
    expect((await bench.storage.runs.get(runId))?.error?.cause).toEqual({
      name: 'OSError',
      message: 'gone',
      code: null,
    })
  })

  test('R12: writes its log lines once, in order', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    const line = (msg: string): unknown => ({
      t: '2026-11-22T00:00:00.000Z',
      level: 'WARNING',
      logger: 'my.flow',
      task: 'load#1',
      msg,
    })
    const batch = { type: 'log.batch', runId, epoch: run.epoch }
    await worker.say({ ...batch, firstSeq: 1, lines: [line('a'), line('b')] })
    expect(worker.last('log.ack')).toMatchObject({ seq: 2 })
    await worker.say(
      { ...batch, firstSeq: 2, lines: [line('b'), line('c')] },
      { ...batch, firstSeq: 9, lines: [line('lost')] },
    )
    expect(worker.last('log.ack')).toMatchObject({ seq: 3 })
    const { items } = await bench.engine.getLogs(runId)
    expect(items.map(({ message }) => message)).toEqual(['a', 'b', 'c'])
    expect(items[0]).toMatchObject({
      level: 'warn',
      task: 'load#1',
      at: '2026-11-22T00:00:00.000Z',
      fields: { logger: 'my.flow' },
    })
  })

  test('answers events that come twice and names the number that is missing', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await worker.events(run, 1, started('load#1'), succeeded('load#1', 1))
    await worker.events(run, 1, started('load#1'), succeeded('load#1', 'other'))
    expect(worker.all('run.ack').map(({ seq }) => seq)).toEqual([2, 2])
    await worker.events(run, 4, succeeded('clean#1', 1))
    expect(worker.last('error')).toMatchObject({ code: 'journal_gap', runId, epoch: 1, expectedSeq: 3, fatal: false })
    const { tasks } = await bench.engine.getRunDetail(runId)
    expect(tasks.map(({ key }) => key)).toEqual(['load#1'])
    expect((await bench.storage.tasks.list(runId))[0]?.value).toBe('1')
  })

  test('stores the start of a task that must not run twice before it is acknowledged', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await worker.events(run, 1, started('load#1'))
    expect(worker.last('run.ack')).toMatchObject({ seq: 0 })
    await worker.events(run, 2, started('clean#1', { idempotent: false }))
    expect(worker.last('run.ack')).toMatchObject({ seq: 2 })
    expect(await bench.storage.tasks.list(runId)).toMatchObject([{ key: 'clean#1', status: 'running' }])
  })

  test('keeps the first record of a key', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await worker.events(run, 1, succeeded('load#1', 'first'), succeeded('load#1', 'second'))
    await worker.events(run, 3, succeeded('load#1', 'third'))
    expect(worker.last('run.ack')).toMatchObject({ seq: 3 })
    expect((await bench.storage.tasks.list(runId)).map(({ value }) => value)).toEqual(['"first"'])
    expect(await bench.storage.runs.get(runId)).toMatchObject({ workerEventSeq: 3, tasksDone: 1 })
  })
})

describe('who gets a run', () => {
  test('no worker ever holds more than its slots', async () => {
    const workers = [await bench.worker('w1', { slots: 2 }), await bench.worker('w2', { slots: 1 })]
    for (let index = 0; index < 6; index++) await bench.trigger('etl')
    expect(workers.map((worker) => worker.all('run.assign').length)).toEqual([2, 1])
    expect(bench.engine.workers.status().map(({ busy, slots }) => [busy, slots])).toEqual([
      [2, 2],
      [1, 1],
    ])
    const [first] = workers[0]?.all('run.assign') ?? []
    if (first) await workers[0]?.events(first, 1, completed(null))
    expect(workers.map((worker) => worker.all('run.assign').length)).toEqual([3, 1])
  })

  test('a worker gets runs of its own flows only', async () => {
    const worker = await bench.worker('w1', { flows: [ETL] })
    await bench.worker('w2', { flows: [{ name: 'Other' }], slots: 0 })
    await bench.trigger('other')
    expect(worker.all('run.assign')).toEqual([])
    await worker.say({ type: 'flows.update', id: 'u1', add: [{ name: 'Other' }] })
    expect(worker.last('flows.result')).toMatchObject({ re: 'u1', flows: [{ name: 'Other', status: 'unchanged' }] })
    expect(worker.last('run.assign')).toMatchObject({ flow: 'Other' })
  })

  test('a flow that is refused does not end the connection', async () => {
    const flows = [{ name: 'Bad', tasks: [{ name: 'a', weight: 0 }] }, { name: 7 }, ETL]
    const worker = await bench.worker('w1', { flows })
    expect(worker.last('welcome')?.flows).toMatchObject([
      { name: 'Bad', status: 'rejected', problem: { code: 'WEIGHT_INVALID' } },
      { name: '', status: 'rejected', problem: { code: 'MESSAGE_INVALID' } },
      { name: 'ETL', version: '1', status: 'accepted' },
    ])
    expect(bench.engine.getFlow('ETL')).toMatchObject({
      runsOn: 'worker',
      workers: 1,
      tasks: [{ name: 'load', estimatedMs: 1000 }, { name: 'clean' }],
    })
  })

  test('a run that was not accepted in time goes to another worker', async () => {
    const deaf = await bench.worker('w1', { slots: 1 })
    await bench.trigger('etl')
    expect(deaf.all('run.assign')).toHaveLength(1)
    const other = await bench.worker('w2')
    await bench.clock.advance(LEASE_MS / 2)
    expect(other.last('run.assign')).toMatchObject({ epoch: 2 })
  })

  test.each(['no_capacity', 'unknown_flow', 'version_mismatch', 'draining'])(
    'a run rejected for %s waits for another',
    async (reason) => {
      const worker = await bench.worker('w1')
      const runId = await bench.trigger('etl')
      const run = worker.last('run.assign')
      await worker.say({ type: 'run.reject', runId, epoch: run?.epoch, reason })
      expect(worker.all('run.assign')).toHaveLength(1)
      expect(await bench.storage.runs.get(runId)).toMatchObject({ status: 'queued', epochsWithoutProgress: 0 })
      const other = await bench.worker('w2')
      expect(other.last('run.assign')).toMatchObject({ runId, epoch: 2 })
    },
  )

  test('a worker without room is asked again a moment later', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    await worker.say({ type: 'run.reject', runId, epoch: 1, reason: 'no_capacity' })
    await bench.clock.advance(1000)
    expect(worker.last('run.assign')).toMatchObject({ runId, epoch: 2 })
  })

  test('a run whose input does not fit fails', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl', { nonsense: 1 })
    await worker.say({ type: 'run.reject', runId, epoch: 1, reason: 'bad_params', detail: 'day is missing' })
    const { status, error } = await bench.engine.getRun(runId)
    expect([status, error?.code]).toEqual(['failed', 'INPUT_INVALID'])
    expect(error?.message).toContain('day is missing')
  })

  test('R14: a worker that does not read gets no more', async () => {
    const worker = await bench.worker('w1')
    worker.bufferedBytes = 2 << 20
    await bench.trigger('etl')
    expect(worker.all('run.assign')).toEqual([])
    worker.bufferedBytes = 0
    await worker.beat([])
    expect(worker.all('run.assign')).toHaveLength(1)
  })
})
