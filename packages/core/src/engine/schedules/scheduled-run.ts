import { DEFAULT_CONFIGURATION } from '../../definition/configuration.ts'
import type { FlowDefinition } from '../../definition/flow.ts'
import { clockChangeText, scheduleExpression } from '../../definition/schedules/schedule-text.ts'
import type { AppendLog } from '../../storage/changes.ts'
import type { RunRecord } from '../../storage/records.ts'
import type { CreateRun } from '../../storage/run-changes.ts'
import type { EngineParts } from '../engine-parts.ts'
import { newRun } from '../trigger-run.ts'
import type { KnownSchedule } from './schedule-record.ts'

// From here on a run says in its log that it is late.
const LATE_MS = 60_000

/** The run of a time of a schedule. */
export interface ScheduledRun {
  /** null: somebody asked for it. */
  readonly at: number | null
  readonly run: RunRecord
  readonly changes: readonly (CreateRun | AppendLog)[]
}

/**
 * Makes the run of a time of a schedule.
 *
 * @param at The time; null when somebody asked for the run.
 * @throws {PerfectError} INPUT_INVALID, VALUE_UNSERIALIZABLE, CONFIGURATION_INVALID, or what a function that makes the input throws.
 */
export async function newScheduledRun(
  parts: EngineParts,
  { schedule, record }: KnownSchedule,
  definition: FlowDefinition,
  at: number | null,
): Promise<ScheduledRun> {
  const now = parts.clock.now()
  const { run, input } = await newRun(parts, definition, {
    configuration: schedule.configuration ?? DEFAULT_CONFIGURATION,
    input: inputAt(schedule.input, at ?? now),
    trigger: { kind: 'schedule', by: scheduleExpression(schedule) },
    ...(at !== null && { idempotencyKey: `schedule:${record.id}:${toText(at)}` }),
  })
  const queued: RunRecord = {
    ...run,
    scheduleId: record.id,
    // Runs that may not overlap pass one after the other, whatever engines do.
    gate: schedule.overlap === 'allow' ? null : `schedule:${record.id}`,
  }
  const create: CreateRun = { type: 'run.create', run: queued, input }
  const message = at === null ? 'Started by hand' : timeText({ schedule, record }, at, now)
  return { at, run: queued, changes: message === null ? [create] : [create, logLine(run.id, now, message)] }
}

function inputAt(input: unknown, at: number): unknown {
  return typeof input === 'function' ? (input as (at: Date) => unknown)(new Date(at)) : input
}

// Only what is not as anybody would expect.
function timeText({ schedule }: KnownSchedule, at: number, now: number): string | null {
  const note = clockChangeText(schedule, at)
  const lateMs = now - at - schedule.jitterMs
  const late = lateMs < LATE_MS ? null : `The time of ${toText(at)} was missed, and is made up for`
  return note === null || late === null ? (note ?? late) : `${late}. ${note}`
}

function logLine(runId: string, at: number, message: string): AppendLog {
  return { type: 'log.append', runId, fence: null, lines: [{ at, level: 'info', task: null, message, fields: null }] }
}

function toText(at: number): string {
  return new Date(at).toISOString()
}
