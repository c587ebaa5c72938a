import type { MissedPolicy, OverlapPolicy } from '../../definition/schedules/schedule-options.ts'
import type { Timing } from '../../definition/schedules/schedule.ts'

/** When a flow starts by itself, in short. */
export interface FlowScheduleView {
  /** The cron expression; for other kinds, their words: `every 15 minutes`. */
  readonly cron: string
  readonly timezone: string
  readonly nextAt: string | null
}

/** A schedule. */
export interface ScheduleView extends FlowScheduleView {
  readonly id: string
  readonly flowId: string
  readonly flowName: string
  /** `code`: declared by the flow; `api`: made while the engine ran. */
  readonly origin: 'code' | 'api'
  readonly kind: Timing['kind']
  /** In words: `every day at 03:00 (Europe/Berlin)`. */
  readonly text: string
  readonly description: string | null
  /** `ended`: it has no more times. */
  readonly status: 'active' | 'paused' | 'ended'
  /** What a change of the clocks does to the next time: `02:30 does not exist on 28 March in Europe/Berlin: runs at 03:00`. */
  readonly nextNote: string | null
  readonly pausedAt: string | null
  /** When the pause ends by itself. */
  readonly pausedUntil: string | null
  /** Number of coming times that are left out. Range: >= 0. */
  readonly skips: number
  /** The last time that was dealt with: run, missed or left out; at first, when the schedule was seen first. */
  readonly handledAt: string
  readonly missed: MissedPolicy
  /** How old a missed time may be and still be run. Unit: ms. */
  readonly windowMs: number
  /** Range: 1..1000. */
  readonly maxMissed: number
  readonly overlap: OverlapPolicy
  /** Unit: ms. */
  readonly jitterMs: number
  readonly startAt: string | null
  readonly endAt: string | null
  readonly configuration: string | null
  /** Input of its runs as JSON; structured values carry a `$type`. null when it has none, or a function makes it. */
  readonly input: unknown
  /** Grows with each change. */
  readonly revision: number
}

/** A coming time of a schedule. */
export interface FireTimeView {
  readonly at: string
  /** When it is run: {@link at}, and the jitter of this time. */
  readonly firesAt: string
  /** It will be left out, since somebody asked for it. */
  readonly isSkipped: boolean
  /** What a change of the clocks does to it. */
  readonly note: string | null
}

/** A time of a schedule that has got its run. */
export interface ScheduleFired {
  readonly scheduleId: string
  readonly flowId: string
  /** The time of the schedule. */
  readonly at: string
  readonly runId: string
  /** How much later it was run. Unit: ms. Range: >= 0. */
  readonly lateMs: number
}

/** Times of a schedule that got no run. */
export interface ScheduleMissed {
  readonly scheduleId: string
  readonly flowId: string
  /**
   * `down`: no engine ran; `overlap`: an earlier run had not ended; `skipped`: somebody asked to leave them out; `input`: their input was
   * not valid.
   */
  readonly reason: 'down' | 'overlap' | 'skipped' | 'input'
  /** Range: >= 1. */
  readonly count: number
  /** There are more than were counted. */
  readonly isMore: boolean
  /** The earliest of them. */
  readonly first: string
}
