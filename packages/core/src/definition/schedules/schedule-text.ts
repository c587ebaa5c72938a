/* A schedule, and what the clocks do to its times, in words. */
import { firstChange, instantOf, instantsOf, offsetAt, toLocal } from '../../primitives/time-zone.ts'
import { cronText, listed, MONTHS, namesTimeOfDay } from './cron-text.ts'
import { isEveryHour, nextCronLocal } from './cron-times.ts'
import type { Schedule } from './schedule.ts'

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const
const MAX_LISTED = 3

/** The schedule in words: `every day at 03:00 (Europe/Berlin)`. An expression that is not common stands for itself. */
export function scheduleText({ timing, timezone }: Schedule): string {
  switch (timing.kind) {
    case 'cron': {
      const text = cronText(timing.cron) ?? timing.cron
      return namesTimeOfDay(timing.cron) ? `${text} (${timezone})` : text
    }
    case 'interval':
      return `every ${lengthText(timing.everyMs)}`
    case 'once': {
      const shown = timing.at.slice(0, MAX_LISTED).map((at) => {
        const local = toLocal(at, timezone)
        return `${dayText(local)} ${String(new Date(local).getUTCFullYear())} at ${timeText(local)}`
      })
      const more = timing.at.length - shown.length
      return `on ${listed(more === 0 ? shown : [...shown, `${String(more)} more`])} (${timezone})`
    }
    case 'times':
      return timing.text ?? 'at times that a function gives'
  }
}

/** The expression, or else what stands for it in a line: `0 3 * * *`, `every 15 minutes`. */
export function scheduleExpression(schedule: Schedule): string {
  return schedule.timing.kind === 'cron' ? schedule.timing.cron : scheduleText(schedule)
}

/**
 * What a change of the clocks does to a time of a schedule: `02:30 does not exist on 28 March in Europe/Berlin: runs at 03:00`; null when
 * it does nothing.
 */
export function clockChangeText({ timing, timezone }: Schedule, at: number): string | null {
  if (timing.kind !== 'cron' || timezone === 'UTC' || isEveryHour(timing.cron)) return null
  const local = toLocal(at, timezone)
  if (instantsOf(local, timezone).length > 1)
    return `${timeText(local)} comes twice on ${dayText(local)} in ${timezone}: runs once, at the first`
  if (firstChange(at - 1, at, timezone) === null) return null
  // The clock went forward at this instant: the times that it left out are run now.
  const gone = nextCronLocal(timing.cron, at - 1 + offsetAt(at - 1, timezone))
  if (gone === null || gone >= local || instantOf(gone, timezone) !== at) return null
  return `${timeText(gone)} does not exist on ${dayText(gone)} in ${timezone}: runs at ${timeText(local)}`
}

function lengthText(ms: number): string {
  const [unit, size] = UNITS.find(([, one]) => ms % one === 0) ?? (['ms', 1] as const)
  const count = ms / size
  return count === 1 ? unit : `${String(count)} ${unit === 'ms' ? unit : `${unit}s`}`
}

function dayText(local: number): string {
  return `${String(new Date(local).getUTCDate())} ${MONTHS[new Date(local).getUTCMonth()] ?? ''}`
}

function timeText(local: number): string {
  const time = new Date(local).toISOString().slice(11, 19)
  return time.endsWith(':00') ? time.slice(0, 5) : time
}
