import { describe, expect, it } from 'vitest'

import { summarize } from '../progress/figures.ts'
import { meanOfLast, runTwin, runTwinOfEngine } from '../progress/forecasts.ts'
import { replayPercent } from '../progress/percent.ts'
import { replay } from '../progress/replay.ts'
import { readTrace } from '../progress/traces.ts'

// Thousands of runs, also on a busy machine.
const timeout = 120_000

describe('replay()', { timeout }, () => {
  it.each([
    ['linkerd-ci', 6.5, 3.2, 1.6],
    ['local-etl', 15.9, 6.4, 1.8],
  ] as const)(
    'forecasts the recorded runs of %s within %f percent; the bar is %f points off, never goes back and is at 99 %% for %f percent',
    (trace, error, dishonesty, at99) => {
      const runs = readTrace(trace)
      const simple = summarize(replay(runs, () => meanOfLast('mean', 3)))
      const figures = summarize(replay(runs, runTwin))
      expect(round(figures.error)).toBeLessThanOrEqual(error)
      expect(figures.error).toBeLessThanOrEqual(0.55 * simple.error)
      expect(round(figures.coverage ?? 0)).toBeGreaterThanOrEqual(77)
      expect(figures.coverage).toBeLessThanOrEqual(83)
      expect(figures.backwards).toBe(0)
      expect(round(figures.dishonesty)).toBeLessThanOrEqual(dishonesty)
      expect(round(figures.timeAt99)).toBeLessThanOrEqual(at99)
      expect(figures.longestFreeze).toBeLessThanOrEqual(0.5)
    },
  )

  it.each([
    ['linkerd-ci', 6.6, 3.2],
    ['local-etl', 15.9, 6.4],
  ] as const)(
    'forecasts %s within %f percent by what an engine sees of a run; the bar is %f points off',
    (trace, error, dishonesty) => {
      const runs = readTrace(trace)
      const simple = summarize(replay(runs, () => meanOfLast('mean', 3)))
      const figures = summarize(replay(runs, runTwinOfEngine))
      expect(round(figures.error)).toBeLessThanOrEqual(error)
      expect(figures.error).toBeLessThanOrEqual(0.55 * simple.error)
      expect(figures.coverage).toBeGreaterThanOrEqual(77)
      expect(figures.coverage).toBeLessThanOrEqual(83)
      expect(figures.backwards).toBe(0)
      expect(round(figures.dishonesty)).toBeLessThanOrEqual(dishonesty)
    },
  )

  it.each([
    ['linkerd-ci', 3],
    ['local-etl', 6],
  ] as const)(
    'never takes the bar of the work of %s back, which stands still for %f percent at most',
    (trace, freeze) => {
      const figures = replayPercent(readTrace(trace), false)
      expect(figures.backwards).toBe(0)
      expect(figures.longestFreeze).toBeLessThanOrEqual(freeze)
    },
  )
})

/** As the tables print it. */
function round(value: number): number {
  return Math.round(10 * value) / 10
}
