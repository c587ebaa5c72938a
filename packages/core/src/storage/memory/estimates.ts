/* What was learned from past runs. */
import type { PutEstimateModel, Receipt } from '../changes.ts'
import type { EstimateModelRecord } from '../records.ts'
import { ACCEPTED, type ChangeScope } from './scope.ts'
import type { MemoryState } from './state.ts'

type Key = Pick<EstimateModelRecord, 'flowId' | 'family' | 'configuration'>

/** Stores or replaces what was learned of a flow. */
export function putEstimate({ state, transaction }: ChangeScope, { model }: PutEstimateModel): Receipt {
  transaction.set(state.estimates, textOf(model), model)
  return ACCEPTED
}

/** What was learned of a flow. */
export function estimateOf({ estimates }: MemoryState, key: Key): EstimateModelRecord | undefined {
  return estimates.get(textOf(key))
}

/** Forgets what was not changed since an instant. */
export function forgetEstimates({ state, transaction }: ChangeScope, before: number): void {
  for (const [key, { updatedAt }] of state.estimates) if (updatedAt < before) transaction.delete(state.estimates, key)
}

function textOf({ flowId, family, configuration }: Key): string {
  return JSON.stringify([flowId, family, configuration])
}
