import type { AlertReads } from './alert-reads.ts'
import type { AuditReads } from './audit-records.ts'
import type { Change, Receipt } from './changes.ts'
import type { FailureReads, StatReads } from './figure-reads.ts'
import type {
  EngineRecord,
  EstimateModelRecord,
  FlowRecord,
  FlowVersionRecord,
  LogLevel,
  LogRecord,
  RunRecord,
  RunStatus,
  RunTrigger,
  ScheduleRecord,
  SignalRecord,
  TaskRecord,
} from './records.ts'
import type { CreateRun, Limit } from './run-changes.ts'
import type { SeenReads } from './seen-records.ts'
import type { ViewReads } from './view-records.ts'

/** Values of runs; a run fits when its value is one of each list that is given. */
export interface RunValues {
  readonly flowIds?: readonly string[]
  readonly statuses?: readonly RunStatus[]
  readonly configurations?: readonly string[]
  readonly triggers?: readonly RunTrigger['kind'][]
  readonly scheduleIds?: readonly string[]
  /** Versions of flows. */
  readonly versions?: readonly string[]
}

/** Which runs. Everything that is given has to fit. */
export interface RunFilter extends RunValues {
  /** Runs that fit any of these lists are left out. */
  readonly not?: RunValues & { readonly labels?: readonly string[] }
  /** All of these: see `labelsOf`. */
  readonly labels?: readonly string[]
  readonly parentRunId?: string
  /** Created at this instant or later. */
  readonly createdFrom?: number
  /** Created before this instant. */
  readonly createdBefore?: number
  /** Took this long or longer, from the first start to the end. Unit: ms. */
  readonly durationFromMs?: number
  /** Took less. Unit: ms. */
  readonly durationBelowMs?: number
  /** The id, the flow or the message of the error contains this text, upper and lower case being the same. */
  readonly text?: string
}

/** Which runs to list, newest first: by `id`, falling. */
export interface RunQuery extends RunFilter {
  /** Only runs with a smaller id. */
  readonly before?: string
  /** Only runs with a greater id. */
  readonly after?: string
  /** The smallest id first instead. Default: false. */
  readonly oldestFirst?: boolean
  /** Range: >= 1. */
  readonly limit: number
}

/** What may be claimed of one flow. */
export interface ClaimableFlow {
  readonly id: string
  /** Runs of it that may run at a time. Default: any number. */
  readonly max?: number
  /** Runs of it with the same `limitKey` that may run at a time. Default: any number. */
  readonly keyMax?: number
  /** Only runs that have started before: a rate of the flow is used up. Default: false. */
  readonly onlyStarted?: boolean
}

/** A transaction of the host, on the database in which runs are stored. */
export interface HostTransaction {
  /** Whether it is neither committed nor rolled back. */
  readonly isOpen: boolean
  /** Stores a new run with it. */
  create(change: CreateRun): Receipt
  /** A run, as the transaction sees it. */
  run(id: string): RunRecord | undefined
  /** The encoded input of a run, `null` when the run has none. */
  input(runId: string): string | null
}

/** What is left of a limit. */
export interface LimitRoom {
  /** Places, or starts, that are free now. Range: >= 0. */
  readonly free: number
  /** When a rate that is used up allows the next start; null for every other limit. */
  readonly freeAt: number | null
  /** Runs that have a place of it, or whose tasks have one, by id, at most 5; of a rate none. */
  readonly holders: readonly string[]
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
  /** Runs that fit the query, in its order. */
  list(query: RunQuery): Promise<readonly RunRecord[]>
  /**
   * Runs that may be claimed now, by `queueAt`, then `id`: nobody holds them (or their holder is dead), they are not paused, and they are
   * `queued`, or `running`, or `scheduled`, `waiting` or `retrying` with a `wakeAt` that has come by the storage clock; their gate is open
   * and the limits of their flow are not used up, so that all of them together could be claimed. Of a flow with `keyMax`, each key gets its
   * turn: at most as many as are free of each. Places that a run still has from before are free for it.
   */
  claimable(query: { readonly flows: readonly ClaimableFlow[]; readonly limit: number }): Promise<readonly RunRecord[]>
  /** The earliest `wakeAt` of a run that nobody holds and that is not paused; null when none waits for a time. */
  nextWakeAt(): Promise<number | null>
  /** Running runs that an engine holds and that are to end or to pause, by id. */
  requested(engineId: string): Promise<readonly RunRecord[]>
  /** Stored text of its input; null when it has none. */
  input(runId: string): Promise<string | null>
  /** Stored text of what the flow returned; null until it has succeeded. */
  result(runId: string): Promise<string | null>
}

/** Reads of tasks. */
export interface TaskReads {
  /** All task records of a run, in the order of their first write. */
  list(runId: string): Promise<readonly TaskRecord[]>
  /** How far runs are by their task records; their own may be behind while they are held. Runs without records may be left out. */
  progress(
    runIds: readonly string[],
  ): Promise<readonly { readonly runId: string; readonly progress: number; readonly tasksDone: number }[]>
  /** A value that a task has kept for others and that has not expired by the storage clock. */
  cached(key: string): Promise<{ readonly value: string; readonly expiresAt: number } | undefined>
}

/** Reads of the line: who waits, and for what. */
export interface LineReads {
  /** What is left of each limit by the storage clock, in the order of the limits. */
  room(limits: readonly Limit[]): Promise<readonly LimitRoom[]>
  /** Number of queued runs of a flow that are not paused and come before a run in line; no more than 10,000 are counted. */
  ahead(run: Pick<RunRecord, 'flowId' | 'queueAt' | 'id'>): Promise<number>
}

/** Reads of signals. */
export interface SignalReads {
  /** The task whose wait would take a signal if it was sent now; undefined when nobody waits for it. */
  taker(
    signal: Pick<SignalRecord, 'runId' | 'name' | 'match'>,
  ): Promise<{ readonly runId: string; readonly key: string } | undefined>
  /** Signals for a run, or taken by it, in the order they were sent. */
  list(runId: string): Promise<readonly SignalRecord[]>
}

/** Reads of schedules. */
export interface ScheduleReads {
  /** All schedules, by id. */
  list(): Promise<readonly ScheduleRecord[]>
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
  /** Versions that were seen of a flow, the newest first. */
  versions(flowId: string): Promise<readonly FlowVersionRecord[]>
}

/** Reads of engines. */
export interface EngineReads {
  /** All engines, the dead ones too, by id. */
  list(): Promise<readonly EngineRecord[]>
}

/** Reads of what was learned from past runs. */
export interface EstimateReads {
  /** What was learned of a flow in one configuration. */
  get(key: Pick<EstimateModelRecord, 'flowId' | 'family' | 'configuration'>): Promise<EstimateModelRecord | undefined>
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
  /**
   * Joins a transaction that a connection of the host has open. Left out by a storage that has no connections.
   *
   * @throws {PerfectError} TRANSACTION_INVALID
   */
  join?(handle: unknown): Promise<HostTransaction>
  readonly runs: RunReads
  readonly tasks: TaskReads
  readonly line: LineReads
  readonly signals: SignalReads
  readonly logs: LogReads
  readonly stats: StatReads
  readonly failures: FailureReads
  readonly alerts: AlertReads
  readonly audit: AuditReads
  readonly views: ViewReads
  readonly seen: SeenReads
  readonly schedules: ScheduleReads
  readonly flows: FlowReads
  readonly engines: EngineReads
  readonly estimates: EstimateReads
  /** Ends it; what was committed stays. Calls after it are refused as STORAGE_UNAVAILABLE. */
  close(): Promise<void>
}
