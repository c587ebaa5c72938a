/* The small records: flows with their versions, schedules and engines. */
import type { Change, PutEngine, PutFlow, PutFlowVersion, PutSchedule, Receipt } from '../changes.ts'
import type { FlowVersionRecord } from '../records.ts'
import { ACCEPTED, refused, type ChangeScope } from './scope.ts'
import type { MemoryState } from './state.ts'

/** Stores or replaces a flow. */
export function putFlow({ state, transaction }: ChangeScope, { flow }: PutFlow): Receipt {
  transaction.set(state.flows, flow.id, flow)
  return ACCEPTED
}

/** A version of a flow was seen. */
export function putFlowVersion({ state, transaction }: ChangeScope, change: PutFlowVersion): Receipt {
  const { flowId, version, fingerprint, at } = change
  const key = JSON.stringify([flowId, version, fingerprint])
  const { firstSeenAt, lastSeenAt } = state.flowVersions.get(key) ?? { firstSeenAt: at, lastSeenAt: at }
  const seen = { flowId, version, fingerprint, firstSeenAt, lastSeenAt: Math.max(lastSeenAt, at) }
  transaction.set(state.flowVersions, key, seen)
  return ACCEPTED
}

/** Versions that were seen of a flow, the newest first. */
export function versionsOf({ flowVersions }: MemoryState, flowId: string): readonly FlowVersionRecord[] {
  return [...flowVersions.values()]
    .filter((seen) => seen.flowId === flowId)
    .toSorted(
      (left, right) =>
        right.firstSeenAt - left.firstSeenAt ||
        falling(left.version, right.version) ||
        falling(left.fingerprint, right.fingerprint),
    )
}

/**
 * Stores a schedule, when it is still as the caller knows it.
 *
 * @param apply Makes a change that comes with it.
 */
export function putSchedule(
  { state, transaction }: ChangeScope,
  { schedule, expectedRevision, changes }: PutSchedule,
  apply: (change: Change) => Receipt,
): Receipt {
  if ((state.schedules.get(schedule.id)?.revision ?? null) !== expectedRevision) return refused('stale')
  transaction.set(state.schedules, schedule.id, schedule)
  return changes === undefined ? ACCEPTED : { accepted: true, receipts: changes.map(apply) }
}

/** Registers an engine or renews its lease. */
export function putEngine({ state, transaction, now }: ChangeScope, { engine, leaseMs }: PutEngine): Receipt {
  transaction.set(state.engines, engine.id, { ...engine, leaseUntil: now + leaseMs })
  return ACCEPTED
}

function falling(left: string, right: string): number {
  return left > right ? -1 : Number(left < right)
}
