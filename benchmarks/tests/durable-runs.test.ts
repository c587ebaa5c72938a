import { describe, expect, it } from 'vitest'

import { durableRuns } from '../src/durable-runs/comparison.ts'
import { compare, median } from '../src/harness/compare.ts'

describe('compare()', () => {
  it('measures durable runs of both sides, and that each stored all of them', async () => {
    const small = { ...durableRuns, load: { runs: 50, concurrency: 10 }, rounds: 1 }
    const result = await compare(small, () => undefined)
    expect(result.floor.runsPerSecond).toBeGreaterThan(0)
    expect(result.subject.cpuMsPerRun).toBeGreaterThan(0)
    expect(result.ratio).toBeCloseTo(result.subject.runsPerSecond / result.floor.runsPerSecond)
  }, 60_000)
})

describe('median()', () => {
  it('gives the middle, and between two middles their mean', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })
})
