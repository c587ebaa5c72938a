import { invalid } from './schedule-fields.ts'
import type { ScheduleOptions } from './schedule-options.ts'
import type { Schedule } from './schedule.ts'

/**
 * The options that make a schedule again, as JSON can keep them. Its input is left out, since not every input is JSON; so is a function
 * that gives its times.
 */
export function toScheduleOptions(schedule: Schedule, flowId: string): ScheduleOptions {
  const { id, timezone, description, startAt, endAt, configuration } = schedule
  const rules = {
    ...(id !== flowId && { id: id.slice(flowId.length + 1) }),
    timezone,
    missed: schedule.missed,
    window: schedule.windowMs,
    maxMissed: schedule.maxMissed,
    overlap: schedule.overlap,
    jitter: schedule.jitterMs,
    ...(description !== null && { description }),
    ...(startAt !== null && { start: toText(startAt) }),
    ...(endAt !== null && { end: toText(endAt) }),
    ...(configuration !== null && { configuration }),
  }
  return { ...toTimingOptions(schedule), ...rules }
}

function toTimingOptions({ timing }: Schedule): ScheduleOptions {
  switch (timing.kind) {
    case 'cron':
      return { cron: timing.cron }
    case 'interval':
      return { every: timing.everyMs }
    case 'once':
      return { at: timing.at.map(toText) }
    case 'times':
      return { times: timing.times, ...(timing.text !== null && { text: timing.text }) }
  }
}

function toText(at: number): string {
  return new Date(at).toISOString()
}

/** @throws {PerfectError} SCHEDULE_INVALID when it is not only data. */
export function checkStorable({ timing, input }: Schedule): void {
  const fix = 'Declare the schedule with the flow in code, or give data instead of a function.'
  if (timing.kind === 'times') throw invalid('times', timing.times, 'a function cannot be stored', fix)
  if (typeof input === 'function') throw invalid('input', input, 'a function cannot be stored', fix)
}
