import { describe, expect, it } from 'vitest'

import { nextTime } from './next-time.ts'
import { toScheduleOptions } from './schedule-json.ts'
import type { ScheduleOptions } from './schedule-options.ts'
import { toSchedule, toSchedules } from './schedule.ts'

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error
const make = (options: string | ScheduleOptions) => toSchedule('etl', options, null)
const NOW = Date.UTC(2026, 5, 1, 12)

describe('toSchedule()', () => {
  it.each(['61 * * * *', 'never', '0 0 30 2 *', 'x'.repeat(200), '0 0 3 * * * 2027', '2026-01-01T00:00:00', ''])(
    'refuses the expression %s',
    (cron) => {
      expect(() => make(cron)).toThrow(code('SCHEDULE_INVALID'))
    },
  )

  it.each([
    [{ cron: '* * * * *', timezone: 'Europe/Atlantis' }, /"schedule.timezone" is "Europe\/Atlantis": there is no such/],
    [{ every: '100ms' }, /"schedule.every" is "100ms": it is shorter than a second/],
    [{ at: 'tomorrow' }, /"schedule.at" is "tomorrow": it is not an instant/],
    [{ at: [] }, /"schedule.at" is \[\]/],
    [{ cron: '* * * * *', every: '1h' }, /exactly one of these/],
    [{}, /exactly one of these/],
    [{ cron: '* * * * *', missed: 'some' }, /"schedule.missed" is "some".* Give one of skip, last, all/],
    [{ cron: '* * * * *', overlap: 'kill' }, /Give one of skip, queue, cancel-running, allow, buffer-one/],
    [{ cron: '* * * * *', maxMissed: 0 }, /"schedule.maxMissed" is 0/],
    [{ cron: '* * * * *', start: '2027-01-01', end: '2026-01-01' }, /"schedule.end" .* before "start"/],
    [{ cron: '0 0 1 1 *', start: '2026-02-01', end: '2026-03-01' }, /it never comes/],
    [{ cron: '* * * * *', id: 'a/b' }, /"schedule.id" is "a\/b"/],
    [{ times: 5 }, /"schedule.times" is 5/],
    [null, /"schedule" is null/],
  ])('refuses %j and says why', (options, message) => {
    expect(() => make(options as unknown as ScheduleOptions)).toThrow(message)
  })

  it('refuses durations that are none', () => {
    expect(() => make({ cron: '* * * * *', jitter: 'soon' as '1s' })).toThrow(code('DURATION_INVALID'))
  })

  it('reads local times in the time zone of the schedule, and instants as they are', () => {
    const { startAt, endAt } = make({
      cron: '0 3 * * *',
      timezone: 'Europe/Berlin',
      start: '2026-07-01',
      end: '2026-07-31T00:00:00Z',
    })
    expect([startAt, endAt]).toEqual([Date.UTC(2026, 5, 30, 22), Date.UTC(2026, 6, 31)])
  })

  it.each<ScheduleOptions>([
    { cron: '0 3 * * *', timezone: 'Europe/Berlin', missed: 'last', overlap: 'queue', id: 'nightly', jitter: '5m' },
    { every: '90s', start: '2026-07-01', window: '1h', maxMissed: 3, configuration: 'release' },
    { at: ['2026-07-01T00:00', new Date(NOW)], timezone: 'Asia/Tokyo', description: 'twice' },
  ])('is made again by the options that are stored of it: %j', (options) => {
    const schedule = make(options)
    const stored = JSON.parse(JSON.stringify(toScheduleOptions(schedule, 'etl'))) as ScheduleOptions
    expect(make(stored)).toEqual(schedule)
  })
})

describe('toSchedules()', () => {
  it('names a schedule after its flow, its id or its place', () => {
    const ids = toSchedules('etl', {
      schedule: '0 3 * * *',
      schedules: [{ id: 'noon', cron: '0 12 * * *' }, { every: '1h' }],
    })
    expect(ids.map(({ id }) => id)).toEqual(['etl', 'etl:noon', 'etl:2'])
  })

  it('refuses two schedules of one id, and what is no list', () => {
    const twice = [
      { id: 'a', every: '1h' },
      { id: 'a', every: '2h' },
    ] as const
    expect(() => toSchedules('etl', { schedules: twice })).toThrow(/two schedules of the flow have it/)
    expect(() => toSchedules('etl', { schedules: '* * * * *' as never })).toThrow(/"schedules" is/)
  })
})

describe('nextTime()', () => {
  it('counts an interval by elapsed time from its start, or from 1970', () => {
    const after = Date.UTC(2026, 2, 29, 0, 50)
    expect(nextTime(make({ every: '45m', timezone: 'Europe/Berlin' }), after)).toBe(Date.UTC(2026, 2, 29, 1, 30))
    const started = make({ every: '45m', start: '2026-03-29T00:10:00Z' })
    expect(nextTime(started, after)).toBe(Date.UTC(2026, 2, 29, 0, 55))
    expect(nextTime(started, 0)).toBe(Date.UTC(2026, 2, 29, 0, 10))
  })

  it('gives each single time once, and none after the last', () => {
    const schedule = make({ at: ['2026-07-02T00:00:00Z', '2026-07-01T00:00:00Z'] })
    const first = nextTime(schedule, 0) ?? 0
    const second = nextTime(schedule, first) ?? 0
    expect([first, second, nextTime(schedule, second)]).toEqual([Date.UTC(2026, 6, 1), Date.UTC(2026, 6, 2), null])
  })

  it('keeps to start and end', () => {
    const schedule = make({ cron: '0 0 * * *', start: '2026-07-01', end: '2026-07-02' })
    expect([0, Date.UTC(2026, 6, 1), Date.UTC(2026, 6, 2)].map((after) => nextTime(schedule, after))).toEqual([
      Date.UTC(2026, 6, 1),
      Date.UTC(2026, 6, 2),
      null,
    ])
  })

  it('asks a function, and refuses an answer that is not later', () => {
    const year = (after: Date): Date | null => (after.getUTCFullYear() < 2028 ? new Date(Date.UTC(2028, 1, 29)) : null)
    const leap = make({ times: year, text: 'leap days' })
    expect([nextTime(leap, NOW), nextTime(leap, Date.UTC(2028, 1, 29))]).toEqual([Date.UTC(2028, 1, 29), null])
    expect(() => nextTime(make({ times: (after) => after }), NOW)).toThrow(code('SCHEDULE_INVALID'))
  })
})
