import type { ScheduleState } from './due-times.ts'
import { fireAt, nextTime } from './next-time.ts'
import { clockChangeText } from './schedule-text.ts'
import type { Schedule } from './schedule.ts'

/** A coming time of a schedule. */
export interface FireTime {
  /** The time itself. Unit: ms since 1970 UTC. */
  readonly at: number
  /** When it is run: {@link at}, and the jitter of this time. Unit: ms since 1970 UTC. */
  readonly firesAt: number
  /** It will be left out, since somebody asked for it. */
  readonly isSkipped: boolean
  /** What a change of the clocks does to it. */
  readonly note: string | null
}

/** The next times of a schedule, the earliest first; fewer when it ends. Times of a pause are left out; a pause without an end has none. */
export function previewTimes(
  schedule: Schedule,
  state: ScheduleState,
  now: number,
  count: number,
): readonly FireTime[] {
  const { pausedAt, pausedUntil, handledAt } = state
  if (pausedAt !== null && pausedUntil === null) return []
  const times: FireTime[] = []
  let at = nextTime(schedule, Math.max(now, handledAt, pausedAt === null ? -Infinity : (pausedUntil ?? 0) - 1))
  while (at !== null && times.length < count) {
    const isSkipped = times.length < state.skips
    times.push({ at, firesAt: fireAt(schedule, at), isSkipped, note: clockChangeText(schedule, at) })
    at = nextTime(schedule, at)
  }
  return times
}

/** The next time that is run, after those that are left out; null when there is none. */
export function nextFire(schedule: Schedule, state: ScheduleState, now: number): FireTime | null {
  return previewTimes(schedule, state, now, state.skips + 1)[state.skips] ?? null
}
