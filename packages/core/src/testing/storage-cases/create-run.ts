import assert from 'node:assert/strict'

import { aHeldRun, aRun, create, finish } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

/** Rules of `run.create`. */
export const createRunCases: readonly StorageCase[] = group('run.create', [
  {
    title: 'stores every field of the run',
    run: async (storage) => {
      const run = aHeldRun({
        trigger: { kind: 'api', by: 'ann' },
        tags: ['big', 'eu', 'big'],
        attributes: { region: 'eu', rows: 3.5, done: false },
        priority: -3,
        queueAt: 1_800_000_000_000.25,
        limitKey: 'ann',
        gate: 'nightly',
        dedupeKey: 'same',
        parentRunId: 'run_0',
        parentKey: 'child#1',
        retryOf: 'run_9',
        scheduleId: 'sch_1',
        fingerprint: 'f1',
        pausedAt: 1_800_000_000_003,
        status: 'waiting',
        reason: 'sleep',
        finishedAt: null,
        wakeAt: 1_800_000_060_000.5,
        workerId: 'wrk_1',
        progress: 0.25,
        tasksDone: 2,
        cancelRequestedAt: 1_800_000_000_001,
        cancelReason: 'no longer needed',
        idempotencyKey: 'order-7',
        error: { name: 'TypeError', message: 'no', code: null, cause: { name: 'Error', message: 'why', code: 'E_1' } },
        workerEventSeq: 5,
        workerLogSeq: 6,
      })
      await storage.commit([create(run)])
      assert.deepEqual(await storage.runs.get('run_1'), run)
    },
  },
  {
    title: 'gives the stored run in the receipt',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([create(aRun())]), [{ accepted: true, run: aRun() }])
    },
  },
  {
    title: 'keeps the input as it is, and none as null',
    run: async (storage) => {
      await storage.commit([create(aRun(), '{"a":  1}'), create(aRun({ id: 'run_2' }))])
      assert.equal(await storage.runs.input('run_1'), '{"a":  1}')
      assert.equal(await storage.runs.input('run_2'), null)
      assert.equal(await storage.runs.result('run_1'), null)
    },
  },
  {
    title: 'knows nothing of a run that was never created',
    run: async (storage) => {
      assert.equal(await storage.runs.get('run_1'), undefined)
      assert.equal(await storage.runs.input('run_1'), null)
      assert.equal(await storage.runs.result('run_1'), null)
      assert.deepEqual(await storage.tasks.list('run_1'), [])
      assert.equal(await storage.logs.count('run_1'), 0)
    },
  },
  {
    title: 'refuses a child of a run that has ended, and stores nothing of it',
    run: async (storage) => {
      const child = aHeldRun({ id: 'run_2', parentRunId: 'run_1', parentKey: 'child#1', idempotencyKey: 'k' })
      await storage.commit([create(aHeldRun()), create(child), finish()])
      const late = aRun({ id: 'run_3', parentRunId: 'run_1', parentKey: 'child#2' })
      assert.deepEqual(await storage.commit([create(late, '1')]), [{ accepted: false, refusal: 'finished' }])
      assert.equal(await storage.runs.get('run_3'), undefined)
      assert.equal(await storage.runs.input('run_3'), null)
      // One that was there before is told all the same.
      const again = await storage.commit([create({ ...child, id: 'run_4' }), create(child)])
      assert.deepEqual(again, [
        { accepted: false, refusal: 'duplicate', runId: 'run_2' },
        { accepted: false, refusal: 'duplicate', runId: 'run_2' },
      ])
    },
  },
  {
    title: 'refuses a second run with the idempotency key of its flow and names the first',
    run: async (storage) => {
      await storage.commit([create(aRun({ idempotencyKey: 'k' }), '1')])
      const receipts = await storage.commit([create(aRun({ id: 'run_2', idempotencyKey: 'k' }), '2')])
      assert.deepEqual(receipts, [{ accepted: false, refusal: 'duplicate', runId: 'run_1' }])
      assert.equal(await storage.runs.get('run_2'), undefined)
      assert.equal(await storage.runs.input('run_2'), null)
    },
  },
  {
    title: 'refuses a taken idempotency key within one commit',
    run: async (storage) => {
      const [, second] = await storage.commit([
        create(aRun({ idempotencyKey: 'k' })),
        create(aRun({ id: 'run_2', idempotencyKey: 'k' })),
      ])
      assert.deepEqual(second, { accepted: false, refusal: 'duplicate', runId: 'run_1' })
    },
  },
  {
    title: 'takes the same idempotency key for another flow, and any number of runs without one',
    run: async (storage) => {
      const receipts = await storage.commit([
        create(aRun({ idempotencyKey: 'k' })),
        create(aRun({ id: 'run_2', flowId: 'other', idempotencyKey: 'k' })),
        create(aRun({ id: 'run_3' })),
        create(aRun({ id: 'run_4' })),
      ])
      assert.ok(receipts.every((receipt) => receipt.accepted))
    },
  },
  {
    title: 'refuses a run whose id is taken and leaves the first as it is',
    run: async (storage) => {
      await storage.commit([create(aRun(), '1')])
      const receipts = await storage.commit([create(aRun({ flowId: 'other' }), '2')])
      assert.deepEqual(receipts, [{ accepted: false, refusal: 'duplicate', runId: 'run_1' }])
      assert.equal((await storage.runs.get('run_1'))?.flowId, 'etl')
      assert.equal(await storage.runs.input('run_1'), '1')
    },
  },
])
