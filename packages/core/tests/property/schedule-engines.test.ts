import { flow, type FlowEngine, type MissedPolicy } from '@perfect/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ScheduleHost } from '../schedules/schedule-host.ts'

const MINUTE_MS = 60_000
const START = 1_800_000_000_000

/** What happens next: an engine starts or stops, or time passes. */
const step = fc.oneof(
  fc.constantFrom('start' as const, 'stop' as const),
  fc.integer({ min: 1, max: 90 }).map((minutes) => minutes + 0.25),
)

interface Story {
  readonly missed: MissedPolicy
  readonly every: number
  readonly maxMissed: number
  readonly steps: readonly ('start' | 'stop' | number)[]
}

const story: fc.Arbitrary<Story> = fc.record({
  missed: fc.constantFrom('skip', 'last', 'all'),
  every: fc.integer({ min: 2, max: 40 }),
  maxMissed: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(step, { minLength: 3, maxLength: 9 }),
})

/** The times that have to have a run: the policy, written down once more, in the plainest way. */
function expected({ missed, every, maxMissed, steps }: Story): number[] {
  const runs: number[] = []
  let handled = 0
  let now = 0
  let engines = 1
  const look = (): void => {
    if (engines === 0) return
    const due: number[] = []
    // Times are whole multiples of the distance since 1970; the clock starts at one of its own.
    for (
      let at = Math.floor(START / MINUTE_MS) - (Math.floor(START / MINUTE_MS) % every);
      at - START / MINUTE_MS <= now;
      at += every
    )
      if (at - START / MINUTE_MS > handled) due.push(at - START / MINUTE_MS)
    const young = due.filter((at) => missed !== 'skip' || now - at <= 1)
    runs.push(...(missed === 'all' ? young.slice(-maxMissed) : young.slice(-1)))
    handled = due.at(-1) ?? handled
  }
  for (const one of steps) {
    if (one === 'start') engines = Math.min(2, engines + 1)
    else if (one === 'stop') engines = Math.max(0, engines - 1)
    // While an engine is up, it looks at each time as it comes.
    else for (const until = now + one; now < until; now = Math.min(until, now + 0.25)) look()
    look()
  }
  return runs
}

describe('I7 engines that come and go on one storage', () => {
  it('run exactly the times that the policy names, each once', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        const host = new ScheduleHost()
        const { missed, every, maxMissed } = told
        const make = () =>
          flow('each', { schedule: { every: every * MINUTE_MS, missed, maxMissed, overlap: 'allow' } }, () => 1)
        const up: FlowEngine[] = [await host.start([make()])]
        for (const one of told.steps) {
          if (typeof one === 'number') await host.clock.advance(one * MINUTE_MS)
          else if (one === 'start' && up.length < 2) {
            up.push(await host.start([make()]))
            await host.clock.advance(0)
            await host.clock.advance(0)
          } else if (one === 'stop' && up.length > 0) {
            const engine = up.shift()
            if (engine) await host.stop(engine)
            // Stopping takes a moment, which the story does not know of.
            host.clock.jumpTo(host.clock.now() - 100)
          }
        }
        await host.clock.advance(0)
        const runs = await host.storage.runs.list({ limit: 1000 })
        await host.stopAll()
        const times = runs.map(({ idempotencyKey }) => Date.parse(idempotencyKey?.slice(-24) ?? ''))
        const minutes = times.map((at) => (at - START) / MINUTE_MS).toSorted((a, b) => a - b)
        expect(minutes).toEqual(expected(told))
        expect(host.errors).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})
