/*
 * The axis of the timeline: where instants lie, and which of them are written on it.
 */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Distances between ticks that read well. Unit: ms. */
const STEPS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  30 * DAY,
]

/** A time axis that starts with the run. */
export interface TimeAxis {
  /** Unit: ms since 1970. */
  readonly start: number
  /** Unit: ms. Range: > 0. */
  readonly length: number
  /** Distances from the start that are written on the axis. Unit: ms. */
  readonly ticks: readonly number[]
}

/**
 * The axis from `start` to `end`.
 *
 * @param most number of ticks that have room. Range: >= 2.
 */
export function timeAxis(start: number, end: number, most: number): TimeAxis {
  const length = Math.max(1, end - start)
  const step = STEPS.find((candidate) => length / candidate <= most) ?? Math.ceil(length / most / DAY) * DAY
  const ticks: number[] = []
  for (let at = 0; at <= length; at += step) ticks.push(at)
  return { start, length, ticks }
}

/** A place on the axis. Unit: percent. Range: 0..100. */
export function percentAt(axis: TimeAxis, at: number): number {
  return Math.min(100, Math.max(0, ((at - axis.start) / axis.length) * 100))
}

/** A tick in words without empty units: `0`, `30s`, `2m`, `1h 30m`. */
export function tickLabel(ms: number): string {
  if (ms === 0) return '0'
  if (ms < SECOND) return `${String(ms)}ms`
  const parts = [
    [Math.floor(ms / DAY), 'd'],
    [Math.floor((ms % DAY) / HOUR), 'h'],
    [Math.floor((ms % HOUR) / MINUTE), 'm'],
    [(ms % MINUTE) / SECOND, 's'],
  ] as const
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${String(count)}${unit}`])).join(' ')
}
