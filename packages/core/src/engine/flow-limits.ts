import type { FlowDefinition } from '../definition/flow.ts'
import type { RunRecord } from '../storage/records.ts'
import type { Limit } from '../storage/run-changes.ts'
import { flowSlot } from '../storage/run-rules.ts'
import type { ClaimableFlow } from '../storage/storage.ts'

/** What the storage has to know to list the runs of a flow that may be claimed. */
export function claimableFlow({ id, limits }: FlowDefinition): ClaimableFlow {
  return {
    id,
    ...(limits !== null && limits.max !== null && { max: limits.max }),
    ...(limits !== null && limits.perKey !== null && { keyMax: limits.perKey.max }),
  }
}

/** The limits that the claim of a run has to keep. A run that goes on does not start once more: rates are not for it. */
export function limitsOf(
  { id, limits }: FlowDefinition,
  { limitKey, startedAt }: Pick<RunRecord, 'limitKey' | 'startedAt'>,
): readonly Limit[] {
  if (limits === null) return []
  const { max, perKey, rate } = limits
  return [
    ...(max === null ? [] : [{ key: flowSlot(id), max }]),
    ...(perKey === null || limitKey === null ? [] : [{ key: flowSlot(id, limitKey), max: perKey.max }]),
    ...(rate === null || startedAt !== null ? [] : [{ key: `flow-rate:${id}`, ...rate }]),
  ]
}
