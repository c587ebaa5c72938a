import assert from 'node:assert/strict'

import type { RunRecord } from '../../storage/records.ts'
import type { RunFilter, RunQuery, Storage } from '../../storage/storage.ts'
import { aHeldRun, aRun, create, finish } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const RUNS: readonly Partial<RunRecord>[] = [
  {
    id: 'a',
    flowId: 'etl',
    configuration: 'test',
    trigger: { kind: 'api', by: null },
    tags: ['big', 'eu'],
    createdAt: 10,
  },
  { id: 'b', flowId: 'etl', scheduleId: 'sch_1', trigger: { kind: 'schedule', by: 'x' }, tags: ['eu'], createdAt: 40 },
  { id: 'c', flowId: 'report', scheduleId: 'sch_2', attributes: { region: 'eu', rows: 3, done: true }, createdAt: 30 },
  {
    id: 'd',
    flowId: 'sync',
    flowVersion: '2',
    status: 'failed',
    attributes: { region: 'us' },
    tags: ['big'],
    createdAt: 20,
    startedAt: 25,
    finishedAt: 30,
    error: { name: 'Error', code: null, message: 'Nur Ärger "x"', stack: 'in stack' },
  },
  {
    id: 'e',
    flowId: 'sync',
    status: 'succeeded',
    parentRunId: 'a',
    parentKey: 'k',
    createdAt: 50,
    startedAt: 50,
    finishedAt: 53,
  },
]

async function ids(storage: Storage, query: RunFilter & Partial<RunQuery>): Promise<string> {
  return (await storage.runs.list({ limit: 100, ...query })).map(({ id }) => id).join('')
}

async function withRuns(storage: Storage): Promise<void> {
  await storage.commit(RUNS.map((fields) => create(aRun(fields))))
}

/** Checks what each filter finds. */
function finds(title: string, found: readonly (readonly [query: RunFilter & Partial<RunQuery>, ids: string])[]) {
  return {
    title,
    run: async (storage: Storage) => {
      await withRuns(storage)
      for (const [query, expected] of found) assert.equal(await ids(storage, query), expected, JSON.stringify(query))
    },
  }
}

/** Rules of the filters of `runs.list`. */
export const runFilterCases: readonly StorageCase[] = group('filters of runs.list', [
  finds('find any of some values, and nothing for an empty list', [
    [{ flowIds: ['etl', 'report', 'etl'] }, 'cba'],
    [{ configurations: ['test'] }, 'a'],
    [{ configurations: ['test', 'development'] }, 'edcba'],
    [{ triggers: ['api', 'schedule'] }, 'ba'],
    [{ scheduleIds: ['sch_1', 'sch_2'] }, 'cb'],
    [{ scheduleIds: ['sch_1'] }, 'b'],
    [{ flowIds: [] }, ''],
    [{ configurations: [] }, ''],
    [{ triggers: [] }, ''],
    [{ scheduleIds: [] }, ''],
  ]),
  finds('find the runs that have all of some labels', [
    [{ labels: ['#eu'] }, 'ba'],
    [{ labels: ['#eu', '#big'] }, 'a'],
    [{ labels: ['#big', '#eu'] }, 'a'],
    [{ labels: ['region=eu'] }, 'c'],
    [{ labels: ['rows=3', 'done=true', 'region=eu'] }, 'c'],
    [{ labels: ['#region=eu'] }, ''],
    [{ labels: ['eu'] }, ''],
    [{ labels: ['#eu', 'region=eu'] }, ''],
    [{ labels: [] }, 'edcba'],
  ]),
  finds('find runs by the version of their flow, by how long they took, and by text', [
    [{ versions: ['2'] }, 'd'],
    [{ versions: ['1', '2'] }, 'edcba'],
    [{ not: { versions: ['1'] } }, 'd'],
    [{ durationFromMs: 5 }, 'd'],
    [{ durationFromMs: 5.5 }, ''],
    [{ durationBelowMs: 5 }, 'e'],
    [{ durationFromMs: 3, durationBelowMs: 9 }, 'ed'],
    [{ text: 'REPORT' }, 'c'],
    [{ text: 'ÄRGER "x' }, 'd'],
    [{ text: 'stack' }, ''],
    [{ text: '%' }, ''],
    [{ text: 'd', durationFromMs: 1 }, 'd'],
  ]),
  finds('find children and runs of a time, from an instant on and before another', [
    [{ parentRunId: 'a' }, 'e'],
    [{ parentRunId: 'b' }, ''],
    [{ createdFrom: 30 }, 'ecb'],
    [{ createdBefore: 30 }, 'da'],
    [{ createdFrom: 20, createdBefore: 40 }, 'dc'],
  ]),
  finds('leave out the runs that fit any list of what is not wanted', [
    [{ not: { flowIds: ['etl'] } }, 'edc'],
    [{ not: { statuses: ['queued'] } }, 'ed'],
    [{ not: { configurations: ['test'] } }, 'edcb'],
    [{ not: { triggers: ['code'] } }, 'ba'],
    [{ not: { scheduleIds: ['sch_1'] } }, 'edca'],
    [{ not: { labels: ['#eu', 'region=us'] } }, 'ec'],
    [{ not: { flowIds: ['etl'], statuses: ['failed'] } }, 'ec'],
    [{ not: { flowIds: [], labels: [], scheduleIds: [] } }, 'edcba'],
    [{ not: {} }, 'edcba'],
  ]),
  finds('fit all together, with place and limit', [
    [{ flowIds: ['etl'], labels: ['#eu'], not: { triggers: ['api'] } }, 'b'],
    [{ labels: ['#big'], statuses: ['failed', 'succeeded'] }, 'd'],
    [{ labels: ['#eu'], before: 'b' }, 'a'],
    [{ labels: ['#eu'], limit: 1 }, 'b'],
    [{ statuses: ['queued', 'failed'], flowIds: ['etl', 'sync'], limit: 2 }, 'db'],
    [{ statuses: ['queued', 'failed'], flowIds: ['etl', 'sync'], before: 'd', limit: 2 }, 'ba'],
    [{ statuses: ['queued'], not: { flowIds: ['etl'] }, createdFrom: 20 }, 'c'],
    [{ statuses: ['queued', 'failed'], labels: ['#big', '#eu'], createdBefore: 15 }, 'a'],
    [{ flowIds: ['sync'], not: { labels: ['#big'] }, parentRunId: 'a' }, 'e'],
    [{ before: 'a' }, ''],
    [{ before: 'cc', createdBefore: 35 }, 'ca'],
  ]),
  {
    title: 'take a thousand flows at once',
    run: async (storage) => {
      await withRuns(storage)
      const flowIds = [...Array.from({ length: 1000 }, (_, index) => `flow_${String(index)}`), 'etl', 'sync']
      assert.equal(await ids(storage, { flowIds, statuses: ['queued', 'failed', 'waiting'] }), 'dba')
      assert.equal(await ids(storage, { flowIds, limit: 2 }), 'ed')
    },
  },
  {
    title: 'find a run under its label after it has ended, and each label once',
    run: async (storage) => {
      const run = aHeldRun({ tags: ['x', 'x', 'n=1'], attributes: { n: 1 } })
      await storage.commit([create(run), finish()])
      const [found] = await storage.runs.list({ labels: ['#x', 'n=1', '#n=1'], limit: 5 })
      assert.deepEqual([found?.status, found?.tags, found?.attributes], ['succeeded', ['x', 'x', 'n=1'], { n: 1 }])
      assert.equal((await storage.runs.list({ labels: ['#x'], limit: 5 })).length, 1)
    },
  },
])
