import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ShownEstimate, type Forecast } from './shown-estimate.ts'

const ok = (elapsedMs: number, remainingMs: number): Forecast => ({ elapsedMs, remainingMs, state: 'ok' })

describe('ShownEstimate', () => {
  it('is exactly the share of time that has passed as long as the forecast holds', () => {
    const shown = new ShownEstimate()
    const fractions = [0, 10, 20, 30, 90].map((elapsed) => {
      shown.update(ok(elapsed * 1000, (100 - elapsed) * 1000))
      return shown.fraction
    })
    expect(fractions.map((fraction) => Math.round(fraction * 100))).toEqual([0, 10, 20, 30, 90])
  })

  it('does not hurry to 99 % when the end may well be later', () => {
    const [sure, unsure] = [new ShownEstimate(), new ShownEstimate()]
    const apart: number[] = []
    for (let elapsed = 0; elapsed < 100; elapsed++) {
      const forecast = ok(elapsed * 1000, (100 - elapsed) * 1000)
      sure.update(forecast)
      unsure.update({ ...forecast, lateMs: 3 * forecast.remainingMs })
      apart.push(sure.fraction - unsure.fraction)
    }
    expect(apart[40]).toBeLessThan(0.01)
    expect([sure.fraction, unsure.fraction].map((fraction) => Math.floor(fraction * 100))).toEqual([99, 98])
  })

  it('goes on more slowly when the forecast grows, and never back', () => {
    const shown = new ShownEstimate()
    shown.update(ok(50_000, 50_000))
    const half = shown.fraction
    shown.update(ok(51_000, 500_000))
    expect(shown.fraction).toBeGreaterThan(half)
    expect(shown.fraction).toBeLessThan(half + 0.01)
  })

  it('shows a state that was found twice, so that it does not flap', () => {
    const shown = new ShownEstimate()
    const states = (['ok', 'slow', 'ok', 'slow', 'slow', 'ok'] as const).map((state, index) => {
      shown.update({ elapsedMs: index * 1000, remainingMs: 1000, state })
      return shown.state
    })
    expect(states).toEqual(['ok', 'ok', 'ok', 'ok', 'slow', 'slow'])
  })

  it('never falls and stays below 1, for any forecasts and clocks', () => {
    const any = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -1, 0, 1e300))
    fc.assert(
      fc.property(fc.array(fc.tuple(any, any, any), { maxLength: 50 }), (forecasts) => {
        const shown = new ShownEstimate()
        let before = 0
        for (const [elapsedMs, remainingMs, lateMs] of forecasts) {
          shown.update({ elapsedMs, remainingMs, lateMs, state: 'ok' })
          expect(shown.fraction).toBeGreaterThanOrEqual(before)
          expect(shown.fraction).toBeLessThan(1)
          expect(shown.remainingMs).toBeGreaterThanOrEqual(0)
          before = shown.fraction
        }
      }),
    )
  })
})
