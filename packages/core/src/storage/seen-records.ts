/* How far users have looked: what happened later is new to them. */

/** Everything of which a user can have seen a part. */
export const SEEN_TOPICS = ['failures', 'alerts'] as const
/** `failures`: runs that failed; `alerts`: alerts that were made. */
export type SeenTopic = (typeof SEEN_TOPICS)[number]

/** How far a user has seen one topic. */
export interface SeenMark {
  /** Name of the user; empty for the one user of an engine that asks nobody who they are. */
  readonly user: string
  readonly topic: SeenTopic
  /** What happened at this instant or before has been seen. */
  readonly until: number
}

/** What is to be counted. */
export interface NewsQuery {
  readonly topic: SeenTopic
  /** Only what happened later: runs by their end, alerts by when they were made. */
  readonly after: number
  /** Only of these flows. Default: of all. */
  readonly flowIds?: readonly string[]
  /** No more are counted; of failed runs, only so many are looked at, those that were created last. Range: >= 1. */
  readonly limit: number
}

/** Reads of what users have seen. */
export interface SeenReads {
  /** The marks of a user, by topic. */
  marks(user: string): Promise<readonly SeenMark[]>
  /** How much has happened. */
  count(query: NewsQuery): Promise<number>
}

/** Stores how far a user has seen a topic. A mark never goes back: the later one stays. */
export interface PutSeen {
  readonly type: 'seen.put'
  readonly mark: SeenMark
}
