import assert from 'node:assert/strict'

import { aHeldRun, aTask, create, finish, put } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const refusedAs = (refusal: string) => [{ accepted: false, refusal }]
const RUNNING = { status: 'running', finishedAt: null, position: null, value: null } as const

const putCases = group('task.put', [
  {
    title: 'stores every field of the task',
    run: async (storage) => {
      const task = aTask({
        key: 'pages#1[a]/fetch page#1',
        name: 'fetch page',
        kind: 'sleep',
        status: 'failed',
        origin: 'cache',
        seq: 7,
        attempt: 3,
        args: '[{"page":1}]',
        childRunId: 'run_9',
        position: 12,
        weight: 0.1,
        estimatedMs: 1500.5,
        wakeAt: 1_800_000_000_123,
        value: null,
        error: { name: 'Error', message: 'no', code: null, stack: 'Error: no\n  at x' },
      })
      await storage.commit([create(aHeldRun())])
      assert.deepEqual(await storage.commit([put(task)]), [{ accepted: true }])
      assert.deepEqual(await storage.tasks.list('run_1'), [task])
    },
  },
  {
    title: 'lists tasks in the order of their first write, whatever their keys and later writes',
    run: async (storage) => {
      const keys = ['z', 'a', 'm', 'B', '10', '9']
      await storage.commit([create(aHeldRun())])
      for (const [index, key] of keys.entries()) await storage.commit([put(aTask({ key, seq: index + 1, ...RUNNING }))])
      await storage.commit(keys.toReversed().map((key) => put(aTask({ key, seq: 99 }))))
      assert.deepEqual(
        (await storage.tasks.list('run_1')).map(({ key, seq }) => [key, seq]),
        keys.map((key, index) => [key, index + 1]),
      )
    },
  },
  {
    title: 'replaces a record that is not final',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), put(aTask(RUNNING))])
      await storage.commit([put(aTask({ ...RUNNING, status: 'retrying', attempt: 2 }))])
      assert.deepEqual(await storage.tasks.list('run_1'), [aTask({ ...RUNNING, status: 'retrying', attempt: 2 })])
      await storage.commit([put(aTask({ attempt: 2 }))])
      assert.deepEqual(await storage.tasks.list('run_1'), [aTask({ attempt: 2 })])
    },
  },
  {
    title: 'I2 never replaces a final record and stores nothing of the change',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), put(aTask(), { workerEventSeq: 2 })])
      const before = await storage.runs.get('run_1')
      for (const status of ['succeeded', 'failed', 'running'] as const) {
        const again = put(aTask({ status, value: '"other"' }), {
          workerEventSeq: 9,
          cache: { key: 'k', expiresAt: Infinity },
        })
        assert.deepEqual(await storage.commit([again]), refusedAs('recorded'))
      }
      assert.deepEqual(await storage.tasks.list('run_1'), [aTask()])
      assert.deepEqual(await storage.runs.get('run_1'), before)
      assert.equal(await storage.tasks.cached('k'), undefined)
    },
  },
  {
    title: 'never replaces a final record of the same commit',
    run: async (storage) => {
      await storage.commit([create(aHeldRun())])
      const receipts = await storage.commit([put(aTask()), put(aTask({ value: '2' }))])
      assert.deepEqual(receipts, [{ accepted: true }, ...refusedAs('recorded')])
      assert.deepEqual(await storage.tasks.list('run_1'), [aTask()])
    },
  },
  {
    title: 'changes nothing of the run but the number of the worker event, which never falls',
    run: async (storage) => {
      const run = aHeldRun({ status: 'waiting', reason: 'worker', wakeAt: 9, workerId: 'wrk_1', workerEventSeq: 3 })
      await storage.commit([create(run), put(aTask({ key: 'a' }))])
      assert.deepEqual(await storage.runs.get('run_1'), run)
      await storage.commit([put(aTask({ key: 'b' }), { workerEventSeq: 2 })])
      assert.deepEqual(await storage.runs.get('run_1'), run)
      await storage.commit([put(aTask({ key: 'c' }), { workerEventSeq: 4 })])
      assert.deepEqual(await storage.runs.get('run_1'), { ...run, workerEventSeq: 4 })
    },
  },
  {
    title: 'refuses another epoch, another engine, a missing and an ended run, and stores nothing then',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([put(aTask())]), refusedAs('missing'))
      await storage.commit([create(aHeldRun())])
      assert.deepEqual(await storage.commit([put(aTask(), { epoch: 0, workerEventSeq: 1 })]), refusedAs('stale'))
      assert.deepEqual(
        await storage.commit([put(aTask(), { engineId: 'eng_2', workerEventSeq: 1 })]),
        refusedAs('stale'),
      )
      assert.deepEqual(await storage.tasks.list('run_1'), [])
      assert.deepEqual(await storage.runs.get('run_1'), aHeldRun())
      await storage.commit([finish()])
      assert.deepEqual(await storage.commit([put(aTask())]), refusedAs('finished'))
      assert.deepEqual(await storage.tasks.list('run_1'), [])
    },
  },
  {
    title: 'says stale, not recorded, to a stale writer of a recorded task',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), put(aTask())])
      assert.deepEqual(await storage.commit([put(aTask(), { epoch: 7 })]), refusedAs('stale'))
    },
  },
  {
    title: 'keeps the tasks of runs apart',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(aHeldRun({ id: 'run_10' }))])
      await storage.commit([put(aTask({ value: '1' })), put(aTask({ runId: 'run_10', value: '10' }))])
      assert.deepEqual(await storage.tasks.list('run_1'), [aTask({ value: '1' })])
      assert.deepEqual(await storage.tasks.list('run_10'), [aTask({ runId: 'run_10', value: '10' })])
    },
  },
])

const progressCases = group('tasks.progress', [
  {
    title: 'tells of several runs how far they are by their tasks: the most progress, and how many have a position',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(aHeldRun({ id: 'run_2' })), create(aHeldRun({ id: 'run_3' }))])
      await storage.commit([
        put(aTask({ key: 'a', progress: 0.5 })),
        put(aTask({ key: 'b', seq: 2, progress: 0.25, status: 'failed', position: 2 })),
        put(aTask({ key: 'c', seq: 3, progress: 0.75, ...RUNNING })),
        put(aTask({ runId: 'run_2', progress: 0.1 })),
        put(aTask({ runId: 'run_3', progress: 0.9 })),
      ])
      const found = await storage.tasks.progress(['run_2', 'run_1', 'run_0'])
      assert.deepEqual(
        found.filter(({ runId }) => runId !== 'run_0').toSorted((left, right) => (left.runId < right.runId ? -1 : 1)),
        [
          { runId: 'run_1', progress: 0.75, tasksDone: 2 },
          { runId: 'run_2', progress: 0.1, tasksDone: 1 },
        ],
      )
      assert.deepEqual(await storage.tasks.progress([]), [])
    },
  },
])

/** Rules of `task.put` and `tasks`. */
export const taskCases: readonly StorageCase[] = [...putCases, ...progressCases]
