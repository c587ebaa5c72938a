import assert from 'node:assert/strict'

import type { RunRecord } from '../../storage/records.ts'
import { OPEN_RUN_STATUSES } from '../../storage/run-rules.ts'
import type { Storage } from '../../storage/storage.ts'
import { aFence, aHeldRun, aRun, claim, create, finish, lease } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

async function claimable(
  storage: Storage,
  flowIds: readonly string[] = ['etl'],
  limit = 100,
): Promise<readonly string[]> {
  const flows = flowIds.map((id) => ({ id }))
  return (await storage.runs.claimable({ flows, limit })).map(({ id }) => id)
}

async function withRuns(storage: Storage, runs: readonly Partial<RunRecord>[]): Promise<void> {
  await storage.commit(runs.map((fields) => create(aRun(fields))))
}

/** Rules of `runs.claimable` and `runs.nextWakeAt`. */
export const claimableRunCases: readonly StorageCase[] = [
  ...group('runs.claimable', [
    {
      title: 'gives them by their place in line, and those of the same place by id, up to the limit',
      run: async (storage) => {
        await withRuns(storage, [
          { id: 'run_c', queueAt: 2, createdAt: 1 },
          { id: 'run_d', queueAt: 1, status: 'running' },
          { id: 'run_b', queueAt: 2, createdAt: 9 },
          { id: 'run_a', queueAt: 3, status: 'waiting', wakeAt: 1 },
          { id: 'run_e', queueAt: -5.5, status: 'retrying', wakeAt: 1, priority: 10 },
        ])
        assert.deepEqual(await claimable(storage), ['run_e', 'run_d', 'run_b', 'run_c', 'run_a'])
        assert.deepEqual(await claimable(storage, ['etl'], 3), ['run_e', 'run_d', 'run_b'])
      },
    },
    {
      title: 'gives whole records',
      run: async (storage) => {
        await storage.commit([create(aRun())])
        assert.deepEqual(await storage.runs.claimable({ flows: [{ id: 'etl' }], limit: 1 }), [aRun()])
      },
    },
    {
      title: 'gives runs of the named flows only, and the limit counts no others',
      run: async (storage) => {
        await withRuns(storage, [
          { id: 'run_1', queueAt: 1, flowId: 'other' },
          { id: 'run_2', queueAt: 2, flowId: 'report' },
          { id: 'run_3', queueAt: 3 },
        ])
        assert.deepEqual(await claimable(storage, ['etl', 'report'], 2), ['run_2', 'run_3'])
        assert.deepEqual(await claimable(storage, ['etl', 'etl']), ['run_3'])
        assert.deepEqual(await claimable(storage, []), [])
      },
    },
    {
      title: 'gives a run that waits for a time from that time on',
      needs: 'clock',
      run: async (storage, { clock }) => {
        const wakeAt = clock.now() + 1000
        const statuses = ['scheduled', 'waiting', 'retrying'] as const
        await withRuns(
          storage,
          statuses.map((status) => ({ id: status, status, wakeAt })),
        )
        await clock.advance(999)
        assert.deepEqual(await claimable(storage), [])
        await clock.advance(1)
        assert.deepEqual(await claimable(storage), ['retrying', 'scheduled', 'waiting'])
      },
    },
    {
      title: 'never gives a run that waits for something else than a time',
      run: async (storage) => {
        await withRuns(storage, [{ status: 'waiting', reason: 'signal', wakeAt: null }])
        assert.deepEqual(await claimable(storage), [])
      },
    },
    {
      title: 'never gives an ended run',
      run: async (storage) => {
        await storage.commit([create(aHeldRun({ wakeAt: 1 })), finish()])
        await withRuns(storage, [
          { id: 'run_2', status: 'failed' },
          { id: 'run_3', status: 'cancelled', wakeAt: 1 },
        ])
        assert.deepEqual(await claimable(storage), [])
      },
    },
    {
      title: 'gives no run of a living engine, and all that are due once it is dead',
      needs: 'clock',
      run: async (storage, { clock }) => {
        await storage.commit([lease('eng_1', 1000)])
        await withRuns(
          storage,
          OPEN_RUN_STATUSES.map((status) => ({ ...aHeldRun(), id: status, status, wakeAt: 1 })),
        )
        assert.deepEqual(await claimable(storage), [])
        await clock.advance(1000)
        assert.deepEqual(await claimable(storage), [...OPEN_RUN_STATUSES].toSorted())
      },
    },
    {
      title: 'gives the runs of an engine that was removed',
      run: async (storage) => {
        await storage.commit([lease('eng_1', 60_000), create(aHeldRun())])
        assert.deepEqual(await claimable(storage), [])
        await storage.commit([{ type: 'engine.remove', engineId: 'eng_1' }])
        assert.deepEqual(await claimable(storage), ['run_1'])
      },
    },
    {
      title: 'gives a run no more once it was claimed, and again when it was given back',
      run: async (storage) => {
        await storage.commit([lease('eng_2', 60_000), create(aRun()), claim()])
        assert.deepEqual(await claimable(storage), [])
        const fence = aFence({ engineId: 'eng_2' })
        await storage.commit([{ type: 'run.update', ...fence, patch: { status: 'queued', engineId: null } }])
        assert.deepEqual(await claimable(storage), ['run_1'])
      },
    },
  ]),
  ...group('runs.nextWakeAt', [
    {
      title: 'gives the earliest time, also one that has passed',
      run: async (storage) => {
        assert.equal(await storage.runs.nextWakeAt(), null)
        await withRuns(storage, [
          { id: 'run_1', status: 'waiting', wakeAt: 300 },
          { id: 'run_2', status: 'retrying', wakeAt: 100 },
          { id: 'run_3', status: 'scheduled', wakeAt: 200 },
          { id: 'run_4', status: 'waiting', wakeAt: null },
        ])
        assert.equal(await storage.runs.nextWakeAt(), 100)
      },
    },
    {
      title: 'looks at no run that is held, paused or has ended',
      run: async (storage) => {
        await withRuns(storage, [
          { ...aHeldRun(), id: 'run_1', status: 'waiting', wakeAt: 100 },
          { id: 'run_2', status: 'failed', wakeAt: 200 },
          { id: 'run_3', status: 'waiting', wakeAt: 300 },
          { id: 'run_4', status: 'waiting', reason: 'paused', wakeAt: 50, pausedAt: 1 },
        ])
        assert.equal(await storage.runs.nextWakeAt(), 300)
        await storage.commit([{ type: 'run.cancel', runId: 'run_3', at: 1, reason: null }])
        assert.equal(await storage.runs.nextWakeAt(), null)
      },
    },
  ]),
]
