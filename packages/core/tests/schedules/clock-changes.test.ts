import { flow, type FlowEngine } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ScheduleHost } from './schedule-host.ts'

const HOUR_MS = 3_600_000
let host: ScheduleHost

beforeEach(() => {
  host = new ScheduleHost()
})
afterEach(() => host.stopAll())

/** One flow with a daily, a quarter-hourly, an hourly schedule and an interval. */
const clockwork = (daily: string, timezone: string) =>
  flow(
    'clockwork',
    {
      schedules: [
        { id: 'daily', cron: daily, timezone, missed: 'last' },
        { id: 'quarter', cron: '*/15 * * * *', timezone, missed: 'last' },
        { id: 'hourly', cron: '0 * * * *', timezone, missed: 'last' },
        { id: 'interval', every: '1h', timezone, missed: 'last' },
      ],
    },
    () => 1,
  )

async function fired(engine: FlowEngine): Promise<Readonly<Record<string, readonly string[]>>> {
  const records = await host.storage.runs.list({ limit: 1000 })
  const runs = await host.runs(engine)
  expect(runs.every(({ status }) => status === 'succeeded')).toBe(true)
  const times = (id: string): string[] =>
    records
      .flatMap(({ scheduleId, idempotencyKey }) => (scheduleId === `clockwork:${id}` ? [idempotencyKey ?? ''] : []))
      .map((key) => key.slice(-13, -8))
      .toSorted()
  return { daily: times('daily'), quarter: times('quarter'), hourly: times('hourly'), interval: times('interval') }
}

// From six hours before the change to six hours after it. The last column: runs of the hourly schedule; a shift by half an hour
// makes one of its hours half as long again.
const CHANGES = [
  ['Europe/Berlin', 'forward', '2027-03-28T01:00Z', '30 2 * * *', '01:00', 12],
  ['Europe/Berlin', 'back', '2026-10-25T01:00Z', '30 2 * * *', '00:30', 12],
  ['America/New_York', 'forward', '2027-03-14T07:00Z', '30 2 * * *', '07:00', 12],
  ['America/New_York', 'back', '2026-11-01T06:00Z', '30 1 * * *', '05:30', 12],
  ['Australia/Lord_Howe', 'forward', '2026-10-03T15:30Z', '15 2 * * *', '15:30', 11],
  ['Australia/Lord_Howe', 'back', '2027-04-03T15:00Z', '45 1 * * *', '14:45', 11],
  ['Africa/Casablanca', 'forward', '2026-03-22T02:00Z', '30 2 * * *', '02:00', 12],
  ['Africa/Casablanca', 'back', '2026-02-15T02:00Z', '30 2 * * *', '01:30', 12],
] as const

describe.each(CHANGES)(
  'F-23 in %s, when the clocks go %s at %s',
  (zone, _direction, change, daily, dailyAt, hourly) => {
    const begin = Date.parse(change) - 6 * HOUR_MS + 60_000

    it('an engine runs the daily time once, and the others at their distance', async () => {
      host.clock.jumpTo(begin)
      const engine = await host.start([clockwork(daily, zone)])
      await host.clock.advance(12 * HOUR_MS)
      const times = await fired(engine)
      expect(times['daily']).toEqual([dailyAt])
      expect(times['quarter']).toHaveLength(48)
      expect(times['interval']).toHaveLength(12)
      expect(times['hourly']).toHaveLength(hourly)
    })

    it('an engine that is down over the change makes up for the last time of each', async () => {
      host.clock.jumpTo(begin)
      const first = await host.start([clockwork(daily, zone)])
      await host.clock.advance(HOUR_MS)
      await host.stop(first)
      await host.clock.advance(8 * HOUR_MS)
      const engine = await host.start([clockwork(daily, zone)])
      await host.clock.advance(60_000)
      const times = await fired(engine)
      expect(times['daily']).toEqual([dailyAt])
      expect([times['quarter']?.length, times['hourly']?.length, times['interval']?.length]).toEqual([5, 2, 2])
      const missed = host.told('schedule.missed') as { scheduleId: string; count: number }[]
      expect(missed.find(({ scheduleId }) => scheduleId === 'clockwork:quarter')?.count).toBe(31)
    })
  },
)
