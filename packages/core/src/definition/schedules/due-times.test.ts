import { describe, expect, it } from 'vitest'

import { dueTimes, nextLookAt, type ScheduleState } from './due-times.ts'
import { fireAt } from './next-time.ts'
import type { ScheduleOptions } from './schedule-options.ts'
import { toSchedule } from './schedule.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const START = Date.UTC(2027, 0, 15, 8)
const make = (options: ScheduleOptions) => toSchedule('etl', options, null)
const since = (handledAt: number): ScheduleState => ({ pausedAt: null, pausedUntil: null, skips: 0, handledAt })
const minutes = (times: readonly number[]): number[] => times.map((at) => (at - START) / MINUTE_MS)

describe('dueTimes()', () => {
  // Down for 3 days, a time each minute, back half a minute after one of them.
  const now = START + 3 * DAY_MS + MINUTE_MS / 2
  const last = (3 * DAY_MS) / MINUTE_MS

  it.each([
    ['skip', {}, [last]],
    ['skip', { window: '10s' }, []],
    ['last', {}, [last]],
    ['last', { window: '10s' }, []],
    ['all', { maxMissed: 3 }, [last - 2, last - 1, last]],
    ['all', { window: '2m' }, [last - 1, last]],
  ] as const)('after 3 days "%s" with %j runs the minutes %j', (missed, rules, expected) => {
    const due = dueTimes(make({ cron: '* * * * *', missed, ...rules }), since(START), now)
    expect(minutes(due.run)).toEqual(expected)
    expect(due.state.handledAt).toBe(START + 3 * DAY_MS)
    expect(due.missed).toEqual({ count: 1000, isMore: true, first: START + MINUTE_MS })
  })

  it('never runs more than the cap, however dense the schedule', () => {
    const due = dueTimes(make({ every: '1s', missed: 'all' }), since(START), START + 300 * DAY_MS)
    expect(due.run).toHaveLength(100)
  })

  it('counts what is missed and what is not', () => {
    const due = dueTimes(make({ cron: '* * * * *', missed: 'last' }), since(START), START + 5 * MINUTE_MS)
    expect(due).toMatchObject({ run: [START + 5 * MINUTE_MS], missed: { count: 4, isMore: false } })
  })

  it('runs a time that is less than a minute late with "skip", as after a restart', () => {
    const daily = make({ cron: '0 9 * * *' })
    expect(dueTimes(daily, since(START), START + 61 * MINUTE_MS).run).toHaveLength(1)
    const late = dueTimes(daily, since(START), START + 61 * MINUTE_MS + 1)
    expect(late).toMatchObject({ run: [], missed: { count: 1 } })
  })

  it('has nothing to do before the next time, or when the clock was set back', () => {
    const state = since(START)
    for (const at of [START, START + 59_000, START - DAY_MS])
      expect(dueTimes(make({ cron: '* * * * *', missed: 'all' }), state, at)).toEqual({
        run: [],
        missed: null,
        skipped: [],
        state,
      })
  })

  it('leaves out the oldest times when somebody asked to skip some', () => {
    const schedule = make({ cron: '0 * * * *', missed: 'all' })
    const due = dueTimes(schedule, { ...since(START), skips: 2 }, START + 3.5 * 60 * MINUTE_MS)
    expect([minutes(due.skipped), minutes(due.run), due.state.skips]).toEqual([[60, 120], [180], 0])
    const one = dueTimes(schedule, { ...since(START), skips: 3 }, START + 60 * MINUTE_MS)
    expect([one.run, one.state.skips]).toEqual([[], 2])
  })

  it('runs nothing that fell into a pause', () => {
    const schedule = make({ cron: '0 * * * *', missed: 'all' })
    const paused = { ...since(START), pausedAt: START, pausedUntil: START + 120 * MINUTE_MS }
    expect(dueTimes(schedule, paused, START + 119 * MINUTE_MS).run).toEqual([])
    const due = dueTimes(schedule, paused, START + 185 * MINUTE_MS)
    expect([minutes(due.run), due.state]).toEqual([[120, 180], since(START + 180 * MINUTE_MS)])
    expect(dueTimes(schedule, { ...paused, pausedUntil: null }, START + DAY_MS).run).toEqual([])
  })

  it('waits for the jitter of a time', () => {
    const schedule = make({ cron: '0 * * * *', jitter: '30m' })
    const time = START + 60 * MINUTE_MS
    const fires = fireAt(schedule, time)
    expect([fires - 1, fires].map((at) => dueTimes(schedule, since(START), at).run)).toEqual([[], [time]])
  })
})

describe('nextLookAt()', () => {
  it('is the next time, after the pause, with its jitter', () => {
    const schedule = make({ cron: '0 * * * *', jitter: '30m' })
    const paused = { ...since(START), pausedAt: START, pausedUntil: START + 120 * MINUTE_MS }
    expect(nextLookAt(schedule, since(START))).toBe(fireAt(schedule, START + 60 * MINUTE_MS))
    expect(nextLookAt(schedule, paused)).toBe(fireAt(schedule, START + 120 * MINUTE_MS))
    expect(nextLookAt(schedule, { ...paused, pausedUntil: null })).toBeNull()
  })
})
