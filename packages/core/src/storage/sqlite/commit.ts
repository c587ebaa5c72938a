import type { Change } from '../changes.ts'
import { unknownChange } from '../run-rules.ts'
import type { Database } from './database.ts'
import type { ShortReceipt } from './fence.ts'
import { freeSlots, takeSlots } from './limits.ts'
import { appendLog } from './logs.ts'
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
import { cancelRun, finishRun, removeRun } from './run-ends.ts'
import { adoptRun, claimRun, createRun, pauseRun, resumeRun, updateRun } from './runs.ts'
import type { ChangeScope } from './scope.ts'
import { awaitSignal, closeWait, sendSignal } from './signals.ts'
import { Tally } from './stats.ts'
import { putTask } from './tasks.ts'

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
  'task.put': ({ database }, change) => putTask(database, change),
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
  sweep,
}

/** Applies changes in order, all of them or, when it throws, none. */
export function commit(database: Database, changes: readonly Change[], now: number): readonly ShortReceipt[] {
  if (changes.length === 0) return []
  return database.transaction(() => {
    const scope = { database, now, tally: new Tally() }
    const receipts = changes.map((change) => apply(scope, change))
    scope.tally.store(database)
    return receipts
  })
}

function apply(scope: ChangeScope, change: Change): ShortReceipt {
  // The table ties each change to its handler.
  const handler = HANDLERS[change.type] as ((scope: ChangeScope, change: Change) => ShortReceipt) | undefined
  if (handler === undefined) throw unknownChange(change as never)
  return handler(scope, change)
}
