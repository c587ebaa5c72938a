import assert from 'node:assert/strict'

import {
  aFence,
  aHeldRun,
  aRun,
  aTask,
  cancel,
  claim,
  create,
  finish,
  lease,
  park,
  put,
  take,
  update,
} from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const ACCEPTED = { accepted: true }
const limited = (retryAt: number | null) => ({ accepted: false, refusal: 'limited', retryAt })
const refusedAs = (refusal: string) => ({ accepted: false, refusal })
// Who holds no run alive has no slots for long.
const ALIVE = lease('eng_1', 60_000)
const ONE = [{ key: 'db', max: 1 }]
const TWO = [{ key: 'db', max: 2 }]
const other = aHeldRun({ id: 'run_2' })
const ofOther = { runId: 'run_2' }
const free = { type: 'slots.free', ...aFence(), task: 'extract#1' } as const

/** Rules of `slots.take` and `slots.free` with limits of so many at a time. */
const slotCases = group('slots.take', [
  {
    title: 'takes as many slots as there are, and no more, over all runs',
    run: async (storage) => {
      await storage.commit([ALIVE, create(aHeldRun()), create(other)])
      assert.deepEqual(await storage.commit([take(TWO, { task: 'a' }), take(TWO, ofOther), take(TWO, { task: 'b' })]), [
        ACCEPTED,
        ACCEPTED,
        limited(null),
      ])
    },
  },
  {
    title: 'changes nothing when a slot is taken again',
    run: async (storage) => {
      await storage.commit([ALIVE, create(aHeldRun()), take(TWO)])
      assert.deepEqual(await storage.commit([take(TWO), take(ONE), take(TWO, { task: 'b' }), take(TWO)]), [
        ACCEPTED,
        ACCEPTED,
        ACCEPTED,
        ACCEPTED,
      ])
      assert.deepEqual(await storage.commit([take(TWO, { task: 'c' })]), [limited(null)])
    },
  },
  {
    title: 'takes a slot of each limit or of none',
    run: async (storage) => {
      await storage.commit([ALIVE, create(aHeldRun()), create(other), take([{ key: 'b', max: 1 }])])
      const both = [
        { key: 'a', max: 1 },
        { key: 'b', max: 1 },
      ]
      assert.deepEqual(await storage.commit([take(both, ofOther)]), [limited(null)])
      assert.deepEqual(await storage.commit([take([{ key: 'a', max: 1 }])]), [ACCEPTED])
    },
  },
  {
    title: 'goes by the largest number that is allowed now, whatever was allowed before',
    run: async (storage) => {
      await storage.commit([ALIVE, create(aHeldRun()), take(TWO, { task: 'a' }), take(TWO, { task: 'b' })])
      assert.deepEqual(await storage.commit([take(ONE, { task: 'c' }), take([{ key: 'db', max: 3 }], { task: 'c' })]), [
        limited(null),
        ACCEPTED,
      ])
    },
  },
  {
    title: 'takes nothing without limits',
    run: async (storage) => {
      await storage.commit([ALIVE, create(aHeldRun())])
      assert.deepEqual(await storage.commit([take([]), take(ONE)]), [ACCEPTED, ACCEPTED])
    },
  },
  {
    title: 'refuses another epoch, another engine, a missing and an ended run, and takes nothing then',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([take(ONE)]), [refusedAs('missing')])
      await storage.commit([ALIVE, create(aHeldRun()), create(other)])
      assert.deepEqual(await storage.commit([take(ONE, { epoch: 2 }), take(ONE, { engineId: 'eng_2' })]), [
        refusedAs('stale'),
        refusedAs('stale'),
      ])
      await storage.commit([finish()])
      assert.deepEqual(await storage.commit([take(ONE), take(ONE, ofOther)]), [refusedAs('finished'), ACCEPTED])
    },
  },
  {
    title: 'gives a slot back once its task frees it, and says yes when there is none',
    run: async (storage) => {
      await storage.commit([ALIVE, create(aHeldRun()), create(other), take(ONE)])
      await storage.commit([
        { ...free, task: 'load#1' },
        { ...free, runId: 'run_2' },
      ])
      assert.deepEqual(await storage.commit([take(ONE, ofOther)]), [limited(null)])
      assert.deepEqual(await storage.commit([free, take(ONE, ofOther), free, take(ONE)]), [
        ACCEPTED,
        ACCEPTED,
        ACCEPTED,
        limited(null),
      ])
    },
  },
  {
    title: 'gives no slot back for one who has lost the run: what its task has taken since is another',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([free]), [refusedAs('missing')])
      await storage.commit([create(aHeldRun()), create(other), take(ONE)])
      const [claimed] = await storage.commit([claim({ expectedEpoch: 1, engineId: 'eng_2' })])
      assert.equal(claimed?.accepted, true)
      await storage.commit([lease('eng_2', 60_000)])
      const next = { epoch: 2, engineId: 'eng_2' }
      assert.deepEqual(await storage.commit([take(ONE, next), free, take(ONE, ofOther)]), [
        ACCEPTED,
        refusedAs('stale'),
        limited(null),
      ])
      assert.deepEqual(await storage.commit([finish(next), free]), [ACCEPTED, refusedAs('finished')])
    },
  },
  {
    title: 'takes the slot of a task whose run no living engine holds, queues that run and shuts its holder out',
    run: async (storage) => {
      await storage.commit([ALIVE, create(aHeldRun({ engineId: 'eng_9' })), create(other)])
      await storage.commit([take(ONE, { engineId: 'eng_9' })])
      assert.deepEqual(await storage.line.room(ONE), [{ free: 1, freeAt: null, holders: [] }])
      assert.deepEqual(await storage.commit([take(ONE, ofOther)]), [ACCEPTED])
      assert.deepEqual(await storage.line.room(ONE), [{ free: 0, freeAt: null, holders: ['run_2'] }])
      const lost = await storage.runs.get('run_1')
      const { status, reason, engineId, epoch, undoTasks } = lost ?? {}
      assert.deepEqual([status, reason, engineId, epoch, undoTasks], ['queued', null, null, 1, 1])
      assert.deepEqual(await storage.commit([put(aTask(), { engineId: 'eng_9' })]), [refusedAs('stale')])
      assert.equal((await storage.commit([claim({ expectedEpoch: 1 })]))[0]?.accepted, true)
    },
  },
  {
    title: 'takes nothing from the runs of the engine that asks, though its lease is over',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(other), take(ONE)])
      assert.deepEqual(await storage.commit([take(ONE, ofOther)]), [limited(null)])
      assert.deepEqual(await storage.commit([put(aTask()), take(ONE), free, take(ONE, ofOther)]), [
        ACCEPTED,
        ACCEPTED,
        ACCEPTED,
        ACCEPTED,
      ])
    },
  },
  {
    title: 'gives the slots of a task back with its record when told so, and keeps them otherwise',
    run: async (storage) => {
      await storage.commit([
        ALIVE,
        create(aHeldRun()),
        create(other),
        take(ONE),
        take([{ key: 'x', max: 1 }], { task: 'b' }),
      ])
      await storage.commit([put(aTask({ status: 'running', finishedAt: null, position: null }))])
      assert.deepEqual(await storage.commit([take(ONE, ofOther)]), [limited(null)])
      await storage.commit([put(aTask({ runId: 'run_2' }), { freeSlots: true })])
      assert.deepEqual(await storage.commit([take(ONE, ofOther)]), [limited(null)])
      await storage.commit([put(aTask(), { freeSlots: true })])
      assert.deepEqual(await storage.commit([take(ONE, ofOther), take([{ key: 'x', max: 1 }], ofOther)]), [
        ACCEPTED,
        limited(null),
      ])
    },
  },
  {
    title: 'gives no slot back with a record that is refused',
    run: async (storage) => {
      await storage.commit([ALIVE, create(aHeldRun()), create(other), put(aTask()), take(ONE)])
      await storage.commit([put(aTask(), { freeSlots: true }), put(aTask({ key: 'b' }), { epoch: 2, freeSlots: true })])
      assert.deepEqual(await storage.commit([take(ONE, ofOther)]), [limited(null)])
    },
  },
])

