import { DRAWS } from './draws.ts'
import { clamp, quantileOf } from './quantiles.ts'
import type { Forecast, Phase } from './twin-state.ts'

const WINDOW = 100
// Before anything is known intervals are taken to be right: this many forecasts of an ideal past say so.
const IDEAL = Array.from({ length: 20 }, (_, index) => (index + 0.5) / 20)
const BEYOND = 2

/** Where the truth fell in past forecasts, and the levels at which four of five fall inside. */
export class Calibration {
  readonly #ranks: number[][]
  readonly #levels: (readonly [low: number, high: number])[]

  constructor(ranks: readonly (readonly number[])[] = [[], [], []]) {
    this.#ranks = [0, 1, 2].map((phase) => [...(ranks[phase] ?? [])])
    this.#levels = this.#ranks.map(levelsOf)
  }

  get ranks(): readonly (readonly number[])[] {
    return this.#ranks
  }

  /** @param actual What was left in truth. Unit: ms. */
  learn({ phase, samples }: Forecast, actual: number): void {
    const ranks = this.#ranks[phase]
    if (!ranks) return
    let below = 0
    for (const value of samples) if (value < actual) below++
    ranks.push(clamp((below - BEYOND) / DRAWS, -BEYOND / DRAWS, 1 + BEYOND / DRAWS))
    if (ranks.length > WINDOW) ranks.shift()
    this.#levels[phase] = levelsOf(ranks)
  }

  /** @param draws The smallest first. */
  forecast(draws: Float64Array, now: number): Forecast {
    const median = quantileOf(draws, 0.5)
    const [low = 0, high = 0] = [draws[0], draws[draws.length - 1]]
    const phase = phaseOf(now, median)
    const samples = [
      Math.max(0, low - 0.6 * (median - low) - 0.1 * median),
      Math.max(0, low - 0.25 * (median - low) - 0.03 * median),
      ...draws,
      high + 0.3 * (high - median) + 0.05 * median,
      high + (high - median) + 0.15 * median,
    ].toSorted((left, right) => left - right)
    const at = (level: number): number => quantileOf(samples, (level * DRAWS + BEYOND) / (DRAWS + 2 * BEYOND))
    const [early, late] = this.#levels[phase] ?? [0.1, 0.9]
    return { median, low: Math.min(median, at(early)), high: Math.max(median, at(late)), phase, samples }
  }
}

function levelsOf(ranks: readonly number[]): readonly [number, number] {
  const sorted = [...ranks, ...IDEAL].toSorted((left, right) => left - right)
  const beyond = BEYOND / DRAWS
  // The next one is not among them: of n + 1 that are alike, four of five are to fall inside. Source: split conformal prediction.
  const outside = 0.1 - 0.4 / sorted.length
  return [clamp(quantileOf(sorted, outside), -beyond, 0.4), clamp(quantileOf(sorted, 1 - outside), 0.6, 1 + beyond)]
}

function phaseOf(now: number, median: number): Phase {
  const place = now / (now + median + 1e-9)
  if (place < 0.2) return 0
  return place < 0.7 ? 1 : 2
}
