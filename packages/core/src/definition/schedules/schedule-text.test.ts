import { describe, expect, it } from 'vitest'

import { cronText } from './cron-text.ts'
import { nextTime } from './next-time.ts'
import { previewTimes } from './preview.ts'
import type { ScheduleOptions } from './schedule-options.ts'
import { clockChangeText, scheduleText } from './schedule-text.ts'
import { toSchedule } from './schedule.ts'

const make = (options: string | ScheduleOptions) => toSchedule('etl', options, null)

describe('cronText()', () => {
  it.each([
    ['* * * * *', 'every minute'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['0 * * * *', 'every hour'],
    ['5,35 * * * *', 'every hour at :05 and :35'],
    ['0 */6 * * *', 'every 6 hours'],
    ['0 3 * * *', 'every day at 03:00'],
    ['30 9,17 * * *', 'every day at 09:30 and 17:30'],
    ['0 9 * * 1-5', 'every day from Monday to Friday at 09:00'],
    ['0 9 * * MON,THU', 'every Monday and Thursday at 09:00'],
    ['0 4 1 * *', 'on the 1st of every month at 04:00'],
    ['0 4 2,12,23 * *', 'on the 2nd, 12th and 23rd of every month at 04:00'],
    ['0 4 L * *', 'on the last day of every month at 04:00'],
    ['0 18 24 12 *', 'every year on the 24th of December at 18:00'],
    ['@daily', 'every day at 00:00'],
    ['*/10 * * * * *', 'every 10 seconds'],
    ['30 0 3 * * *', 'every day at 03:00:30'],
  ])('says %s as "%s"', (cron, text) => {
    expect(cronText(cron)).toBe(text)
  })

  it.each(['*/7 * * * *', '0 3 1 * 1', '*/5 9-17 * * 1-5', '0 9 * * 1#2', '0 0 15W * *', '1-5 * * * *'])(
    'says nothing about %s, which is not common',
    (cron) => {
      expect(cronText(cron)).toBeNull()
    },
  )
})

describe('scheduleText()', () => {
  it.each<[string | ScheduleOptions, string]>([
    [{ cron: '0 3 * * *', timezone: 'Europe/Berlin' }, 'every day at 03:00 (Europe/Berlin)'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['*/5 9-17 * * 1-5', '*/5 9-17 * * 1-5 (UTC)'],
    [{ every: '90m' }, 'every 90 minutes'],
    [{ every: '1d' }, 'every day'],
    [{ at: '2026-12-24T18:00', timezone: 'Europe/Berlin' }, 'on 24 December 2026 at 18:00 (Europe/Berlin)'],
    [{ times: () => null, text: 'every last Friday' }, 'every last Friday'],
  ])('says %j as "%s"', (options, text) => {
    expect(scheduleText(make(options))).toBe(text)
  })
})

describe('clockChangeText()', () => {
  const note = (options: ScheduleOptions, after: string): string | null => {
    const schedule = make(options)
    return clockChangeText(schedule, nextTime(schedule, Date.parse(after)) ?? 0)
  }

  it('says that a time is left out, and when it runs instead', () => {
    expect(note({ cron: '30 2 * * *', timezone: 'Europe/Berlin' }, '2027-03-27T12:00Z')).toBe(
      '02:30 does not exist on 28 March in Europe/Berlin: runs at 03:00',
    )
    expect(note({ cron: '15 2 * * *', timezone: 'Australia/Lord_Howe' }, '2026-10-03T12:00Z')).toBe(
      '02:15 does not exist on 4 October in Australia/Lord_Howe: runs at 02:30',
    )
  })

  it('says that a time comes twice', () => {
    expect(note({ cron: '30 2 * * *', timezone: 'Europe/Berlin' }, '2026-10-24T12:00Z')).toBe(
      '02:30 comes twice on 25 October in Europe/Berlin: runs once, at the first',
    )
  })

  it('says nothing of other times, nor of a time that is the end of the gap itself', () => {
    expect(note({ cron: '30 2 * * *', timezone: 'Europe/Berlin' }, '2026-10-25T12:00Z')).toBeNull()
    expect(note({ cron: '0 3 * * *', timezone: 'Europe/Berlin' }, '2027-03-27T12:00Z')).toBeNull()
    expect(note({ cron: '30 * * * *', timezone: 'Europe/Berlin' }, '2026-10-25T00:10Z')).toBeNull()
  })
})

describe('previewTimes()', () => {
  const schedule = make({ cron: '30 2 * * *', timezone: 'Europe/Berlin', jitter: '10m' })
  const now = Date.parse('2027-03-26T12:00Z')
  const state = { pausedAt: null, pausedUntil: null, skips: 1, handledAt: now }

  it('gives the next times with what is known of each', () => {
    const times = previewTimes(schedule, state, now, 3)
    expect(times.map(({ at, isSkipped, note }) => [new Date(at).toISOString().slice(5, 16), isSkipped, note])).toEqual([
      ['03-27T01:30', true, null],
      ['03-28T01:00', false, '02:30 does not exist on 28 March in Europe/Berlin: runs at 03:00'],
      ['03-29T00:30', false, null],
    ])
    for (const { at, firesAt } of times) expect(firesAt - at).toBeLessThanOrEqual(600_000)
  })

  it('is empty during a pause without an end, and begins after one that has an end', () => {
    expect(previewTimes(schedule, { ...state, pausedAt: now }, now, 3)).toEqual([])
    const until = Date.parse('2027-04-01T00:00Z')
    const [first] = previewTimes(schedule, { ...state, pausedAt: now, pausedUntil: until }, now, 3)
    expect(first?.at).toBe(Date.parse('2027-04-01T00:30Z'))
  })
})
