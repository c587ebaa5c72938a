/*
 * What each change does. One commit is one transaction: when a change cannot be applied at all, the changes before it are taken back.
 * A refusal is no failure: it is found before anything of the change is written.
 */
import type { Change, Receipt } from '../changes.ts'
import { unknownChange } from '../run-rules.ts'
import { appendLog } from './logs.ts'
import { adoptRun, cancelRun, claimRun, createRun, finishRun, updateRun } from './runs.ts'
import { ACCEPTED, type ChangeScope } from './scope.ts'
import type { MemoryState } from './state.ts'
import { putTask } from './tasks.ts'
import { Transaction } from './transaction.ts'

/** Applies changes in order, all of them or, when it throws, none. */
export function commit(state: MemoryState, changes: readonly Change[], now: number): readonly Receipt[] {
  const transaction = new Transaction()
  const scope = { state, transaction, now }
  try {
    return changes.map((change) => apply(scope, change))
  } catch (error) {
    transaction.rollback()
    throw error
  }
}

function apply(scope: ChangeScope, change: Change): Receipt {
  const { state, transaction, now } = scope
  switch (change.type) {
    case 'run.create':
      return createRun(scope, change)
    case 'run.claim':
      return claimRun(scope, change)
    case 'run.adopt':
      return adoptRun(scope, change)
    case 'run.update':
      return updateRun(scope, change)
    case 'run.finish':
      return finishRun(scope, change)
    case 'run.cancel':
      return cancelRun(scope, change)
    case 'task.put':
      return putTask(scope, change)
    case 'log.append':
      return appendLog(scope, change)
    case 'flow.put':
      transaction.set(state.flows, change.flow.id, change.flow)
      return ACCEPTED
    case 'flow.remove':
      transaction.delete(state.flows, change.flowId)
      return ACCEPTED
    case 'engine.put':
      transaction.set(state.engines, change.engine.id, { ...change.engine, leaseUntil: now + change.leaseMs })
      return ACCEPTED
    case 'engine.remove':
      transaction.delete(state.engines, change.engineId)
      return ACCEPTED
    default:
      throw unknownChange(change)
  }
}
