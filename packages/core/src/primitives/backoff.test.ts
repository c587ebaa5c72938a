import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { backoffMs } from './backoff.ts'

describe('backoffMs()', () => {
  it('grows by its factor up to its longest wait', () => {
    const backoff = { firstMs: 100, factor: 2, maxMs: 500, jitter: false }
    expect([1, 2, 3, 4, 5].map((attempt) => backoffMs(backoff, attempt, () => 0))).toEqual([100, 200, 400, 500, 500])
  })

  it('draws from the upper half of the wait when it has jitter', () => {
    const backoff = { firstMs: 100, factor: 3, maxMs: 5000, jitter: true }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const full = backoffMs({ ...backoff, jitter: false }, attempt, () => 0)
        const wait = backoffMs(backoff, attempt, () => random)
        expect(wait).toBeGreaterThanOrEqual(full / 2)
        expect(wait).toBeLessThanOrEqual(full)
      }),
    )
  })
})
