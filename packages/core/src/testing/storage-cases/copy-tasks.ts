import assert from 'node:assert/strict'

import type { CreateRun } from '../../storage/run-changes.ts'
import type { Storage } from '../../storage/storage.ts'
import { aHeldRun, aRun, aTask, claim, create, finish, put } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const TASKS = [
  aTask({ key: 'c', seq: 1, position: 3, value: '3', args: '[1]', childRunId: 'run_9' }),
  aTask({ key: 'a', seq: 2, position: 1, value: '1' }),
  aTask({ key: 'b', seq: 3, position: 2, value: null, status: 'failed' }),
  aTask({ key: 'd', seq: 4, position: null, finishedAt: null, value: null, status: 'running' }),
  aTask({ key: 'e', seq: 5, position: 4, value: '5' }),
]

const copied = (keys: readonly string[]) =>
  TASKS.filter(({ key }) => keys.includes(key)).map((task) => ({
    ...task,
    runId: 'run_2',
    origin: 'copied' as const,
    epoch: 0,
  }))

const retry = (throughPosition: number | null = null): CreateRun =>
  create(aRun({ id: 'run_2', retryOf: 'run_1' }), '1', { copyTasks: { runId: 'run_1', throughPosition } })

async function withTasks(storage: Storage): Promise<void> {
  await storage.commit([create(aHeldRun()), ...TASKS.map((task) => put(task)), finish({ status: 'failed' })])
}

/** Rules of `run.finish` with a run that goes on in place of the one that ends. */
export const nextRunCases: readonly StorageCase[] = group('run.finish with a next run', [
  {
    title: 'stores it with the input and the succeeded tasks of the one that ends, which tells of it',
    run: async (storage) => {
      await storage.commit([create(aHeldRun(), '{"n":1}'), ...TASKS.map((task) => put(task))])
      const next = aRun({ id: 'run_2', retryOf: 'run_1', attempt: 2 })
      const [receipt] = await storage.commit([finish({ status: 'failed', next })])
      const ended = await storage.runs.get('run_1')
      assert.equal(ended?.nextRunId, 'run_2')
      assert.deepEqual(receipt, { accepted: true, run: ended })
      assert.deepEqual(await storage.runs.get('run_2'), { ...next, tasksDone: 3 })
      assert.equal(await storage.runs.input('run_2'), '{"n":1}')
      assert.deepEqual(await storage.tasks.list('run_2'), copied(['c', 'a', 'e']))
    },
  },
  {
    title: 'stores nothing when the end is refused',
    run: async (storage) => {
      await storage.commit([create(aHeldRun())])
      const next = aRun({ id: 'run_2', retryOf: 'run_1', attempt: 2 })
      const [receipt] = await storage.commit([finish({ status: 'failed', epoch: 9, next })])
      assert.equal(receipt?.accepted, false)
      assert.equal(await storage.runs.get('run_2'), undefined)
      assert.equal((await storage.runs.get('run_1'))?.nextRunId, null)
    },
  },
  {
    title: 'stores none for a run that was asked to end, and tells of none',
    run: async (storage) => {
      await storage.commit([create(aHeldRun())])
      await storage.commit([{ type: 'run.cancel', runId: 'run_1', at: 5, reason: null }])
      const next = aRun({ id: 'run_2', retryOf: 'run_1', attempt: 2 })
      const [receipt] = await storage.commit([finish({ status: 'failed', next })])
      const ended = await storage.runs.get('run_1')
      assert.equal(ended?.nextRunId, null)
      assert.deepEqual(receipt, { accepted: true, run: ended })
      assert.equal(await storage.runs.get('run_2'), undefined)
    },
  },
  {
    title: 'stores none for a parent that has ended, and tells of none',
    run: async (storage) => {
      const parent = aRun({ id: 'run_0', status: 'cancelled' })
      await storage.commit([create(aHeldRun({ parentRunId: 'run_0', parentKey: 'call#1' })), create(parent)])
      const next = aRun({ id: 'run_2', retryOf: 'run_1', attempt: 2, parentRunId: 'run_0', parentKey: 'call#1' })
      const [receipt] = await storage.commit([finish({ status: 'failed', next })])
      const ended = await storage.runs.get('run_1')
      assert.equal(ended?.nextRunId, null)
      assert.deepEqual(receipt, { accepted: true, run: ended })
      assert.equal(await storage.runs.get('run_2'), undefined)
    },
  },
])

