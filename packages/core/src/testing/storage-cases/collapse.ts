import assert from 'node:assert/strict'

import type { RunRecord } from '../../storage/records.ts'
import { aHeldRun, aRun, cancel, claim, create, finish, lease } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const duplicate = (runId: string) => ({ accepted: false, refusal: 'duplicate', runId })
const T = 1_900_000_000_000
const dedupe = (fields: Partial<RunRecord>) =>
  create(aRun({ dedupeKey: 'k', ...fields }), null, { collapse: { kind: 'dedupe' } })
const debounce = (id: string, wakeAt: number, input: string | null, fields: Partial<RunRecord> = {}) =>
  create(aRun({ id, dedupeKey: 'k', status: 'scheduled', wakeAt, createdAt: T, ...fields }), input, {
    collapse: { kind: 'debounce', maxWaitMs: 100 },
  })

const dedupeCases = group('run.create with dedupe', [
  {
    title: 'is refused while a run of the flow with the same key is open, and names it',
    run: async (storage) => {
      await storage.commit([lease('eng_2', 60_000)])
      assert.deepEqual(await storage.commit([dedupe({}), dedupe({ id: 'run_2' })]), [
        { accepted: true, run: aRun({ dedupeKey: 'k' }) },
        duplicate('run_1'),
      ])
      assert.equal(await storage.runs.get('run_2'), undefined)
      await storage.commit([claim()])
      assert.deepEqual(await storage.commit([dedupe({ id: 'run_2' })]), [duplicate('run_1')])
      await storage.commit([{ type: 'run.pause', runId: 'run_1', at: 1 }])
      assert.deepEqual(await storage.commit([dedupe({ id: 'run_2' })]), [duplicate('run_1')])
    },
  },
  {
    title: 'is accepted once the first has ended, in the same commit too',
    run: async (storage) => {
      await storage.commit([create(aHeldRun({ dedupeKey: 'k' }))])
      const [, second, third] = await storage.commit([finish(), dedupe({ id: 'run_2' }), dedupe({ id: 'run_3' })])
      assert.equal(second?.accepted, true)
      assert.deepEqual(third, duplicate('run_2'))
      const [, fourth] = await storage.commit([cancel({ runId: 'run_2' }), dedupe({ id: 'run_3' })])
      assert.equal(fourth?.accepted, true)
    },
  },
  {
    title: 'looks at the key of its own flow, and at none when it has none',
    run: async (storage) => {
      const receipts = await storage.commit([
        dedupe({}),
        dedupe({ id: 'run_2', flowId: 'report' }),
        dedupe({ id: 'run_3', dedupeKey: 'other' }),
        dedupe({ id: 'run_4', dedupeKey: null }),
        dedupe({ id: 'run_5', dedupeKey: null }),
        create(aRun({ id: 'run_6', dedupeKey: 'k' })),
      ])
      assert.ok(receipts.every(({ accepted }) => accepted))
    },
  },
  {
    title: 'leaves its idempotency key free when it is refused',
    run: async (storage) => {
      await storage.commit([dedupe({}), dedupe({ id: 'run_2', idempotencyKey: 'i' })])
      const [receipt] = await storage.commit([create(aRun({ id: 'run_3', idempotencyKey: 'i' }))])
      assert.equal(receipt?.accepted, true)
    },
  },
])

