/** Who asks for saved views. */
export interface ViewUser {
  /** The name that the user's views belong to; null for the one user of an engine that asks nobody who they are. */
  readonly name: string | null
  /** Whether the user may see, change and forget the views of others. Default: false. */
  readonly isAdmin?: boolean
}

/** What a saved view says. */
export interface SavedViewOptions {
  /** 1 to 100 characters, none of them a control character. Space around it is taken away. */
  readonly name: string
  /** In the grammar of run filters, at most 4,000 characters: `status:failed since:24h`. Default: empty, all runs. */
  readonly filter?: string
  /** How a user interface shows it: sort, columns. Kept as it is, at most 4,096 bytes of JSON. Default: empty. */
  readonly display?: Readonly<Record<string, unknown>>
  /** Whether everybody sees it. Default: false. */
  readonly isShared?: boolean
}

/** A filter with a name. */
export interface SavedView extends Required<SavedViewOptions> {
  readonly id: string
  /** Name of the user; null for the one user of an engine that asks nobody who they are. */
  readonly owner: string | null
  readonly createdAt: string
  readonly updatedAt: string
  /** Counts its changes, from 1. */
  readonly revision: number
}

/** Which part of the list of views. */
export interface SavedViewsQuery {
  /** `nextCursor` of the page before. */
  readonly cursor?: string
  /** Range: 1..200. Default: 100. */
  readonly limit?: number
}

/** Looks at a view that is about to be changed. */
export type CheckView = (current: SavedView) => void