/** When the slots of a run and its tasks are given back. */
const endCases = group('slots of a run', [
  ...(
    [
      ['it finishes', finish({ freeSlots: true }), true],
      ['it finishes and is not told so', finish(), false],
      ['it is given back', park({}, { freeSlots: true }), true],
      ['it is given back and is not told so', park(), false],
      ['its end is asked for', cancel(), false],
      ['it is ended by force', cancel({ force: true }), true],
      ['its finish is refused', finish({ freeSlots: true, epoch: 2 }), false],
      ['its update is refused', update({}, { freeSlots: true, engineId: 'eng_2' }), false],
    ] as const
  ).map(([when, change, isFreed]) => ({
    title: `are ${isFreed ? 'free' : 'kept'} when ${when}`,
    run: async (storage: Parameters<StorageCase['run']>[0]) => {
      const limits = [{ key: 'run', max: 1 }]
      await storage.commit([ALIVE, create(aRun()), claim({ engineId: 'eng_1', limits })])
      await storage.commit([take(ONE), take(ONE, { task: 'b' })])
      await storage.commit([change, create(other)])
      const expected = isFreed ? ACCEPTED : limited(null)
      assert.deepEqual(await storage.commit([take(ONE, ofOther), take(limits, ofOther)]), [expected, expected])
    },
  })),
  {
    title: 'are free when a run that nobody holds is cancelled, or an ended one is removed',
    run: async (storage) => {
      await storage.commit([ALIVE, create(aHeldRun()), take(ONE), park(), cancel()])
      await storage.commit([create(other), take(ONE, ofOther), finish(ofOther)])
      await storage.commit([ALIVE, create(aHeldRun({ id: 'run_3' }))])
      const third = take(ONE, { runId: 'run_3' })
      assert.deepEqual(await storage.commit([third, { type: 'run.remove', runId: 'run_2' }, third]), [
        limited(null),
        ACCEPTED,
        ACCEPTED,
      ])
    },
  },
])

/** Rules of slots of so many at a time. */
export const limitCases: readonly StorageCase[] = [...slotCases, ...endCases]
