/* Schedules as they are stored, and back. */
import { checkStorable, toScheduleOptions } from '../../definition/schedules/schedule-json.ts'
import type { ScheduleOptions } from '../../definition/schedules/schedule-options.ts'
import { toSchedule, type Schedule } from '../../definition/schedules/schedule.ts'
import { decodeValue, encodeValue } from '../../primitives/value.ts'
import type { ScheduleRecord } from '../../storage/records.ts'

/** A schedule with what is stored of it. */
export interface KnownSchedule {
  readonly schedule: Schedule
  readonly record: ScheduleRecord
}

interface StoredDefinition {
  readonly options: ScheduleOptions
  /** Text of its input; null for none. */
  readonly input: string | null
}

/** The record of a schedule that is seen for the first time: only times after now count. */
export function newRecord(
  schedule: Schedule,
  facts: Pick<ScheduleRecord, 'flowId' | 'origin'> & { readonly now: number },
): ScheduleRecord {
  const { flowId, origin, now } = facts
  return {
    id: schedule.id,
    flowId,
    origin,
    definition: toDefinition(schedule, facts),
    pausedAt: null,
    pausedUntil: null,
    skips: 0,
    handledAt: now,
    revision: 1,
  }
}

/**
 * Text of the definition of a schedule.
 *
 * @throws {PerfectError} SCHEDULE_INVALID, VALUE_UNSERIALIZABLE when it was made while the engine ran, and cannot be stored.
 */
export function toDefinition(
  schedule: Schedule,
  { flowId, origin }: Pick<ScheduleRecord, 'flowId' | 'origin'>,
): string {
  const options = toScheduleOptions(schedule, flowId)
  // What the code declares is in the code; its input may be anything.
  if (origin === 'code') return JSON.stringify({ options, input: null } satisfies StoredDefinition)
  checkStorable(schedule)
  const input = schedule.input === undefined ? null : encodeValue(schedule.input, `input of schedule "${schedule.id}"`)
  return JSON.stringify({ options, input } satisfies StoredDefinition)
}

/** The schedule of a record; null when only the code that declares it knows. */
export function readSchedule({ id, flowId, definition }: ScheduleRecord): Schedule | null {
  try {
    const { options, input } = JSON.parse(definition) as StoredDefinition
    const schedule = toSchedule(flowId, input === null ? options : { ...options, input: decodeValue(input) }, null)
    return schedule.id === id ? schedule : null
  } catch {
    // A function that gives the times is not stored.
    return null
  }
}
