import assert from 'node:assert/strict'

import { aHeldRun, aTask, create, finish, put } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const AT = 1_800_000_000_000

/** Rules of values that tasks keep for others. */
export const cacheCases: readonly StorageCase[] = group('tasks.cached', [
  {
    title: 'gives the value of a task that keeps it, until the instant it expires',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const expiresAt = clock.now() + 1000
      await storage.commit([create(aHeldRun()), put(aTask({ value: '{"a":  1}' }), { cache: { key: 'k', expiresAt } })])
      await clock.advance(999)
      assert.deepEqual(await storage.tasks.cached('k'), { value: '{"a":  1}', expiresAt })
      await clock.advance(1)
      assert.equal(await storage.tasks.cached('k'), undefined)
    },
  },
  {
    title: 'knows nothing under another key, and nothing of tasks that keep nothing',
    run: async (storage) => {
      await storage.commit([
        create(aHeldRun()),
        put(aTask()),
        put(aTask({ key: 'b' }), { cache: { key: 'k', expiresAt: AT * 2 } }),
      ])
      assert.equal(await storage.tasks.cached('extract#1'), undefined)
      assert.equal(await storage.tasks.cached('K'), undefined)
    },
  },
  {
    title: 'gives the value that was kept last, and keeps none that is null',
    run: async (storage) => {
      const keep = { cache: { key: 'k', expiresAt: AT * 2 } }
      await storage.commit([create(aHeldRun()), put(aTask({ key: 'a', value: '1' }), keep)])
      await storage.commit([put(aTask({ key: 'b', value: '2' }), { cache: { key: 'k', expiresAt: AT * 3 } })])
      await storage.commit([put(aTask({ key: 'c', value: null }), keep)])
      assert.deepEqual(await storage.tasks.cached('k'), { value: '2', expiresAt: AT * 3 })
    },
  },
  {
    title: 'keeps nothing of a record that is refused, and keeps on when its run has ended and its values were dropped',
    run: async (storage) => {
      const keep = (key: string) => ({ cache: { key, expiresAt: AT * 2 } })
      await storage.commit([create(aHeldRun()), put(aTask({ value: '1' }), keep('k'))])
      await storage.commit([
        put(aTask({ value: '2' }), keep('k')),
        put(aTask({ key: 'b' }), { ...keep('x'), epoch: 2 }),
      ])
      await storage.commit([finish({ dropTaskValues: true }), { type: 'run.remove', runId: 'run_1' }])
      assert.equal((await storage.tasks.cached('k'))?.value, '1')
      assert.equal(await storage.tasks.cached('x'), undefined)
    },
  },
])
