import assert from 'node:assert/strict'

import { flowSlot } from '../../storage/run-rules.ts'
import { aHeldRun, aRun, create, finish, lease, take } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const ALIVE = lease('eng_1', 60_000)
const RATE = { key: 'api', max: 2, perMs: 1000 }
const free = (places: number) => ({ free: places, freeAt: null, holders: [] })

/** Rules of the reads of the line. */
export const lineCases: readonly StorageCase[] = group('line', [
  {
    title: 'tells how many places of a limit are free, and who has one',
    run: async (storage) => {
      const limit = { key: 'db', max: 3 }
      assert.deepEqual(await storage.line.room([limit]), [free(3)])
      await storage.commit([ALIVE, create(aHeldRun({ id: 'run_2' })), create(aHeldRun())])
      await storage.commit([take([limit], { runId: 'run_2' }), take([limit]), take([limit], { task: 'other' })])
      assert.deepEqual(await storage.line.room([limit, { key: 'db', max: 2 }, { key: 'x', max: 1 }]), [
        { free: 0, freeAt: null, holders: ['run_1', 'run_2'] },
        { free: 0, freeAt: null, holders: ['run_1', 'run_2'] },
        free(1),
      ])
      await storage.commit([finish({ freeSlots: true })])
      assert.deepEqual(await storage.line.room([limit]), [{ free: 2, freeAt: null, holders: ['run_2'] }])
    },
  },
  {
    title: 'tells when a rate that is used up allows the next start',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const start = clock.now()
      await storage.commit([ALIVE, create(aHeldRun()), take([RATE], { task: 'a' })])
      await clock.advance(300)
      assert.deepEqual(await storage.line.room([RATE]), [free(1)])
      await storage.commit([take([RATE], { task: 'b' })])
      assert.deepEqual(await storage.line.room([RATE, { ...RATE, max: 1 }]), [
        { free: 0, freeAt: start + 1000, holders: [] },
        { free: 0, freeAt: start + 1300, holders: [] },
      ])
      await clock.advance(700)
      assert.deepEqual(await storage.line.room([RATE]), [free(1)])
    },
  },
  {
    title: 'counts the queued runs of a flow that come before one, by their turn, and not those that pause',
    run: async (storage) => {
      const ids = ['a', 'b', 'c', 'd']
      await storage.commit([
        ...ids.map((id, index) => create(aRun({ id, queueAt: Math.min(index, 2) }))),
        create(aRun({ id: 'other', flowId: 'report', queueAt: 0 })),
        create(aHeldRun({ id: 'held', queueAt: 0 })),
      ])
      const ahead = (id: string, queueAt: number): Promise<number> => storage.line.ahead({ flowId: 'etl', id, queueAt })
      assert.deepEqual([await ahead('a', 0), await ahead('c', 2), await ahead('d', 2)], [0, 2, 3])
      await storage.commit([{ type: 'run.pause', runId: 'b', at: 5 }])
      assert.equal(await ahead('d', 2), 2)
    },
  },
  {
    title: 'is not changed by being asked',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const limits = [{ key: flowSlot('etl'), max: 1 }, RATE]
      await storage.commit([ALIVE, create(aHeldRun()), take(limits)])
      await clock.advance(5000)
      const before = await storage.line.room(limits)
      assert.deepEqual(await storage.line.room(limits), before)
      assert.deepEqual(await storage.commit([take([RATE], { task: 'b' }), take([RATE], { task: 'c' })]), [
        { accepted: true },
        { accepted: true },
      ])
    },
  },
])
