/*
 * What each change does. One commit is one transaction: when a change cannot be applied at all, the changes before it are taken back.
 * A refusal is no failure: it is found before anything of the change is written.
 */
import type { Change, Receipt } from '../changes.ts'
import { unknownChange } from '../run-rules.ts'
import { RunSums } from '../run-sums.ts'
import { claimAlert, putAlerts, retryAlert, settleAlert } from './alerts.ts'
import { endAudit, putAudit } from './audit.ts'
import { createRun } from './create-run.ts'
import { putEstimate } from './estimates.ts'
import { freeSlots, takeSlots } from './limits.ts'
import { appendLog } from './logs.ts'
import { putEngine, putFlow, putFlowVersion, putSchedule } from './registry.ts'
import { sweep } from './retention.ts'
import { cancelRun, finishRun, removeRun } from './run-ends.ts'
import { adoptRun, claimRun, pauseRun, resumeRun, updateRun } from './runs.ts'
import { ACCEPTED, type ChangeScope } from './scope.ts'
import { putSeen } from './seen.ts'
import { awaitSignal, closeWait, sendSignal } from './signals.ts'
import type { MemoryState } from './state.ts'
import { storeSums } from './stats.ts'
import { putTask } from './tasks.ts'
import { Transaction } from './transaction.ts'
import { putView, removeView } from './views.ts'

type Handlers = {
  readonly [T in Change['type']]: (scope: ChangeScope, change: Extract<Change, { type: T }>) => Receipt
}

const HANDLERS: Handlers = {
  'run.create': createRun,
  'run.claim': claimRun,
  'run.adopt': adoptRun,
  'run.update': updateRun,
  'run.finish': finishRun,
  'run.cancel': cancelRun,
  'run.pause': pauseRun,
  'run.resume': resumeRun,
  'run.remove': removeRun,
  'task.put': putTask,
  'slots.take': takeSlots,
  'slots.free': freeSlots,
  'signal.send': sendSignal,
  'signal.await': awaitSignal,
  'signal.close': closeWait,
  'log.append': appendLog,
  'flow.put': putFlow,
  'flow.remove': ({ state, transaction }, { flowId }) => removed(transaction, state.flows, flowId),
  'version.put': putFlowVersion,
  'schedule.put': (scope, change) => putSchedule(scope, change, (one) => apply(scope, one)),
  'schedule.remove': ({ state, transaction }, { scheduleId }) => removed(transaction, state.schedules, scheduleId),
  'engine.put': putEngine,
  'engine.remove': ({ state, transaction }, { engineId }) => removed(transaction, state.engines, engineId),
  'estimate.put': putEstimate,
  'alert.put': putAlerts,
  'alert.claim': claimAlert,
  'alert.settle': settleAlert,
  'alert.retry': retryAlert,
  'audit.put': putAudit,
  'audit.end': endAudit,
  'view.put': putView,
  'view.remove': removeView,
  'seen.put': putSeen,
  sweep,
}

/** Applies changes in order, all of them or, when it throws, none. */
export function commit(state: MemoryState, changes: readonly Change[], now: number): readonly Receipt[] {
  const transaction = new Transaction()
  const sums = new RunSums()
  const scope = { state, transaction, sums, now }
  try {
    const receipts = changes.map((change) => apply(scope, change))
    storeSums(scope, sums)
    return receipts
  } catch (error) {
    transaction.rollback()
    throw error
  }
}

function apply(scope: ChangeScope, change: Change): Receipt {
  // The table ties each change to its handler.
  const handler = HANDLERS[change.type] as ((scope: ChangeScope, change: Change) => Receipt) | undefined
  if (handler === undefined) throw unknownChange(change as never)
  return handler(scope, change)
}

function removed<T>(transaction: Transaction, records: Map<string, T>, id: string): Receipt {
  transaction.delete(records, id)
  return ACCEPTED
}
