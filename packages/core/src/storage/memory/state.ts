import type { EngineRecord, FlowRecord, LogRecord, RunRecord, TaskRecord } from '../records.ts'

/** A run with everything that belongs to it. */
export interface StoredRun {
  readonly record: RunRecord
  readonly input: string | null
  readonly result: string | null
  /** In the order of their first write. */
  readonly tasks: Map<string, TaskRecord>
  readonly logs: LogRecord[]
}

/** Everything a memory storage holds. */
export interface MemoryState {
  readonly runs: Map<string, StoredRun>
  /** The runs that have not ended, so that looking for work does not visit the others. */
  readonly openRuns: Map<string, StoredRun>
  /** Run id by flow and idempotency key. */
  readonly runKeys: Map<string, string>
  readonly flows: Map<string, FlowRecord>
  readonly engines: Map<string, EngineRecord>
}

/** A state without any record. */
export function emptyState(): MemoryState {
  return { runs: new Map(), openRuns: new Map(), runKeys: new Map(), flows: new Map(), engines: new Map() }
}
