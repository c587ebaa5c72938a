import { describe, expect, it } from 'vitest'

import { toMs, type Duration } from './duration.ts'

describe('toMs()', () => {
  it.each<[Duration, number]>([
    [250, 250],
    ['250ms', 250],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['3d', 259_200_000],
  ])('reads %s as %d ms', (duration, ms) => {
    expect(toMs(duration, 'timeout')).toBe(ms)
  })

  it.each(['3 weeks', '', '-1s', -1, Number.NaN, Infinity, null, 2 ** 53, '36526d', `${'9'.repeat(400)}d`])(
    'refuses %s, naming the field and the fix',
    (value) => {
      expect(() => toMs(value as Duration, 'timeout')).toThrow(
        expect.objectContaining({
          code: 'DURATION_INVALID',
          message: expect.stringMatching(/^"timeout" is .*"30s"/) as string,
        }),
      )
    },
  )
})
