import type { FlowDefinition } from '../../definition/flow.ts'
import { PerfectError } from '../../errors/perfect-error.ts'
import type { Change } from '../../storage/changes.ts'
import type { ScheduleRecord } from '../../storage/records.ts'
import type { EngineParts } from '../engine-parts.ts'
import { newRecord, readSchedule, toDefinition, type KnownSchedule } from './schedule-record.ts'

type Parts = Pick<EngineParts, 'storage' | 'commit' | 'clock'>

// Several engines that start together meet here; each round, one of them gets through.
const MAX_ROUNDS = 20

/**
 * Brings what is stored of the schedules of flows in line with their code; gives all that is stored then. What the code does not declare
 * any more is forgotten. Times before now count for a schedule only as far as it was the same.
 *
 * @throws {PerfectError} STORAGE_UNAVAILABLE
 */
export async function declareSchedules(
  parts: Parts,
  definitions: readonly FlowDefinition[],
): Promise<readonly ScheduleRecord[]> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const records = await parts.storage.schedules.list()
    const byFlow = recordsByFlow(records)
    const now = parts.clock.now()
    const changes = definitions.flatMap((one) => changesFor(one, byFlow.get(one.id) ?? [], now))
    if (changes.length === 0) return records
    await parts.commit.append(changes, 'impatient')
  }
  const names = definitions.map(({ name }) => `"${name}"`).join(', ')
  throw new PerfectError('STORAGE_UNAVAILABLE', `Schedules of ${names} are changed all the time. Start again.`)
}

/** Records of schedules, by the flow that they start. */
export function recordsByFlow(records: readonly ScheduleRecord[]): ReadonlyMap<string, readonly ScheduleRecord[]> {
  const byFlow = new Map<string, ScheduleRecord[]>()
  for (const record of records) {
    const known = byFlow.get(record.flowId)
    if (known) known.push(record)
    else byFlow.set(record.flowId, [record])
  }
  return byFlow
}

/**
 * The schedules of a flow that are stored, with what its code says of them.
 *
 * @param records Those of the flow.
 */
export function knownSchedules(
  definition: FlowDefinition,
  records: readonly ScheduleRecord[],
): readonly KnownSchedule[] {
  const declared = new Map(definition.schedules.map((schedule) => [schedule.id, schedule]))
  return records.flatMap((record) => {
    const schedule = declared.get(record.id) ?? (record.origin === 'api' ? readSchedule(record) : null)
    return schedule === null ? [] : [{ schedule, record }]
  })
}

function changesFor(definition: FlowDefinition, records: readonly ScheduleRecord[], now: number): readonly Change[] {
  const facts = { flowId: definition.id, origin: 'code', now } as const
  const stored = new Map(records.map((record) => [record.id, record]))
  const puts = definition.schedules.flatMap((schedule): Change[] => {
    const record = stored.get(schedule.id)
    if (record === undefined)
      return [{ type: 'schedule.put', schedule: newRecord(schedule, facts), expectedRevision: null }]
    const text = toDefinition(schedule, facts)
    if (record.definition === text && record.origin === 'code') return []
    const handledAt = Math.max(record.handledAt, now)
    const changed = { ...record, origin: 'code', definition: text, handledAt, revision: record.revision + 1 } as const
    return [{ type: 'schedule.put', schedule: changed, expectedRevision: record.revision }]
  })
  const declared = new Set(definition.schedules.map(({ id }) => id))
  const removes = records
    .filter(({ id, origin }) => origin === 'code' && !declared.has(id))
    .map(({ id }): Change => ({ type: 'schedule.remove', scheduleId: id }))
  return [...puts, ...removes]
}
