import assert from 'node:assert/strict'

import type { SerializedError } from '../../errors/serialized-error.ts'
import type { FailureQuery } from '../../storage/figure-reads.ts'
import type { Storage } from '../../storage/storage.ts'
import { aHeldRun, aTask, create, finish, put } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const AT = 1_800_000_000_000
const error = (message: string, fields: Partial<SerializedError> = {}): SerializedError => ({
  name: 'Error',
  message,
  code: null,
  ...fields,
})

interface Failing {
  readonly error: SerializedError | null
  readonly at?: number
  readonly flowId?: string
  /** What failed in it before, in this order. */
  readonly tasks?: readonly (readonly [name: string, error: SerializedError])[]
}

async function fail(
  storage: Storage,
  id: string,
  { at = AT, flowId = 'etl', tasks = [], ...failing }: Failing,
): Promise<void> {
  await storage.commit([
    create(aHeldRun({ id, flowId })),
    ...tasks.map(([name, of], index) =>
      put(aTask({ runId: id, key: `${name}#1`, name, status: 'failed', position: index + 1, value: null, error: of }), {
        runId: id,
      }),
    ),
    finish({ runId: id, status: 'failed', finishedAt: at, error: failing.error }),
  ])
}

async function listed(storage: Storage, query: Partial<FailureQuery> = {}): Promise<readonly unknown[]> {
  const groups = await storage.failures.list({ flowId: null, limit: 10, ...query })
  return groups.map(({ pattern, task, code, runs, exampleRunId }) => [pattern, task, code, runs, exampleRunId])
}

/** Rules of failure groups. */
export const failureCases: readonly StorageCase[] = group('failures', [
  {
    title: 'counts runs that failed for the same reason as one, of each flow and of all, the newest as the example',
    run: async (storage) => {
      await fail(storage, 'run_1', { error: error('no row 17') })
      await fail(storage, 'run_2', { error: error('no row 4', { stack: 'at x' }), at: AT + 5 })
      await fail(storage, 'run_3', { error: error('no row 5'), at: AT - 5, flowId: 'report' })
      const [all] = await storage.failures.list({ flowId: null, limit: 10 })
      assert.ok(all)
      assert.deepEqual(all, {
        fingerprint: all.fingerprint,
        flowId: null,
        code: null,
        task: null,
        pattern: 'no row <number>',
        message: 'no row 4',
        runs: 3,
        firstAt: AT - 5,
        lastAt: AT + 5,
        exampleRunId: 'run_2',
      })
      assert.deepEqual(await storage.failures.list({ flowId: 'report', limit: 10 }), [
        {
          ...all,
          flowId: 'report',
          message: 'no row 5',
          runs: 1,
          firstAt: AT - 5,
          lastAt: AT - 5,
          exampleRunId: 'run_3',
        },
      ])
      assert.deepEqual(await storage.failures.flows(all.fingerprint), [
        { flowId: 'etl', runs: 2 },
        { flowId: 'report', runs: 1 },
      ])
    },
  },
  {
    title: 'tells messages, codes and the tasks that failed apart',
    run: async (storage) => {
      await fail(storage, 'run_1', { error: error('no row 1') })
      await fail(storage, 'run_2', { error: error('no column 1'), at: AT + 1 })
      await fail(storage, 'run_3', { error: error('no row 1', { code: 'E1' }), at: AT + 2 })
      const tasks = [
        ['load', error('no row 1')],
        ['note', error('other')],
      ] as const
      await fail(storage, 'run_4', { error: error('no row 1'), tasks, at: AT + 3 })
      await fail(storage, 'run_5', { error: error('outer', { cause: error('no row 1') }), tasks, at: AT + 4 })
      await fail(storage, 'run_6', { error: null, at: AT + 5 })
      assert.deepEqual(await listed(storage), [
        ['', null, null, 1, 'run_6'],
        ['outer', 'load', null, 1, 'run_5'],
        ['no row <number>', 'load', null, 1, 'run_4'],
        ['no row <number>', null, 'E1', 1, 'run_3'],
        ['no column <number>', null, null, 1, 'run_2'],
        ['no row <number>', null, null, 1, 'run_1'],
      ])
    },
  },
  {
    title: 'lists pages in the order in which they were seen last, also of one instant',
    run: async (storage) => {
      for (const [index, word] of ['a', 'b', 'c', 'd', 'e'].entries())
        await fail(storage, `run_${word}`, { error: error(word), at: AT + Math.floor(index / 3) })
      const all = await storage.failures.list({ flowId: null, limit: 10 })
      const [, second] = await storage.failures.list({ flowId: null, limit: 2 })
      assert.ok(second)
      const rest = await storage.failures.list({ flowId: null, limit: 10, after: second })
      assert.deepEqual([...all.slice(0, 2), ...rest], all)
      assert.equal(rest.length, 3)
      assert.equal((await storage.failures.list({ flowId: null, limit: 10, seenFrom: AT + 1 })).length, 2)
      assert.equal((await storage.failures.list({ flowId: 'other', limit: 10 })).length, 0)
    },
  },
  {
    title: 'counts no run that succeeds or is cancelled, and no end that is refused',
    run: async (storage) => {
      await storage.commit([
        create(aHeldRun()),
        finish({ status: 'failed', epoch: 9, error: error('x') }),
        finish({ status: 'cancelled', error: error('x') }),
        create(aHeldRun({ id: 'run_2' })),
        finish({ runId: 'run_2' }),
      ])
      assert.deepEqual(await listed(storage), [])
    },
  },
  {
    title: 'keeps the 5,000 kinds that were seen last when it sweeps',
    run: async (storage) => {
      const word = (index: number): string =>
        String(index).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))
      await storage.commit(
        Array.from({ length: 5002 }, (_, index) => [
          create(aHeldRun({ id: `run_${String(index)}` })),
          finish({
            runId: `run_${String(index)}`,
            status: 'failed',
            finishedAt: AT + index,
            error: error(word(index)),
          }),
        ]).flat(),
      )
      const statsBefore = { hour: 0, day: 0, failure: 0 }
      await storage.commit([{ type: 'sweep', signalsBefore: 0, estimatesBefore: 0, statsBefore }])
      for (const flowId of ['etl', null]) {
        const kept = await storage.failures.list({ flowId, limit: 6000 })
        assert.deepEqual([kept.length, kept.at(-1)?.lastAt], [5000, AT + 2])
      }
    },
  },
  {
    title: 'keeps groups when their runs are removed, until they were not seen for long',
    run: async (storage) => {
      await fail(storage, 'run_1', { error: error('a') })
      await storage.commit([{ type: 'run.remove', runId: 'run_1' }])
      const sweep = (failure: number) =>
        storage.commit([
          { type: 'sweep', signalsBefore: 0, estimatesBefore: 0, statsBefore: { hour: 0, day: 0, failure } },
        ])
      await sweep(AT)
      assert.equal((await listed(storage)).length, 1)
      await sweep(AT + 1)
      assert.deepEqual(await listed(storage), [])
      assert.deepEqual(await listed(storage, { flowId: 'etl' }), [])
    },
  },
])
