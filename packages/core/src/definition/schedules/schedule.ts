/*
 * A schedule as plain data, made and checked here. What it means is in the files beside this one: `next-time.ts` says when it comes,
 * `due-times.ts` what is to be run now, `schedule-text.ts` and `clock-change.ts` say it in words.
 */
import { toMs, type Duration } from '../../primitives/duration.ts'
import { isTimeZone } from '../../primitives/time-zone.ts'
import { checkCron } from './cron-times.ts'
import { nextTime } from './next-time.ts'
import { invalid, toInstant } from './schedule-fields.ts'
import { MISSED_POLICIES, OVERLAP_POLICIES, type ScheduleOptions, type ScheduleRules } from './schedule-options.ts'
import type { MissedPolicy, OverlapPolicy, TimesSchedule } from './schedule-options.ts'

/** When a schedule comes. */
export type Timing =
  | { readonly kind: 'cron'; readonly cron: string }
  | { readonly kind: 'interval'; readonly everyMs: number }
  /** Instants, rising. Unit: ms since 1970 UTC. */
  | { readonly kind: 'once'; readonly at: readonly number[] }
  | { readonly kind: 'times'; readonly text: string | null; readonly times: TimesSchedule['times'] }

/** A checked schedule. */
export interface Schedule {
  /** Its own name, unique over all flows: the id of the flow, and the name that was given to it. */
  readonly id: string
  readonly timing: Timing
  readonly timezone: string
  readonly description: string | null
  readonly missed: MissedPolicy
  /** Unit: ms. Range: >= 0. */
  readonly windowMs: number
  /** Range: 1..1000. */
  readonly maxMissed: number
  readonly overlap: OverlapPolicy
  /** Unit: ms. Range: >= 0. */
  readonly jitterMs: number
  /** Unit: ms since 1970 UTC. */
  readonly startAt: number | null
  /** Unit: ms since 1970 UTC. */
  readonly endAt: number | null
  readonly input: unknown
  readonly configuration: string | null
}

const MAX_CRON_CHARS = 100
const MAX_ID_CHARS = 100
const MAX_TEXT_CHARS = 1000
const MAX_INSTANTS = 1000
const MIN_INTERVAL_MS = 1000
const MAX_MISSED = 1000
const DEFAULT_MAX_MISSED = 100
// An engine that restarts over a time, or is busy for a moment, has not missed it.
const SKIP_WINDOW_MS = 60_000
const DEFAULT_WINDOW_MS = 7 * 86_400_000
// From here a schedule has to come at least once, so that one that never comes is found when it is written.
const PROBE_AT = Date.UTC(2026, 0, 1)

/**
 * The schedules of a flow.
 *
 * @throws {PerfectError} SCHEDULE_INVALID, DURATION_INVALID
 */
export function toSchedules(flowId: string, { schedule, schedules }: FlowSchedules): readonly Schedule[] {
  if (schedules !== undefined && !Array.isArray(schedules))
    throw invalid('schedules', schedules, 'it is not a list', 'Give a list of schedules, or use "schedule" for one.')
  const own = schedule === undefined ? [] : [toSchedule(flowId, schedule, null)]
  const listed = (schedules ?? []).map((one: string | ScheduleOptions, index) =>
    toSchedule(flowId, one, String(index + 1)),
  )
  const all = [...own, ...listed]
  const ids = new Set<string>()
  for (const { id } of all) {
    if (ids.has(id))
      throw invalid('id', id, 'two schedules of the flow have it', 'Give each schedule an id of its own.')
    ids.add(id)
  }
  return Object.freeze(all)
}

/** When a flow starts by itself. */
export interface FlowSchedules {
  /** A cron expression, or all options. Default: never. */
  readonly schedule?: string | ScheduleOptions
  /** The same, for several schedules. Without an `id`, each is named after its place in the list. */
  readonly schedules?: readonly (string | ScheduleOptions)[]
}

/**
 * Checks a schedule.
 *
 * @param place Names it when it has no id: null for the only one of its flow.
 * @throws {PerfectError} SCHEDULE_INVALID when a field is not valid, or it never comes; DURATION_INVALID.
 */
