import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { dueTimes, nextLookAt, type ScheduleState } from '../../src/definition/schedules/due-times.ts'
import { fireAt, nextTime } from '../../src/definition/schedules/next-time.ts'
import { previewTimes } from '../../src/definition/schedules/preview.ts'
import type { ScheduleOptions } from '../../src/definition/schedules/schedule-options.ts'
import { toSchedule, type Schedule } from '../../src/definition/schedules/schedule.ts'

const MINUTE_MS = 60_000
const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca')
const step = (units: readonly string[]): fc.Arbitrary<string> => fc.constantFrom('*', ...units)
const cron = fc
  .tuple(step(['0', '30', '*/15', '5,50']), step(['2', '*/2', '1-3', '0']), step(['1', '15', 'L']), step(['1', '0,6']))
  .map(([minute, hour, day, weekday]) => `${minute} ${hour} ${day} * ${weekday}`)
const jitter = fc.constantFrom(0, 1000, '10m', '3h') as fc.Arbitrary<number>
const schedule: fc.Arbitrary<Schedule> = fc
  .record({
    timing: fc.oneof(
      cron.map((text) => ({ cron: text })),
      fc.integer({ min: 1000, max: 1e8 }).map((every) => ({ every })),
    ),
    timezone: zone,
    jitter,
    missed: fc.constantFrom('skip', 'last', 'all'),
    maxMissed: fc.integer({ min: 1, max: 5 }),
    window: fc.constantFrom(0, '1m', '1h', '3d'),
  })
  .map(({ timing, ...rules }) => toSchedule('etl', { ...rules, ...timing } as ScheduleOptions, null))
const instant = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) })
const since = (handledAt: number): ScheduleState => ({ pausedAt: null, pausedUntil: null, skips: 0, handledAt })

describe('the times of any schedule', () => {
  it('rise, each after the instant it was asked for, and no time is between two of them', () => {
    fc.assert(
      fc.property(schedule, instant, (any, after) => {
        const times = previewTimes(any, since(after), after, 5).map(({ at }) => at)
        const all = [after, ...times]
        expect(all).toEqual(all.toSorted((a, b) => a - b))
        expect(new Set(all).size).toBe(all.length)
        for (const [index, at] of times.entries()) expect(nextTime(any, at - 1), `asked ${String(index)}`).toBe(at)
      }),
    )
  })

  it('have a jitter that is bounded, ends before the next time, and is the same for everybody', () => {
    fc.assert(
      fc.property(schedule, instant, (any, after) => {
        const copy = { ...any }
        for (const { at, firesAt } of previewTimes(any, since(after), after, 4)) {
          expect(firesAt - at).toBeLessThanOrEqual(any.jitterMs)
          expect(firesAt).toBeGreaterThanOrEqual(at)
          expect(firesAt).toBeLessThan(nextTime(any, at) ?? Infinity)
          expect(fireAt(copy, at)).toBe(firesAt)
        }
      }),
    )
  })
})

describe('an engine that is up at any instants', () => {
  const looks = fc.array(fc.integer({ min: 1, max: 3 * 24 * 60 }), { minLength: 1, maxLength: 8 })

  it('runs each time at most once, in order, never before its time, and as many as the policy allows', () => {
    fc.assert(
      fc.property(schedule, instant, looks, (any, start, gaps) => {
        let state = since(start)
        let now = start
        const runs: number[] = []
        for (const gap of gaps) {
          now += gap * MINUTE_MS
          const due = dueTimes(any, state, now)
          const limit = any.missed === 'all' ? any.maxMissed : 1
          expect(due.run.length).toBeLessThanOrEqual(limit)
          for (const at of due.run) {
            expect(fireAt(any, at)).toBeLessThanOrEqual(now)
            expect(fireAt(any, at)).toBeGreaterThanOrEqual(now - any.windowMs)
          }
          runs.push(...due.run)
          expect(due.state.handledAt).toBeGreaterThanOrEqual(state.handledAt)
          state = due.state
          expect(nextLookAt(any, state) ?? Infinity).toBeGreaterThan(now)
          expect(dueTimes(any, state, now).run).toEqual([])
        }
        expect(runs).toEqual([...new Set(runs)].toSorted((a, b) => a - b))
      }),
    )
  })

  it('makes up for exactly the newest times of the window', () => {
    fc.assert(
      fc.property(schedule, instant, fc.integer({ min: 1, max: 600 }), (any, start, minutes) => {
        const now = start + minutes * MINUTE_MS
        const due: number[] = []
        for (let at = nextTime(any, start); at !== null && fireAt(any, at) <= now; at = nextTime(any, at)) due.push(at)
        const limit = any.missed === 'all' ? any.maxMissed : 1
        const expected = due.slice(-limit).filter((at) => fireAt(any, at) >= now - any.windowMs)
        const found = dueTimes(any, since(start), now)
        expect(found.run).toEqual(expected)
        expect(found.missed?.count ?? 0).toBe(Math.min(1000, due.length - expected.length))
      }),
    )
  })
})