const debounceCases = group('run.create with debounce', [
  {
    title: 'gives the run that waits the new input and the new time, and tells which one that is',
    run: async (storage) => {
      await storage.commit([debounce('run_1', T + 10, '1')])
      const [receipt] = await storage.commit([debounce('run_2', T + 30, '2')])
      const run = aRun({ dedupeKey: 'k', status: 'scheduled', wakeAt: T + 30, createdAt: T })
      assert.deepEqual(receipt, { accepted: true, run })
      assert.deepEqual(await storage.runs.get('run_1'), run)
      assert.equal(await storage.runs.input('run_1'), '2')
      assert.equal(await storage.runs.get('run_2'), undefined)
      assert.equal(await storage.runs.input('run_2'), null)
      await storage.commit([debounce('run_3', T + 40, null)])
      assert.equal(await storage.runs.input('run_1'), null)
    },
  },
  {
    title: 'never waits longer than allowed from the first creation',
    run: async (storage) => {
      await storage.commit([debounce('run_1', T + 50, '1'), debounce('run_2', T + 120, '2', { createdAt: T + 70 })])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, T + 100)
      await storage.commit([debounce('run_3', T + 140, '3', { createdAt: T + 90 })])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, T + 100)
      assert.equal(await storage.runs.input('run_1'), '3')
    },
  },
  {
    title: 'makes a new run once the one before has started or ended',
    run: async (storage) => {
      await storage.commit([debounce('run_1', 5, '1'), claim()])
      const [second] = await storage.commit([debounce('run_2', 5, '2')])
      assert.deepEqual(second?.accepted === true && second.run?.id, 'run_2')
      assert.equal(await storage.runs.input('run_1'), '1')
      const [, third] = await storage.commit([cancel({ runId: 'run_2' }), debounce('run_3', 5, '3')])
      assert.deepEqual(third?.accepted === true && third.run?.id, 'run_3')
    },
  },
  {
    title: 'does not touch a run that was started and waits again, that does not wait, or that repeats another',
    run: async (storage) => {
      await storage.commit([
        create(aRun({ dedupeKey: 'k', status: 'waiting', epoch: 1, wakeAt: T })),
        create(aRun({ id: 'run_2', dedupeKey: 'k' })),
        create(aRun({ id: 'run_0', dedupeKey: 'k', status: 'scheduled', wakeAt: T, retryOf: 'run_9', attempt: 2 })),
      ])
      const [receipt] = await storage.commit([debounce('run_3', T + 5, '3')])
      assert.deepEqual(receipt?.accepted === true && receipt.run?.id, 'run_3')
    },
  },
  {
    title: 'gives the new input to a run that is paused before its start, which stays paused',
    run: async (storage) => {
      await storage.commit([debounce('run_1', T + 10, '1'), { type: 'run.pause', runId: 'run_1', at: 7 }])
      const [receipt] = await storage.commit([debounce('run_2', T + 30, '2')])
      const run = receipt?.accepted === true ? receipt.run : undefined
      assert.deepEqual([run?.id, run?.reason, run?.wakeAt, run?.pausedAt], ['run_1', 'paused', T + 30, 7])
      assert.equal(await storage.runs.input('run_1'), '2')
    },
  },
  {
    title: 'changes nothing when its id or its idempotency key is known: it is the same change once more',
    run: async (storage) => {
      await storage.commit([debounce('run_1', T + 10, '1', { idempotencyKey: 'i' }), debounce('run_2', T + 30, '2')])
      assert.deepEqual(
        await storage.commit([
          debounce('run_1', T + 10, '1', { idempotencyKey: 'i' }),
          debounce('run_3', T + 10, '1', { idempotencyKey: 'i' }),
        ]),
        [duplicate('run_1'), duplicate('run_1')],
      )
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, T + 30)
      assert.equal(await storage.runs.input('run_1'), '2')
    },
  },
  {
    title: 'looks at the key of its own flow, and at none when it has none',
    run: async (storage) => {
      const receipts = await storage.commit([
        debounce('run_1', T, '1'),
        debounce('run_2', T, '2', { flowId: 'report' }),
        debounce('run_3', T, '3', { dedupeKey: 'other' }),
        debounce('run_4', T, '4', { dedupeKey: null }),
        debounce('run_5', T, '5', { dedupeKey: null }),
      ])
      assert.deepEqual(
        receipts.map((receipt) => receipt.accepted && receipt.run?.id),
        ['run_1', 'run_2', 'run_3', 'run_4', 'run_5'],
      )
    },
  },
])

/** Rules of new runs that are the same work as known ones. */
export const collapseCases: readonly StorageCase[] = [...dedupeCases, ...debounceCases]
