import assert from 'node:assert/strict'

import type { CancelRun } from '../../storage/run-changes.ts'
import { aFence, aHeldRun, aRun, aTask, cancel as cancelRun, claim, create, finish, put } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const cancel = (at: number, reason: string | null = null, force = false): CancelRun =>
  cancelRun({ at, reason, ...(force && { force }) })

/** Rules of `run.cancel`. */
export const cancelRunCases: readonly StorageCase[] = group('run.cancel', [
  {
    title: 'ends a run that nobody holds at once, under the next epoch',
    run: async (storage) => {
      const run = aRun({ status: 'waiting', reason: 'sleep', wakeAt: 99, epoch: 2 })
      await storage.commit([create(run)])
      const ended = {
        ...run,
        status: 'cancelled',
        reason: null,
        wakeAt: null,
        epoch: 3,
        finishedAt: 50,
        cancelRequestedAt: 50,
        cancelReason: 'not needed',
      }
      assert.deepEqual(await storage.commit([cancel(50, 'not needed')]), [{ accepted: true, run: ended }])
      assert.deepEqual(await storage.runs.get('run_1'), ended)
    },
  },
  {
    title: 'queues a run that nobody holds and of which tasks are to be undone, so that it is claimed',
    run: async (storage) => {
      await storage.commit([
        create(aHeldRun({ pausedAt: 40 })),
        {
          type: 'run.update',
          ...aFence(),
          patch: { status: 'waiting', reason: 'sleep', wakeAt: 99, engineId: null, undoTasks: 2 },
        },
      ])
      const [receipt] = await storage.commit([cancel(50, 'stop')])
      const run = await storage.runs.get('run_1')
      assert.deepEqual(receipt, { accepted: true, run })
      assert.deepEqual(
        [run?.status, run?.reason, run?.wakeAt, run?.pausedAt, run?.cancelRequestedAt, run?.undoTasks],
        ['queued', null, null, null, 50, 2],
      )
      const [claimed] = await storage.commit([claim({ expectedEpoch: 1 })])
      assert.equal(claimed?.accepted, true)
    },
  },
  {
    title: 'ends a run of which tasks are to be undone by force',
    run: async (storage) => {
      await storage.commit([create(aRun({ undoTasks: 2 })), cancel(50, 'stop', true)])
      assert.equal((await storage.runs.get('run_1'))?.status, 'cancelled')
    },
  },
  {
    title: 'cannot be followed by a claim',
    run: async (storage) => {
      await storage.commit([create(aRun())])
      const [, claimed] = await storage.commit([cancel(50), claim()])
      assert.deepEqual(claimed, { accepted: false, refusal: 'finished' })
    },
  },
  {
    title: 'asks the holder of a held run and leaves everything else to it',
    run: async (storage) => {
      await storage.commit([create(aHeldRun())])
      const asked = { ...aHeldRun(), cancelRequestedAt: 50, cancelReason: 'stop' }
      assert.deepEqual(await storage.commit([cancel(50, 'stop')]), [{ accepted: true, run: asked }])
      assert.deepEqual(await storage.runs.get('run_1'), asked)
      assert.equal((await storage.commit([finish({ status: 'cancelled' })]))[0]?.accepted, true)
    },
  },
  {
    title: 'keeps the first of two requests, also one without a reason',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), cancel(50), cancel(60, 'second')])
      const run = await storage.runs.get('run_1')
      assert.deepEqual([run?.cancelRequestedAt, run?.cancelReason], [50, null])
    },
  },
  {
    title: 'keeps the first request when the run was given back before the second',
    run: async (storage) => {
      await storage.commit([
        create(aHeldRun()),
        cancel(50, 'first'),
        { type: 'run.update', ...aFence(), patch: { status: 'queued', engineId: null } },
      ])
      await storage.commit([cancel(60, 'second')])
      const run = await storage.runs.get('run_1')
      assert.deepEqual(
        [run?.status, run?.cancelRequestedAt, run?.cancelReason, run?.finishedAt],
        ['cancelled', 50, 'first', 60],
      )
    },
  },
  {
    title: 'refuses a run that has ended or is missing',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([cancel(50)]), [{ accepted: false, refusal: 'missing' }])
      await storage.commit([create(aHeldRun()), finish()])
      assert.deepEqual(await storage.commit([cancel(50)]), [{ accepted: false, refusal: 'finished' }])
      assert.equal((await storage.runs.get('run_1'))?.cancelRequestedAt, null)
    },
  },
  {
    title: 'ends a held run at once by force and shuts its holder out',
    run: async (storage) => {
      const run = aHeldRun({ workerId: 'wrk_1', progress: 0.5 })
      await storage.commit([create(run), cancel(40, 'stop')])
      const ended = {
        ...run,
        status: 'cancelled',
        engineId: null,
        epoch: 2,
        finishedAt: 50,
        cancelRequestedAt: 40,
        cancelReason: 'stop',
      }
      assert.deepEqual(await storage.commit([cancel(50, 'now', true)]), [{ accepted: true, run: ended }])
      assert.deepEqual(await storage.runs.get('run_1'), ended)
      const finished = { accepted: false, refusal: 'finished' }
      assert.deepEqual(
        await storage.commit([put(aTask()), finish(), cancel(60, null, true), claim({ expectedEpoch: 2 })]),
        [finished, finished, finished, finished],
      )
    },
  },
  {
    title: 'ends a held run by force as far as its tasks were',
    run: async (storage) => {
      await storage.commit([create(aHeldRun({ progress: 0.1 }))])
      await storage.commit([put(aTask({ key: 'a', progress: 0.5 })), put(aTask({ key: 'b', seq: 2, progress: 0.4 }))])
      await storage.commit([cancel(50, 'now', true)])
      const run = await storage.runs.get('run_1')
      assert.deepEqual([run?.progress, run?.tasksDone], [0.5, 2])
    },
  },
  {
    title: 'ends a run that nobody holds by force as without',
    run: async (storage) => {
      await storage.commit([create(aRun()), cancel(50, 'stop', true)])
      const run = await storage.runs.get('run_1')
      assert.deepEqual([run?.status, run?.epoch, run?.cancelReason], ['cancelled', 1, 'stop'])
    },
  },
])
