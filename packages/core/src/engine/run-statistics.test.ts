import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { RunStatsRecord } from '../storage/records.ts'
import { DURATION_CLASSES, durationClass, durationOfClass } from '../storage/run-rules.ts'
import { summarize } from './run-statistics.ts'

const HOUR_MS = 3_600_000

function hour(fields: Partial<RunStatsRecord>, durations: readonly number[] = []): RunStatsRecord {
  const classes = Array.from({ length: DURATION_CLASSES }, () => 0)
  for (const duration of durations) classes[durationClass(duration)] = (classes[durationClass(duration)] ?? 0) + 1
  return {
    flowId: 'etl',
    configuration: 'release',
    status: 'succeeded',
    hour: 0,
    runs: durations.length,
    durationMs: durations.reduce((total, duration) => total + duration, 0),
    waitMs: 0,
    durations: classes,
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
    expect(view?.duration?.p50).toBeCloseTo(128, 0)
    expect(view?.duration?.p99).toBeCloseTo(5793, 0)
  })

  it('gathers hours into wider buckets, by flow and configuration', () => {
    const records = [
      hour({ runs: 1 }),
      hour({ hour: HOUR_MS, runs: 2 }),
      hour({ hour: HOUR_MS, flowId: 'other', runs: 3 }),
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

  it('gives percentiles that are too large by less than the square root of two', () => {
    const durations = fc.array(fc.integer({ min: 2, max: 10 ** 8 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(durations, (all) => {
        const median = all.toSorted((a, b) => a - b)[Math.ceil(all.length / 2) - 1] ?? 0
        const p50 = summarize([hour({}, all)], HOUR_MS)[0]?.duration?.p50 ?? 0
        expect(p50).toBeGreaterThanOrEqual(median * 0.999_999)
        expect(p50).toBeLessThanOrEqual(median * Math.SQRT2 * 1.000_001)
      }),
    )
  })
})

describe('durationOfClass()', () => {
  it('is the longest duration of its class', () => {
    for (let index = 1; index < DURATION_CLASSES - 1; index++)
      expect([
        durationClass(durationOfClass(index) * 0.999_999),
        durationClass(durationOfClass(index) * 1.000_001),
      ]).toEqual([index, index + 1])
  })
})
