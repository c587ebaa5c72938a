import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { memoryStorage } from '../storage/memory/index.ts'
import type { Storage } from '../storage/storage.ts'
import { aRun, create } from '../testing/records.ts'
import { pageOfRuns, type RunRecordPage } from './run-pages.ts'

const HOUR_MS = 3_600_000

/** One run an hour, of two flows in turns: `run_000` was created at 0. */
async function withRuns(count: number): Promise<Storage> {
  const storage = memoryStorage()
  await storage.open()
  const runs = Array.from({ length: count }, (_, hour) => ({
    id: `run_${String(hour).padStart(3, '0')}`,
    createdAt: hour * HOUR_MS,
    flowId: hour % 2 === 0 ? 'even' : 'odd',
  }))
  if (count > 0) await storage.commit(runs.map((run) => create(aRun(run))))
  return storage
}

const idsOf = ({ records }: RunRecordPage): readonly string[] => records.map(({ id }) => id)

describe('pageOfRuns()', () => {
  it('shows half of a page before a time and half of it from then on', async () => {
    const page = await pageOfRuns(await withRuns(10), { at: 5 * HOUR_MS, limit: 4 })
    expect(idsOf(page)).toEqual(['run_006', 'run_005', 'run_004', 'run_003'])
  })

  it('fills a page from the other side where one has too few', async () => {
    const storage = await withRuns(10)
    expect(idsOf(await pageOfRuns(storage, { at: 99 * HOUR_MS, limit: 3 }))).toEqual(['run_009', 'run_008', 'run_007'])
    const first = await pageOfRuns(storage, { at: -1, limit: 3 })
    expect(idsOf(first)).toEqual(['run_002', 'run_001', 'run_000'])
    expect(first.nextCursor).toBeNull()
  })

  it('keeps to its filter', async () => {
    const page = await pageOfRuns(await withRuns(10), { at: 5 * HOUR_MS, limit: 3, flowId: 'even' })
    expect(idsOf(page)).toEqual(['run_006', 'run_004', 'run_002'])
  })

  it('refuses a time beside a cursor, and one that is none', async () => {
    const storage = await withRuns(3)
    const cursor = (await pageOfRuns(storage, { limit: 1 })).nextCursor ?? ''
    expect(() => pageOfRuns(storage, { at: 0, cursor, limit: 1 })).toThrow(/Both "at" and "cursor"/)
    expect(() => pageOfRuns(storage, { at: 'soon', limit: 1 })).toThrow(/"at" is "soon"/)
  })

  it('gives every run once, whichever page it starts from and goes on both ways', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(12),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: -2, max: 14 }),
        async (count, limit, hour) => {
          const storage = await withRuns(count)
          const start = await pageOfRuns(storage, { at: (hour + 0.5) * HOUR_MS, limit })
          expect(start.records.length).toBe(Math.min(count, limit))
          const seen = [...idsOf(start)]
          for (let page = start; page.nextCursor !== null;) {
            page = await pageOfRuns(storage, { cursor: page.nextCursor, limit })
            seen.push(...idsOf(page))
          }
          for (let page = start; page.prevCursor !== null;) {
            page = await pageOfRuns(storage, { cursor: page.prevCursor, limit })
            seen.unshift(...idsOf(page))
          }
          expect(seen).toEqual(idsOf(await pageOfRuns(storage, { limit: 100 })))
        },
      ),
    )
  })
})
