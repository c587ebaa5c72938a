import { PerfectError } from '../../errors/perfect-error.ts'
import { nextCronTime } from './cron-times.ts'
import type { Schedule } from './schedule.ts'

/**
 * The first time of a schedule after an instant; null when there is none. Unit: ms since 1970 UTC.
 *
 * @throws {PerfectError} SCHEDULE_INVALID when the function of a user gives something else than a later date.
 */
export function nextTime(schedule: Schedule, after: number): number | null {
  const { startAt, endAt } = schedule
  const from = startAt === null ? after : Math.max(after, startAt - 1)
  const next = firstAfter(schedule, from)
  return next === null || (endAt !== null && next > endAt) ? null : next
}

/**
 * When a time is run: at most the jitter later, and before the time after it. Every engine says the same, since it depends on nothing
 * but the schedule and the time.
 */
export function fireAt(schedule: Schedule, at: number): number {
  if (schedule.jitterMs === 0) return at
  const next = nextTime(schedule, at)
  const spanMs = next === null ? schedule.jitterMs : Math.min(schedule.jitterMs, next - at - 1)
  return at + Math.floor(share(`${schedule.id}@${String(at)}`) * (spanMs + 1))
}

function firstAfter({ timing, timezone, startAt }: Schedule, after: number): number | null {
  switch (timing.kind) {
    case 'cron':
      return nextCronTime(timing.cron, timezone, after)
    case 'interval': {
      const anchor = startAt ?? 0
      return anchor + (Math.floor((after - anchor) / timing.everyMs) + 1) * timing.everyMs
    }
    case 'once':
      return timing.at.find((at) => at > after) ?? null
    case 'times':
      return timeOf(timing.times, after)
  }
}

// A function that stands still would be asked for ever.
function timeOf(times: (after: Date) => Date | null, after: number): number | null {
  const answer: unknown = times(new Date(after))
  if (answer === null || answer === undefined) return null
  const at = answer instanceof Date ? answer.getTime() : Number.NaN
  if (at > after) return at
  const shown = answer instanceof Date && !Number.isNaN(at) ? answer.toISOString() : typeof answer
  throw new PerfectError(
    'SCHEDULE_INVALID',
    `"schedule.times" gave ${shown} for the first time after ${new Date(after).toISOString()}. Give a later Date, or null when there is none.`,
    { details: { field: 'schedule.times', value: shown } },
  )
}

// FNV-1a, and the last mixing of MurmurHash3: texts that differ in one digit are far apart. Range: 0 to below 1.
function share(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
