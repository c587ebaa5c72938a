import { Cron } from 'croner'

import { PerfectError } from '../errors/perfect-error.ts'

/** When a flow starts by itself. */
export interface ScheduleOptions {
  /** Cron expression of 5 fields (minute first) or 6 (second first). Source: Open Cron Pattern Specification. */
  readonly cron: string
  /** IANA name such as `"Europe/Berlin"`. Default: `"UTC"`. */
  readonly timezone?: string
}

/** A checked schedule. */
export interface Schedule {
  readonly cron: string
  readonly timezone: string
}

const MAX_CRON_CHARS = 100

/** @throws {PerfectError} SCHEDULE_INVALID when the expression, or the time zone, is not valid, or never comes. */
export function toSchedule(options: string | ScheduleOptions): Schedule {
  const { cron, timezone = 'UTC' } = typeof options === 'string' ? { cron: options } : options
  if (typeof cron !== 'string' || cron.length > MAX_CRON_CHARS) throw invalid('cron', cron, 'it is not a short text')
  const schedule = { cron, timezone }
  let next: number | null
  try {
    next = nextTime(schedule, Date.UTC(2026, 0, 1))
  } catch (error) {
    throw invalid(isTimezone(timezone) ? 'cron' : 'timezone', isTimezone(timezone) ? cron : timezone, message(error))
  }
  if (next === null) throw invalid('cron', cron, 'it never comes')
  return schedule
}

/** The first time of a schedule after an instant (ms), in ms; null when there is none. */
export function nextTime(schedule: Schedule, after: number): number | null {
  const cron = new Cron(schedule.cron, { timezone: schedule.timezone, paused: true })
  return cron.nextRun(new Date(after))?.getTime() ?? null
}

function isTimezone(timezone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function invalid(field: string, value: unknown, why: string): PerfectError {
  return new PerfectError(
    'SCHEDULE_INVALID',
    `"schedule.${field}" is ${JSON.stringify(value)}: ${why}. Give a cron expression such as "0 3 * * *" and an IANA time zone such as "Europe/Berlin".`,
    { details: { field: `schedule.${field}`, value: String(value) } },
  )
}
