import assert from 'node:assert/strict'

import type { EstimateModelRecord } from '../../storage/records.ts'
import { group, type StorageCase } from './storage-case.ts'

const model = (fields: Partial<EstimateModelRecord> = {}): EstimateModelRecord => ({
  flowId: 'etl',
  family: '1',
  configuration: 'release',
  state: '{"a":"ü \\u0000"}',
  updatedAt: 10.5,
  ...fields,
})
const put = (fields: Partial<EstimateModelRecord> = {}) => ({ type: 'estimate.put', model: model(fields) }) as const

/** Rules of what was learned from past runs. */
export const estimateCases: readonly StorageCase[] = group('estimates', [
  {
    title: 'gives what was stored last',
    run: async (storage) => {
      assert.equal(await storage.estimates.get(model()), undefined)
      assert.deepEqual(await storage.commit([put({ state: '1' }), put()]), [{ accepted: true }, { accepted: true }])
      assert.deepEqual(await storage.estimates.get(model()), model())
    },
  },
  {
    title: 'keeps flows, families of versions and configurations apart',
    run: async (storage) => {
      const others = [{ flowId: 'b' }, { family: '2' }, { configuration: 'debug' }]
      await storage.commit([put(), ...others.map((other, index) => put({ ...other, state: String(index) }))])
      assert.deepEqual(await storage.estimates.get(model()), model())
      for (const [index, other] of others.entries())
        assert.equal((await storage.estimates.get(model(other)))?.state, String(index))
    },
  },
  {
    title: 'forgets what was not changed for long',
    run: async (storage) => {
      await storage.commit([put({ updatedAt: 9 }), put({ flowId: 'b', updatedAt: 10 })])
      await storage.commit([{ type: 'sweep', signalsBefore: 0, estimatesBefore: 10 }])
      assert.equal(await storage.estimates.get(model()), undefined)
      assert.equal((await storage.estimates.get(model({ flowId: 'b' })))?.updatedAt, 10)
    },
  },
])
