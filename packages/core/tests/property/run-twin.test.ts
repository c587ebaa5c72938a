import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { RunTwin } from '../../src/engine/progress/twin/run-twin.ts'
import type { FinishedRun, SeenTask, TwinState } from '../../src/engine/progress/twin/twin-state.ts'

const pastRun = fc
  .array(fc.tuple(fc.constantFrom('fetch', 'parse', 'pack'), fc.nat(10_000), fc.nat(100_000), fc.boolean()), {
    maxLength: 30,
  })
  .map((tasks): FinishedRun => {
    const calls = tasks.map(([key, start, ms, ok], id) => ({ key, id: `${id}`, start, end: start + ms, ok, deps: [] }))
    return { ok: calls.every(({ ok }) => ok), tasks: calls }
  })

const seenTask = fc.record(
  {
    key: fc.constantFrom('fetch', 'parse', 'pack', 'new one'),
    id: fc.string({ maxLength: 4 }),
    state: fc.constantFrom('pending', 'running', 'done'),
    start: fc.integer({ min: -1000, max: 100_000 }),
    end: fc.integer({ min: -1000, max: 100_000 }),
    fraction: fc.double({ min: 0, max: 1, noNaN: true }),
  },
  { requiredKeys: ['key', 'id', 'state'] },
)

function expectSound(twin: RunTwin, now: number, seen: readonly SeenTask[]): void {
  const forecast = twin.predict(now, seen, { seed: 1 })
  if (forecast === null) return
  const { low, median, high } = forecast
  expect([low, median, high].every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
  expect(low <= median && median <= high).toBe(true)
}

describe('RunTwin', () => {
  it('tells from how many runs it forecasts: those that succeeded, and never more than 50', () => {
    const twin = new RunTwin()
    const kept = Array.from({ length: 60 }, (_, run) => {
      const task = { key: 'fetch', id: '1', start: 0, end: 1000 + run, ok: run % 6 !== 0, deps: [] }
      twin.finish({ ok: task.ok, tasks: [task] })
      return twin.kept
    })
    expect([kept[0], kept[1], kept[17], kept.at(-1)]).toEqual([0, 1, 15, 50])
    twin.finish({ ok: true, tasks: [{ key: 'fetch', id: '1', start: 0, end: 1, ok: true, deps: [] }] })
    expect(twin.kept).toBe(50)
  })

  it('tells finite times, early before late, whatever runs it learned from and whatever it sees', () => {
    fc.assert(
      fc.property(
        fc.array(pastRun, { maxLength: 8 }),
        fc.array(seenTask, { maxLength: 20 }),
        fc.nat(200_000),
        (past, seen, now) => {
          const twin = new RunTwin()
          for (const run of past) twin.finish(run)
          expectSound(twin, now, seen)
        },
      ),
    )
  })

  it('tells the same after it was stored and read', () => {
    fc.assert(
      fc.property(fc.array(pastRun, { minLength: 1, maxLength: 5 }), (past) => {
        const twin = new RunTwin()
        for (const run of past) twin.finish(run)
        const once = RunTwin.load(twin.save())
        const twice = RunTwin.load(JSON.parse(JSON.stringify(once.save())) as TwinState)
        const seen: readonly SeenTask[] = [{ key: 'fetch', id: 'a', state: 'running', start: 0 }]
        expect(twice.predict(500, seen, { seed: 3 })).toEqual(once.predict(500, seen, { seed: 3 }))
      }),
    )
  })

  it('knows runs of no tasks, and declared times from nothing to a billion', () => {
    const empty = new RunTwin()
    empty.finish({ ok: true, tasks: [] })
    expectSound(empty, 0, [])
    for (const ms of [0, 1, 1e9]) expectSound(RunTwin.declared([{ key: 'fetch', deps: [], ms }]), 10, [])
    expect(new RunTwin().predict(10, [], { seed: 1 })).toBeNull()
  })

  it('follows a fan-out of 100,000 and keeps at most 50 runs of 16 durations', () => {
    const twin = new RunTwin()
    const calls = Array.from({ length: 100_000 }, (_, id) => `${id}`)
    twin.finish({ ok: true, tasks: calls.map((id) => ({ key: 'pack', id, start: 0, end: 100, ok: true, deps: [] })) })
    expectSound(
      twin,
      50,
      calls.map((id) => ({ key: 'pack', id, state: 'pending' })),
    )
    const small: FinishedRun = {
      ok: true,
      tasks: [{ key: 'pack', id: '0', start: 0, end: 9, ok: true, deps: [] }],
    }
    for (let run = 0; run < 60; run++) twin.finish(small)
    expect(twin.save().runs).toHaveLength(50)
    expect(Math.max(...twin.save().runs.flatMap(({ groups }) => groups['pack']?.d.length ?? 0))).toBeLessThanOrEqual(16)
  })
})
