import assert from 'node:assert/strict'

import type { RunRecord } from '../../storage/records.ts'
import type { RunQuery, Storage } from '../../storage/storage.ts'
import { aHeldRun, aRun, create, finish } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

async function ids(storage: Storage, query: Partial<RunQuery> = {}): Promise<readonly string[]> {
  return (await storage.runs.list({ limit: 100, ...query })).map(({ id }) => id)
}

// Created in an order that is not the one of the list.
const RUNS: readonly Partial<RunRecord>[] = [
  { id: 'run_c', createdAt: 20, flowId: 'etl', status: 'queued' },
  { id: 'run_a', createdAt: 30, flowId: 'etl', status: 'failed' },
  { id: 'run_e', createdAt: 10, flowId: 'report', status: 'succeeded' },
  { id: 'run_b', createdAt: 20, flowId: 'report', status: 'running' },
  { id: 'run_d', createdAt: 20, flowId: 'etl', status: 'succeeded' },
]

async function withRuns(storage: Storage): Promise<void> {
  await storage.commit(RUNS.map((fields) => create(aRun(fields))))
}

/** Rules of `runs.list`: order, pages, flows and statuses. */
export const listRunCases: readonly StorageCase[] = group('runs.list', [
  {
    title: 'gives them by id, the largest first, whenever they were created',
    run: async (storage) => {
      await withRuns(storage)
      assert.deepEqual(await ids(storage), ['run_e', 'run_d', 'run_c', 'run_b', 'run_a'])
    },
  },
  {
    title: 'gives whole records',
    run: async (storage) => {
      const run = aHeldRun({ trigger: { kind: 'schedule', by: '* * * * *' } })
      await storage.commit([create(run)])
      assert.deepEqual(await storage.runs.list({ limit: 1 }), [run])
    },
  },
  {
    title: 'pages through everything once, whatever the size of a page',
    run: async (storage) => {
      await withRuns(storage)
      for (const limit of [1, 2, 3, 5]) {
        const seen: string[] = []
        let page = await storage.runs.list({ limit })
        for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
          seen.push(...page.map(({ id }) => id))
          page = await storage.runs.list({ limit, before: last.id })
        }
        assert.deepEqual(seen, ['run_e', 'run_d', 'run_c', 'run_b', 'run_a'])
      }
    },
  },
  {
    title: 'pages backwards from any run, the oldest first, with any filter',
    run: async (storage) => {
      await withRuns(storage)
      assert.deepEqual(await ids(storage, { oldestFirst: true }), ['run_a', 'run_b', 'run_c', 'run_d', 'run_e'])
      assert.deepEqual(await ids(storage, { oldestFirst: true, after: 'run_b', limit: 2 }), ['run_c', 'run_d'])
      assert.deepEqual(await ids(storage, { oldestFirst: true, after: 'run_e' }), [])
      assert.deepEqual(await ids(storage, { after: 'run_a', before: 'run_d' }), ['run_c', 'run_b'])
      const ofFlow = { oldestFirst: true, after: 'run_a', flowIds: ['etl'] } as const
      assert.deepEqual(await ids(storage, ofFlow), ['run_c', 'run_d'])
      assert.deepEqual(await ids(storage, { ...ofFlow, statuses: ['queued', 'failed'] }), ['run_c'])
      const created = { oldestFirst: true, createdFrom: 20, createdBefore: 30, limit: 2 } as const
      assert.deepEqual(await ids(storage, created), ['run_b', 'run_c'])
    },
  },
  {
    title: 'gives the runs of one flow',
    run: async (storage) => {
      await withRuns(storage)
      assert.deepEqual(await ids(storage, { flowIds: ['report'] }), ['run_e', 'run_b'])
      assert.deepEqual(await ids(storage, { flowIds: ['rep'] }), [])
    },
  },
  {
    title: 'gives the runs of any of some statuses, and none for no status',
    run: async (storage) => {
      await withRuns(storage)
      assert.deepEqual(await ids(storage, { statuses: ['succeeded'] }), ['run_e', 'run_d'])
      assert.deepEqual(await ids(storage, { statuses: ['running', 'failed', 'running'] }), ['run_b', 'run_a'])
      assert.deepEqual(await ids(storage, { statuses: [] }), [])
    },
  },
  {
    title: 'combines flow, statuses, place and limit',
    run: async (storage) => {
      await withRuns(storage)
      const query = { flowIds: ['etl'], statuses: ['queued', 'succeeded', 'failed'] } as const
      assert.deepEqual(await ids(storage, { ...query, limit: 2 }), ['run_d', 'run_c'])
      assert.deepEqual(await ids(storage, { ...query, before: 'run_d' }), ['run_c', 'run_a'])
    },
  },
  {
    title: 'shows a run under its status of now',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), finish()])
      assert.deepEqual(await ids(storage, { statuses: ['running'] }), [])
      assert.deepEqual(await ids(storage, { flowIds: ['etl'], statuses: ['succeeded'] }), ['run_1'])
    },
  },
])
