import assert from 'node:assert/strict'

import type { Storage } from '../../storage/storage.ts'
import { aHeldRun, aLogLine, append, aRun, aTask, claim, create, finish, put, send, wait } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const ACCEPTED = { accepted: true }
const AT = 1_800_000_000_000
const remove = { type: 'run.remove', runId: 'run_1' } as const
const sweep = (signalsBefore = 0) => ({ type: 'sweep', signalsBefore, estimatesBefore: 0 }) as const

async function expired(storage: Storage, query: object): Promise<readonly string[]> {
  return storage.stats.expired({ flowId: 'etl', finishedBefore: null, keep: null, limit: 100, ...query })
}

const removeCases = group('run.remove', [
  {
    title: 'forgets a run with its input, result, tasks, log and signals',
    run: async (storage) => {
      await storage.commit([create(aHeldRun({ tags: ['a'] }), '1'), put(aTask()), append([aLogLine()]), send(), wait()])
      await storage.commit([
        wait({ task: 'b', name: 'go', match: 'm' }),
        send({ id: 'sig_2', runId: null, match: 'm', name: 'go' }),
      ])
      await storage.commit([finish({ result: '2' })])
      assert.deepEqual(await storage.commit([remove]), [ACCEPTED])
      assert.equal(await storage.runs.get('run_1'), undefined)
      assert.equal(await storage.runs.input('run_1'), null)
      assert.equal(await storage.runs.result('run_1'), null)
      assert.deepEqual(await storage.runs.list({ labels: ['#a'], limit: 9 }), [])
      assert.deepEqual(await storage.runs.list({ limit: 9 }), [])
      assert.deepEqual(await storage.tasks.list('run_1'), [])
      assert.equal(await storage.logs.count('run_1'), 0)
      assert.deepEqual(await storage.signals.list('run_1'), [])
      assert.deepEqual(await storage.stats.flowIds(), [])
      await storage.commit([create(aHeldRun({ id: 'run_2' }))])
      const receipts = await storage.commit([send({ runId: 'run_2' }), send({ id: 'sig_2', runId: 'run_2' })])
      assert.deepEqual(receipts, [ACCEPTED, ACCEPTED])
    },
  },
  {
    title: 'makes its id and its idempotency key free, and starts with an empty log and no tasks',
    run: async (storage) => {
      await storage.commit([create(aHeldRun({ idempotencyKey: 'k' })), put(aTask()), append([aLogLine()]), finish()])
      const again = aRun({ idempotencyKey: 'k' })
      assert.deepEqual(await storage.commit([remove, create(again), append([aLogLine()])]), [
        ACCEPTED,
        { accepted: true, run: again },
        { accepted: true, firstSeq: 1 },
      ])
      assert.deepEqual(await storage.tasks.list('run_1'), [])
      assert.equal(await storage.runs.input('run_1'), null)
    },
  },
  {
    title: 'closes the waits that the run has left open',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait({ match: 'm' }), finish(), remove])
      assert.deepEqual(await storage.commit([send({ runId: null, match: 'm' })]), [ACCEPTED])
    },
  },
  {
    title: 'leaves children, other runs and what they have as they are',
    run: async (storage) => {
      const child = aRun({ id: 'run_10', parentRunId: 'run_1', parentKey: 'child#1' })
      await storage.commit([
        create(aHeldRun()),
        create(child, '1'),
        append([aLogLine()], { runId: 'run_10' }),
        finish(),
      ])
      await storage.commit([remove])
      assert.deepEqual(await storage.runs.get('run_10'), child)
      assert.equal(await storage.runs.input('run_10'), '1')
      assert.equal(await storage.logs.count('run_10'), 1)
    },
  },
  {
    title: 'refuses a run that has not ended or is missing',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([remove]), [{ accepted: false, refusal: 'missing' }])
      await storage.commit([create(aRun())])
      assert.deepEqual(await storage.commit([remove, claim(), remove]), [
        { accepted: false, refusal: 'open' },
        { accepted: true, run: await storage.runs.get('run_1') },
        { accepted: false, refusal: 'open' },
      ])
    },
  },
])

