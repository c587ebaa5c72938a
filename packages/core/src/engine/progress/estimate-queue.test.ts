import { describe, expect, it } from 'vitest'

import { startsIn } from './estimate-queue.ts'

describe('startsIn()', () => {
  it('is when the first place comes free for the one that is next', () => {
    expect(startsIn({ ahead: 0, places: 2, running: [5000, 3000], usualMs: 10_000 })).toBe(3000)
  })

  it('lets those that are before take the places that come free first', () => {
    expect(startsIn({ ahead: 2, places: 2, running: [5000, 3000], usualMs: 10_000 })).toBe(13_000)
  })

  it('takes half of the usual time for runs that nobody knows of', () => {
    expect(startsIn({ ahead: 0, places: 1, running: [null], usualMs: 10_000 })).toBe(5000)
  })

  it('does not take long for a long line', () => {
    expect(startsIn({ ahead: 1e9, places: 1e9, running: [], usualMs: 10 })).toBeGreaterThan(0)
  })
})
