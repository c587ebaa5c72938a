import { PerfectError } from '../errors/perfect-error.ts'

/** A length of time: a number of ms, or a number with a unit, such as `"250ms"`, `"30s"`, `"1.5h"`, `"3d"`. Range: 0..100 years. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const MS_PER_UNIT = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
// Instants end in the year 275,760; what is added up from durations must stay a long way from there.
const MAX_MS = 36_525 * MS_PER_UNIT.d
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/**
 * Turns a duration into ms.
 *
 * @param field Name of the option, for the message.
 * @throws {PerfectError} DURATION_INVALID when it is no duration, or one of more than 100 years.
 */
export function toMs(duration: Duration, field: string): number {
  const ms = readMs(duration)
  if (ms >= 0 && ms <= MAX_MS) return ms
  throw new PerfectError(
    'DURATION_INVALID',
    `"${field}" is ${shown(duration)}. Give milliseconds as a number >= 0, or text such as "250ms", "30s", "5m", "2h" or "3d", of at most 100 years.`,
    { details: { field, value: shown(duration) } },
  )
}

function readMs(duration: Duration): number {
  if (typeof duration === 'number') return duration
  const parts = typeof duration === 'string' ? PATTERN.exec(duration.trim()) : null
  const unit = parts?.[2]
  return parts?.[1] !== undefined && isUnit(unit) ? Number(parts[1]) * MS_PER_UNIT[unit] : Number.NaN
}

function isUnit(unit: string | undefined): unit is keyof typeof MS_PER_UNIT {
  return unit !== undefined && unit in MS_PER_UNIT
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
