import assert from 'node:assert/strict'

import { PerfectError } from '../../errors/perfect-error.ts'
import type { Change } from '../../storage/changes.ts'
import { aHeldRun, aLogLine, append, aRun, aTask, create, finish, put } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

/** Rules of `commit` and `close`. */
export const commitCases: readonly StorageCase[] = [
  ...group('commit', [
    {
      title: 'takes no changes at all',
      run: async (storage) => {
        assert.deepEqual(await storage.commit([]), [])
      },
    },
    {
      title: 'gives receipts in the order of the changes, accepted and refused each by itself',
      run: async (storage) => {
        const receipts = await storage.commit([
          put(aTask()),
          create(aHeldRun()),
          put(aTask()),
          put(aTask()),
          append([aLogLine()]),
          finish(),
          put(aTask({ key: 'load#1' })),
        ])
        assert.deepEqual(receipts, [
          { accepted: false, refusal: 'missing' },
          { accepted: true, run: aHeldRun() },
          { accepted: true },
          { accepted: false, refusal: 'recorded' },
          { accepted: true, firstSeq: 1 },
          { accepted: true },
          { accepted: false, refusal: 'finished' },
        ])
      },
    },
    {
      title: 'stores nothing when one of its changes cannot be stored',
      run: async (storage) => {
        await storage.commit([create(aHeldRun()), append([aLogLine()]), put(aTask({ key: 'a' }))])
        const before = await storage.runs.get('run_1')
        const unknown = { type: 'run.explode' } as unknown as Change
        await assert.rejects(
          storage.commit([
            create(aRun({ id: 'run_2', idempotencyKey: 'k' }), '1'),
            { type: 'flow.put', flow: { id: 'f', name: 'F', version: '1', definition: '{}', registeredAt: 1 } },
            append([aLogLine(), aLogLine()]),
            put(aTask({ key: 'b' })),
            finish({ result: '1', dropTaskValues: true }),
            unknown,
          ]),
        )
        assert.equal(await storage.runs.get('run_2'), undefined)
        assert.deepEqual(await storage.flows.list(), [])
        assert.deepEqual(await storage.runs.get('run_1'), before)
        assert.equal(await storage.runs.result('run_1'), null)
        assert.deepEqual(await storage.tasks.list('run_1'), [aTask({ key: 'a' })])
        assert.equal(await storage.logs.count('run_1'), 1)
        const receipts = await storage.commit([
          create(aRun({ id: 'run_3', idempotencyKey: 'k' })),
          append([aLogLine()]),
        ])
        assert.deepEqual(
          receipts.map((receipt) => receipt.accepted && receipt.firstSeq),
          [undefined, 2],
        )
      },
    },
    {
      title: 'applies commits in the order they were made',
      run: async (storage) => {
        await storage.commit([create(aHeldRun())])
        const keys = Array.from({ length: 50 }, (_, index) => `task#${String(index + 1)}`)
        await Promise.all(keys.map((key, index) => storage.commit([put(aTask({ key, seq: index + 1 }))])))
        assert.deepEqual(
          (await storage.tasks.list('run_1')).map(({ key }) => key),
          keys,
        )
      },
    },
    {
      title: 'shows a read what was committed before it was asked',
      run: async (storage) => {
        const committed = storage.commit([create(aRun())])
        assert.deepEqual(await storage.runs.get('run_1'), aRun())
        await committed
      },
    },
  ]),
  ...group('close', [
    {
      title: 'refuses everything afterwards as STORAGE_UNAVAILABLE',
      run: async (storage) => {
        await storage.close()
        const isUnavailable = (error: unknown) => PerfectError.is(error, 'STORAGE_UNAVAILABLE')
        await assert.rejects(storage.commit([create(aRun())]), isUnavailable)
        await assert.rejects(storage.runs.get('run_1'), isUnavailable)
        await assert.rejects(storage.tasks.list('run_1'), isUnavailable)
        await assert.rejects(storage.logs.list({ runId: 'run_1', limit: 1 }), isUnavailable)
        await assert.rejects(storage.flows.list(), isUnavailable)
        await assert.rejects(storage.engines.list(), isUnavailable)
        await assert.rejects(storage.open(), isUnavailable)
      },
    },
    {
      title: 'answers what was asked before, and can be called twice',
      run: async (storage) => {
        const asked = storage.commit([create(aRun())])
        await Promise.all([storage.close(), storage.close()])
        assert.deepEqual(await asked, [{ accepted: true, run: aRun() }])
      },
    },
  ]),
]
