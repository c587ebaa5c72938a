import assert from 'node:assert/strict'

import { flowSlot, gateSlot } from '../../storage/run-rules.ts'
import { aFence, aHeldRun, aRun, claim, create, finish, lease, take } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const ACCEPTED = { accepted: true }
const limited = (retryAt: number | null) => ({ accepted: false, refusal: 'limited', retryAt })
const refusedAs = (refusal: string) => ({ accepted: false, refusal })
// Who holds no run alive has no slots for long.
const ALIVE = lease('eng_1', 60_000)
const ONE = [{ key: 'db', max: 1 }]
const other = aHeldRun({ id: 'run_2' })
const ofOther = { runId: 'run_2' }

/** Limits and gates of `run.claim`. */
export const claimLimitCases: readonly StorageCase[] = group('run.claim with limits', [
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
      await storage.commit([ALIVE])
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
