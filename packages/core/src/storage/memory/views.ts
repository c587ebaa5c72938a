/* Saved views. */
import type { Receipt } from '../changes.ts'
import { byId } from '../run-rules.ts'
import type { PutView, RemoveView, SavedViewRecord, ViewQuery } from '../view-records.ts'
import { ACCEPTED, refused, type ChangeScope } from './scope.ts'
import type { MemoryState } from './state.ts'

/** Stores a view. */
export function putView({ state, transaction }: ChangeScope, { view, expectedRevision, max }: PutView): Receipt {
  const { views } = state
  if ((views.get(view.id)?.revision ?? null) !== expectedRevision) return refused('stale')
  const owned = [...views.values()].filter(({ owner }) => owner === view.owner)
  if (expectedRevision === null && owned.length >= max) return refused('limited')
  transaction.set(views, view.id, view)
  return ACCEPTED
}

/** Forgets a view. */
export function removeView({ state, transaction }: ChangeScope, { viewId, expectedRevision }: RemoveView): Receipt {
  const stored = state.views.get(viewId)
  if (stored === undefined) return refused('missing')
  if (stored.revision !== expectedRevision) return refused('stale')
  transaction.delete(state.views, viewId)
  return ACCEPTED
}

/** Views of a user, and those that are shared. */
export function listViews({ views }: MemoryState, { owner, after, limit }: ViewQuery): readonly SavedViewRecord[] {
  return [...views.values()]
    .filter((view) => (view.isShared || view.owner === owner) && (after === undefined || view.id > after))
    .toSorted(byId)
    .slice(0, limit)
}
