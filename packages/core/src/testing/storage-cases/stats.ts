import assert from 'node:assert/strict'

import type { RunStatsRecord } from '../../storage/records.ts'
import { countTime } from '../../storage/time-classes.ts'
import { aFence, aHeldRun, aRun, cancel, claim, create, finish } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const HOUR = 3_600_000
const AT = 1_800_000_000_000
const DAY = 24 * HOUR
const ALL = { span: 'hour', from: 0, before: Number.MAX_SAFE_INTEGER } as const
const NO_ESTIMATES = { runs: 0, within: 0, errorMs: 0, errors: [] }
const remove = (runId = 'run_1') => ({ type: 'run.remove', runId }) as const

const classes = (times: readonly number[]): readonly number[] => times.reduce(countTime, [] as readonly number[])

function stats(
  durations: readonly number[],
  { wait = 0, ...fields }: Partial<RunStatsRecord> & { readonly wait?: number } = {},
): RunStatsRecord {
  return {
    span: 'hour',
    from: AT,
    flowId: 'etl',
    configuration: 'development',
    status: 'succeeded',
    runs: durations.length,
    durationMs: durations.reduce((sum, duration) => sum + duration, 0),
    waitMs: wait * durations.length,
    durations: classes(durations),
    waits: classes(durations.map(() => wait)),
    estimates: NO_ESTIMATES,
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
        stats([9], { flowId: 'a', wait: 5 }),
        stats([8], { configuration: 'a', wait: 5 }),
        stats([7], { status: 'failed', wait: 5 }),
        stats([100, 3000.5, HOUR - 1], { wait: 5 }),
        stats([HOUR], { from: AT + HOUR, wait: 5 }),
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
        (await storage.stats.runs({ ...ALL, ...query })).map(({ from }) => (from - AT) / HOUR)
      assert.deepEqual(await hours({}), [0, 1, 2])
      assert.deepEqual(await hours({ flowId: 'etl' }), [0, 2])
      assert.deepEqual(await hours({ from: AT + 1 }), [1, 2])
      assert.deepEqual(await hours({ from: AT + HOUR, before: AT + 2 * HOUR }), [1])
      assert.deepEqual(await hours({ before: AT }), [])
    },
  },
  {
    title: 'sums the same runs by the day in UTC, and of all flows together',
    run: async (storage) => {
      const day = Math.floor(AT / DAY) * DAY
      const ends = [
        ['etl', AT],
        ['report', AT + HOUR],
        ['etl', day + DAY],
      ] as const
      for (const [index, [flowId, finishedAt]] of ends.entries()) {
        const id = `run_${String(index)}`
        const times = { createdAt: finishedAt - 9, startedAt: finishedAt - 4 }
        await storage.commit([create(aHeldRun({ id, flowId, ...times })), finish({ runId: id, finishedAt })])
      }
      const read = (query: object) => storage.stats.runs({ ...ALL, ...query })
      assert.deepEqual(await read({ flowId: null }), [
        stats([4], { wait: 5, flowId: null }),
        stats([4], { wait: 5, flowId: null, from: AT + HOUR }),
        stats([4], { wait: 5, flowId: null, from: day + DAY }),
      ])
      const days = { span: 'day', wait: 5 } as const
      assert.deepEqual(await read({ span: 'day', flowId: null }), [
        stats([4, 4], { ...days, flowId: null, from: day }),
        stats([4], { ...days, flowId: null, from: day + DAY }),
      ])
      assert.deepEqual(await read({ span: 'day', flowId: 'report' }), [
        stats([4], { ...days, flowId: 'report', from: day }),
      ])
      assert.equal((await read({ span: 'day' })).length, 3)
    },
  },
  {
    title: 'counts how good estimates were, of runs that succeeded',
    run: async (storage) => {
      const estimate = { expectedMs: 150, earlyMs: 90, lateMs: 200 }
      const run = (id: string, ms: number, fields: object) => [
        create(aHeldRun({ id, startedAt: AT, createdAt: AT })),
        finish({ runId: id, finishedAt: AT + ms, ...fields }),
      ]
      await storage.commit(run('run_1', 100, { estimate }))
      await storage.commit([
        ...run('run_2', 200, { estimate, dropTaskValues: true }),
        ...run('run_3', 300, { estimate }),
        ...run('run_4', 300, {}),
        ...run('run_5', 300, { estimate, status: 'failed' }),
      ])
      const estimates = { runs: 3, within: 2, errorMs: 250, errors: classes([500, 250, 500]) }
      assert.deepEqual(await storage.stats.runs(ALL), [
        stats([300], { status: 'failed' }),
        stats([100, 200, 300, 300], { estimates }),
      ])
    },
  },
  {
    title: 'forgets hours and days that are old, and counts on all the same',
    run: async (storage) => {
      for (const [id, finishedAt] of [
        ['run_1', AT],
        ['run_2', AT + DAY],
      ] as const)
        await storage.commit([create(aHeldRun({ id })), finish({ runId: id, finishedAt })])
      const sweep = (statsBefore: { hour: number; day: number; failure: number }) =>
        storage.commit([{ type: 'sweep', signalsBefore: 0, estimatesBefore: 0, statsBefore }])
      const left = async () =>
        Promise.all(
          (['hour', 'day'] as const).map(async (span) => [
            (await storage.stats.runs({ ...ALL, span })).length,
            (await storage.stats.runs({ ...ALL, span, flowId: null })).length,
          ]),
        )
      await sweep({ hour: AT + 1, day: 0, failure: 0 })
      assert.deepEqual(await left(), [
        [1, 1],
        [2, 2],
      ])
      await sweep({ hour: AT + 2 * DAY, day: AT, failure: 0 })
      assert.deepEqual(await left(), [
        [0, 0],
        [1, 1],
      ])
      assert.equal((await storage.stats.counts()).succeeded, 2)
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
      assert.deepEqual(await storage.stats.runs(ALL), [stats([0], { from: AT - HOUR })])
    },
  },
  {
    title: 'counts a run that is stored as ended already, under its end',
    run: async (storage) => {
      const ended = aRun({ status: 'failed', startedAt: AT + 1, finishedAt: AT + 4 })
      await storage.commit([create(ended), create(ended)])
      assert.deepEqual(await storage.stats.runs(ALL), [stats([3], { status: 'failed', wait: 1 })])
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
