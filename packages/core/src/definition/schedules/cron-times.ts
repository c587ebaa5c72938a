/*
 * Times of a cron expression. The expression is counted on the local clock, and each local time is then looked up in the time zone, so
 * that what happens when the clocks change is decided here, and in one way for all zones:
 * - an expression that names hours runs at the end of the gap for a time that the clock leaves out, and once, at the first, for a time
 *   that it shows twice;
 * - an expression for every hour runs whenever the clock shows its minute, so that the distance between its times stays the same.
 */
import { Cron } from 'croner'

import { firstChange, instantOf, offsetAt, toLocal } from '../../primitives/time-zone.ts'

const DAY_MS = 86_400_000
// A host has fewer expressions; those of strangers may not fill the memory.
const MAX_PATTERNS = 500

const patterns = new Map<string, Cron>()

/** @throws {Error} when it is not a cron expression of 5 or 6 fields. */
export function checkCron(cron: string): void {
  patternOf(cron)
}

/** The first time of an expression after an instant; null when there is none. Unit: ms since 1970 UTC. */
export function nextCronTime(cron: string, zone: string, after: number): number | null {
  return isEveryHour(cron) ? nextShown(cron, zone, after) : nextNamed(cron, zone, after)
}

/** Whether it runs in every hour of its days. */
export function isEveryHour(cron: string): boolean {
  const fields = cron.trim().split(/\s+/)
  const hour = fields.length === 6 ? fields[2] : fields[1]
  return cron.trim() === '@hourly' || hour === '*' || hour === '?' || hour === '*/1' || hour === '0-23'
}

// Instants never fall as local times rise, so the first that is later is the next.
function nextNamed(cron: string, zone: string, after: number): number | null {
  let local = nextCronLocal(cron, toLocal(after, zone))
  while (local !== null) {
    const at = instantOf(local, zone)
    if (at > after) return at
    local = nextCronLocal(cron, local)
  }
  return null
}

function nextShown(cron: string, zone: string, after: number): number | null {
  const offset = offsetAt(after, zone)
  const horizon = after + DAY_MS
  const change = firstChange(after, horizon, zone)
  const next = timeFrom(cron, after, offset)
  if (next === null) return null
  if (next < (change ?? horizon)) return next
  if (change === null) return nextNamed(cron, zone, after)
  // The clock goes on from its new time, which may be a time of the expression itself.
  const shown = timeFrom(cron, change - 1, offsetAt(change, zone))
  return shown !== null && shown < horizon ? shown : nextNamed(cron, zone, after)
}

function timeFrom(cron: string, after: number, offset: number): number | null {
  const local = nextCronLocal(cron, after + offset)
  return local === null ? null : local - offset
}

/** The first local time of an expression after a local time, whether the clock shows it or not; null when there is none. */
export function nextCronLocal(cron: string, after: number): number | null {
  return patternOf(cron).nextRun(new Date(after))?.getTime() ?? null
}

function patternOf(cron: string): Cron {
  const known = patterns.get(cron)
  if (known !== undefined) return known
  // With an offset instead of a zone, croner asks no calendar: several times as fast.
  const pattern = new Cron(cron, { utcOffset: 0, paused: true, mode: '5-or-6-parts' })
  if (patterns.size >= MAX_PATTERNS) patterns.clear()
  patterns.set(cron, pattern)
  return pattern
}
