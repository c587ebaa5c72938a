import assert from 'node:assert/strict'

import type { RunRecord } from '../../storage/records.ts'
import { flowSlot } from '../../storage/run-rules.ts'
import type { ClaimableFlow, Storage } from '../../storage/storage.ts'
import { aRun, cancel, claim, create, finish, lease, park, update } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

async function claimable(storage: Storage, flow: Partial<ClaimableFlow> = {}, limit = 100): Promise<string> {
  const runs = await storage.runs.claimable({ flows: [{ id: 'etl', ...flow }, { id: 'report' }], limit })
  return runs.map(({ id }) => id).join(' ')
}

/** Queued runs in the order given; the first letter of an id is its key. */
async function inLine(storage: Storage, ids: readonly string[], fields: Partial<RunRecord> = {}): Promise<void> {
  await storage.commit([
    lease('eng_2', 60_000),
    ...ids.map((id, index) => create(aRun({ id, queueAt: index, limitKey: id.slice(0, 1), ...fields }))),
  ])
}

function claimOf(runId: string, flowId = 'etl', key: string = runId.slice(0, 1)) {
  const limits = [
    { key: flowSlot(flowId), max: 100 },
    { key: flowSlot(flowId, key), max: 100 },
  ]
  return claim({ runId, limits })
}

