import { describe, expect, test } from 'vitest'

import { cronInWords } from './cron.ts'
import { runLabel, shortId, triggerText } from './strings.ts'
import { formatAgo, formatAhead, formatDuration, formatTicking } from './time.ts'

describe('formatDuration()', () => {
  test('keeps two units at most', () => {
    const values = [null, -5, 0, 640, 999.7, 9240, 9960, 59_400, 59_700, 65_000, 3_599_900, 8_040_000, 273_600_000]
    expect(values.map(formatDuration)).toEqual([
      '–',
      '0ms',
      '0ms',
      '640ms',
      '1.0s',
      '9.2s',
      '10s',
      '59s',
      '1m 00s',
      '1m 05s',
      '1h 00m',
      '2h 14m',
      '3d 04h',
    ])
  })
})

describe('formatTicking()', () => {
  test('counts whole seconds', () => {
    expect([-1, 999, 1000, 9999, 61_900].map(formatTicking)).toEqual(['0s', '0s', '1s', '9s', '1m 01s'])
  })
})

describe('formatAgo() and formatAhead()', () => {
  test('use one unit', () => {
    expect([0, 29_000, 3_580_000, 7_200_000, 90_000_000].map(formatAgo)).toEqual([
      'just now',
      '29s ago',
      '1h ago',
      '2h ago',
      '1d ago',
    ])
    expect([-4, 12_000, 240_000].map(formatAhead)).toEqual(['now', 'in 12s', 'in 4m'])
  })
})

describe('cronInWords()', () => {
  test.each([
    ['* * * * *', 'Every minute'],
    ['*/15 * * * *', 'Every 15 minutes'],
    ['0 * * * *', 'Hourly at :00'],
    ['0 */6 * * *', 'Every 6 hours'],
    ['0 2 * * *', 'Daily at 02:00'],
    ['30 10 * * 1-5', 'Weekdays at 10:30'],
    ['5 8 * * 0', 'Sundays at 08:05'],
    ['0 4 1 * *', 'Monthly on day 1 at 04:00'],
    ['0 0 2 * * *', 'Daily at 02:00'],
    ['0 9-17/2 * * 1,3', '0 9-17/2 * * 1,3'],
    ['@daily', '@daily'],
  ])('reads %s as "%s"', (cron, words) => {
    expect(cronInWords(cron)).toBe(words)
  })
})

describe('words for runs', () => {
  test('say why a run waits, and that it is being cancelled', () => {
    expect(runLabel({ status: 'waiting', reason: 'sleep', cancelRequestedAt: null }).word).toBe('Sleeping')
    expect(runLabel({ status: 'running', reason: null, cancelRequestedAt: 'x' }).word).toBe('Cancelling')
    expect(runLabel({ status: 'cancelled', reason: null, cancelRequestedAt: 'x' }).word).toBe('Cancelled')
  })

  test('are short where they can be', () => {
    expect(shortId('run_01KAT7M4XW9F2Q8R5T4F2A9C')).toBe('4f2a9c')
    expect(triggerText({ kind: 'code', by: null })).toBe('Code')
    expect(triggerText({ kind: 'schedule', by: '0 2 * * *' })).toBe('Schedule · 0 2 * * *')
  })
})
