import type { SeenTopic } from '../../storage/seen-records.ts'

/** How much of one topic is new to a user. */
export interface News {
  /** What happened at this instant or before has been seen; null: nothing yet. */
  readonly until: string | null
  /** How much has happened since. Range: 0..1000. */
  readonly count: number
  /** Whether there may be more than were counted. */
  readonly isMore: boolean
}

/** How much of each topic is new to a user. */
export type Seen = Readonly<Record<SeenTopic, News>>

/** Of what the news are to be told. */
export interface SeenQuery {
  /** Ids of flows. Default: all. */
  readonly flowIds?: readonly string[]
}