/** Rules of `runs.claimable` about limits, keys and gates. */
export const claimOrderCases: readonly StorageCase[] = group('runs.claimable with limits', [
  {
    title: 'gives as many runs of a flow as it has places left, and all of other flows',
    run: async (storage) => {
      await inLine(storage, ['a1', 'a2', 'a3', 'a4'])
      await storage.commit([create(aRun({ id: 'r', flowId: 'report', queueAt: 9 }))])
      assert.equal(await claimable(storage, { max: 3 }), 'a1 a2 a3 r')
      await storage.commit([claimOf('a1'), claimOf('a2')])
      assert.equal(await claimable(storage, { max: 3 }), 'a3 r')
      assert.equal(await claimable(storage, { max: 2 }), 'r')
      assert.equal(await claimable(storage, { max: 1 }), 'r')
      assert.equal(await claimable(storage), 'a3 a4 r')
      await storage.commit([finish({ runId: 'a1', engineId: 'eng_2', freeSlots: true })])
      assert.equal(await claimable(storage, { max: 2 }), 'a3 r')
    },
  },
  {
    title: 'gives only runs that have started before when it is asked so, whatever they wait for',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const past = clock.now() - 1
      await inLine(storage, ['a1', 'b1'])
      await inLine(storage, ['a2', 'b2'], { startedAt: past })
      await inLine(storage, ['a3'], { status: 'scheduled', wakeAt: past })
      await inLine(storage, ['a4'], { status: 'waiting', wakeAt: past, startedAt: past })
      assert.equal(await claimable(storage, { onlyStarted: true }), 'a2 a4 b2')
      assert.equal(await claimable(storage, { onlyStarted: true, keyMax: 1 }), 'a2 b2')
      assert.equal(await claimable(storage, { onlyStarted: false }), 'a1 a2 a3 a4 b1 b2')
    },
  },
  {
    title: 'gives each key its turn: as many of each as have places left, in the order of the line',
    run: async (storage) => {
      await inLine(storage, ['a1', 'a2', 'a3', 'b1', 'a4', 'c1', 'b2'])
      assert.equal(await claimable(storage, { keyMax: 1 }), 'a1 b1 c1')
      assert.equal(await claimable(storage, { keyMax: 2 }), 'a1 a2 b1 c1 b2')
      assert.equal(await claimable(storage, { keyMax: 1 }, 2), 'a1 b1')
      await storage.commit([claimOf('a1')])
      assert.equal(await claimable(storage, { keyMax: 1 }), 'b1 c1')
      assert.equal(await claimable(storage, { keyMax: 2 }), 'a2 b1 c1 b2')
    },
  },
  {
    title: 'keeps both limits of a flow',
    run: async (storage) => {
      await inLine(storage, ['a1', 'a2', 'b1', 'c1', 'c2'])
      assert.equal(await claimable(storage, { max: 3, keyMax: 1 }), 'a1 b1 c1')
      assert.equal(await claimable(storage, { max: 2, keyMax: 1 }), 'a1 b1')
      await storage.commit([claimOf('a1')])
      assert.equal(await claimable(storage, { max: 3, keyMax: 1 }), 'b1 c1')
    },
  },
  {
    title: 'counts runs without a key under no key, and takes an empty text for a key',
    run: async (storage) => {
      await storage.commit([
        ...['x', 'y', 'z'].map((id) => create(aRun({ id }))),
        ...['p', 'q'].map((id) => create(aRun({ id, limitKey: '' }))),
      ])
      assert.equal(await claimable(storage, { keyMax: 1 }), 'p x y z')
    },
  },
  {
    title: 'lets a long line of one key hide no other key',
    run: async (storage) => {
      await inLine(storage, [...Array.from({ length: 300 }, (_, index) => `a${String(1000 + index)}`), 'b1', 'c1'])
      assert.equal(await claimable(storage, { keyMax: 1 }, 3), 'a1000 b1 c1')
      await storage.commit([claimOf('a1000')])
      assert.equal(await claimable(storage, { keyMax: 1 }, 3), 'b1 c1')
    },
  },
  {
    title: 'keeps the limits for runs whose time has come, too',
    run: async (storage) => {
      await inLine(storage, ['a1', 'a2', 'b1'], { status: 'waiting', epoch: 1, wakeAt: 1 })
      assert.equal(await claimable(storage, { keyMax: 1 }), 'a1 b1')
      assert.equal(await claimable(storage, { max: 2 }), 'a1 a2')
    },
  },
  {
    title: 'gives one run of a gate, and none while one has it',
    run: async (storage) => {
      await inLine(storage, ['a1', 'a2', 'b1'], { gate: 'nightly' })
      await storage.commit([create(aRun({ id: 'r', flowId: 'report', gate: 'nightly' })), create(aRun({ id: 's' }))])
      assert.equal(await claimable(storage), 'a1 s')
      await storage.commit([claim({ runId: 'a1' })])
      assert.equal(await claimable(storage), 's')
      await storage.commit([finish({ runId: 'a1', engineId: 'eng_2', freeSlots: true })])
      assert.equal(await claimable(storage), 'a2 s')
    },
  },
  {
    title: 'gives only as many runs of a dead engine as have places, when they had none',
    run: async (storage) => {
      await inLine(storage, ['a1', 'a2', 'b1'], { status: 'running', epoch: 1, engineId: 'eng_0' })
      await storage.commit([create(aRun({ id: 'r', flowId: 'report', queueAt: 9 }))])
      assert.equal(await claimable(storage, { max: 1 }, 2), 'a1 r')
      assert.equal(await claimable(storage, { keyMax: 1 }), 'a1 b1 r')
    },
  },
  {
    title: 'keeps the gate of a run that has left memory, and gives that run when it wakes',
    run: async (storage) => {
      await inLine(storage, ['a1', 'a2'], { gate: 'nightly' })
      await storage.commit([claim({ runId: 'a1' })])
      const leave = { runId: 'a1', engineId: 'eng_2', freeSlots: true } as const
      await storage.commit([park({ reason: 'sleep' }, leave)])
      assert.equal(await claimable(storage), '')
      assert.equal((await storage.commit([claim({ runId: 'a2' })]))[0]?.accepted, false)
      await storage.commit([claim({ runId: 'a1', expectedEpoch: 1 })])
      await storage.commit([update({ status: 'queued', engineId: null }, { ...leave, epoch: 2 })])
      assert.equal(await claimable(storage), 'a1')
      await storage.commit([cancel({ runId: 'a1' })])
      assert.equal(await claimable(storage), 'a2')
    },
  },
  {
    title: 'gives the runs of a dead engine, which have their places still, and no others in these places',
    needs: 'clock',
    run: async (storage, { clock }) => {
      await inLine(storage, ['a1', 'a2', 'a3'], { gate: 'nightly' })
      await storage.commit([claimOf('a2')])
      assert.equal(await claimable(storage, { max: 1, keyMax: 1 }), '')
      await clock.advance(60_000)
      assert.equal(await claimable(storage, { max: 1, keyMax: 1 }), 'a2')
      assert.equal(await claimable(storage, { max: 9 }), 'a2')
    },
  },
])
