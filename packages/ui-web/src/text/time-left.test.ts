import type { EstimateView } from '@perfect/core'
import { describe, expect, test } from 'vitest'

import { makeRun } from '../../tests/fixture/make.ts'
import { foundText, timeLeft } from './time-left.ts'

const NOW = Date.parse('2027-01-15T08:00:00Z')
const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString()
const estimate = (changes: Partial<EstimateView> = {}): EstimateView => ({
  state: 'ok',
  remainingMs: 240_000,
  finishAt: at(240),
  early: at(180),
  late: at(360),
  fraction: 0.4,
  startsInMs: null,
  ahead: null,
  basis: 'from 18 successful release runs',
  sentence: 'about 4 min left, likely 3 min to 6 min',
  ...changes,
})
const short = (changes: Partial<EstimateView>, seconds = 0): string | undefined =>
  timeLeft({ estimate: estimate(changes) }, NOW + seconds * 1000)?.short

describe('timeLeft()', () => {
  test('counts down between messages', () => {
    expect([0, 60, 200, 236].map((seconds) => short({}, seconds))).toEqual([
      '~4m left',
      '~3m left',
      '~40s left',
      '~4s left',
    ])
  })

  test('does not count below nothing: it says that the time is over', () => {
    expect([240, 300, 361].map((seconds) => short({}, seconds))).toEqual([
      'any moment now',
      'any moment now',
      'takes longer than expected',
    ])
  })

  test('says what is not known, what is rough and what is late', () => {
    expect(short({ state: 'none', remainingMs: null, finishAt: null })).toBe('no estimate yet')
    expect(short({ state: 'first-run' })).toBe('~4m left, first run')
    expect(short({ state: 'slow' })).toBe('slow, ~4m left')
    expect(short({ state: 'stalled' })).toBe('no progress for long')
    expect(short({ state: 'waiting', finishAt: null })).toBe('~4m after the wait')
    expect(short({ state: 'queued', startsInMs: 120_000, ahead: 3 })).toBe('starts in ~2m, 3 ahead')
    expect(short({ state: 'queued', startsInMs: null, ahead: 0 })).toBe('next in line')
  })

  test('tells when it ends and how sure that is, and what it was made from', () => {
    const shown = timeLeft({ estimate: estimate() }, NOW)
    expect(shown?.when).toMatch(/^done at \d\d:\d4, likely \d\d:\d3 to \d\d:\d6$/)
    expect(shown?.basis).toBe('about 4 min left, likely 3 min to 6 min (from 18 successful release runs)')
    expect(timeLeft({ estimate: null }, NOW)).toBeNull()
  })
})

describe('foundText()', () => {
  test('is news for a while, and only while the run goes on', () => {
    const run = makeRun({
      id: 'a',
      progress: {
        percent: 5,
        done: 1,
        total: 13,
        current: null,
        found: { tasks: 12, at: at(0), text: '+12 tasks found' },
        segments: [],
      },
    })
    expect([0, 10, 20].map((seconds) => foundText(run, NOW + seconds * 1000))).toEqual([
      '+12 tasks found',
      '+12 tasks found',
      null,
    ])
    expect(foundText({ ...run, finishedAt: at(1) }, NOW)).toBeNull()
  })
})
