import assert from 'node:assert/strict'

import { aFlow, anEngine, aRun, create, lease } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

/** Rules of flows and engines. */
export const registryCases: readonly StorageCase[] = [
  ...group('flows', [
    {
      title: 'lists what was put, by id',
      run: async (storage) => {
        const flows = [aFlow({ id: 'report', definition: '{"name":  "Report"}' }), aFlow()]
        const receipts = await storage.commit(flows.map((flow) => ({ type: 'flow.put', flow })))
        assert.deepEqual(receipts, [{ accepted: true }, { accepted: true }])
        assert.deepEqual(await storage.flows.list(), [aFlow(), flows[0]])
      },
    },
    {
      title: 'replaces a flow as a whole',
      run: async (storage) => {
        const next = aFlow({ version: '2', name: 'New', definition: '{}', registeredAt: 9 })
        await storage.commit([{ type: 'flow.put', flow: aFlow() }])
        await storage.commit([{ type: 'flow.put', flow: next }])
        assert.deepEqual(await storage.flows.list(), [next])
      },
    },
    {
      title: 'forgets a flow, known or not, and keeps its runs',
      run: async (storage) => {
        await storage.commit([{ type: 'flow.put', flow: aFlow() }, create(aRun())])
        const remove = { type: 'flow.remove', flowId: 'etl' } as const
        assert.deepEqual(await storage.commit([remove, remove]), [{ accepted: true }, { accepted: true }])
        assert.deepEqual(await storage.flows.list(), [])
        assert.deepEqual(await storage.runs.get('run_1'), aRun())
      },
    },
  ]),
  ...group('engines', [
    {
      title: 'gives an engine a lease from now on by the storage clock',
      needs: 'clock',
      run: async (storage, { clock }) => {
        assert.deepEqual(await storage.commit([lease('eng_1', 1000)]), [{ accepted: true }])
        assert.deepEqual(await storage.engines.list(), [{ ...anEngine(), leaseUntil: clock.now() + 1000 }])
        await clock.advance(600)
        await storage.commit([lease('eng_1', 1000)])
        assert.deepEqual(await storage.engines.list(), [{ ...anEngine(), leaseUntil: clock.now() + 1000 }])
      },
    },
    {
      title: 'lists dead engines too, by id, until they are removed',
      needs: 'clock',
      run: async (storage, { clock }) => {
        await storage.commit([lease('eng_2', 10), lease('eng_1', 1000)])
        await clock.advance(500)
        const listed = (await storage.engines.list()).map(({ id }) => id)
        await storage.commit([{ type: 'engine.remove', engineId: 'eng_2' }])
        assert.deepEqual(listed, ['eng_1', 'eng_2'])
        assert.deepEqual(
          (await storage.engines.list()).map(({ id }) => id),
          ['eng_1'],
        )
      },
    },
  ]),
]