export function toSchedule(flowId: string, options: string | ScheduleOptions, place: string | null): Schedule {
  const given: ScheduleOptions = typeof options === 'string' ? { cron: options } : options
  if (!isObject(given))
    throw invalid('schedule', given, 'it is no schedule', 'Give a cron expression such as "0 3 * * *", or an object.')
  const timezone = checkTimezone(given.timezone)
  const timing = toTiming(given, timezone)
  const schedule: Schedule = Object.freeze({
    id: toId(flowId, given.id, place),
    timing,
    timezone,
    ...toRules(given),
    startAt: given.start === undefined ? null : toInstant('start', given.start, timezone),
    endAt: given.end === undefined ? null : toInstant('end', given.end, timezone),
  })
  checkComes(schedule)
  return schedule
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function toId(flowId: string, id: string | undefined, place: string | null): string {
  const name = id ?? place
  if (name === null) return flowId
  if (typeof name !== 'string' || name.length > MAX_ID_CHARS || !/^[\p{L}\p{N}._-]+$/u.test(name))
    throw invalid('id', name, 'it is not a short name', 'Give 1 to 100 letters, digits, ".", "_" or "-".')
  return `${flowId}:${name}`
}

function checkTimezone(timezone: string | undefined): string {
  if (timezone === undefined) return 'UTC'
  if (isTimeZone(timezone)) return timezone
  throw invalid('timezone', timezone, 'there is no such time zone', 'Give an IANA name such as "Europe/Berlin".')
}

function toTiming(options: ScheduleOptions, timezone: string): Timing {
  const kinds = (['cron', 'every', 'at', 'times'] as const).filter((kind) => kind in options)
  if (kinds.length !== 1)
    throw invalid(
      'schedule',
      kinds.join(', '),
      'it must have exactly one of these',
      'Give one of "cron", "every", "at" and "times".',
    )
  if ('cron' in options) return cronTiming(options.cron)
  if ('every' in options) return intervalTiming(options.every)
  if ('at' in options) return onceTiming(options.at, timezone)
  if (typeof options.times !== 'function')
    throw invalid(
      'times',
      options.times,
      'it is not a function',
      'Give a function from a Date to the next Date, or null.',
    )
  return Object.freeze({ kind: 'times', times: options.times, text: checkText('text', options.text) })
}

function cronTiming(cron: unknown): Timing {
  const fix = 'Give an expression of 5 or 6 fields such as "0 3 * * *".'
  if (typeof cron !== 'string' || cron.length > MAX_CRON_CHARS || !/^[@\w*?,/#+ \t-]+$/.test(cron))
    throw invalid('cron', cron, 'it is not a short cron expression', fix)
  try {
    checkCron(cron)
  } catch (error) {
    throw invalid('cron', cron, error instanceof Error ? error.message : String(error), fix)
  }
  return Object.freeze({ kind: 'cron', cron })
}

function intervalTiming(every: Duration): Timing {
  const everyMs = toMs(every, 'schedule.every')
  if (everyMs >= MIN_INTERVAL_MS && Number.isSafeInteger(everyMs)) return Object.freeze({ kind: 'interval', everyMs })
  throw invalid(
    'every',
    every,
    'it is shorter than a second, or no whole number of ms',
    'Give a duration such as "15m".',
  )
}

function onceTiming(at: Date | string | readonly (Date | string)[], timezone: string): Timing {
  const list: readonly (Date | string)[] = typeof at === 'string' || at instanceof Date ? [at] : at
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_INSTANTS)
    throw invalid(
      'at',
      at,
      'it is neither an instant nor a list of 1 to 1000',
      'Give an instant such as "2026-12-24T18:00:00Z".',
    )
  const instants = new Set(list.map((one: Date | string) => toInstant('at', one, timezone)))
  return Object.freeze({ kind: 'once', at: Object.freeze([...instants].toSorted((left, right) => left - right)) })
}

function toRules(options: ScheduleRules): Omit<Schedule, 'id' | 'timing' | 'timezone' | 'startAt' | 'endAt'> {
  const { missed = 'skip', overlap = 'skip', maxMissed = DEFAULT_MAX_MISSED, input, configuration } = options
  if (!MISSED_POLICIES.includes(missed))
    throw invalid('missed', missed, 'there is no such policy', `Give one of ${MISSED_POLICIES.join(', ')}.`)
  if (!OVERLAP_POLICIES.includes(overlap))
    throw invalid('overlap', overlap, 'there is no such policy', `Give one of ${OVERLAP_POLICIES.join(', ')}.`)
  if (!Number.isInteger(maxMissed) || maxMissed < 1 || maxMissed > MAX_MISSED)
    throw invalid('maxMissed', maxMissed, 'it is out of range', 'Give a whole number from 1 to 1000.')
  return {
    description: checkText('description', options.description),
    missed,
    windowMs: toMs(options.window ?? (missed === 'skip' ? SKIP_WINDOW_MS : DEFAULT_WINDOW_MS), 'schedule.window'),
    maxMissed,
    overlap,
    jitterMs: toMs(options.jitter ?? 0, 'schedule.jitter'),
    input,
    configuration: checkText('configuration', configuration),
  }
}

function checkText(field: string, text: string | undefined): string | null {
  if (text === undefined) return null
  if (typeof text === 'string' && text !== '' && text.length <= MAX_TEXT_CHARS) return text
  throw invalid(field, text, 'it is not a text of 1 to 1000 characters', 'Give a short text, or leave it out.')
}

function checkComes(schedule: Schedule): void {
  const { timing, startAt, endAt } = schedule
  if (startAt !== null && endAt !== null && endAt < startAt)
    throw invalid('end', new Date(endAt), 'it is before "start"', 'Give an "end" that is later than "start".')
  // Functions of users may be slow, or know the past only; they are asked when it counts.
  if (timing.kind === 'times') return
  const after = timing.kind === 'once' ? -Infinity : startAt === null ? PROBE_AT : startAt - 1
  if (nextTime(schedule, after) !== null) return
  const value = timing.kind === 'cron' ? timing.cron : 'its times'
  throw invalid(timing.kind === 'cron' ? 'cron' : 'end', value, 'it never comes', 'Give a schedule that has a time.')
}
