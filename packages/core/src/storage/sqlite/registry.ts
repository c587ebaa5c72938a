/*
 * The small tables: flows and engines.
 */
import type { PutEngine, PutFlow } from '../changes.ts'
import type { EngineRecord, FlowRecord } from '../records.ts'
import { ENGINE_FIELDS, ENGINE_NAMES, FLOW_FIELDS, FLOW_NAMES } from './columns.ts'
import type { Database } from './database.ts'
import type { ShortReceipt } from './fence.ts'

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
