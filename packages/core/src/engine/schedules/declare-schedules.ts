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
 * Brings what is stored of the schedules of a flow in line with its code, and gives all its schedules. What the code does not declare any
 * more is forgotten. Times before now count for a schedule only as far as it was the same.
 *
 * @throws {PerfectError} STORAGE_UNAVAILABLE
 */
export async function declareSchedules(parts: Parts, definition: FlowDefinition): Promise<readonly KnownSchedule[]> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const records = await parts.storage.schedules.list()
    const changes = changesFor(definition, records, parts.clock.now())
    if (changes.length === 0) return knownSchedules(definition, records)
    await parts.commit.append(changes, 'impatient')
  }
  throw new PerfectError('STORAGE_UNAVAILABLE', `The schedules of flow "${definition.name}" change all the time.`)
}

/** The schedules of a flow that are stored, with what its code says of them. */
export function knownSchedules(
  definition: FlowDefinition,
  records: readonly ScheduleRecord[],
): readonly KnownSchedule[] {
  const declared = new Map(definition.schedules.map((schedule) => [schedule.id, schedule]))
  return records.flatMap((record) => {
    if (record.flowId !== definition.id) return []
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
    .filter(({ id, flowId, origin }) => flowId === definition.id && origin === 'code' && !declared.has(id))
    .map(({ id }): Change => ({ type: 'schedule.remove', scheduleId: id }))
  return [...puts, ...removes]
}