/** Rules of `run.create` with tasks of another run. */
export const copyTaskCases: readonly StorageCase[] = group('run.create with copied tasks', [
  {
    title: 'copies the succeeded tasks, in their order, and counts them',
    run: async (storage) => {
      await withTasks(storage)
      const run = aRun({ id: 'run_2', retryOf: 'run_1', tasksDone: 3 })
      assert.deepEqual(await storage.commit([retry()]), [{ accepted: true, run }])
      assert.deepEqual(await storage.runs.get('run_2'), run)
      assert.deepEqual(await storage.tasks.list('run_2'), copied(['c', 'a', 'e']))
      assert.deepEqual(await storage.tasks.list('run_1'), TASKS)
    },
  },
  {
    title: 'copies those up to a position, and none up to position 0',
    run: async (storage) => {
      await withTasks(storage)
      await storage.commit([retry(3)])
      assert.deepEqual(await storage.tasks.list('run_2'), copied(['c', 'a']))
      assert.equal((await storage.runs.get('run_2'))?.tasksDone, 2)
      await storage.commit([
        create(aRun({ id: 'run_3' }), null, { copyTasks: { runId: 'run_1', throughPosition: 0 } }),
        create(aRun({ id: 'run_4' }), null, { copyTasks: { runId: 'run_0', throughPosition: null } }),
      ])
      assert.deepEqual(await storage.tasks.list('run_3'), [])
      assert.deepEqual(await storage.tasks.list('run_4'), [])
    },
  },
  {
    title: 'leaves compensations out, and the tasks that they were for',
    run: async (storage) => {
      await withTasks(storage)
      const undone = aTask({ key: 'a/undo', kind: 'undo', seq: 6, position: 5 })
      const halfUndone = aTask({ key: 'c/undo', kind: 'undo', seq: 7, position: null, status: 'running' })
      await storage.commit([create(aHeldRun({ id: 'run_5' }))])
      const tasks = [...TASKS, undone, halfUndone].map((task) => ({ ...task, runId: 'run_5' }))
      await storage.commit(tasks.map((task) => put(task)))
      await storage.commit([
        create(aRun({ id: 'run_2' }), '1', { copyTasks: { runId: 'run_5', throughPosition: null } }),
      ])
      assert.deepEqual(await storage.tasks.list('run_2'), copied(['e']))
    },
  },
  {
    title: 'copies nothing when the run is refused',
    run: async (storage) => {
      await withTasks(storage)
      await storage.commit([create(aRun({ id: 'run_2' })), retry()])
      assert.deepEqual(await storage.tasks.list('run_2'), [])
      assert.equal((await storage.runs.get('run_2'))?.tasksDone, 0)
    },
  },
  {
    title: 'lets a copied record be replaced, by a final one once, and keeps its place',
    run: async (storage) => {
      await withTasks(storage)
      const fence = { runId: 'run_2', engineId: 'eng_2' }
      await storage.commit([retry(), claim({ runId: 'run_2' })])
      const again = aTask({ runId: 'run_2', key: 'a', seq: 9, status: 'running', finishedAt: null, position: null })
      const done = aTask({ runId: 'run_2', key: 'a', seq: 9, value: '"new"' })
      const last = aTask({ runId: 'run_2', key: 'e', seq: 9, status: 'failed', value: null })
      assert.deepEqual(
        await storage.commit([put(again, fence), put(done, fence), put(done, fence), put(last, fence)]),
        [{ accepted: true }, { accepted: true }, { accepted: false, refusal: 'recorded' }, { accepted: true }],
      )
      assert.deepEqual(await storage.tasks.list('run_2'), [...copied(['c']), { ...done, seq: 2 }, { ...last, seq: 5 }])
    },
  },
  {
    title: 'copies the copies of a run that was a retry itself',
    run: async (storage) => {
      await withTasks(storage)
      await storage.commit([
        retry(),
        create(aRun({ id: 'run_3' }), null, { copyTasks: { runId: 'run_2', throughPosition: 1 } }),
      ])
      assert.deepEqual(
        await storage.tasks.list('run_3'),
        copied(['a']).map((task) => ({ ...task, runId: 'run_3' })),
      )
    },
  },
  {
    title: 'counts copied tasks as no progress of the first epoch',
    run: async (storage) => {
      await withTasks(storage)
      await storage.commit([retry(), claim({ runId: 'run_2' }), claim({ runId: 'run_2', expectedEpoch: 1 })])
      assert.equal((await storage.runs.get('run_2'))?.epochsWithoutProgress, 2)
    },
  },
])
