/* Which times of a schedule are to be run now: a pure function of the schedule, what is stored of it, and the time. */
import { fireAt, nextTime } from './next-time.ts'
import type { Schedule } from './schedule.ts'

/** What is known of a schedule beside its definition. */
export interface ScheduleState {
  readonly pausedAt: number | null
  /** When the pause ends by itself. */
  readonly pausedUntil: number | null
  /** Number of coming times to leave out. Range: >= 0. */
  readonly skips: number
  /** The last time that was dealt with. */
  readonly handledAt: number
}

/** Times that are not run. */
export interface LeftOutTimes {
  /** Range: >= 1. */
  readonly count: number
  /** There are more than were counted. */
  readonly isMore: boolean
  readonly first: number
}

/** What is to be done now. */
export interface DueTimes {
  /** To be run, the oldest first. */
  readonly run: readonly number[]
  /** Times that passed while nobody was there, and that are not made up for. */
  readonly missed: LeftOutTimes | null
  /** Times that somebody has asked to leave out. */
  readonly skipped: readonly number[]
  /** The state when that is done; the given one when there is nothing to do. */
  readonly state: ScheduleState
}

// Counting is for people; after so many it does not matter any more.
const MAX_COUNTED = 1000
const FIRST_LOOK_BACK_MS = 60_000

/** Divides the times since the last one that was dealt with into those to run and those to leave out. */
export function dueTimes(schedule: Schedule, state: ScheduleState, now: number): DueTimes {
  const active = endPause(state, now)
  if (active === null) return { run: [], missed: null, skipped: [], state }
  const skipped = skippedTimes(schedule, active, now)
  const after = skipped.at(-1) ?? active.handledAt
  const limit = schedule.missed === 'all' ? schedule.maxMissed : 1
  // The times after this instant are young enough.
  const youngAfter = Math.max(after, now - schedule.windowMs - schedule.jitterMs - 1)
  const newest = newestTimes(schedule, { after, youngAfter, now, limit })
  const run = newest.filter((at) => fireAt(schedule, at) >= now - schedule.windowMs)
  const last = newest.at(-1) ?? lastTime(schedule, after, now) ?? after
  if (last === active.handledAt) return { run: [], missed: null, skipped: [], state: active }
  return {
    run,
    missed: countTimes(schedule, after, run[0] === undefined ? last : run[0] - 1),
    skipped,
    state: { ...active, skips: active.skips - skipped.length, handledAt: last },
  }
}

/** When to look again: the next time that is not left out by a pause; null when there is none. */
export function nextLookAt(schedule: Schedule, state: ScheduleState): number | null {
  const { pausedAt, pausedUntil, handledAt } = state
  if (pausedAt !== null && pausedUntil === null) return null
  const next = nextTime(schedule, pausedUntil === null ? handledAt : Math.max(handledAt, pausedUntil - 1))
  return next === null ? null : fireAt(schedule, next)
}

// Times of a pause count as dealt with.
function endPause(state: ScheduleState, now: number): ScheduleState | null {
  const { pausedAt, pausedUntil } = state
  if (pausedAt === null) return state
  if (pausedUntil === null || now < pausedUntil) return null
  return { ...state, pausedAt: null, pausedUntil: null, handledAt: Math.max(state.handledAt, pausedUntil - 1) }
}

function skippedTimes(schedule: Schedule, state: ScheduleState, now: number): readonly number[] {
  const skipped: number[] = []
  let at = state.skips === 0 ? null : dueAfter(schedule, state.handledAt, now)
  while (at !== null && skipped.length < state.skips) {
    skipped.push(at)
    at = dueAfter(schedule, at, now)
  }
  return skipped
}

interface Search {
  readonly after: number
  readonly youngAfter: number
  readonly now: number
  readonly limit: number
}

// Nobody can count backwards in a schedule. Looking back twice as far each time costs at most some times as much as what is found,
// however long the engine was down.
function newestTimes(schedule: Schedule, { youngAfter, now, limit }: Search): readonly number[] {
  for (let lookBackMs = FIRST_LOOK_BACK_MS; ; lookBackMs *= 2) {
    const from = Math.max(youngAfter, now - lookBackMs)
    const found = timesBetween(schedule, from, now)
    if (found.length >= limit || from === youngAfter) return found.slice(-limit)
  }
}

// The newest time that is due, when none is young enough to be run.
function lastTime(schedule: Schedule, after: number, now: number): number | null {
  const [last] = newestTimes(schedule, { after, youngAfter: after, now, limit: 1 })
  return last ?? null
}

function timesBetween(schedule: Schedule, after: number, now: number): number[] {
  const found: number[] = []
  for (let at = dueAfter(schedule, after, now); at !== null; at = dueAfter(schedule, at, now)) found.push(at)
  return found
}

function dueAfter(schedule: Schedule, after: number, now: number): number | null {
  const at = nextTime(schedule, after)
  return at !== null && fireAt(schedule, at) <= now ? at : null
}

function countTimes(schedule: Schedule, after: number, through: number): LeftOutTimes | null {
  const first = nextTime(schedule, after)
  if (first === null || first > through) return null
  let count = 0
  for (let at: number | null = first; at !== null && at <= through; at = nextTime(schedule, at)) {
    if (count === MAX_COUNTED) return { count, isMore: true, first }
    count++
  }
  return { count, isMore: false, first }
}