const expiredCases = group('stats.expired', [
  {
    title: 'gives ended runs of a flow from before an instant, the oldest first, up to the limit',
    run: async (storage) => {
      await storage.commit([
        create(aRun({ id: 'run_4', status: 'failed', finishedAt: 10 })),
        create(aRun({ id: 'run_1', status: 'succeeded', finishedAt: 30 })),
        create(aRun({ id: 'run_3', status: 'cancelled', finishedAt: 20 })),
        create(aRun({ id: 'run_2' })),
        create(aRun({ id: 'run_5', flowId: 'report', status: 'failed', finishedAt: 1 })),
      ])
      assert.deepEqual(await expired(storage, {}), [])
      assert.deepEqual(await expired(storage, { finishedBefore: 30 }), ['run_3', 'run_4'])
      assert.deepEqual(await expired(storage, { finishedBefore: 31 }), ['run_1', 'run_3', 'run_4'])
      assert.deepEqual(await expired(storage, { finishedBefore: 31, limit: 2 }), ['run_1', 'run_3'])
      assert.deepEqual(await expired(storage, { finishedBefore: 31, flowId: 'none' }), [])
    },
  },
  {
    title: 'gives ended runs beyond the newest ones that are kept, and open ones neither count nor go',
    run: async (storage) => {
      const statuses = ['succeeded', 'failed', 'queued', 'cancelled', 'succeeded'] as const
      await storage.commit(
        statuses.map((status, index) =>
          create(aRun({ id: `run_${String(index)}`, status, finishedAt: status === 'queued' ? null : 100 - index })),
        ),
      )
      assert.deepEqual(await expired(storage, { keep: 0 }), ['run_0', 'run_1', 'run_3', 'run_4'])
      assert.deepEqual(await expired(storage, { keep: 1 }), ['run_0', 'run_1', 'run_3'])
      assert.deepEqual(await expired(storage, { keep: 3 }), ['run_0'])
      assert.deepEqual(await expired(storage, { keep: 4 }), [])
      assert.deepEqual(await expired(storage, { keep: 9 }), [])
      assert.deepEqual(await expired(storage, { keep: 0, limit: 2 }), ['run_0', 'run_1'])
      assert.deepEqual(await expired(storage, { keep: 3, finishedBefore: 98 }), ['run_0', 'run_3', 'run_4'])
    },
  },
  {
    title: 'keeps the children of a run that has not ended',
    run: async (storage) => {
      const child = { parentRunId: 'run_1', parentKey: 'child#1', status: 'succeeded', finishedAt: 1 } as const
      await storage.commit([
        create(aHeldRun({ flowId: 'report' })),
        create(aRun({ id: 'run_2', ...child })),
        create(aRun({ id: 'run_3', ...child, parentRunId: 'run_0' })),
      ])
      assert.deepEqual(await expired(storage, { keep: 0 }), ['run_3'])
      assert.deepEqual(await expired(storage, { finishedBefore: 9 }), ['run_3'])
      await storage.commit([finish()])
      assert.deepEqual(await expired(storage, { keep: 0 }), ['run_2', 'run_3'])
      assert.deepEqual(await expired(storage, { finishedBefore: 9 }), ['run_2', 'run_3'])
    },
  },
])

const sweepCases = group('sweep', [
  {
    title: 'forgets cached values once they have expired',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const keep = (key: string, ms: number) => ({ cache: { key, expiresAt: AT + ms } })
      await storage.commit([
        create(aHeldRun()),
        put(aTask({ key: 'a', value: '1' }), keep('a', 10)),
        put(aTask({ key: 'b', value: '2' }), keep('b', 11)),
      ])
      await clock.advance(10)
      assert.deepEqual(await storage.commit([sweep()]), [ACCEPTED])
      clock.jumpTo(AT)
      assert.equal(await storage.tasks.cached('a'), undefined)
      assert.equal((await storage.tasks.cached('b'))?.value, '2')
    },
  },
  {
    title: 'forgets old signals for no run in particular that nobody took, and keeps all others',
    run: async (storage) => {
      const matched = { runId: null, match: 'm' }
      await storage.commit([
        create(aHeldRun()),
        send({ id: 'taken', ...matched, sentAt: 1 }),
        wait({ match: 'm' }),
        send({ id: 'old', ...matched, sentAt: 9 }),
        send({ id: 'young', ...matched, sentAt: 10 }),
        send({ id: 'addressed', sentAt: 1 }),
        sweep(10),
      ])
      const receipts = await storage.commit([wait({ task: 'b', match: 'm' }), wait({ task: 'c', match: 'm' })])
      assert.deepEqual(
        receipts.map((receipt) => receipt.accepted && receipt.signal?.id),
        ['young', 'addressed'],
      )
      assert.deepEqual(
        (await storage.signals.list('run_1')).map(({ id }) => id),
        ['taken', 'young', 'addressed'],
      )
      assert.deepEqual(await storage.commit([send({ id: 'old', ...matched })]), [ACCEPTED])
    },
  },
])

const flowIdCases = group('stats.flowIds', [
  {
    title: 'gives the ids of the flows that have runs, once each, in order',
    run: async (storage) => {
      assert.deepEqual(await storage.stats.flowIds(), [])
      await storage.commit([
        create(aRun({ id: 'run_1', flowId: 'report' })),
        create(aRun({ id: 'run_2' })),
        create(aRun({ id: 'run_3', flowId: 'report', status: 'failed' })),
      ])
      assert.deepEqual(await storage.stats.flowIds(), ['etl', 'report'])
    },
  },
])

/** Rules of what may be forgotten. */
export const retentionCases: readonly StorageCase[] = [...removeCases, ...expiredCases, ...sweepCases, ...flowIdCases]
