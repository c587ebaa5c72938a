import { describe, expect, it } from 'vitest'

import { summarize } from '../progress/figures.ts'
import { meanOfLast, runTwin, runTwinOfEngine } from '../progress/forecasts.ts'
import { replay } from '../progress/replay.ts'
import { readTrace } from '../progress/traces.ts'

// Thousands of runs, also on a busy machine.
const timeout = 120_000

describe('replay()', { timeout }, () => {
  it.each([
    ['linkerd-ci', 7.5],
    ['local-etl', 16.5],
  ] as const)('forecasts the recorded runs of %s within %f percent, and the bar never goes back', (trace, error) => {
    const runs = readTrace(trace)
    const figures = summarize(replay(runs, runTwin))
    expect(figures.error).toBeLessThanOrEqual(error)
    expect(figures.error).toBeLessThanOrEqual(0.55 * summarize(replay(runs, () => meanOfLast('mean', 3))).error)
    expect(figures.coverage).toBeGreaterThanOrEqual(74)
    expect(figures.coverage).toBeLessThanOrEqual(86)
    expect(figures.backwards).toBe(0)
    expect(figures.timeAt99).toBeLessThanOrEqual(3)
    expect(figures.longestFreeze).toBeLessThanOrEqual(1)
  })

  it.each([
    ['linkerd-ci', 7.5],
    ['local-etl', 18],
  ] as const)('forecasts %s within %f percent by what an engine sees of a run', (trace, error) => {
    const runs = readTrace(trace)
    const figures = summarize(replay(runs, runTwinOfEngine))
    expect(figures.error).toBeLessThanOrEqual(error)
    expect(figures.error).toBeLessThanOrEqual(0.6 * summarize(replay(runs, () => meanOfLast('mean', 3))).error)
    expect(figures.coverage).toBeGreaterThanOrEqual(72)
    expect(figures.coverage).toBeLessThanOrEqual(86)
    expect(figures.backwards).toBe(0)
  })
})
