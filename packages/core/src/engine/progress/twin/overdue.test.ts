import { describe, expect, it } from 'vitest'

import { RunTwin } from './run-twin.ts'
import type { FinishedTask, SeenTask } from './twin-state.ts'

const done = (key: string, start: number, end: number, deps: readonly string[]): FinishedTask => ({
  key,
  id: key,
  start,
  end,
  deps,
  ok: true,
})

/** Runs of two kinds: half of them go on with ten seconds of `build`, the others with two of `copy`. */
function twinOfTwoKinds(): RunTwin {
  const twin = new RunTwin()
  for (let run = 0; run < 20; run++) {
    const next = run % 2 === 0 ? done('build', 1000, 11_000, ['look']) : done('copy', 1000, 3000, ['look'])
    twin.finish({ ok: true, tasks: [done('look', 0, 1000, []), next] })
  }
  return twin
}

describe('a task that does not come', () => {
  const looked: SeenTask = { key: 'look', id: 'look', state: 'done', start: 0, end: 1000 }
  const copies: SeenTask = { key: 'copy', id: 'copy', state: 'running', start: 1000 }

  it('leaves the runs that did not have it to tell how long this one takes', () => {
    const forecast = twinOfTwoKinds().predict(1500, [looked, copies], { seed: 1, listed: 'started' })
    expect(forecast?.median).toBeCloseTo(1500, -2)
    expect(forecast?.high).toBeLessThan(3000)
  })

  it('is still expected a moment after what it waits for has ended', () => {
    const forecast = twinOfTwoKinds().predict(1010, [looked], { seed: 1, listed: 'started' })
    expect(forecast?.high).toBeGreaterThan(5000)
  })
})
