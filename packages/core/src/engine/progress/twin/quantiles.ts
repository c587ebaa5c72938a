/** @param sorted At least one value, the smallest first. */
export function quantileOf(sorted: ArrayLike<number>, level: number): number {
  const count = sorted.length
  const place = clamp(level * count - 0.5, 0, count - 1)
  const below = Math.floor(place)
  const low = sorted[below] ?? 0
  return below + 1 < count ? low + (place - below) * ((sorted[below + 1] ?? low) - low) : low
}

export function clamp(value: number, low: number, high: number): number {
  if (value < low) return low
  return value > high ? high : value
}

/** Mean of logarithms. @param values At least one. @param slack Added to each. */
export function meanLogOf(values: readonly number[], slack: number): number {
  let sum = 0
  for (const value of values) sum += Math.log(value + slack)
  return sum / values.length
}

/** How late something is at most, as a logarithm: what is further off says no more. */
export const MAX_LATE = 1.5

/** What takes no time counts as this. Unit: ms. */
export const SHORTEST_MS = 1e-3
