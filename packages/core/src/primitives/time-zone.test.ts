import { describe, expect, it } from 'vitest'

import { firstChange, instantOf, instantsOf, isTimeZone, offsetAt } from './time-zone.ts'

const HOUR_MS = 3_600_000
const local = (text: string): number => Date.parse(`${text}Z`)
const text = (at: number): string => new Date(at).toISOString().slice(0, 16)

describe('instantsOf()', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T02:30', []],
    ['Europe/Berlin', '2026-10-25T02:30', ['2026-10-25T00:30', '2026-10-25T01:30']],
    ['Europe/Berlin', '2026-07-01T12:00', ['2026-07-01T10:00']],
    ['Australia/Lord_Howe', '2026-10-04T02:15', []],
    ['Australia/Lord_Howe', '2026-04-05T01:45', ['2026-04-04T14:45', '2026-04-04T15:15']],
    ['Pacific/Apia', '2011-12-30T12:00', []],
    ['Asia/Kathmandu', '2026-01-01T05:45', ['2026-01-01T00:00']],
    ['UTC', '2026-01-01T00:00', ['2026-01-01T00:00']],
  ])('in %s the local time %s is %j', (zone, time, expected) => {
    expect(instantsOf(local(time), zone).map(text)).toEqual(expected)
  })
})

describe('instantOf()', () => {
  it('gives the end of the gap for a time that does not exist, and the first of two', () => {
    expect(text(instantOf(local('2026-03-29T02:30'), 'Europe/Berlin'))).toBe('2026-03-29T01:00')
    expect(text(instantOf(local('2026-10-25T02:30'), 'Europe/Berlin'))).toBe('2026-10-25T00:30')
  })
})

describe('firstChange()', () => {
  it('finds the very first ms of the new time, and nothing when the clock is not changed', () => {
    const change = Date.UTC(2026, 2, 29, 1)
    expect(firstChange(change - 5 * HOUR_MS - 7, change + 9 * HOUR_MS, 'Europe/Berlin')).toBe(change)
    expect(firstChange(change, change + HOUR_MS, 'Europe/Berlin')).toBeNull()
  })

  it('knows offsets before it, also within a second', () => {
    expect(offsetAt(Date.UTC(2026, 2, 29, 1) - 1, 'Europe/Berlin')).toBe(HOUR_MS)
  })
})

describe('isTimeZone()', () => {
  it('knows names of zones only', () => {
    expect(['Europe/Berlin', 'UTC', 'Europe/Atlantis', '', 5].map(isTimeZone)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })
})
