import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { percentAt, tickLabel, timeAxis } from './time-axis.ts'

describe('timeAxis()', () => {
  test('writes round distances', () => {
    expect(timeAxis(1000, 143_000, 6).ticks).toEqual([0, 30_000, 60_000, 90_000, 120_000])
  })

  test('never writes more than has room, for any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 11 }), fc.integer({ min: 2, max: 8 }), (length, most) => {
        const axis = timeAxis(0, length, most)
        expect(axis.ticks.length).toBeLessThanOrEqual(most + 1)
        expect(axis.length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('percentAt()', () => {
  test('stays on the axis', () => {
    const axis = timeAxis(0, 100, 4)
    expect([percentAt(axis, -5), percentAt(axis, 25), percentAt(axis, 900)]).toEqual([0, 25, 100])
  })
})

describe('tickLabel()', () => {
  test('leaves empty units out', () => {
    expect([0, 200, 30_000, 60_000, 5_400_000, 86_400_000].map(tickLabel)).toEqual([
      '0',
      '200ms',
      '30s',
      '1m',
      '1h 30m',
      '1d',
    ])
  })
})
