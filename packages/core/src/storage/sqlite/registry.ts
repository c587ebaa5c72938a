/*
 * The small tables: flows, schedules and engines.
 */
import type { Change, PutEngine, PutFlow, PutFlowVersion, PutSchedule } from '../changes.ts'
import type { EngineRecord, FlowRecord, FlowVersionRecord, ScheduleRecord } from '../records.ts'
import {
  ENGINE_FIELDS,
  ENGINE_NAMES,
  FLOW_FIELDS,
  FLOW_NAMES,
  placeholders,
  SCHEDULE_FIELDS,
  SCHEDULE_NAMES,
  scheduleCells,
  VERSION_FIELDS,
} from './columns.ts'
import type { Database } from './database.ts'
import { refused, type ShortReceipt } from './fence.ts'

const SEE_VERSION = `
  INSERT INTO flow_versions (flow_id, version, fingerprint, first_seen_at, last_seen_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET last_seen_at = max(last_seen_at, excluded.last_seen_at)`
const VERSIONS = `
  SELECT ${VERSION_FIELDS} FROM flow_versions WHERE flow_id = ? ORDER BY first_seen_at DESC, version DESC, fingerprint DESC`
const REVISION = 'SELECT revision FROM schedules WHERE id = ?'
const PUT_SCHEDULE = `
  INSERT OR REPLACE INTO schedules (${SCHEDULE_NAMES}) VALUES (${placeholders(SCHEDULE_NAMES.split(',').length)})`

/** Stores or replaces a flow. */
export function putFlow(database: Database, { flow }: PutFlow): ShortReceipt {
  database.run(`INSERT OR REPLACE INTO flows (${FLOW_NAMES}) VALUES (?, ?, ?, ?, ?)`, [
    flow.id,
    flow.name,
    flow.version,
    flow.definition,
    flow.registeredAt,
  ])
  return 1
}

/** Forgets a flow. */
export function removeFlow(database: Database, flowId: string): ShortReceipt {
  database.run('DELETE FROM flows WHERE id = ?', [flowId])
  return 1
}

/** All flows. */
export function listFlows(database: Database): readonly FlowRecord[] {
  return database.all(`SELECT ${FLOW_FIELDS} FROM flows ORDER BY id`) as unknown as readonly FlowRecord[]
}

/** A version of a flow was seen. */
export function putFlowVersion(database: Database, { flowId, version, fingerprint, at }: PutFlowVersion): ShortReceipt {
  database.run(SEE_VERSION, [flowId, version, fingerprint, at, at])
  return 1
}

/** Versions that were seen of a flow. */
export function flowVersions(database: Database, flowId: string): readonly FlowVersionRecord[] {
  return database.all(VERSIONS, [flowId]) as unknown as readonly FlowVersionRecord[]
}

/**
 * Stores a schedule, when it is still as the caller knows it.
 *
 * @param apply Makes a change that comes with it.
 */
export function putSchedule(
  database: Database,
  { schedule, expectedRevision, changes }: PutSchedule,
  apply: (change: Change) => ShortReceipt,
): ShortReceipt {
  const revision = database.first(REVISION, [schedule.id])?.['revision'] ?? null
  if (revision !== expectedRevision) return refused('stale')
  database.run(PUT_SCHEDULE, scheduleCells(schedule))
  if (changes === undefined) return 1
  const receipts = changes.map(apply)
  return { accepted: true, receipts: receipts.map((receipt) => (receipt === 1 ? { accepted: true } : receipt)) }
}

/** Forgets a schedule. */
export function removeSchedule(database: Database, scheduleId: string): ShortReceipt {
  database.run('DELETE FROM schedules WHERE id = ?', [scheduleId])
  return 1
}

/** All schedules. */
export function listSchedules(database: Database): readonly ScheduleRecord[] {
  return database.all(`SELECT ${SCHEDULE_FIELDS} FROM schedules ORDER BY id`) as unknown as readonly ScheduleRecord[]
}

/** Registers an engine or renews its lease. */
export function putEngine(database: Database, { engine, leaseMs }: PutEngine, now: number): ShortReceipt {
  database.run(`INSERT OR REPLACE INTO engines (${ENGINE_NAMES}) VALUES (?, ?, ?, ?, ?)`, [
    engine.id,
    engine.host,
    engine.pid,
    engine.startedAt,
    now + leaseMs,
  ])
  return 1
}

/** Forgets an engine. */
export function removeEngine(database: Database, engineId: string): ShortReceipt {
  database.run('DELETE FROM engines WHERE id = ?', [engineId])
  return 1
}

/** All engines, the dead ones too. */
export function listEngines(database: Database): readonly EngineRecord[] {
  return database.all(`SELECT ${ENGINE_FIELDS} FROM engines ORDER BY id`) as unknown as readonly EngineRecord[]
}
