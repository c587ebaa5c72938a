import assert from 'node:assert/strict'

import type { AuditQuery, AuditRecord } from '../../storage/audit-records.ts'
import type { Storage } from '../../storage/storage.ts'
import { group, type StorageCase } from './storage-case.ts'

const AT = 1_800_000_000_000

function anAction(fields: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: 'aud_1',
    at: AT,
    door: 'http',
    actor: 'ann',
    address: '127.0.0.1',
    requestId: 'req_1',
    action: 'run.cancel',
    target: 'run_1',
    flowId: 'etl',
    outcome: 'begun',
    code: null,
    changes: '[]',
    facts: '{"a":"ü \\u0000"}',
    endedAt: null,
    ...fields,
  }
}

const put = (...entries: Partial<AuditRecord>[]) => ({ type: 'audit.put', entries: entries.map(anAction) }) as const
const end = (fields: Partial<AuditRecord> = {}, auditId = 'aud_1') => {
  const { target, flowId, outcome, code, changes, facts, endedAt } = anAction({ outcome: 'done', ...fields })
  return { type: 'audit.end', auditId, end: { target, flowId, outcome, code, changes, facts, endedAt } } as const
}
const found = async (storage: Storage, query: Omit<AuditQuery, 'limit'>) =>
  (await storage.audit.list({ ...query, limit: 10 })).map(({ id }) => id)

/** Three actions of different people. */
const THREE = put(
  {},
  { id: 'aud_2', at: AT + 1000, actor: 'Ben', action: 'run.trigger', target: 'run_2', flowId: 'pay', outcome: 'done' },
  {
    id: 'aud_3',
    at: AT + 2000,
    actor: null,
    address: null,
    action: 'auth.refused',
    target: null,
    flowId: null,
    code: 'UNAUTHORIZED',
  },
)

/** Cases of the audit log. */
export const auditCases: readonly StorageCase[] = group('audit', [
  {
    title: 'stores an action once, and gives it with every field',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([put({})]), [{ accepted: true }])
      await storage.commit([put({ actor: 'other' })])
      assert.deepEqual(await storage.audit.list({ limit: 5 }), [anAction()])
    },
  },
  {
    title: 'stores how an action ended once',
    run: async (storage) => {
      const fields = { outcome: 'failed', code: 'INTERNAL', changes: '[1]', facts: '{}', endedAt: AT + 5 } as const
      const ended = { ...fields, target: 'run_7', flowId: 'new' }
      const receipts = await storage.commit([put({}), end(ended), end(), end({}, 'aud_9')])
      assert.deepEqual(receipts, [
        { accepted: true },
        { accepted: true },
        { accepted: false, refusal: 'finished' },
        { accepted: false, refusal: 'missing' },
      ])
      assert.deepEqual(await storage.audit.list({ limit: 5 }), [anAction(ended)])
    },
  },
  {
    title: 'lists actions newest first, page by page',
    run: async (storage) => {
      await storage.commit([THREE])
      assert.deepEqual(await found(storage, {}), ['aud_3', 'aud_2', 'aud_1'])
      const [first] = await storage.audit.list({ limit: 1 })
      assert.equal(first?.id, 'aud_3')
      assert.deepEqual(await found(storage, { after: 'aud_3' }), ['aud_2', 'aud_1'])
      assert.deepEqual(await found(storage, { after: 'aud_1' }), [])
    },
  },
  {
    title: 'finds actions by each field, and leaves out by each',
    run: async (storage) => {
      await storage.commit([THREE])
      assert.deepEqual(await found(storage, { actors: ['ann', 'Ben'] }), ['aud_2', 'aud_1'])
      assert.deepEqual(await found(storage, { actors: [] }), [])
      assert.deepEqual(await found(storage, { actions: ['run.trigger'], doors: ['http'] }), ['aud_2'])
      assert.deepEqual(await found(storage, { outcomes: ['begun'], targets: ['run_1'] }), ['aud_1'])
      assert.deepEqual(await found(storage, { flowIds: ['pay'] }), ['aud_2'])
      assert.deepEqual(await found(storage, { not: { actors: ['ann'] } }), ['aud_3', 'aud_2'])
      assert.deepEqual(await found(storage, { not: { flowIds: ['pay'], actions: ['run.cancel'] } }), ['aud_3'])
      assert.deepEqual(await found(storage, { from: AT + 1000, before: AT + 2000 }), ['aud_2'])
      assert.deepEqual(await found(storage, { text: 'BEN' }), ['aud_2'])
      assert.deepEqual(await found(storage, { text: 'unauth' }), ['aud_3'])
      assert.deepEqual(await found(storage, { text: '%' }), [])
    },
  },
  {
    title: 'forgets actions by age and by number',
    run: async (storage) => {
      const sweep = (audit: { before: number | null; keep: number | null }) =>
        storage.commit([{ type: 'sweep', signalsBefore: 0, estimatesBefore: 0, audit }])
      await storage.commit([THREE])
      await sweep({ before: null, keep: null })
      await sweep({ before: AT, keep: 3 })
      assert.deepEqual(await found(storage, {}), ['aud_3', 'aud_2', 'aud_1'])
      await sweep({ before: AT + 1, keep: null })
      assert.deepEqual(await found(storage, {}), ['aud_3', 'aud_2'])
      await sweep({ before: null, keep: 1 })
      assert.deepEqual(await found(storage, {}), ['aud_3'])
    },
  },
])
