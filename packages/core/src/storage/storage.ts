import type { Change, Receipt } from './changes.ts'
import type { EngineRecord, FlowRecord, LogLevel, LogRecord, RunRecord, RunStatus, TaskRecord } from './records.ts'

/** Which runs to list, newest first (by `createdAt`, then `id`, both falling). */
export interface RunQuery {
  readonly flowId?: string
  /** Any of these. */
  readonly statuses?: readonly RunStatus[]
  /** Only runs after this place of the list. */
  readonly before?: { readonly createdAt: number; readonly id: string }
  /** Range: >= 1. */
  readonly limit: number
}

/** Which log lines of a run to list, oldest first. */
export interface LogQuery {
  readonly runId: string
  /** Only lines with a greater `seq`. */
  readonly after?: number
  /** Only lines with a smaller `seq`; the last `limit` of them, still oldest first. */
  readonly before?: number
  /** This level and those above it. */
  readonly minLevel?: LogLevel
  /** Key of the task that wrote them. */
  readonly task?: string
  /** Only lines that contain this text, upper and lower case being the same. */
  readonly text?: string
  /** Range: >= 1. */
  readonly limit: number
}

/** Reads of runs. */
export interface RunReads {
  /** The run with this id. */
  get(id: string): Promise<RunRecord | undefined>
  /** Runs that fit the query, newest first. */
  list(query: RunQuery): Promise<readonly RunRecord[]>
  /**
   * Runs that may be claimed now, oldest first: nobody holds them (or their holder is dead), and they are `queued`, or `running`, or
   * `scheduled`, `waiting` or `retrying` with a `wakeAt` that has come by the storage clock.
   */
  claimable(query: { readonly flowIds: readonly string[]; readonly limit: number }): Promise<readonly RunRecord[]>
  /** The earliest `wakeAt` of a run that nobody holds; null when none waits for a time. */
  nextWakeAt(): Promise<number | null>
  /** Stored text of its input; null when it has none. */
  input(runId: string): Promise<string | null>
  /** Stored text of what the flow returned; null until it has succeeded. */
  result(runId: string): Promise<string | null>
  /** Number of runs per status; a status without runs may be left out. */
  counts(): Promise<Partial<Record<RunStatus, number>>>
}

/** Reads of tasks. */
export interface TaskReads {
  /** All task records of a run, in the order of their first write. */
  list(runId: string): Promise<readonly TaskRecord[]>
}

/** Reads of logs. */
export interface LogReads {
  /** Lines that fit the query, oldest first. */
  list(query: LogQuery): Promise<readonly LogRecord[]>
  /** Number of lines of a run. */
  count(runId: string): Promise<number>
}

/** Reads of flows. */
export interface FlowReads {
  /** All flows, by id. */
  list(): Promise<readonly FlowRecord[]>
}

/** Reads of engines. */
export interface EngineReads {
  /** All engines, the dead ones too, by id. */
  list(): Promise<readonly EngineRecord[]>
}

/** What a storage can do beyond the required. */
export interface StorageCapabilities {
  /** What is committed survives the end of the process. */
  readonly durable: boolean
  /** Several processes may have it open at once. */
  readonly multiProcess: boolean
}

/**
 * Where runs, tasks and logs are kept. An adapter implements it and proves it with the cases of `@perfect/core/testing`.
 * `memory/` is the readable reference.
 *
 * @throws {PerfectError} STORAGE_UNAVAILABLE from every method, when the store cannot be reached; nothing is stored then, unless the
 * store died while it committed: a change that is made once more is then refused as `duplicate`, `recorded` or `finished`.
 */
export interface Storage {
  /** For people: `sqlite`, `memory`. */
  readonly name: string
  readonly capabilities: StorageCapabilities
  /** Makes it ready, with its schema up to date. Called once, before any other method. */
  open(): Promise<void>
  /** Stores all changes in one transaction, in order; each is accepted or refused by itself. Receipts are in the order of the changes. */
  commit(changes: readonly Change[]): Promise<readonly Receipt[]>
  readonly runs: RunReads
  readonly tasks: TaskReads
  readonly logs: LogReads
  readonly flows: FlowReads
  readonly engines: EngineReads
  /** Ends it; what was committed stays. Calls after it are refused as STORAGE_UNAVAILABLE. */
  close(): Promise<void>
}
