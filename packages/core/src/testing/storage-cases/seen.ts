import assert from 'node:assert/strict'

import type { AlertRecord } from '../../storage/alert-records.ts'
import type { SeenTopic } from '../../storage/seen-records.ts'
import { aRun } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const AT = 1_800_000_000_000

const put = (user: string, topic: SeenTopic, until: number) =>
  ({ type: 'seen.put', mark: { user, topic, until } }) as const

const failed = (id: string, flowId: string, finishedAt: number) =>
  ({ type: 'run.create', run: aRun({ id, flowId, status: 'failed', finishedAt }), input: null }) as const

function anAlert(id: string, flowId: string, createdAt: number): AlertRecord {
  return {
    id,
    rule: 'ops',
    kind: 'failed',
    flowId,
    runId: null,
    scheduleId: null,
    facts: '{}',
    failingSince: null,
    failedRuns: null,
    createdAt,
    state: 'delivered',
    attempts: 1,
    maxAttempts: 1,
    nextAt: null,
    settledAt: createdAt,
    problem: null,
  }
}

/** Cases of how far users have looked. */
export const seenCases: readonly StorageCase[] = group('seen', [
  {
    title: 'keeps how far each user has seen each topic, and never goes back',
    run: async (storage) => {
      await storage.commit([put('ann', 'failures', AT), put('ann', 'alerts', AT + 5), put('', 'failures', AT + 9)])
      await storage.commit([put('ann', 'failures', AT + 2), put('ann', 'alerts', AT)])
      assert.deepEqual(await storage.seen.marks('ann'), [
        { user: 'ann', topic: 'alerts', until: AT + 5 },
        { user: 'ann', topic: 'failures', until: AT + 2 },
      ])
      assert.deepEqual(await storage.seen.marks(''), [{ user: '', topic: 'failures', until: AT + 9 }])
      assert.deepEqual(await storage.seen.marks('ben'), [])
    },
  },
  {
    title: 'counts the runs that failed since an instant, whenever they were created',
    run: async (storage) => {
      const runs = [failed('run_1', 'etl', AT + 5), failed('run_2', 'pay', AT + 1), failed('run_3', 'etl', AT + 3)]
      const others = (['succeeded', 'cancelled', 'queued'] as const).map((status, index) => ({
        ...failed('', '', 0),
        run: aRun({ id: `run_${String(index + 4)}`, flowId: 'etl', status, finishedAt: AT + 9 }),
      }))
      await storage.commit([...runs, ...others])
      const count = (after: number, flowIds?: readonly string[], limit = 10) =>
        storage.seen.count({ topic: 'failures', after, limit, ...(flowIds && { flowIds }) })
      assert.equal(await count(0), 3)
      assert.equal(await count(AT + 1), 2)
      assert.equal(await count(AT + 5), 0)
      assert.equal(await count(0, ['etl']), 2)
      assert.equal(await count(0, []), 0)
      assert.equal(await count(0, undefined, 2), 2)
    },
  },
  {
    title: 'counts the alerts that were made since an instant',
    run: async (storage) => {
      const alerts = [anAlert('alr_1', 'etl', AT), anAlert('alr_2', 'pay', AT + 1), anAlert('alr_3', 'etl', AT + 2)]
      await storage.commit([{ type: 'alert.put', alerts }])
      const count = (after: number, flowIds?: readonly string[], limit = 10) =>
        storage.seen.count({ topic: 'alerts', after, limit, ...(flowIds && { flowIds }) })
      assert.equal(await count(0), 3)
      assert.equal(await count(AT), 2)
      assert.equal(await count(0, ['pay', 'none']), 1)
      assert.equal(await count(0, []), 0)
      assert.equal(await count(0, undefined, 2), 2)
    },
  },
])
