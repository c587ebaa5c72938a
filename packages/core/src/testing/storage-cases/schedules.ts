import assert from 'node:assert/strict'

import { aLogLine, append, aRun, aSchedule, cancel, create } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const ACCEPTED = { accepted: true }
const STALE = { accepted: false, refusal: 'stale' }
const store = (schedule = aSchedule(), expectedRevision: number | null = null) =>
  ({ type: 'schedule.put', schedule, expectedRevision }) as const
const remove = { type: 'schedule.remove', scheduleId: 'sch_1' } as const

const storeCases = group('schedules', [
  {
    title: 'lists what was put, by id, with every field',
    run: async (storage) => {
      assert.deepEqual(await storage.schedules.list(), [])
      const second = aSchedule({
        id: 'sch_0',
        flowId: 'report',
        origin: 'api',
        definition: '{"cron":  "* * * * *"}',
        pausedAt: 5,
        pausedUntil: 6.5,
        skips: 2,
        handledAt: 7,
        revision: 9,
      })
      assert.deepEqual(await storage.commit([store(), store(second)]), [ACCEPTED, ACCEPTED])
      assert.deepEqual(await storage.schedules.list(), [second, aSchedule()])
    },
  },
  {
    title: 'replaces a schedule whose revision is the expected one, and refuses every other as stale',
    run: async (storage) => {
      const next = aSchedule({ revision: 2, skips: 1, definition: '{}' })
      assert.deepEqual(await storage.commit([store(next, 1), store(), store(next, 1), store(next, 1), store(next)]), [
        STALE,
        ACCEPTED,
        ACCEPTED,
        STALE,
        STALE,
      ])
      assert.deepEqual(await storage.schedules.list(), [next])
    },
  },
  {
    title: 'lets one of two writers win that have read the same revision',
    run: async (storage) => {
      await storage.commit([store()])
      const [[first], [second]] = await Promise.all([
        storage.commit([store(aSchedule({ revision: 2, handledAt: 1 }), 1)]),
        storage.commit([store(aSchedule({ revision: 2, handledAt: 2 }), 1)]),
      ])
      assert.deepEqual([first, second], [ACCEPTED, STALE])
      assert.equal((await storage.schedules.list())[0]?.handledAt, 1)
    },
  },
  {
    title: 'forgets a schedule, known or not, keeps its runs, and takes it again as a new one',
    run: async (storage) => {
      await storage.commit([store(), create(aRun({ scheduleId: 'sch_1' }))])
      assert.deepEqual(await storage.commit([remove, remove]), [ACCEPTED, ACCEPTED])
      assert.deepEqual(await storage.schedules.list(), [])
      assert.equal((await storage.runs.get('run_1'))?.scheduleId, 'sch_1')
      assert.deepEqual(await storage.commit([store(aSchedule(), 1), store()]), [STALE, ACCEPTED])
    },
  },
  {
    title: 'makes the changes that come with a schedule, and tells of each',
    run: async (storage) => {
      const changes = [create(aRun()), append([aLogLine()]), create(aRun()), cancel({ runId: 'run_9' })]
      const [receipt] = await storage.commit([{ ...store(), changes }])
      assert.equal(receipt?.accepted, true)
      const [first, line, ...others] = receipt.receipts ?? []
      assert.deepEqual([first?.accepted, line], [true, { accepted: true, firstSeq: 1 }])
      assert.deepEqual(others, [
        { accepted: false, refusal: 'duplicate', runId: 'run_1' },
        { accepted: false, refusal: 'missing' },
      ])
      assert.deepEqual(await storage.runs.get('run_1'), aRun())
    },
  },
  {
    title: 'makes none of the changes that come with a schedule that it refuses',
    run: async (storage) => {
      const late = { ...store(aSchedule({ revision: 2 }), 7), changes: [create(aRun())] }
      assert.deepEqual(await storage.commit([store(), late]), [ACCEPTED, STALE])
      assert.equal(await storage.runs.get('run_1'), undefined)
    },
  },
])

/** Rules of schedules. */
export const scheduleCases: readonly StorageCase[] = storeCases
