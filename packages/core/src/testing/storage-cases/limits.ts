import assert from 'node:assert/strict'

import { flowSlot, gateSlot } from '../../storage/run-rules.ts'
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
const ONE = [{ key: 'db', max: 1 }]
const TWO = [{ key: 'db', max: 2 }]
const other = aHeldRun({ id: 'run_2' })
const ofOther = { runId: 'run_2' }
const free = { type: 'slots.free', runId: 'run_1', task: 'extract#1' } as const

/** Rules of `slots.take` and `slots.free` with limits of so many at a time. */
const slotCases = group('slots.take', [
  {
    title: 'takes as many slots as there are, and no more, over all runs',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(other)])
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
      await storage.commit([create(aHeldRun()), take(TWO)])
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
      await storage.commit([create(aHeldRun()), create(other), take([{ key: 'b', max: 1 }])])
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
      await storage.commit([create(aHeldRun()), take(TWO, { task: 'a' }), take(TWO, { task: 'b' })])
      assert.deepEqual(await storage.commit([take(ONE, { task: 'c' }), take([{ key: 'db', max: 3 }], { task: 'c' })]), [
        limited(null),
        ACCEPTED,
      ])
    },
  },
  {
    title: 'takes nothing without limits',
    run: async (storage) => {
      await storage.commit([create(aHeldRun())])
      assert.deepEqual(await storage.commit([take([]), take(ONE)]), [ACCEPTED, ACCEPTED])
    },
  },
  {
    title: 'refuses another epoch, another engine, a missing and an ended run, and takes nothing then',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([take(ONE)]), [refusedAs('missing')])
      await storage.commit([create(aHeldRun()), create(other)])
      assert.deepEqual(await storage.commit([take(ONE, { epoch: 2 }), take(ONE, { engineId: 'eng_2' })]), [
        refusedAs('stale'),
        refusedAs('stale'),
      ])
      await storage.commit([finish()])
      assert.deepEqual(await storage.commit([take(ONE), take(ONE, ofOther)]), [refusedAs('finished'), ACCEPTED])
    },
  },
  {
    title: 'gives a slot back once its task frees it, whoever asks, and says yes when there is none',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([free]), [ACCEPTED])
      await storage.commit([create(aHeldRun()), create(other), take(ONE)])
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
    title: 'gives the slots of a task back with its record when told so, and keeps them otherwise',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(other), take(ONE), take([{ key: 'x', max: 1 }], { task: 'b' })])
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
      await storage.commit([create(aHeldRun()), create(other), put(aTask()), take(ONE)])
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
      await storage.commit([create(aRun()), claim({ engineId: 'eng_1', limits }), take(ONE), take(ONE, { task: 'b' })])
      await storage.commit([change, create(other)])
      const expected = isFreed ? ACCEPTED : limited(null)
      assert.deepEqual(await storage.commit([take(ONE, ofOther), take(limits, ofOther)]), [expected, expected])
    },
  })),
  {
    title: 'are free when a run that nobody holds is cancelled, or an ended one is removed',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), take(ONE), park(), cancel()])
      await storage.commit([create(other), take(ONE, ofOther), finish(ofOther)])
      await storage.commit([create(aHeldRun({ id: 'run_3' }))])
      const third = take(ONE, { runId: 'run_3' })
      assert.deepEqual(await storage.commit([third, { type: 'run.remove', runId: 'run_2' }, third]), [
        limited(null),
        ACCEPTED,
        ACCEPTED,
      ])
    },
  },
])

/** Limits and gates of `run.claim`. */
const claimCases = group('run.claim with limits', [
  {
    title: 'takes a slot of each limit for the run, and refuses the run when one is used up',
    run: async (storage) => {
      await storage.commit([create(aRun()), create(aRun({ id: 'run_2' })), create(aRun({ id: 'run_3' }))])
      const limits = [
        { key: flowSlot('etl'), max: 2 },
        { key: flowSlot('etl', 'ann'), max: 1 },
      ]
      const [first, second] = await storage.commit([claim({ limits }), claim({ runId: 'run_2', limits })])
      assert.equal(first?.accepted, true)
      assert.deepEqual(second, limited(null))
      assert.deepEqual(await storage.runs.get('run_2'), aRun({ id: 'run_2' }))
      const [third, fourth] = await storage.commit([
        claim({ runId: 'run_3', limits: limits.slice(0, 1) }),
        claim({ runId: 'run_2', limits: limits.slice(0, 1) }),
      ])
      assert.equal(third?.accepted, true)
      assert.deepEqual(fourth, limited(null))
    },
  },
  {
    title: 'gives the slots of the holder before back, those of its tasks too',
    run: async (storage) => {
      const limits = [{ key: 'run', max: 1 }]
      await storage.commit([create(aRun()), claim({ engineId: 'eng_1', limits }), take(ONE), create(other)])
      const [claimed] = await storage.commit([claim({ expectedEpoch: 1, limits })])
      assert.equal(claimed?.accepted, true)
      assert.deepEqual(await storage.commit([take(ONE, ofOther), take(limits, ofOther)]), [ACCEPTED, limited(null)])
    },
  },
  {
    title: 'keeps the slots that the run has when it is refused',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(other), take(ONE), take([{ key: 'x', max: 1 }], ofOther)])
      assert.deepEqual(await storage.commit([claim({ expectedEpoch: 1, limits: [{ key: 'x', max: 1 }] })]), [
        limited(null),
      ])
      assert.deepEqual(await storage.commit([claim({ expectedEpoch: 7 }), take(ONE, ofOther)]), [
        refusedAs('stale'),
        limited(null),
      ])
    },
  },
  {
    title: 'says stale, not limited, of a run that somebody else has claimed',
    run: async (storage) => {
      await storage.commit([lease('eng_2', 60_000), create(aRun()), claim({ limits: ONE })])
      assert.deepEqual(await storage.commit([claim({ engineId: 'eng_3', limits: ONE })]), [refusedAs('stale')])
    },
  },
  {
    title: 'lets one run of a gate run at a time, whatever their flows',
    run: async (storage) => {
      await storage.commit([
        create(aRun({ gate: 'nightly' })),
        create(aRun({ id: 'run_2', flowId: 'report', gate: 'nightly' })),
        create(aRun({ id: 'run_3', gate: 'daily' })),
      ])
      const [first, second, third] = await storage.commit([
        claim(),
        claim({ runId: 'run_2' }),
        claim({ runId: 'run_3' }),
      ])
      assert.deepEqual([first?.accepted, third?.accepted], [true, true])
      assert.deepEqual(second, limited(null))
      const fence = aFence({ engineId: 'eng_2' })
      await storage.commit([finish({ ...fence, freeSlots: true })])
      assert.equal((await storage.commit([claim({ runId: 'run_2' })]))[0]?.accepted, true)
    },
  },
  {
    title: 'lets the run that has the gate be claimed from a dead engine',
    run: async (storage) => {
      await storage.commit([create(aRun({ gate: 'nightly' })), claim()])
      assert.equal((await storage.commit([claim({ expectedEpoch: 1 })]))[0]?.accepted, true)
      await storage.commit([create(other)])
      assert.deepEqual(await storage.commit([take([{ key: gateSlot('nightly'), max: 1 }], ofOther)]), [limited(null)])
    },
  },
])

/** Rules of slots of so many at a time. */
export const limitCases: readonly StorageCase[] = [...slotCases, ...endCases, ...claimCases]
