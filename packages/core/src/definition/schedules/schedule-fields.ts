import { PerfectError } from '../../errors/perfect-error.ts'
import { instantOf } from '../../primitives/time-zone.ts'

const WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})$/
const LOCAL = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)?$/
const FIX = 'Give a Date, an instant such as "2026-12-24T18:00:00Z", or local time such as "2026-12-24T18:00".'

/**
 * The instant that a date or a text means. Unit: ms since 1970 UTC.
 *
 * @throws {PerfectError} SCHEDULE_INVALID
 */
export function toInstant(field: string, value: unknown, timezone: string): number {
  const at = read(value, timezone)
  if (at !== null && Number.isFinite(at)) return at
  throw invalid(field, value, 'it is not an instant', FIX)
}

function read(value: unknown, timezone: string): number | null {
  if (value instanceof Date) return value.getTime()
  if (typeof value !== 'string') return null
  if (WITH_ZONE.test(value)) return Date.parse(value)
  if (!LOCAL.test(value)) return null
  const local = Date.parse(value.length === 10 ? `${value}T00:00Z` : `${value.replace(' ', 'T')}Z`)
  return Number.isFinite(local) ? instantOf(local, timezone) : null
}

/** What is wrong with a field of a schedule. */
export function invalid(field: string, value: unknown, why: string, fix: string): PerfectError {
  const name = field === 'schedule' || field === 'schedules' ? field : `schedule.${field}`
  return new PerfectError('SCHEDULE_INVALID', `"${name}" is ${shown(value)}: ${why}. ${fix}`, {
    details: { field: name, value: shown(value) },
  })
}

const MAX_SHOWN_CHARS = 200

function shown(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString()
  if (!['string', 'number', 'boolean', 'object'].includes(typeof value)) return typeof value
  return JSON.stringify(value).slice(0, MAX_SHOWN_CHARS)
}
