import type { Change } from '../changes.ts'
import { unknownChange } from '../run-rules.ts'
import type { Database } from './database.ts'
import type { ShortReceipt } from './fence.ts'
import { appendLog } from './logs.ts'
import { putEngine, putFlow, removeEngine, removeFlow } from './registry.ts'
import { adoptRun, cancelRun, claimRun, createRun, finishRun, updateRun } from './runs.ts'
import { putTask } from './tasks.ts'

/** Applies changes in order, all of them or, when it throws, none. */
export function commit(database: Database, changes: readonly Change[], now: number): readonly ShortReceipt[] {
  if (changes.length === 0) return []
  return database.transaction(() => changes.map((change) => apply(database, change, now)))
}

function apply(database: Database, change: Change, now: number): ShortReceipt {
  switch (change.type) {
    case 'run.create':
      return createRun(database, change)
    case 'run.claim':
      return claimRun(database, change, now)
    case 'run.adopt':
      return adoptRun(database, change)
    case 'run.update':
      return updateRun(database, change)
    case 'run.finish':
      return finishRun(database, change)
    case 'run.cancel':
      return cancelRun(database, change)
    case 'task.put':
      return putTask(database, change)
    case 'log.append':
      return appendLog(database, change)
    case 'flow.put':
      return putFlow(database, change)
    case 'flow.remove':
      return removeFlow(database, change.flowId)
    case 'engine.put':
      return putEngine(database, change, now)
    case 'engine.remove':
      return removeEngine(database, change.engineId)
    default:
      throw unknownChange(change)
  }
}
