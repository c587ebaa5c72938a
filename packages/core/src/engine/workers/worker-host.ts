import type { FlowRegistration } from '../../definition/remote-flow.ts'
import type { RunJournal } from '../../journal/run-journal.ts'
import type { Clock } from '../../primitives/clock.ts'
import type { IdSource } from '../../primitives/id.ts'
import type { FlowView, WorkerView } from '../views.ts'

/** A run that was taken for a worker: claimed, with the new epoch stored. */
export interface WorkerClaim {
  readonly journal: RunJournal
  /** Stored text of the input; null when there is none. */
  readonly input: string | null
}

/**
 * How a run is given back. `blameless`: it does not count as a crash of the run. With `wakeAt` the run sleeps: it is not to be taken
 * before. Unit: ms since the epoch.
 */
export type GiveBack = 'blameless' | 'crashed' | { readonly wakeAt: number }

/** What worker sessions need of the engine. */
export interface WorkerHost {
  readonly engineId: string
  readonly clock: Clock
  readonly ids: IdSource
  /** How long a worker keeps its runs without a heartbeat. Unit: ms. */
  readonly leaseMs: number
  /** @throws {PerfectError} FLOW_DUPLICATE, FLOW_DEFINITION_INVALID and others of a definition. */
  registerFlow(
    registration: FlowRegistration,
  ): Promise<{ readonly status: 'created' | 'updated' | 'unchanged'; readonly flow: FlowView }>
  /** Takes the oldest run of any of these flows that may be taken; undefined when there is none. */
  claim(worker: { readonly id: string; readonly flowIds: readonly string[] }): Promise<WorkerClaim | undefined>
  /**
   * A run that a worker says it still holds, after a lost connection or a restart of the engine: its journal when the worker
   * may go on with the same epoch; `finished` when it ended in this epoch (the final event was stored, its answer was lost); else `revoked`.
   */
  resume(held: {
    readonly runId: string
    readonly epoch: number
    readonly workerId: string
  }): Promise<RunJournal | { readonly finished: true; readonly eventSeq: number; readonly logSeq: number } | 'revoked'>
  /** Gives a run back, so that it can be taken. */
  release(journal: RunJournal, how: GiveBack): Promise<void>
  /** A worker holds a run no longer. */
  ended(journal: RunJournal): void
  /** A worker came, went or changed. */
  workerChanged(worker: WorkerView): void
}
