/* What users write for a schedule. */
import type { Duration } from '../../primitives/duration.ts'

/** What is done with times that passed while no engine ran. */
export const MISSED_POLICIES = ['skip', 'last', 'all'] as const
/**
 * What is done with times that passed while no engine ran, the machine slept or the process was stuck.
 * `skip`: nothing; `last`: the newest one is run; `all`: all are run, the oldest first, one after the other.
 */
export type MissedPolicy = (typeof MISSED_POLICIES)[number]

/** What is done with a time while an earlier run of the schedule has not ended. */
export const OVERLAP_POLICIES = ['skip', 'queue', 'cancel-running', 'allow', 'buffer-one'] as const
/**
 * What is done with a time while an earlier run of the schedule has not ended.
 * `skip`: it is left out; `queue`: its run waits for the earlier ones; `buffer-one`: the same, but only one run waits;
 * `cancel-running`: the earlier run is cancelled and the new one follows; `allow`: it starts beside the earlier one.
 */
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number]

/** How the times of a schedule are run. */
export interface ScheduleRules {
  /** Names the schedule among those of its flow. At most 100 characters. Default: its place in the list. */
  readonly id?: string
  readonly description?: string
  /** Default: `"skip"`. */
  readonly missed?: MissedPolicy
  /** How old a missed time may be and still be run. Default: a minute with `skip`, 7 days otherwise. */
  readonly window?: Duration
  /** Missed times that `all` runs at most; the newest. Unit: runs. Range: 1..1000. Default: 100. */
  readonly maxMissed?: number
  /** Default: `"skip"`. */
  readonly overlap?: OverlapPolicy
  /** Each time is run up to this much later, but before the next one. The same for every engine. Default: 0. */
  readonly jitter?: Duration
  /** There is no time before this instant. A text without a zone is local time of `timezone`. */
  readonly start?: Date | string
  /** There is no time after this instant. A text without a zone is local time of `timezone`. */
  readonly end?: Date | string
  /** Input of its runs, or a function that makes it of the time; the function must be pure. */
  readonly input?: unknown
  /** Name of a configuration. Default: `"development"`. */
  readonly configuration?: string
}

/** Times of a cron expression. */
export interface CronSchedule extends ScheduleRules {
  /** Cron expression of 5 fields (minute first) or 6 (second first). Source: Open Cron Pattern Specification. */
  readonly cron: string
  /** IANA name such as `"Europe/Berlin"`. Default: `"UTC"`. */
  readonly timezone?: string
}

/** Times at a fixed distance, whatever the clocks of the zone do. */
export interface IntervalSchedule extends ScheduleRules {
  /** Distance of the times, counted from `start`, or else from 1970-01-01 UTC: `"15m"` is at :00, :15, :30 and :45. Range: >= 1 s. */
  readonly every: Duration
  /** IANA name, for `start`, `end` and texts. Default: `"UTC"`. */
  readonly timezone?: string
}

/** Single times. */
export interface OnceSchedule extends ScheduleRules {
  /** One instant or several. A text without a zone is local time of `timezone`. */
  readonly at: Date | string | readonly (Date | string)[]
  /** IANA name such as `"Europe/Berlin"`. Default: `"UTC"`. */
  readonly timezone?: string
}

/** Times that a function knows, for example that of a library for recurrence rules. */
export interface TimesSchedule extends ScheduleRules {
  /** The first time after an instant, or null when there is none. Pure: the same answer for the same instant, in every engine. */
  readonly times: (after: Date) => Date | null
  /** What the times are, for people: `"every last Friday of the month"`. */
  readonly text?: string
  /** IANA name, for `start`, `end` and texts. Default: `"UTC"`. */
  readonly timezone?: string
}

/** When a flow starts by itself. */
export type ScheduleOptions = CronSchedule | IntervalSchedule | OnceSchedule | TimesSchedule
