import type { Change } from '../changes.ts'
import { unknownChange } from '../run-rules.ts'
import { RunSums } from '../run-sums.ts'
import { claimAlert, putAlerts, retryAlert, settleAlert } from './alerts.ts'
import { endAudit, putAudit, putPackedAudit } from './audit.ts'
import type { Database } from './database.ts'
import { putEstimate } from './estimates.ts'
import type { ShortReceipt } from './fence.ts'
import { freeSlots, takeSlots } from './limits.ts'
import { appendLog } from './logs.ts'
import { isPacked, type PackedChange } from './packed-changes.ts'
import {
  putEngine,
  putFlow,
  putFlowVersion,
  putSchedule,
  removeEngine,
  removeFlow,
  removeSchedule,
} from './registry.ts'
import { sweep } from './retention.ts'
import { cancelRun, finishPacked, finishRun, removeRun } from './run-ends.ts'
import { adoptRun, claimRun, createPacked, createRun, pauseRun, resumeRun, updateRun } from './runs.ts'
import type { ChangeScope } from './scope.ts'
import { putSeen } from './seen.ts'
import { awaitSignal, closeWait, sendSignal } from './signals.ts'
import { storeSums } from './stats.ts'
import { putPacked, putTask } from './tasks.ts'
import { putView, removeView } from './views.ts'

type Handlers = {
  readonly [T in Change['type']]: (scope: ChangeScope, change: Extract<Change, { type: T }>) => ShortReceipt
}

const HANDLERS: Handlers = {
  'run.create': createRun,
  'run.claim': claimRun,
  'run.adopt': ({ database }, change) => adoptRun(database, change),
  'run.update': updateRun,
  'run.finish': finishRun,
  'run.cancel': cancelRun,
  'run.pause': ({ database }, change) => pauseRun(database, change),
  'run.resume': ({ database }, change) => resumeRun(database, change),
  'run.remove': ({ database }, change) => removeRun(database, change),
  'task.put': putTask,
  'slots.take': takeSlots,
  'slots.free': ({ database }, change) => freeSlots(database, change),
  'signal.send': sendSignal,
  'signal.await': awaitSignal,
  'signal.close': closeWait,
  'log.append': ({ database }, change) => appendLog(database, change),
  'flow.put': ({ database }, change) => putFlow(database, change),
  'flow.remove': ({ database }, { flowId }) => removeFlow(database, flowId),
  'version.put': ({ database }, change) => putFlowVersion(database, change),
  'schedule.put': (scope, change) => putSchedule(scope.database, change, (one) => apply(scope, one)),
  'schedule.remove': ({ database }, { scheduleId }) => removeSchedule(database, scheduleId),
  'engine.put': ({ database, now }, change) => putEngine(database, change, now),
  'engine.remove': ({ database }, { engineId }) => removeEngine(database, engineId),
  'alert.put': ({ database }, change) => putAlerts(database, change),
  'alert.claim': ({ database, now }, change) => claimAlert(database, change, now),
  'alert.settle': ({ database }, change) => settleAlert(database, change),
  'alert.retry': ({ database }, change) => retryAlert(database, change),
  'audit.put': ({ database }, change) => putAudit(database, change),
  'audit.end': ({ database }, change) => endAudit(database, change),
  'view.put': ({ database }, change) => putView(database, change),
  'view.remove': ({ database }, change) => removeView(database, change),
  'seen.put': ({ database }, change) => putSeen(database, change),
  'estimate.put': ({ database }, change) => putEstimate(database, change),
  sweep,
}

const KEEP_HOLDER: ReadonlySet<Change['type']> = new Set(['task.put', 'log.append', 'slots.take', 'slots.free'])

/** Whether a run is held as before after this change. */
function keepsHolder(change: Change): boolean {
  return KEEP_HOLDER.has(change.type) || (change.type === 'run.update' && change.patch.engineId === undefined)
}

/** What became of all changes: 1 when all were accepted and there is nothing more to tell. */
export type ShortReceipts = 1 | readonly ShortReceipt[]

/**
 * Applies changes in order, all of them or, when it throws, none.
 *
 * @param isPlain Whether no text of packed changes needs encoding.
 */
export function commit(
  database: Database,
  changes: readonly PackedChange[],
  now: number,
  isPlain: boolean,
): ShortReceipts {
  if (changes.length === 0) return []
  return database.transaction(() => {
    database.held.begin(database)
    const scope = { database, now, sums: new RunSums(), isPlain }
    const receipts = changes.map((change) => (isPacked(change) ? applyPacked(scope, change) : apply(scope, change)))
    storeSums(database, scope.sums)
    return receipts.every((receipt) => receipt === 1) ? 1 : receipts
  })
}

function applyPacked(scope: ChangeScope, change: Exclude<PackedChange, Change>): ShortReceipt {
  switch (change[0]) {
    case 'c':
      return createPacked(scope, change)
    case 't':
      return putPacked(scope, change)
    case 'f':
      return finishPacked(scope, change)
    case 'a':
      return putPackedAudit(scope, change)
  }
}

function apply(scope: ChangeScope, change: Change): ShortReceipt {
  // The table ties each change to its handler.
  const handler = HANDLERS[change.type] as ((scope: ChangeScope, change: Change) => ShortReceipt) | undefined
  if (handler === undefined) throw unknownChange(change as never)
  const { held } = scope.database
  if ('runId' in change && !keepsHolder(change)) held.forget(change.runId)
  const receipt = handler(scope, change)
  if (change.type === 'run.claim' && receipt !== 1 && receipt.accepted && receipt.run) held.add(receipt.run)
  return receipt
}
