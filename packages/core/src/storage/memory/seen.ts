/* How far users have looked, and what has happened since. */
import type { Receipt } from '../changes.ts'
import { byId } from '../run-rules.ts'
import type { NewsQuery, PutSeen, SeenMark } from '../seen-records.ts'
import { ACCEPTED, type ChangeScope } from './scope.ts'
import type { MemoryState } from './state.ts'
import { compare } from './stats.ts'

/** Stores how far a user has seen a topic. */
export function putSeen({ state, transaction }: ChangeScope, { mark }: PutSeen): Receipt {
  const key = JSON.stringify([mark.user, mark.topic])
  const known = state.seen.get(key)?.until ?? -Infinity
  transaction.set(state.seen, key, { ...mark, until: Math.max(mark.until, known) })
  return ACCEPTED
}

/** The marks of a user. */
export function seenMarks({ seen }: MemoryState, user: string): readonly SeenMark[] {
  return [...seen.values()]
    .filter((mark) => mark.user === user)
    .toSorted((left, right) => compare(left.topic, right.topic))
}

/** How much has happened. */
export function countNews({ runs, alerts }: MemoryState, { topic, after, flowIds, limit }: NewsQuery): number {
  const isAsked = ({ flowId }: { readonly flowId: string }): boolean => flowIds?.includes(flowId) !== false
  if (topic === 'alerts') {
    const later = [...alerts.values()].filter((alert) => isAsked(alert) && alert.createdAt > after)
    return Math.min(later.length, limit)
  }
  return [...runs.values()]
    .map(({ record }) => record)
    .filter((run) => run.status === 'failed' && isAsked(run))
    .toSorted((left, right) => byId(right, left))
    .slice(0, limit)
    .filter(({ finishedAt }) => (finishedAt ?? 0) > after).length
}
