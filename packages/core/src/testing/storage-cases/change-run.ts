import assert from 'node:assert/strict'

import { aHeldRun, aRun, aTask, claim, create, finish, put, update } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const refusedAs = (refusal: string) => [{ accepted: false, refusal }]

/** Rules of `run.update` and `run.finish`. */
export const changeRunCases: readonly StorageCase[] = [
  ...group('run.update', [
    {
      title: 'changes the given fields and no others',
      run: async (storage) => {
        const run = aHeldRun({ workerId: 'wrk_1', progress: 0.2 })
        await storage.commit([create(run)])
        assert.deepEqual(await storage.commit([update({ status: 'waiting', reason: 'sleep', wakeAt: 99 })]), [
          { accepted: true },
        ])
        assert.deepEqual(await storage.runs.get('run_1'), { ...run, status: 'waiting', reason: 'sleep', wakeAt: 99 })
      },
    },
    {
      title: 'gives a run back, so that anybody can claim it and the old fence is stale',
      run: async (storage) => {
        const release = update({ status: 'queued', engineId: null, workerId: null, epochsWithoutProgress: 0 })
        await storage.commit([create(aHeldRun({ workerId: 'wrk_1' })), release])
        const run = await storage.runs.get('run_1')
        assert.equal(run?.engineId, null)
        assert.equal(run.workerId, null)
        assert.equal(run.epochsWithoutProgress, 0)
        assert.deepEqual(await storage.commit([update({ progress: 1 })]), refusedAs('stale'))
        assert.equal((await storage.commit([claim({ expectedEpoch: 1 })]))[0]?.accepted, true)
      },
    },
    {
      title: 'raises progress, the number of tasks and of the worker event, and never lowers them',
      run: async (storage) => {
        await storage.commit([create(aHeldRun({ progress: 0.5, tasksDone: 3, workerEventSeq: 7 }))])
        await storage.commit([update({ progress: 0.4, tasksDone: 2, workerEventSeq: 6 })])
        const before = await storage.runs.get('run_1')
        await storage.commit([update({ progress: 0.6, tasksDone: 4, workerEventSeq: 8 })])
        const after = await storage.runs.get('run_1')
        assert.deepEqual([before?.progress, before?.tasksDone, before?.workerEventSeq], [0.5, 3, 7])
        assert.deepEqual([after?.progress, after?.tasksDone, after?.workerEventSeq], [0.6, 4, 8])
      },
    },
    {
      title: 'changes the version and the fingerprint of the flow',
      run: async (storage) => {
        await storage.commit([create(aHeldRun()), update({ flowVersion: '2', fingerprint: 'f2' })])
        assert.deepEqual(await storage.runs.get('run_1'), aHeldRun({ flowVersion: '2', fingerprint: 'f2' }))
      },
    },
    {
      title: 'takes a patch without any field',
      run: async (storage) => {
        await storage.commit([create(aHeldRun())])
        assert.deepEqual(await storage.commit([update({})]), [{ accepted: true }])
        assert.deepEqual(await storage.runs.get('run_1'), aHeldRun())
      },
    },
    {
      title: 'I9 refuses another epoch, another engine, a missing and an ended run',
      run: async (storage) => {
        assert.deepEqual(await storage.commit([update({ progress: 1 })]), refusedAs('missing'))
        await storage.commit([create(aHeldRun())])
        assert.deepEqual(await storage.commit([update({ progress: 1 }, { epoch: 0 })]), refusedAs('stale'))
        assert.deepEqual(await storage.commit([update({ progress: 1 }, { epoch: 2 })]), refusedAs('stale'))
        assert.deepEqual(await storage.commit([update({ progress: 1 }, { engineId: 'eng_2' })]), refusedAs('stale'))
        assert.deepEqual(await storage.runs.get('run_1'), aHeldRun())
        await storage.commit([finish({ progress: 0.5, status: 'failed' })])
        assert.deepEqual(await storage.commit([update({ progress: 1 })]), refusedAs('finished'))
        assert.equal((await storage.runs.get('run_1'))?.progress, 0.5)
      },
    },
  ]),
  ...group('run.finish', [
    {
      title: 'ends the run, and nobody holds it or waits for it any more',
      run: async (storage) => {
        const run = aHeldRun({ workerId: 'wrk_1', status: 'waiting', reason: 'sleep', wakeAt: 5, workerEventSeq: 3 })
        await storage.commit([create(run)])
        const error = { name: 'Error', message: 'no space', code: 'ENOSPC', details: { path: '/data' }, stack: 'at x' }
        const end = finish({ status: 'failed', finishedAt: 77, progress: 0.5, error, workerEventSeq: 4 })
        assert.deepEqual(await storage.commit([end]), [{ accepted: true }])
        assert.deepEqual(await storage.runs.get('run_1'), {
          ...run,
          status: 'failed',
          reason: null,
          wakeAt: null,
          engineId: null,
          finishedAt: 77,
          progress: 0.5,
          error,
          workerEventSeq: 4,
        })
      },
    },
    {
      title: 'keeps the result as it is, and none as null',
      run: async (storage) => {
        await storage.commit([create(aHeldRun()), finish({ result: '{"rows":  3}' })])
        await storage.commit([create(aHeldRun({ id: 'run_2' })), finish({ runId: 'run_2' })])
        assert.equal(await storage.runs.result('run_1'), '{"rows":  3}')
        assert.equal(await storage.runs.result('run_2'), null)
      },
    },
    {
      title: 'never lowers progress and the number of tasks, and raises them',
      run: async (storage) => {
        await storage.commit([
          create(aHeldRun({ progress: 0.8, tasksDone: 4 })),
          finish({ status: 'failed', progress: 0.1, tasksDone: 2 }),
          create(aHeldRun({ id: 'run_2' })),
          finish({ runId: 'run_2', tasksDone: 7 }),
        ])
        const [first, second] = [await storage.runs.get('run_1'), await storage.runs.get('run_2')]
        assert.deepEqual([first?.progress, first?.tasksDone], [0.8, 4])
        assert.deepEqual([second?.progress, second?.tasksDone], [1, 7])
      },
    },
    {
      title: 'I1 happens once: a second end is refused and changes nothing',
      run: async (storage) => {
        await storage.commit([create(aHeldRun()), finish({ result: '1' })])
        const ended = await storage.runs.get('run_1')
        assert.deepEqual(await storage.commit([finish({ status: 'failed', result: '2' })]), refusedAs('finished'))
        assert.deepEqual(await storage.runs.get('run_1'), ended)
        assert.equal(await storage.runs.result('run_1'), '1')
      },
    },
    {
      title: 'refuses another epoch, another engine and a missing run',
      run: async (storage) => {
        assert.deepEqual(await storage.commit([finish()]), refusedAs('missing'))
        await storage.commit([create(aHeldRun())])
        assert.deepEqual(await storage.commit([finish({ epoch: 2, result: '1' })]), refusedAs('stale'))
        assert.deepEqual(await storage.commit([finish({ engineId: 'eng_2' })]), refusedAs('stale'))
        assert.deepEqual(await storage.runs.get('run_1'), aHeldRun())
        assert.equal(await storage.runs.result('run_1'), null)
      },
    },
    {
      title: 'refuses a run that nobody holds',
      run: async (storage) => {
        await storage.commit([create(aRun({ epoch: 1 }))])
        assert.deepEqual(await storage.commit([finish()]), refusedAs('stale'))
      },
    },
    {
      title: 'clears the values of its own tasks when told so, and keeps the rest of them',
      run: async (storage) => {
        const other = aHeldRun({ id: 'run_2' })
        await storage.commit([create(aHeldRun()), create(other), put(aTask()), put(aTask({ runId: 'run_2' }))])
        await storage.commit([finish({ dropTaskValues: true })])
        assert.deepEqual(await storage.tasks.list('run_1'), [aTask({ value: null })])
        assert.deepEqual(await storage.tasks.list('run_2'), [aTask({ runId: 'run_2' })])
      },
    },
    {
      title: 'keeps the values of the tasks when not told otherwise',
      run: async (storage) => {
        await storage.commit([create(aHeldRun()), put(aTask()), finish()])
        assert.deepEqual(await storage.tasks.list('run_1'), [aTask()])
      },
    },
  ]),
]
