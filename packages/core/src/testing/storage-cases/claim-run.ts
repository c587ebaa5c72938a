import assert from 'node:assert/strict'

import { aFence, aHeldRun, aRun, aTask, claim, create, finish, lease, put } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const refusedAs = (refusal: string) => [{ accepted: false, refusal }]

/** Rules of `run.claim` and `run.adopt`. */
export const claimRunCases: readonly StorageCase[] = [
  ...group('run.claim', [
    {
      title: 'gives a run that nobody holds to the engine under the next epoch',
      needs: 'clock',
      run: async (storage, { clock }) => {
        const parked = aRun({ status: 'waiting', reason: 'signal', wakeAt: 5, epoch: 3, epochsWithoutProgress: 2 })
        await storage.commit([create({ ...parked, workerEventSeq: 8, workerLogSeq: 9 })])
        const receipts = await storage.commit([claim({ expectedEpoch: 3, workerId: 'wrk_1' })])
        const run = {
          ...parked,
          status: 'running',
          reason: null,
          wakeAt: null,
          epoch: 4,
          engineId: 'eng_2',
          workerId: 'wrk_1',
          epochsWithoutProgress: 3,
          startedAt: clock.now(),
        }
        assert.deepEqual(receipts, [{ accepted: true, run }])
        assert.deepEqual(await storage.runs.get('run_1'), run)
      },
    },
    {
      title: 'counts the epochs since the last one with a final task record',
      run: async (storage) => {
        const counts: unknown[] = []
        const claimNext = async (expectedEpoch: number): Promise<void> => {
          const [receipt] = await storage.commit([claim({ expectedEpoch })])
          counts.push(receipt?.accepted === true && receipt.run?.epochsWithoutProgress)
        }
        const fence = { epoch: 3, engineId: 'eng_2' }
        const running = aTask({ key: 'a', epoch: 3, status: 'running', finishedAt: null, position: null })
        await storage.commit([create(aRun())])
        for (const epoch of [0, 1, 2]) await claimNext(epoch)
        await storage.commit([put(running, fence)])
        await claimNext(3)
        await storage.commit([put(aTask({ key: 'a', epoch: 4, status: 'failed' }), { ...fence, epoch: 4 })])
        assert.equal((await storage.runs.get('run_1'))?.epochsWithoutProgress, 4)
        for (const epoch of [4, 5]) await claimNext(epoch)
        assert.deepEqual(counts, [1, 2, 3, 4, 1, 2])
      },
    },
    {
      title: 'keeps the time of the first start',
      run: async (storage) => {
        await storage.commit([create(aRun({ epoch: 1, startedAt: 7 })), claim({ expectedEpoch: 1 })])
        assert.equal((await storage.runs.get('run_1'))?.startedAt, 7)
      },
    },
    {
      title: 'gives a run to exactly one of two engines',
      run: async (storage) => {
        await storage.commit([create(aRun()), lease('eng_2', 1000)])
        const [[first], [second]] = await Promise.all([
          storage.commit([claim()]),
          storage.commit([claim({ engineId: 'eng_3' })]),
        ])
        assert.equal(first?.accepted, true)
        assert.deepEqual(second, { accepted: false, refusal: 'stale' })
      },
    },
    {
      title: 'refuses an epoch that has passed, even when nobody holds the run',
      run: async (storage) => {
        await storage.commit([create(aRun({ epoch: 2 }))])
        assert.deepEqual(await storage.commit([claim({ expectedEpoch: 1 })]), refusedAs('stale'))
        assert.deepEqual(await storage.commit([claim({ expectedEpoch: 3 })]), refusedAs('stale'))
      },
    },
    {
      title: 'refuses a run that a living engine holds',
      run: async (storage) => {
        await storage.commit([lease('eng_1', 60_000), create(aHeldRun())])
        assert.deepEqual(await storage.commit([claim({ expectedEpoch: 1 })]), refusedAs('stale'))
        assert.equal((await storage.runs.get('run_1'))?.engineId, 'eng_1')
      },
    },
    {
      title: 'takes a run from an engine that is not registered',
      run: async (storage) => {
        await storage.commit([create(aHeldRun())])
        const [receipt] = await storage.commit([claim({ expectedEpoch: 1 })])
        assert.equal(receipt?.accepted && receipt.run?.epoch, 2)
      },
    },
    {
      title: 'takes a run from an engine that was removed',
      run: async (storage) => {
        await storage.commit([lease('eng_1', 60_000), create(aHeldRun())])
        const [, receipt] = await storage.commit([
          { type: 'engine.remove', engineId: 'eng_1' },
          claim({ expectedEpoch: 1 }),
        ])
        assert.equal(receipt?.accepted, true)
      },
    },
    {
      title: 'takes a run from an engine at the instant its lease ends, not before',
      needs: 'clock',
      run: async (storage, { clock }) => {
        await storage.commit([lease('eng_1', 1000), create(aHeldRun())])
        await clock.advance(999)
        assert.deepEqual(await storage.commit([claim({ expectedEpoch: 1 })]), refusedAs('stale'))
        await clock.advance(1)
        assert.equal((await storage.commit([claim({ expectedEpoch: 1 })]))[0]?.accepted, true)
      },
    },
    {
      title: 'leaves a run to an engine that renewed its lease',
      needs: 'clock',
      run: async (storage, { clock }) => {
        await storage.commit([lease('eng_1', 1000), create(aHeldRun())])
        await clock.advance(900)
        await storage.commit([lease('eng_1', 1000)])
        await clock.advance(900)
        assert.deepEqual(await storage.commit([claim({ expectedEpoch: 1 })]), refusedAs('stale'))
      },
    },
    {
      title: 'refuses a run that is missing or has ended',
      run: async (storage) => {
        assert.deepEqual(await storage.commit([claim()]), refusedAs('missing'))
        await storage.commit([create(aHeldRun()), finish()])
        assert.deepEqual(await storage.commit([claim({ expectedEpoch: 1 })]), refusedAs('finished'))
      },
    },
    {
      title: 'shuts the engine out that held the run before',
      run: async (storage) => {
        await storage.commit([create(aHeldRun()), claim({ expectedEpoch: 1 })])
        const receipts = await storage.commit([
          put(aTask()),
          finish(),
          { type: 'run.update', ...aFence(), patch: { progress: 0.9 } },
          { type: 'log.append', runId: 'run_1', fence: aFence(), lines: [] },
        ])
        assert.deepEqual(
          receipts,
          Array.from({ length: 4 }, () => refusedAs('stale')[0]),
        )
      },
    },
  ]),
  ...group('run.adopt', [
    {
      title: 'moves a held run to another engine in the same epoch, whether its holder lives or not',
      run: async (storage) => {
        const run = aHeldRun({ workerId: 'wrk_1', workerEventSeq: 4, workerLogSeq: 5 })
        await storage.commit([create(run), lease('eng_1', 60_000)])
        const receipts = await storage.commit([{ type: 'run.adopt', runId: 'run_1', epoch: 1, engineId: 'eng_2' }])
        assert.deepEqual(receipts, [{ accepted: true, run: { ...run, engineId: 'eng_2' } }])
      },
    },
    {
      title: 'shuts the former engine out although the epoch is the same',
      run: async (storage) => {
        await storage.commit([create(aHeldRun()), { type: 'run.adopt', runId: 'run_1', epoch: 1, engineId: 'eng_2' }])
        assert.deepEqual(await storage.commit([put(aTask())]), refusedAs('stale'))
        assert.equal((await storage.commit([put(aTask(), { engineId: 'eng_2' })]))[0]?.accepted, true)
      },
    },
    {
      title: 'refuses another epoch, a run that nobody holds, an ended run and a missing one',
      run: async (storage) => {
        const adopt = { type: 'run.adopt', runId: 'run_1', epoch: 1, engineId: 'eng_2' } as const
        assert.deepEqual(await storage.commit([adopt]), refusedAs('missing'))
        await storage.commit([create(aHeldRun())])
        assert.deepEqual(await storage.commit([{ ...adopt, epoch: 2 }]), refusedAs('stale'))
        await storage.commit([finish()])
        assert.deepEqual(await storage.commit([adopt]), refusedAs('finished'))
        await storage.commit([create(aRun({ id: 'run_2', epoch: 1 }))])
        assert.deepEqual(await storage.commit([{ ...adopt, runId: 'run_2' }]), refusedAs('stale'))
      },
    },
  ]),
]
