/* Schedules as users see them. */
import { nextFire, type FireTime } from '../../definition/schedules/preview.ts'
import { scheduleExpression, scheduleText } from '../../definition/schedules/schedule-text.ts'
import type { Schedule } from '../../definition/schedules/schedule.ts'
import { encodeValue } from '../../primitives/value.ts'
import type { KnownSchedule } from './schedule-record.ts'
import type { FireTimeView, FlowScheduleView, ScheduleView } from './views.ts'

/** A schedule with its next time. */
export function toScheduleView({ schedule, record }: KnownSchedule, flowName: string, now: number): ScheduleView {
  const { timing, description, missed, windowMs, maxMissed, overlap, jitterMs, configuration } = schedule
  const next = nextFire(schedule, record, now)
  const isPaused = record.pausedAt !== null && (record.pausedUntil === null || record.pausedUntil > now)
  return {
    ...toShort(schedule, next),
    id: record.id,
    flowId: record.flowId,
    flowName,
    origin: record.origin,
    kind: timing.kind,
    text: scheduleText(schedule),
    description,
    status: isPaused ? 'paused' : next === null ? 'ended' : 'active',
    nextNote: next?.note ?? null,
    pausedAt: isPaused ? toText(record.pausedAt) : null,
    pausedUntil: isPaused ? toText(record.pausedUntil) : null,
    skips: record.skips,
    handledAt: toText(record.handledAt),
    missed,
    windowMs,
    maxMissed,
    overlap,
    jitterMs,
    startAt: toText(schedule.startAt),
    endAt: toText(schedule.endAt),
    configuration,
    input: toInput(schedule),
    revision: record.revision,
  }
}

/** Of the schedules of a flow, the one that comes next; null when it has none. */
export function toFlowScheduleView(known: readonly KnownSchedule[], now: number): FlowScheduleView | null {
  const planned = known.map(({ schedule, record }) => ({ schedule, next: nextFire(schedule, record, now) }))
  const [first] = planned.toSorted(
    (left, right) => (left.next?.firesAt ?? Infinity) - (right.next?.firesAt ?? Infinity),
  )
  return first === undefined ? null : toShort(first.schedule, first.next)
}

/** A coming time. */
export function toFireTimeView({ at, firesAt, isSkipped, note }: FireTime): FireTimeView {
  return { at: toText(at), firesAt: toText(firesAt), isSkipped, note }
}

function toShort(schedule: Schedule, next: FireTime | null): FlowScheduleView {
  return {
    cron: scheduleExpression(schedule),
    timezone: schedule.timezone,
    nextAt: toText(next?.firesAt ?? null),
  }
}

function toInput({ id, input }: Schedule): unknown {
  if (input === undefined || typeof input === 'function') return null
  return JSON.parse(encodeValue(input, `input of schedule "${id}"`))
}

function toText(instant: number): string
function toText(instant: number | null): string | null
function toText(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString()
}
