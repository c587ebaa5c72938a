import assert from 'node:assert/strict'

import type { Storage } from '../../storage/storage.ts'
import type { SavedViewRecord, ViewQuery } from '../../storage/view-records.ts'
import { group, type StorageCase } from './storage-case.ts'

const AT = 1_800_000_000_000

function aView(fields: Partial<SavedViewRecord> = {}): SavedViewRecord {
  return {
    id: 'view_1',
    owner: 'ann',
    name: 'Broken ü \u0000',
    filter: 'status:failed since:24h',
    display: '{"sort":"-createdAt"}',
    isShared: false,
    createdAt: AT,
    updatedAt: AT + 1,
    revision: 1,
    ...fields,
  }
}

const put = (fields: Partial<SavedViewRecord> = {}, expectedRevision: number | null = null, max = 10) =>
  ({ type: 'view.put', view: aView(fields), expectedRevision, max }) as const
const remove = (viewId: string, expectedRevision: number) =>
  ({ type: 'view.remove', viewId, expectedRevision }) as const
const found = async (storage: Storage, query: Omit<ViewQuery, 'limit'>) =>
  (await storage.views.list({ ...query, limit: 10 })).map(({ id }) => id)

/** Cases of saved views. */
export const viewCases: readonly StorageCase[] = group('views', [
  {
    title: 'stores a view, and gives it with every field',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([put()]), [{ accepted: true }])
      assert.deepEqual(await storage.views.get('view_1'), aView())
      assert.equal(await storage.views.get('view_2'), undefined)
      assert.deepEqual(await storage.views.list({ owner: 'ann', limit: 5 }), [aView()])
    },
  },
  {
    title: 'changes a view only from the revision that was expected',
    run: async (storage) => {
      const changed = { name: 'Other', isShared: true, revision: 2 }
      assert.deepEqual(await storage.commit([put(), put(), put(changed, 2), put(changed, 1), put(changed, 1)]), [
        { accepted: true },
        { accepted: false, refusal: 'stale' },
        { accepted: false, refusal: 'stale' },
        { accepted: true },
        { accepted: false, refusal: 'stale' },
      ])
      assert.deepEqual(await storage.views.get('view_1'), aView(changed))
    },
  },
  {
    title: 'lists the views of a user and the shared ones of all, page by page',
    run: async (storage) => {
      const ben = { owner: 'ben' }
      await storage.commit([put({ id: 'view_3' }), put({ id: 'view_2', ...ben, isShared: true })])
      await storage.commit([put({ id: 'view_1', ...ben }), put({ id: 'view_4', owner: '' })])
      assert.deepEqual(await found(storage, { owner: 'ann' }), ['view_2', 'view_3'])
      assert.deepEqual(await found(storage, { owner: 'ben' }), ['view_1', 'view_2'])
      assert.deepEqual(await found(storage, { owner: '' }), ['view_2', 'view_4'])
      assert.deepEqual(await found(storage, { owner: 'ann', after: 'view_2' }), ['view_3'])
      assert.equal((await storage.views.list({ owner: 'ann', limit: 1 })).length, 1)
    },
  },
  {
    title: 'stores no more new views of a user than may be',
    run: async (storage) => {
      const receipts = await storage.commit([
        put({}, null, 1),
        put({ id: 'view_2' }, null, 1),
        put({ id: 'view_3', owner: 'ben' }, null, 1),
        put({ revision: 2 }, 1, 1),
      ])
      assert.deepEqual(
        receipts.map(({ accepted }) => accepted),
        [true, false, true, true],
      )
      assert.deepEqual(receipts[1], { accepted: false, refusal: 'limited' })
      assert.equal(await storage.views.get('view_2'), undefined)
    },
  },
  {
    title: 'forgets a view of the revision that was expected',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([put(), remove('view_1', 2), remove('view_1', 1), remove('view_1', 1)]), [
        { accepted: true },
        { accepted: false, refusal: 'stale' },
        { accepted: true },
        { accepted: false, refusal: 'missing' },
      ])
      assert.equal(await storage.views.get('view_1'), undefined)
    },
  },
])
