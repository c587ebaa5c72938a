import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { flow, workerFlow } from '../../src/index.ts'
import { completed, ETL, LEASE_MS, succeeded, WorkerBench, type ScriptedWorker } from './scripted-worker.ts'

let bench: WorkerBench
beforeEach(async () => {
  bench = new WorkerBench()
  await bench.start()
})
afterEach(() => bench.stop())

const flows = (more: Record<string, unknown>): Record<string, unknown> => ({ slots: 10, flows: [{ ...ETL, ...more }] })
const held = (worker: ScriptedWorker): readonly string[] => worker.all('run.assign').map(({ runId }) => runId)
const failed = { kind: 'run.completed', status: 'failed', error: { type: 'ValueError', message: 'no' } }

describe('a flow of a remote worker', () => {
  test('starts at the times of its schedule, with the rules that it declares', async () => {
    const worker = await bench.worker('w1', flows({ schedule: { everyMs: 60_000, missed: 'all', overlap: 'allow' } }))
    expect(await bench.engine.schedules.list()).toMatchObject([
      { kind: 'interval', missed: 'all', overlap: 'allow', jitterMs: 0, origin: 'code' },
    ])
    await bench.clock.advance(60_000)
    await bench.settle()
    expect((await bench.engine.getRuns({ flowId: 'etl' })).items).toHaveLength(1)
    await worker.connect(flows({ schedule: { cron: '@daily', jitterMs: 500 } }))
    expect(await bench.engine.schedules.list()).toMatchObject([{ kind: 'cron', missed: 'skip', jitterMs: 500 }])
    const welcome = await worker.connect(flows({ schedule: { everyMs: 60_000, missed: 'some' } }))
    expect(welcome?.flows).toMatchObject([{ status: 'rejected' }])
  })

  test('runs as often at a time as its concurrency says, over all workers', async () => {
    const one = await bench.worker('w1', flows({ concurrency: 2 }))
    const other = await bench.worker('w2', flows({ concurrency: 2 }))
    for (let n = 0; n < 4; n++) await bench.trigger('etl')
    expect(held(one).length + held(other).length).toBe(2)
    const run = await one.accept()
    await one.events(run, 1, completed(1))
    expect(held(one).length + held(other).length).toBe(3)
  })

  test('runs as often at a time as its concurrency says for each value of a field', async () => {
    const concurrency = { perKey: { limit: 1, field: 'customer' } }
    const worker = await bench.worker('w1', flows({ concurrency }))
    const first = await bench.trigger('etl', { customer: 'a' })
    await bench.clock.advance(1)
    await bench.trigger('etl', { customer: 'a' })
    const third = await bench.trigger('etl', { customer: 'b' })
    expect(held(worker)).toEqual([first, third])
  })

  test('gives the place of a run to the next one when its worker is lost', async () => {
    const worker = await bench.worker('w1', flows({ concurrency: 1 }))
    const first = await bench.trigger('etl')
    await bench.clock.advance(1)
    await bench.trigger('etl')
    await worker.accept()
    worker.drop()
    await bench.clock.advance(LEASE_MS + 1)
    const next = await bench.worker('w2', flows({ concurrency: 1 }))
    expect(held(next)).toEqual([first])
  })

  test('starts as often as its rate says', async () => {
    const worker = await bench.worker('w1', flows({ rateLimit: { limit: 2, perMs: 1000 } }))
    for (let n = 0; n < 3; n++) await bench.trigger('etl')
    expect(held(worker)).toHaveLength(2)
    await bench.clock.advance(900)
    expect(held(worker)).toHaveLength(2)
    await bench.clock.advance(101)
    expect(held(worker)).toHaveLength(3)
  })

  test('fails with RUN_TIMEOUT when its time is over, and the worker is told to leave it', async () => {
    const worker = await bench.worker('w1', flows({ timeoutMs: 1000 }))
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await bench.clock.advance(999)
    expect((await bench.engine.getRun(runId)).status).toBe('running')
    await bench.clock.advance(1)
    expect(await bench.engine.getRun(runId)).toMatchObject({ status: 'failed', error: { code: 'RUN_TIMEOUT' } })
    expect(worker.last('run.revoked')).toMatchObject({ runId, reason: 'finished' })
    await worker.events(run, 1, completed(1))
    expect((await bench.engine.getRun(runId)).status).toBe('failed')
  })

  test('fails with RUN_TIMEOUT instead of being given to the next worker', async () => {
    const worker = await bench.worker('w1', flows({ timeoutMs: 1000 }))
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await worker.say({ type: 'run.release', runId, epoch: run.epoch, reason: 'shutdown' }, { type: 'drain' })
    worker.drop()
    await bench.clock.advance(2000)
    const next = await bench.worker('w2', flows({ timeoutMs: 1000 }))
    expect(held(next)).toEqual([])
    expect(await bench.engine.getRun(runId)).toMatchObject({ status: 'failed', error: { code: 'RUN_TIMEOUT' } })
  })

  test('is tried again as its retry says, at its time, and keeps what succeeded', async () => {
    const worker = await bench.worker('w1', flows({ retry: { attempts: 2, firstMs: 500, factor: 1, maxMs: 500 } }))
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await worker.events(run, 1, succeeded('load#1', [1]), failed)
    const next = (await bench.engine.getRun(runId)).nextRunId ?? 'none'
    expect(held(worker)).toEqual([runId])
    await bench.clock.advance(500)
    const again = await worker.accept()
    expect(again).toMatchObject({ runId: next, journal: [{ key: 'load#1', status: 'succeeded', result: [1] }] })
    await worker.events(again, 1, completed('done'))
    expect(await bench.engine.getRun(next)).toMatchObject({ status: 'succeeded', attempt: 2, retryOf: runId })
    expect(await bench.engine.getRun(runId)).toMatchObject({ status: 'failed' })
  })

  test('takes a run that is delayed when its time has come', async () => {
    const worker = await bench.worker('w1', flows({}))
    const { id } = await bench.engine.triggerFlow('etl', { delay: 700 })
    await bench.settle()
    expect(held(worker)).toEqual([])
    await bench.clock.advance(700)
    expect(held(worker)).toEqual([id])
  })

  test('refuses input that does not fit the schema that the worker announces, and stores nothing', async () => {
    const paramsSchema = {
      type: 'object',
      properties: { day: { type: 'string' }, rows: { type: 'integer', minimum: 1 } },
      required: ['day'],
      additionalProperties: false,
    }
    await bench.worker('w1', flows({ paramsSchema }))
    await expect(bench.engine.triggerFlow('etl', { input: { day: 1, rows: 0, more: true } })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      details: {
        errors: [
          { pointer: '/day', message: 'Give string, not number' },
          { pointer: '/rows', message: 'Give a number >= 1' },
          { pointer: '/more', message: 'This is not known. Known: day, rows' },
        ],
      },
    })
    await expect(bench.engine.triggerFlow('etl')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    expect((await bench.engine.getRuns()).items).toEqual([])
    expect(await bench.trigger('etl', { day: 'monday', rows: 2 })).toMatch(/^run_/u)
  })

  test('keeps what it announced over a restart of the engine, and the same announcement changes nothing', async () => {
    const announced = {
      concurrency: { limit: 3, perKey: { limit: 1, field: 'customer' } },
      rateLimit: { limit: 5, perMs: 1000 },
      retry: { attempts: 2, firstMs: 10, factor: 3, maxMs: 100 },
      timeoutMs: 5000,
      priority: 2,
      paramsSchema: { type: 'object', required: ['customer'] },
    }
    const worker = await bench.worker('w1', flows(announced))
    expect(worker.last('welcome')?.flows).toMatchObject([{ status: 'accepted' }])
    await bench.engine.stop({ drainMs: 0 })
    await bench.start()
    await expect(bench.engine.triggerFlow('etl', { input: {} })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await worker.connect(flows(announced))
    expect(worker.last('welcome')?.flows).toMatchObject([{ status: 'unchanged' }])
    await bench.trigger('etl', { customer: 'a' })
    expect(await bench.engine.getRun(held(worker)[0] ?? '')).toMatchObject({ priority: 2 })
  })

  test.each([
    ['concurrency', { concurrency: 0 }],
    ['concurrency of no kind', { concurrency: 'two' }],
    ['retry', { retry: { attempts: 0 } }],
    ['timeout', { timeoutMs: -1 }],
  ])('is rejected with a %s that cannot be', async (_what, more) => {
    const worker = await bench.worker('w1', flows(more))
    expect(worker.last('welcome')?.flows).toMatchObject([{ status: 'rejected' }])
  })

  test('is called by a flow of this process, as a run of its own', async () => {
    const etl = workerFlow<{ day: string }, { rows: number }>('ETL')
    const nightly = flow('nightly', async () => (await etl({ day: 'monday' })).rows + 1)
    bench.engine.registerFlow(nightly)
    const worker = await bench.worker('w1')
    const parent = await bench.engine.triggerFlow(nightly)
    await bench.settle()
    const run = await worker.accept()
    expect(run).toMatchObject({ flow: 'ETL', params: { day: 'monday' }, trigger: { kind: 'parent', by: parent.id } })
    await worker.events(run, 1, completed({ rows: 41 }))
    expect(await parent.result()).toBe(42)
    expect(await bench.engine.getRun(run.runId)).toMatchObject({ parentRunId: parent.id })
  })

  test('fails its caller with its own error, and with FLOW_NOT_FOUND when nobody has announced it', async () => {
    const callEtl = flow('call-etl', () => workerFlow('ETL')())
    const callNone = flow('call-none', () => workerFlow('Nobody')())
    for (const one of [callEtl, callNone]) bench.engine.registerFlow(one)
    const worker = await bench.worker('w1')
    const [first, second] = [await bench.engine.triggerFlow(callEtl), await bench.engine.triggerFlow(callNone)]
    await bench.settle()
    await worker.events(await worker.accept(), 1, failed)
    await expect(first.result()).rejects.toMatchObject({ name: 'ValueError', message: 'no' })
    await expect(second.result()).rejects.toMatchObject({ code: 'FLOW_NOT_FOUND' })
  })

  test('called outside of a run, says that its code is not here', async () => {
    await expect(workerFlow('ETL')()).rejects.toMatchObject({ code: 'FLOW_DEFINITION_INVALID' })
  })

  test('is paused by giving its run back once what runs has ended, and goes on where it was', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await bench.engine.pauseRun(runId)
    expect(worker.last('run.pause')).toMatchObject({ runId, epoch: 1 })
    await worker.events(run, 1, succeeded('load#1', [1]))
    await worker.say({ type: 'run.release', runId, epoch: 1, reason: 'paused' })
    expect(await bench.engine.getRun(runId)).toMatchObject({ status: 'waiting', reason: 'paused', workerId: null })
    await bench.clock.advance(LEASE_MS / 2)
    expect(held(worker)).toEqual([runId])
    await bench.engine.resumeRun(runId)
    await bench.settle()
    expect(await worker.accept()).toMatchObject({ runId, epoch: 2, journal: [{ key: 'load#1' }] })
  })

  test('sleeps without a slot when its worker gives it back, and goes on with whoever is there when it wakes', async () => {
    const first = await bench.worker('w1', { slots: 1 })
    const runId = await bench.trigger('etl')
    const run = await first.accept()
    await first.events(run, 1, succeeded('load#1', [1]))
    await first.say({ type: 'run.release', runId, epoch: 1, reason: 'sleeping', wakeInMs: 3_600_000 })
    const wakeAt = new Date(bench.clock.now() + 3_600_000).toISOString()
    expect(await bench.engine.getRun(runId)).toMatchObject({
      status: 'waiting',
      reason: 'sleep',
      wakeAt,
      workerId: null,
    })
    expect(held(first)).toEqual([runId])
    await bench.trigger('etl')
    expect(await first.accept()).toMatchObject({ epoch: 1 })
    first.drop()
    await bench.clock.advance(3_599_000)
    const second = await bench.worker('w2')
    expect(held(second)).not.toContain(runId)
    await bench.clock.advance(1_000)
    await bench.settle()
    expect(second.all('run.assign').map((assigned) => assigned.runId)).toContain(runId)
    expect(await bench.engine.getRun(runId)).toMatchObject({
      status: 'running',
      epoch: 2,
      workerId: 'w2',
      wakeAt: null,
    })
  })

  test('goes on without a break when its pause ends before its run was given back', async () => {
    const worker = await bench.worker('w1')
    const runId = await bench.trigger('etl')
    const run = await worker.accept()
    await bench.engine.pauseRun(runId)
    worker.drop()
    await worker.connect({ inFlight: [{ runId, epoch: 1, eventSeq: 0, logSeq: 0 }] })
    expect(worker.all('run.pause')).toHaveLength(2)
    await bench.engine.resumeRun(runId)
    expect(worker.last('run.resume')).toMatchObject({ runId, epoch: 1 })
    await worker.events(run, 1, completed(1))
    expect(await bench.engine.getRun(runId)).toMatchObject({ status: 'succeeded', epoch: 1 })
  })
})
