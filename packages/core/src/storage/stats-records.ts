/* The stored shapes of what is counted when runs end. */
import type { FinalRunStatus } from './records.ts'

/** Lengths of time for which ended runs are counted, in UTC. */
export const STATS_SPANS = ['hour', 'day'] as const
/** A length of time for which ended runs are counted, in UTC. */
export type StatsSpan = (typeof STATS_SPANS)[number]

/** What was expected of a run when it started. Unit: ms. */
export interface RunEstimate {
  /** From the start to the end. */
  readonly expectedMs: number
  /** Four of five runs take between these. */
  readonly earlyMs: number
  readonly lateMs: number
}

/** How good estimates were that were made when runs started: of runs that succeeded. */
export interface EstimateStats {
  /** Runs that had an estimate. */
  readonly runs: number
  /** Runs that took no less than `earlyMs` and no more than `lateMs`. */
  readonly within: number
  /** Sum over the runs, of the difference between expected and real. Unit: ms. */
  readonly errorMs: number
  /** Number of runs per class of that difference, in thousandths of the real time: see `timeClass`. */
  readonly errors: readonly number[]
}

/** Figures of the runs that ended in an hour or a day, by flow, configuration and status. */
export interface RunStatsRecord {
  readonly span: StatsSpan
  /** Start of the hour or day. Unit: ms since 1970 UTC. */
  readonly from: number
  /** null: of all flows. */
  readonly flowId: string | null
  readonly configuration: string
  readonly status: FinalRunStatus
  readonly runs: number
  /** Sum over the runs, from the first start to the end. Unit: ms. */
  readonly durationMs: number
  /** Sum over the runs, from creation to the first start, or to the end of one that never started. Unit: ms. */
  readonly waitMs: number
  /** Number of runs that started, per class of duration: see `timeClass`. Ends with the last class that has any. */
  readonly durations: readonly number[]
  /** The same of how long they had waited for their start. */
  readonly waits: readonly number[]
  readonly estimates: EstimateStats
}

/** Runs that failed for the same reason, of one flow or of all. */
export interface FailureGroupRecord {
  /** Same code, same task, same message but for what differs from run to run. */
  readonly fingerprint: string
  /** null: of all flows. */
  readonly flowId: string | null
  readonly code: string | null
  /** Name of the task whose error it was; null when the flow itself failed. */
  readonly task: string | null
  /** The message with marks for what differs: `No row <number>`. */
  readonly pattern: string
  /** The message of the example, shortened. */
  readonly message: string
  /** Range: >= 1. */
  readonly runs: number
  readonly firstAt: number
  readonly lastAt: number
  /** The run that failed last. It may have been removed since. */
  readonly exampleRunId: string
}
