import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { comparisons } from '../src/comparisons.ts'
import { compare, small } from '../src/harness/compare.ts'
import { median, quantile } from '../src/harness/statistics.ts'

const hasPeers = existsSync(fileURLToPath(new URL('../peers/node_modules', import.meta.url)))

describe('comparisons', () => {
  // The peers come from the network, and only when they are asked for.
  const local = comparisons.filter(({ name }) => hasPeers || name !== 'openworkflow')

  it.each(local.map((comparison) => [comparison.name, comparison] as const))(
    '%s measures all of its sides and judges every target',
    async (_name, comparison) => {
      const result = await compare(small(comparison), () => undefined)
      const values = Object.values(result.medians).flatMap((figures) => Object.values(figures))
      expect(Object.keys(result.medians)).toEqual(Object.keys(comparison.sides))
      expect(values.every(Number.isFinite)).toBe(true)
      expect(result.verdicts.map(({ target }) => target)).toEqual(comparison.targets)
    },
    60_000,
  )
})

describe('median()', () => {
  it('gives the middle, and between two middles their mean', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })
})

describe('quantile()', () => {
  it('gives the number that a share does not exceed', () => {
    const numbers = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(quantile(numbers, 0.99)).toBe(99)
    expect(quantile([7], 0.5)).toBe(7)
  })
})
