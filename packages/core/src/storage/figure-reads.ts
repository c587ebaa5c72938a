/* Reads of what is counted when runs end. */
import type { FailureGroupRecord, RunStatsRecord, RunStatus, StatsSpan } from './records.ts'

/** Which figures of ended runs. */
export interface StatsQuery {
  readonly span: StatsSpan
  readonly from: number
  readonly before: number
  /** null: those of all flows together. Default: each flow. */
  readonly flowId?: string | null
}

/** Which failures, the one that was seen last first; at one time by fingerprint. */
export interface FailureQuery {
  /** null: of all flows together. */
  readonly flowId: string | null
  /** Seen at this instant or later. */
  readonly seenFrom?: number
  /** Only those after this one in the list. */
  readonly after?: { readonly lastAt: number; readonly fingerprint: string }
  /** Range: >= 1. */
  readonly limit: number
}

/** Reads of failures: of why runs failed. */
export interface FailureReads {
  /** Groups of failures that fit. */
  list(query: FailureQuery): Promise<readonly FailureGroupRecord[]>
  /** The flows in which failures of one kind were seen, by the number of runs, falling, then by flow; at most 20. */
  flows(fingerprint: string): Promise<readonly { readonly flowId: string; readonly runs: number }[]>
}

/** Reads about many runs at once. */
export interface StatReads {
  /** Number of runs per status; a status without runs may be left out. Ended runs that were removed are counted too. */
  counts(): Promise<Partial<Record<RunStatus, number>>>
  /** Ended runs of the hours or days that start from one instant on and before another, by start, flow, configuration and status. */
  runs(query: StatsQuery): Promise<readonly RunStatsRecord[]>
  /**
   * Ids of ended runs of a flow that may be removed, the oldest first: those that ended before an instant, and those beyond the newest
   * `keep` ended ones. Not those whose parent has not ended: it may still ask for the result.
   */
  expired(query: {
    readonly flowId: string
    readonly finishedBefore: number | null
    readonly keep: number | null
    readonly limit: number
  }): Promise<readonly string[]>
  /** Ids of the flows that have runs. */
  flowIds(): Promise<readonly string[]>
}
