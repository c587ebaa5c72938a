import type { Receipt, Refusal } from '../changes.ts'
import type { RunRecord } from '../records.ts'
import type { Fence } from '../run-changes.ts'
import { isFinalRun } from '../run-rules.ts'
import type { RunSums } from '../run-sums.ts'
import type { MemoryState, StoredRun } from './state.ts'
import type { Transaction } from './transaction.ts'

/** What a change is applied with. */
export interface ChangeScope {
  readonly state: MemoryState
  readonly transaction: Transaction
  /** Runs that end in this commit; stored at its end. */
  readonly sums: RunSums
  /** Time of the storage clock. Unit: ms since 1970 UTC. */
  readonly now: number
}

/** The receipt of a change that has nothing more to tell. */
export const ACCEPTED: Receipt = Object.freeze({ accepted: true })

/** The receipt of a change that was refused. */
export function refused(refusal: Refusal): Receipt {
  return { accepted: false, refusal }
}

/** Stores a run as it is after a change. */
export function storeRun({ state, transaction }: ChangeScope, stored: StoredRun): void {
  const { id, status } = stored.record
  transaction.set(state.runs, id, stored)
  if (isFinalRun(status)) transaction.delete(state.openRuns, id)
  else transaction.set(state.openRuns, id, stored)
}

/** Changes fields of a stored run. */
export function changeRun(scope: ChangeScope, stored: StoredRun, fields: Partial<RunRecord>): RunRecord {
  const record = { ...stored.record, ...fields }
  storeRun(scope, { ...stored, record })
  return record
}

/** The run, when it has not ended; else why the change is refused. */
export function openRun({ state }: ChangeScope, runId: string): StoredRun | Refusal {
  const stored = state.runs.get(runId)
  if (stored === undefined) return 'missing'
  return isFinalRun(stored.record.status) ? 'finished' : stored
}

/** The run, when the fence still holds it; else why the change is refused. */
export function heldRun(scope: ChangeScope, fence: Fence): StoredRun | Refusal {
  const stored = openRun(scope, fence.runId)
  if (typeof stored === 'string') return stored
  const { epoch, engineId } = stored.record
  return epoch === fence.epoch && engineId === fence.engineId ? stored : 'stale'
}
