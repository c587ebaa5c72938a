import { memoryStorage } from '@perfect/core'
import type { Change, ClaimableFlow, Limit, LogQuery, RunQuery, Storage } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { ManualClock } from '@perfect/core/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { claimableFlows, LIMITS, logQuery, RUN_IDS, runQuery, steps } from './storage-changes.ts'

const clock = new ManualClock()
const memory = memoryStorage({ clock })
const sqlite = sqliteStorage(':memory:', { clock })

beforeAll(() => Promise.all([memory.open(), sqlite.open()]))
afterAll(() => Promise.all([memory.close(), sqlite.close()]))

interface Observed {
  readonly runs: RunQuery
  readonly logs: LogQuery
  readonly flows: readonly ClaimableFlow[]
  readonly runIds: readonly string[]
  readonly engineId: string
  readonly cacheKey: string
  readonly limits: readonly Limit[]
}

let round = 0

/** The same values with ids of their own, so that one pair of storages serves all rounds. */
function inThisRound<T>(values: T): T {
  const ids = /\b(run|alr|eng|flow|lim|rate|key|gate|sig|match|sch|cache)_(?=\d)/g
  return JSON.parse(JSON.stringify(values).replaceAll(ids, `$1_${String(round)}_`)) as T
}

function observe(
  storage: Storage,
  { runs, logs, flows, runIds, engineId, cacheKey, limits }: Observed,
): Promise<unknown> {
  return Promise.all([
    storage.runs.list(runs),
    storage.runs.claimable({ flows, limit: 100 }),
    storage.runs.nextWakeAt(),
    storage.runs.requested(engineId),
    storage.stats.counts(),
    storage.tasks.cached(cacheKey),
    storage.schedules.list(),
    storage.logs.list(logs),
    storage.engines.list(),
    storage.line.room(limits),
    storage.stats.runs({ span: 'hour', from: 0, before: 1, flowId: null }),
    storage.failures.list({ flowId: null, limit: 3 }),
    storage.alerts.due({ rules: ['ops'], limit: 3 }),
    storage.alerts.nextAt(['ops']),
    ...flows.map(({ id: flowId }) =>
      Promise.all([
        storage.line.ahead({ flowId, queueAt: 3, id: 'run_2' }),
        storage.stats.runs({ span: 'hour', from: 0, before: 1, flowId }),
        storage.stats.runs({ span: 'day', from: 0, before: 1, flowId }),
        storage.alerts.list({ flowId, states: ['pending'], limit: 3 }),
        storage.alerts.list({ flowId, after: { createdAt: 3, id: 'alr_2' }, limit: 2 }),
        storage.failures.list({ flowId, limit: 2 }),
        storage.failures.list({ flowId, limit: 2, seenFrom: 2, after: { lastAt: 3, fingerprint: '8' } }),
        storage.stats.expired({ flowId, finishedBefore: 3, keep: 2, limit: 2 }),
        storage.flows.versions(flowId),
        storage.estimates.get({ flowId, family: '1', configuration: 'release' }),
      ]),
    ),
    ...runIds.map((id) =>
      Promise.all([
        storage.runs.get(id),
        storage.runs.input(id),
        storage.runs.result(id),
        storage.tasks.list(id),
        storage.signals.list(id),
        storage.logs.count(id),
      ]),
    ),
  ])
}

/** Leaves as little of a round as it can, so that no round is slower than the one before. */
async function forget(storage: Storage, { runIds, engineId }: Observed): Promise<void> {
  const ends = runIds.flatMap((runId): Change[] => [
    { type: 'run.cancel', runId, at: 1, reason: null, force: true },
    { type: 'run.remove', runId },
  ])
  await storage.commit([
    ...ends,
    { type: 'engine.remove', engineId },
    { type: 'sweep', signalsBefore: 100, estimatesBefore: 100, alertsBefore: 100 },
  ])
}

describe('memoryStorage() and sqliteStorage()', () => {
  test('give the same receipts and the same reads for any changes', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, runQuery, logQuery, claimableFlows, async (changed, runs, logs, flows) => {
        round++
        clock.jumpTo(0)
        const names = { runIds: RUN_IDS, engineId: 'eng_1', cacheKey: 'cache_1', limits: LIMITS }
        const observed = inThisRound({ runs, logs, flows, ...names })
        for (const { passMs, changes } of inThisRound(changed)) {
          await clock.advance(passMs)
          expect(await sqlite.commit(changes)).toEqual(await memory.commit(changes))
          expect(await observe(sqlite, observed)).toEqual(await observe(memory, observed))
        }
        await Promise.all([forget(sqlite, observed), forget(memory, observed)])
      }),
      { numRuns: 200 },
    )
  })
})
