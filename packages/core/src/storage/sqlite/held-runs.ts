import type { RunRecord } from '../records.ts'
import type { Fence } from '../run-changes.ts'
import type { Database } from './database.ts'

/** What is known of a run that an engine holds. */
export type HeldRun = Pick<
  RunRecord,
  | 'id'
  | 'epoch'
  | 'engineId'
  | 'flowId'
  | 'configuration'
  | 'createdAt'
  | 'startedAt'
  | 'parentRunId'
  | 'idempotencyKey'
>

// Far more than run at a time; a bound, should they never be forgotten.
const MAX_RUNS = 50_000

/**
 * The runs of which this connection knows the fence without looking: it has written it itself, and nobody else has written anything since.
 * Looking it up for every task costs a third of the time of the thread. What is not known here is looked up.
 */
export class HeldRuns {
  readonly #runs = new Map<string, HeldRun>()
  #dataVersion: unknown

  /** To be called within each transaction, before its first change: forgets everything, statistics too, when another connection has written. */
  begin(database: Database): void {
    const version = database.dataVersion()
    if (version !== this.#dataVersion) {
      this.clear()
      database.stats.clear()
    }
    this.#dataVersion = version
  }

  /** A run was created or claimed in the transaction that runs now. */
  add(run: HeldRun): void {
    if (this.#runs.size >= MAX_RUNS) this.clear()
    if (run.engineId !== null) this.#runs.set(run.id, run)
  }

  /** The run, when it is known that the fence holds it. */
  find({ runId, epoch, engineId }: Fence): HeldRun | undefined {
    const run = this.#runs.get(runId)
    return run?.epoch === epoch && run.engineId === engineId ? run : undefined
  }

  /** Something of the run changes that is not known here. */
  forget(runId: string): void {
    this.#runs.delete(runId)
  }

  /** A transaction was undone, or others have written. */
  clear(): void {
    this.#runs.clear()
  }
}
