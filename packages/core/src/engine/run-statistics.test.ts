import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { RunStatsRecord } from '../storage/records.ts'
import { countTime, TIME_ERROR } from '../storage/time-classes.ts'
import { summarize } from './run-statistics.ts'

const HOUR_MS = 3_600_000

function hour(fields: Partial<RunStatsRecord>, durations: readonly number[] = []): RunStatsRecord {
  return {
    flowId: 'etl',
    configuration: 'release',
    status: 'succeeded',
    span: 'hour',
    from: 0,
    runs: durations.length,
    durationMs: durations.reduce((total, duration) => total + duration, 0),
    waitMs: 0,
    durations: durations.reduce(countTime, [] as readonly number[]),
    waits: [],
    estimates: { runs: 0, within: 0, errorMs: 0, errors: [] },
    ...fields,
  }
}

describe('summarize()', () => {
  it('gives counts, the share that succeeded, means and percentiles of a bucket', () => {
    const [view] = summarize(
      [
        hour({ waitMs: 60 }, [100, 100, 100, 5000]),
        hour({ status: 'failed', runs: 1, waitMs: 0 }),
        hour({ status: 'cancelled', runs: 1 }),
      ],
      HOUR_MS,
    )
    expect(view).toMatchObject({ runs: { succeeded: 4, failed: 1, cancelled: 1 }, successRate: 0.8, waitMs: 10 })
    expect(view?.duration?.mean).toBe(1325)
    expect(view?.duration?.p50).toBeCloseTo(98.7, 1)
    expect(view?.duration?.p99).toBeCloseTo(5312, 0)
  })

  it('gathers hours into wider buckets, by flow and configuration', () => {
    const records = [
      hour({ runs: 1 }),
      hour({ from: HOUR_MS, runs: 2 }),
      hour({ from: HOUR_MS, flowId: 'other', runs: 3 }),
    ]
    const views = summarize(records, 2 * HOUR_MS)
    expect(views.map(({ flowId, from, runs }) => [flowId, from, runs.succeeded])).toEqual([
      ['etl', '1970-01-01T00:00:00.000Z', 3],
      ['other', '1970-01-01T00:00:00.000Z', 3],
    ])
  })

  it('says nothing about success and durations where no run was decided', () => {
    const [view] = summarize([hour({ status: 'cancelled', runs: 2 })], HOUR_MS)
    expect([view?.successRate, view?.duration]).toEqual([null, null])
  })

  it('gives percentiles that are off by no more than it says', () => {
    const durations = fc.array(fc.integer({ min: 1, max: 10 ** 10 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(
        durations,
        fc.constantFrom(['p50', 0.5] as const, ['p90', 0.9] as const, ['p99', 0.99] as const),
        (all, [name, share]) => {
          const real = all.toSorted((left, right) => left - right)[Math.ceil(all.length * share) - 1] ?? 0
          const told = summarize([hour({}, all)], HOUR_MS)[0]?.duration?.[name] ?? 0
          expect(Math.max(told / real, real / told) - 1).toBeLessThan(TIME_ERROR + 1e-6)
        },
      ),
    )
  })
})
