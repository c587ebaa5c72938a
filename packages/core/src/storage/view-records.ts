/* Saved views: filters that users have given a name. */

/** A filter with a name, and how its result is shown. */
export interface SavedViewRecord {
  /** Sorts by time of creation. */
  readonly id: string
  /** Name of the user; empty for the one user of an engine that asks nobody who they are. */
  readonly owner: string
  readonly name: string
  /** As it was written. */
  readonly filter: string
  /** JSON text of an object that only the user interface understands: sort, columns. */
  readonly display: string
  /** Others see it too. */
  readonly isShared: boolean
  readonly createdAt: number
  readonly updatedAt: number
  /** Counts its changes, from 1. */
  readonly revision: number
}

/** Which views, by id, rising: those of a user, and those that are shared. */
export interface ViewQuery {
  readonly owner: string
  /** Only those after this one in the list. */
  readonly after?: string
  /** Range: >= 1. */
  readonly limit: number
}

/** Reads of saved views. */
export interface ViewReads {
  /** The view with this id. */
  get(id: string): Promise<SavedViewRecord | undefined>
  /** Views that fit the query. */
  list(query: ViewQuery): Promise<readonly SavedViewRecord[]>
}

/**
 * Stores a view. Refused as `stale` when the stored revision is not the expected one; null: there is none yet. A new one is refused as
 * `limited` when its owner has `max` views.
 */
export interface PutView {
  readonly type: 'view.put'
  readonly view: SavedViewRecord
  readonly expectedRevision: number | null
  /** Range: >= 1. */
  readonly max: number
}

/** Forgets a view. Refused as `missing` when there is none, as `stale` when the stored revision is not the expected one. */
export interface RemoveView {
  readonly type: 'view.remove'
  readonly viewId: string
  readonly expectedRevision: number
}
