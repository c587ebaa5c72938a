import { describe, expect, it } from 'vitest'

import { RunTwin } from './run-twin.ts'
import type { FinishedRun, SeenTask } from './twin-state.ts'

/** A run of one task after the other. */
function chain(...times: readonly (readonly [key: string, ms: number, gapMs?: number])[]): FinishedRun {
  let at = 0
  const tasks = times.map(([key, ms, gapMs = 0], place) => {
    const deps = times.slice(Math.max(0, place - 1), place).map(([before]) => before)
    const start = at + gapMs
    at = start + ms
    return { key, id: key, start, end: at, ok: true, deps }
  })
  return { ok: true, tasks }
}

describe('RunTwin.predict()', () => {
  it('keeps tasks one after the other when the one between them had another name in older runs', () => {
    const twin = new RunTwin()
    for (let run = 0; run < 20; run++)
      twin.finish(chain(['load', 5000], [run < 12 ? 'check' : 'check fast', 100], ['build', 10_000]))
    const forecast = twin.predict(0, [{ key: 'load', id: 'load', state: 'running', start: 0 }], { seed: 1 })
    expect(forecast?.low).toBeGreaterThan(14_000)
    expect(forecast?.high).toBeLessThan(16_500)
  })

  it('is not moved by a task of no time that took another time of nearly none', () => {
    const twin = new RunTwin()
    // Slow runs are slow in all that they do, so the twin learns that an early delay goes on.
    for (const pace of [1, 1.4, 0.8, 1.2, 0.9, 1.3, 1, 1.1, 0.7, 1.2])
      twin.finish(chain(['read', 0.1 * pace], ['fetch', 4000 * pace], ['build', 10_000 * pace]))
    const seen = (readMs: number): readonly SeenTask[] => [
      { key: 'read', id: 'read', state: 'done', start: 0, end: readMs },
      { key: 'fetch', id: 'fetch', state: 'running', start: readMs },
    ]
    const usual = twin.predict(10, seen(0.1), { seed: 1 })?.median ?? 0
    const late = twin.predict(10, seen(10), { seed: 1 })?.median ?? 0
    expect(usual).toBeGreaterThan(10_000)
    expect(late / usual).toBeGreaterThan(0.9)
    expect(late / usual).toBeLessThan(1.1)
  })

  it('counts what a flow does between its tasks, before the first and after the last of them', () => {
    const twin = new RunTwin()
    for (const pace of [1, 1.2, 0.9, 1.1, 1, 0.8, 1, 1.1, 0.9, 1, 1, 1])
      twin.finish({ ...chain(['load', 1000 * pace, 500], ['build', 2000 * pace, 4000]), total: 7500 + 3000 * pace })
    const at = (now: number, seen: readonly SeenTask[]): number =>
      twin.predict(now, seen, { seed: 1, listed: 'started' })?.median ?? 0
    expect(at(0, [])).toBeCloseTo(10_500, -3)
    const load = { key: 'load', id: 'load', state: 'done', start: 500, end: 1500 } as const
    expect(at(2500, [load])).toBeCloseTo(8000, -3)
    const build = { key: 'build', id: 'build', state: 'done', start: 5500, end: 7500 } as const
    expect(at(8500, [load, build])).toBeCloseTo(2000, -3)
  })

  it('knows how long runs of a flow without tasks take', () => {
    const twin = new RunTwin()
    for (let run = 0; run < 12; run++) twin.finish({ ok: true, tasks: [], total: 6000 })
    expect(twin.predict(2000, [], { seed: 1, listed: 'started' })?.median).toBeCloseTo(4000, -2)
  })

  it('goes by the runs that did more when a loop has more rounds than others had', () => {
    const twin = new RunTwin()
    const loop = (rounds: number): SeenTask[] =>
      Array.from({ length: rounds }, (_, round) => {
        const [start, end] = [round * 1000, (round + 1) * 1000]
        return { key: 'page', id: `page#${String(round + 1)}`, state: 'done', start, end }
      })
    for (const rounds of [2, 3, 2, 10, 3, 2, 10, 3, 2, 3, 10, 2])
      twin.finish({ ok: true, tasks: loop(rounds).map((call) => ({ start: 0, end: 0, ...call, ok: true, deps: [] })) })
    const seen = [...loop(4), { key: 'page', id: 'page#5', state: 'running', start: 4000 } as const]
    expect(twin.predict(4500, seen, { seed: 1, lanes: 1, listed: 'started' })?.median).toBeGreaterThan(4000)
  })
})
