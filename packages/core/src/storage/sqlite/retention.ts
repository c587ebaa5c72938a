/* What may be forgotten. */
import type { Sweep } from '../changes.ts'
import { FINAL_RUN_STATUSES } from '../records.ts'
import { forgetAlerts } from './alerts.ts'
import { forgetAudit } from './audit.ts'
import type { Cell, Database } from './database.ts'
import { forgetEstimates } from './estimates.ts'
import { forgetFailures } from './failures.ts'
import { IS_OPEN, sqlList, type ShortReceipt } from './fence.ts'
import { idBounds } from './id-bounds.ts'
import type { ChangeScope } from './scope.ts'
import { forgetStats } from './stats.ts'

const ENDED = `status IN ${sqlList(FINAL_RUN_STATUSES)}`
// A parent that has not ended may still ask for the result.
const IS_ASKED_FOR = `EXISTS (SELECT 1 FROM runs AS parent WHERE parent.id = runs.parent_run_id AND parent.${IS_OPEN})`
// What was made later cannot have ended before: without the bound, all runs are read when none is old.
const ENDED_BEFORE = `
  SELECT id FROM runs
  WHERE flow_id = ? AND ${ENDED} AND finished_at < ? AND id < ? AND NOT ${IS_ASKED_FOR} ORDER BY id LIMIT ?`
const BEYOND = `SELECT id FROM runs WHERE flow_id = ? AND ${ENDED} ORDER BY id DESC LIMIT 1 OFFSET ?`
const UP_TO = `SELECT id FROM runs WHERE flow_id = ? AND ${ENDED} AND id <= ? AND NOT ${IS_ASKED_FOR} ORDER BY id LIMIT ?`
// After all ids.
const LAST_ID = '\u{10ffff}'
const NEXT_FLOW = 'SELECT min(flow_id) AS flow_id FROM runs WHERE flow_id > ?'

/** Ids of ended runs of a flow that may be removed, the oldest first. */
export function expiredRuns(
  database: Database,
  query: {
    readonly flowId: string
    readonly finishedBefore: number | null
    readonly keep: number | null
    readonly limit: number
  },
): readonly string[] {
  const { flowId, finishedBefore, keep, limit } = query
  const ids = new Set<string>()
  const add = (sql: string, ...cells: readonly Cell[]): void => {
    for (const row of database.all(sql, [flowId, ...cells, limit])) ids.add(String(row['id']))
  }
  if (finishedBefore !== null) {
    const { idBefore = LAST_ID } = idBounds(database, { createdBefore: finishedBefore })
    add(ENDED_BEFORE, finishedBefore, idBefore)
  }
  const newest = keep === null ? undefined : database.first(BEYOND, [flowId, keep])
  if (newest !== undefined) add(UP_TO, String(newest['id']))
  return [...ids].toSorted().slice(0, limit)
}

/** Ids of the flows that have runs. */
export function flowIds(database: Database): readonly string[] {
  const ids: string[] = []
  for (;;) {
    const id = database.first(NEXT_FLOW, [ids.at(-1) ?? ''])?.['flow_id']
    if (typeof id !== 'string') return ids
    ids.push(id)
  }
}

/** Forgets cached values that have expired, signals that nobody took, and what was learned long ago. */
export function sweep({ database, now }: ChangeScope, change: Sweep): ShortReceipt {
  database.run('DELETE FROM task_cache WHERE expires_at <= ?', [now])
  database.run('DELETE FROM signals WHERE run_id IS NULL AND taken_run_id IS NULL AND sent_at < ?', [
    change.signalsBefore,
  ])
  forgetEstimates(database, change.estimatesBefore)
  if (change.alertsBefore !== undefined) forgetAlerts(database, change.alertsBefore)
  if (change.audit) forgetAudit(database, change.audit)
  if (change.statsBefore) {
    forgetStats(database, change.statsBefore)
    forgetFailures(database, change.statsBefore.failure)
  }
  return 1
}
