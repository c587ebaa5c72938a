import assert from 'node:assert/strict'

import type { RunStatsRecord } from '../../storage/records.ts'
import { DURATION_CLASSES, durationClass } from '../../storage/run-rules.ts'
import { aFence, aHeldRun, aRun, cancel, claim, create, finish } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const HOUR = 3_600_000
const AT = 1_800_000_000_000
const ALL = { from: 0, before: Number.MAX_SAFE_INTEGER }
const remove = (runId = 'run_1') => ({ type: 'run.remove', runId }) as const

function stats(durations: readonly number[], fields: Partial<RunStatsRecord> = {}): RunStatsRecord {
  const classes = durations.map((duration) => durationClass(duration))
  return {
    flowId: 'etl',
    configuration: 'development',
    status: 'succeeded',
    hour: AT,
    runs: durations.length,
    durationMs: durations.reduce((sum, duration) => sum + duration, 0),
    waitMs: 0,
    durations: Array.from({ length: DURATION_CLASSES }, (_, index) => classes.filter((one) => one === index).length),
    ...fields,
  }
}

const countCases = group('stats.counts', [
  {
    title: 'counts the runs of each status as they are now',
    run: async (storage) => {
      const counts = async () =>
        Object.fromEntries(Object.entries(await storage.stats.counts()).filter(([, count]) => count > 0))
      assert.deepEqual(await counts(), {})
      await storage.commit([
        create(aRun()),
        create(aRun({ id: 'run_2' })),
        create(aHeldRun({ id: 'run_3' })),
        create(aRun({ id: 'run_4', status: 'failed', finishedAt: AT })),
        create(aRun({ id: 'run_5', status: 'waiting' })),
      ])
      assert.deepEqual(await counts(), { queued: 2, running: 1, failed: 1, waiting: 1 })
      await storage.commit([claim(), cancel({ runId: 'run_2' }), finish({ runId: 'run_3' })])
      assert.deepEqual(await counts(), { running: 1, cancelled: 1, succeeded: 1, failed: 1, waiting: 1 })
    },
  },
  {
    title: 'counts ended runs on when they were removed',
    run: async (storage) => {
      await storage.commit([
        create(aHeldRun()),
        finish(),
        create(aHeldRun({ id: 'run_2' })),
        finish({ runId: 'run_2' }),
      ])
      await storage.commit([remove()])
      assert.equal((await storage.stats.counts()).succeeded, 2)
    },
  },
])

const hourCases = group('stats.runs', [
  {
    title: 'sums the ended runs of an hour by flow, configuration and status, in this order',
    run: async (storage) => {
      const run = (id: string, fields: Parameters<typeof aRun>[0], status: RunStatsRecord['status'], ms: number) => [
        create(aHeldRun({ id, startedAt: AT, createdAt: AT - 5, ...fields })),
        finish({ runId: id, status, finishedAt: AT + ms }),
      ]
      await storage.commit([
        ...run('run_1', {}, 'succeeded', 100),
        ...run('run_2', {}, 'succeeded', 3000.5),
        ...run('run_3', {}, 'failed', 7),
        ...run('run_4', { configuration: 'a' }, 'succeeded', 8),
        ...run('run_5', { flowId: 'a' }, 'succeeded', 9),
        ...run('run_6', {}, 'succeeded', HOUR - 1),
        ...run('run_7', {}, 'succeeded', HOUR),
      ])
      assert.deepEqual(await storage.stats.runs(ALL), [
        stats([9], { flowId: 'a', waitMs: 5 }),
        stats([8], { configuration: 'a', waitMs: 5 }),
        stats([7], { status: 'failed', waitMs: 5 }),
        stats([100, 3000.5, HOUR - 1], { waitMs: 15 }),
        stats([HOUR], { hour: AT + HOUR, waitMs: 5 }),
      ])
    },
  },
  {
    title: 'gives the hours that begin in a span, of one flow when asked',
    run: async (storage) => {
      for (const [index, flowId] of ['etl', 'report', 'etl'].entries()) {
        const id = `run_${String(index)}`
        await storage.commit([create(aHeldRun({ id, flowId })), finish({ runId: id, finishedAt: AT + index * HOUR })])
      }
      const hours = async (query: object) =>
        (await storage.stats.runs({ ...ALL, ...query })).map(({ hour }) => (hour - AT) / HOUR)
      assert.deepEqual(await hours({}), [0, 1, 2])
      assert.deepEqual(await hours({ flowId: 'etl' }), [0, 2])
      assert.deepEqual(await hours({ from: AT + 1 }), [1, 2])
      assert.deepEqual(await hours({ from: AT + HOUR, before: AT + 2 * HOUR }), [1])
      assert.deepEqual(await hours({ before: AT }), [])
    },
  },
  {
    title: 'counts a run that ends before its start as one that waited and had no duration',
    run: async (storage) => {
      await storage.commit([create(aRun()), cancel({ at: AT + 50 })])
      assert.deepEqual(await storage.stats.runs(ALL), [stats([], { status: 'cancelled', runs: 1, waitMs: 50 })])
    },
  },
  {
    title: 'counts each end once: no refused one, no request, no second force',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), finish({ epoch: 2 }), cancel()])
      assert.deepEqual(await storage.stats.runs(ALL), [])
      await storage.commit([cancel({ force: true, at: AT + 7 }), cancel({ force: true }), finish()])
      assert.deepEqual(await storage.stats.runs(ALL), [stats([7], { status: 'cancelled' })])
    },
  },
  {
    title: 'takes no time to be negative',
    run: async (storage) => {
      await storage.commit([create(aHeldRun({ createdAt: AT + 9 })), finish({ finishedAt: AT - 1 })])
      assert.deepEqual(await storage.stats.runs(ALL), [stats([0], { hour: AT - HOUR })])
    },
  },
  {
    title: 'counts a run that is stored as ended already, under its end',
    run: async (storage) => {
      const ended = aRun({ status: 'failed', startedAt: AT + 1, finishedAt: AT + 4 })
      await storage.commit([create(ended), create(ended)])
      assert.deepEqual(await storage.stats.runs(ALL), [stats([3], { status: 'failed', waitMs: 1 })])
    },
  },
  {
    title: 'stays when the runs are removed',
    run: async (storage) => {
      await storage.commit([create(aRun()), claim()])
      const fence = aFence({ engineId: 'eng_2' })
      await storage.commit([finish({ ...fence, finishedAt: AT + HOUR * 9 })])
      const before = await storage.stats.runs(ALL)
      await storage.commit([remove()])
      assert.equal(before.length, 1)
      assert.deepEqual(await storage.stats.runs(ALL), before)
    },
  },
])

/** Rules of the statistics. */
export const statCases: readonly StorageCase[] = [...countCases, ...hourCases]
