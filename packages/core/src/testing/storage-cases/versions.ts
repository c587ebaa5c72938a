import assert from 'node:assert/strict'

import { aFlow } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const see = (version: string, fingerprint: string, at: number, flowId = 'etl') =>
  ({ type: 'version.put', flowId, version, fingerprint, at }) as const
const seen = (version: string, fingerprint: string, firstSeenAt: number, lastSeenAt: number) => ({
  flowId: 'etl',
  version,
  fingerprint,
  firstSeenAt,
  lastSeenAt,
})

/** Rules of the versions of flows. */
export const versionCases: readonly StorageCase[] = group('flows.versions', [
  {
    title: 'gives what was seen of a flow, the newest first',
    run: async (storage) => {
      assert.deepEqual(await storage.flows.versions('etl'), [])
      const receipts = await storage.commit([
        see('1', 'a', 10),
        see('2', 'b', 30),
        see('1', 'c', 20),
        see('9', 'z', 40, 'report'),
      ])
      assert.deepEqual(
        receipts,
        Array.from({ length: 4 }, () => ({ accepted: true })),
      )
      assert.deepEqual(await storage.flows.versions('etl'), [
        seen('2', 'b', 30, 30),
        seen('1', 'c', 20, 20),
        seen('1', 'a', 10, 10),
      ])
    },
  },
  {
    title: 'keeps the first time and the last, whatever the order in which they come',
    run: async (storage) => {
      await storage.commit([see('1', 'a', 10), see('1', 'a', 30)])
      await storage.commit([see('1', 'a', 20)])
      assert.deepEqual(await storage.flows.versions('etl'), [seen('1', 'a', 10, 30)])
    },
  },
  {
    title: 'orders those that were first seen at one time by version and fingerprint, falling',
    run: async (storage) => {
      await storage.commit([see('1', 'a', 10), see('2', 'a', 10), see('2', 'b', 10)])
      assert.deepEqual(
        (await storage.flows.versions('etl')).map(({ version, fingerprint }) => version + fingerprint),
        ['2b', '2a', '1a'],
      )
    },
  },
  {
    title: 'outlive the flow',
    run: async (storage) => {
      await storage.commit([
        { type: 'flow.put', flow: aFlow() },
        see('1', 'a', 10),
        { type: 'flow.remove', flowId: 'etl' },
      ])
      assert.equal((await storage.flows.versions('etl')).length, 1)
    },
  },
])
