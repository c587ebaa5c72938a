import { describe, expect, it } from 'vitest'

import { nextCronTime } from './cron-times.ts'

const HOUR_MS = 3_600_000

/** Every time of an expression in a stretch, each asked for from the one before, as UTC `day hour:minute`. */
function timesBetween(cron: string, zone: string, from: string, to: string): string[] {
  const found: string[] = []
  let at = nextCronTime(cron, zone, Date.parse(from) - 1)
  while (at !== null && at < Date.parse(to)) {
    found.push(new Date(at).toISOString().slice(8, 16).replace('T', ' '))
    at = nextCronTime(cron, zone, at)
  }
  return found
}

// The clocks change at 01:00 UTC, 07:00 and 06:00 UTC, 15:30 and 15:00 UTC the day before, and 02:00 UTC.
const FORWARD = [
  ['Europe/Berlin', '2026-03-28T12:00Z', ['29 01:00']],
  ['America/New_York', '2026-03-07T12:00Z', ['08 07:00']],
  ['Australia/Lord_Howe', '2026-10-03T06:00Z', ['03 15:30']],
  ['Africa/Casablanca', '2026-03-21T12:00Z', ['22 02:00']],
] as const
const BACK = [
  ['Europe/Berlin', '2026-10-24T12:00Z', '30 2 * * *', ['25 00:30']],
  ['America/New_York', '2026-10-31T12:00Z', '30 1 * * *', ['01 05:30']],
  ['Australia/Lord_Howe', '2026-04-04T06:00Z', '45 1 * * *', ['04 14:45']],
  ['Africa/Casablanca', '2026-02-14T12:00Z', '30 2 * * *', ['15 01:30']],
] as const

const DAYS = [...FORWARD, ...BACK].map(([zone, from]) => ({ zone, from }))

const plusDay = (from: string): string => new Date(Date.parse(from) + 24 * HOUR_MS).toISOString()

describe('nextCronTime()', () => {
  it.each(FORWARD)('runs a daily time that %s leaves out at the end of the gap', (zone, from, expected) => {
    // 02:15 is left out on Lord Howe Island too, where the gap is only half an hour.
    expect(timesBetween('15 2 * * *', zone, from, plusDay(from))).toEqual(expected)
  })

  it.each(BACK)('runs a daily time that %s shows twice once, at the first', (zone, from, cron, expected) => {
    expect(timesBetween(cron, zone, from, plusDay(from))).toEqual(expected)
  })

  it.each(DAYS)('keeps 15 minutes between the times of */15 in $zone from $from', ({ zone, from }) => {
    expect(timesBetween('*/15 * * * *', zone, from, plusDay(from))).toHaveLength(96)
  })

  it.each(DAYS)('runs an hourly schedule whenever $zone shows its minute, from $from', ({ zone, from }) => {
    const times = timesBetween('0 * * * *', zone, from, plusDay(from))
    // A shift of half an hour takes one full hour out of the day, or leaves the number as it is.
    expect(times.length).toBe(zone === 'Australia/Lord_Howe' && from.includes('-10-') ? 23 : 24)
  })

  it('runs several times that are left out once', () => {
    expect(timesBetween('*/20 2 * * *', 'Europe/Berlin', '2026-03-28T22:00Z', '2026-03-29T22:00Z')).toEqual([
      '29 01:00',
    ])
  })

  it('runs a list or a step of hours once over the hour that comes twice', () => {
    const day = ['Europe/Berlin', '2026-10-24T22:00Z', '2026-10-25T04:00Z'] as const
    expect(timesBetween('0 */2 * * *', ...day)).toEqual(['24 22:00', '25 00:00', '25 03:00'])
    expect(timesBetween('*/20 2 * * *', ...day)).toEqual(['25 00:00', '25 00:20', '25 00:40'])
    expect(timesBetween('15,45 1-2 * * *', ...day)).toEqual(['24 23:15', '24 23:45', '25 00:15', '25 00:45'])
  })

  it('runs midnight at 01:00 on a day that has no midnight', () => {
    expect(timesBetween('0 0 * * *', 'Africa/Cairo', '2026-04-22T12:00Z', '2026-04-24T12:00Z')).toEqual([
      '22 22:00',
      '23 22:00',
    ])
  })

  it('finds a time months ahead, beyond the change of the clocks', () => {
    expect(timesBetween('0 * 1 7 *', 'Europe/Berlin', '2026-01-15T00:00Z', '2026-06-30T23:30Z')).toEqual([
      '30 22:00',
      '30 23:00',
    ])
  })

  it('counts seconds with 6 fields', () => {
    expect(nextCronTime('*/10 * * * * *', 'UTC', Date.UTC(2026, 0, 1) + 1)).toBe(Date.UTC(2026, 0, 1) + 10_000)
  })
})
