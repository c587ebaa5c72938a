import type { SerializedError } from '../errors/serialized-error.ts'
import type { LogLevel } from '../primitives/log-level.ts'

/*
 * The stored shapes: JSON-safe, every field always present, null for "none". Instants are ms since 1970 UTC.
 * A `value` is text made by `encodeValue`; storages keep it as it is and never look inside.
 */

/** Every status a run can have; the last three are final. */
export const RUN_STATUSES = [
  'scheduled',
  'queued',
  'running',
  'waiting',
  'retrying',
  'succeeded',
  'failed',
  'cancelled',
] as const
/** Status of a run. */
export type RunStatus = (typeof RUN_STATUSES)[number]

/** The statuses that never change again. */
export const FINAL_RUN_STATUSES = ['succeeded', 'failed', 'cancelled'] as const
/** A status that never changes again. */
export type FinalRunStatus = (typeof FINAL_RUN_STATUSES)[number]

/** Why a run is not progressing at the moment. */
export const WAIT_REASONS = ['sleep', 'signal', 'approval', 'child', 'paused', 'worker', 'slot', 'version'] as const
/** Why a run is not progressing at the moment. */
export type WaitReason = (typeof WAIT_REASONS)[number]

/** Every kind of trigger. */
export const TRIGGER_KINDS = ['code', 'api', 'schedule', 'parent', 'retry'] as const

/** What started a run. */
export interface RunTrigger {
  /** `code`: the host called the engine; `api`: an HTTP request; `schedule`: a time of a schedule; `parent`: a flow called it; `retry`: a run was retried. */
  readonly kind: (typeof TRIGGER_KINDS)[number]
  /** Who or what exactly: a user, a cron expression, a run; null when not known. */
  readonly by: string | null
}

/** A fact about a run that can be searched for. */
export type AttributeValue = string | number | boolean

/** A run as it is stored, without its input and result. */
export interface RunRecord {
  readonly id: string
  readonly flowId: string
  readonly flowVersion: string
  readonly configuration: string
  readonly trigger: RunTrigger
  /** Words to find it by, in the order they were given. */
  readonly tags: readonly string[]
  /** Facts to find it by. */
  readonly attributes: Readonly<Record<string, AttributeValue>>
  /** Larger goes first. Range: -10..10. */
  readonly priority: number
  /** Its place in line: smaller goes first. A time that priority has moved, so that waiting long beats any priority. Unit: ms. */
  readonly queueAt: number
  /** Runs of the flow with the same key share a limit. */
  readonly limitKey: string | null
  /** At most one run of the same gate has started and not ended. */
  readonly gate: string | null
  /** Names the runs of its flow that are the same work: see {@link CreateRun.collapse}. */
  readonly dedupeKey: string | null
  /** The run whose flow called this one, and the key of that call. */
  readonly parentRunId: string | null
  readonly parentKey: string | null
  /** The run that this one tries again. */
  readonly retryOf: string | null
  /** Which attempt it is by the `retry` option of its flow. Range: >= 1. */
  readonly attempt: number
  /** The run that goes on in its place: the next attempt of a failed one. */
  readonly nextRunId: string | null
  readonly scheduleId: string | null
  /** Shape of the flow's code when the run was created or last allowed to go on. */
  readonly fingerprint: string | null
  readonly status: RunStatus
  readonly reason: WaitReason | null
  readonly createdAt: number
  readonly startedAt: number | null
  readonly finishedAt: number | null
  /** When a waiting, retrying or scheduled run goes on by itself. */
  readonly wakeAt: number | null
  /** Fencing token: grows by one with each claim. Range: >= 0; 0 before the first claim. */
  readonly epoch: number
  /** The engine that holds the run. */
  readonly engineId: string | null
  /** The remote worker that runs it for that engine. */
  readonly workerId: string | null
  /** Share of the work done. Range: 0..1; never falls; 1 only when succeeded. */
  readonly progress: number
  /** Number of tasks with a final record, as far as it was told; it may be behind while the run is held. */
  readonly tasksDone: number
  /** Times the run was claimed since the last final task record; a run that only crashes is ended by this. */
  readonly epochsWithoutProgress: number
  /** Since when the run is to pause; null when it is not. */
  readonly pausedAt: number | null
  /** Tasks that are to be undone when the run is cancelled; told when it is given back. Range: >= 0. */
  readonly undoTasks: number
  readonly cancelRequestedAt: number | null
  readonly cancelReason: string | null
  readonly idempotencyKey: string | null
  readonly error: SerializedError | null
  /** Last event of the worker that was stored, in this epoch. */
  readonly workerEventSeq: number
  /** Last log line of the worker that was stored, in this epoch. */
  readonly workerLogSeq: number
}

/** Every status a task record can have; the last two are final. */
export const TASK_STATUSES = ['running', 'retrying', 'sleeping', 'waiting', 'succeeded', 'failed'] as const
/** Status of a task. */
export type TaskStatus = (typeof TASK_STATUSES)[number]

/** Every kind of a task record: what the flow called. `undo` is the compensation of a task. */
export const TASK_KINDS = ['task', 'sleep', 'signal', 'approval', 'child', 'undo'] as const
/** Kind of a task record. */
export type TaskKind = (typeof TASK_KINDS)[number]

/** One task of one run: its checkpoint once the status is final. */
export interface TaskRecord {
  readonly runId: string
  /** Scope path, name and item key or count, for example `pages#1[a]/fetch page#1`; unique in the run. */
  readonly key: string
  readonly name: string
  readonly kind: TaskKind
  readonly status: TaskStatus
  /** `cache`: the value was found, the task did not run; `copied`: it was recorded in the run that this one tries again. */
  readonly origin: 'run' | 'cache' | 'copied'
  /** Order of its first write among those of the run. Range: >= 1. */
  readonly seq: number
  /** Range: >= 1. */
  readonly attempt: number
  /** Epoch that wrote the record; 0 when it was copied. */
  readonly epoch: number
  /** Fingerprint of the arguments, readable as far as it is short; null when they cannot be told. */
  readonly args: string | null
  /** The run that this call started. */
  readonly childRunId: string | null
  /** Order in which final records were handed to the flow; null until final. Range: >= 1. */
  readonly position: number | null
  readonly weight: number
  /** Progress of the run when the record was written: the run's own may be behind. Range: 0..1. */
  readonly progress: number
  readonly estimatedMs: number | null
  readonly startedAt: number
  readonly finishedAt: number | null
  /** When a sleep ends or the next attempt starts. */
  readonly wakeAt: number | null
  /** Result of a succeeded task; of a wait that is open, what it asks for. */
  readonly value: string | null
  readonly error: SerializedError | null
}

export { LOG_LEVELS, type LogLevel } from '../primitives/log-level.ts'

/** A log line before it is stored. */
export interface LogLine {
  readonly at: number
  readonly level: LogLevel
  /** Key of the task that wrote it. */
  readonly task: string | null
  readonly message: string
  /** JSON text of additional fields. */
  readonly fields: string | null
}

/** A stored log line. */
export interface LogRecord extends LogLine {
  readonly runId: string
  /** Grows by one with each line of the run. Range: >= 1. */
  readonly seq: number
}

/** A flow as it is stored, so that lists and workers know it after a restart. */
export interface FlowRecord {
  readonly id: string
  readonly name: string
  readonly version: string
  /** JSON text of the whole definition. */
  readonly definition: string
  readonly registeredAt: number
}

/** A message to a run. It is kept until a wait takes it, and with the run afterwards. */
export interface SignalRecord {
  /** Sending the same id again changes nothing. */
  readonly id: string
  readonly name: string
  /** The run it is for; null when {@link match} says for whom it is. */
  readonly runId: string | null
  readonly match: string | null
  readonly value: string | null
  readonly sentAt: number
  /** Who sent it. */
  readonly by: string | null
  /** The run and the task that took it; null as long as nobody has. */
  readonly takenBy: { readonly runId: string; readonly key: string } | null
}

/** What is known of a schedule. */
export interface ScheduleRecord {
  readonly id: string
  readonly flowId: string
  /** `code`: declared by the flow; `api`: made while the engine ran. */
  readonly origin: 'code' | 'api'
  /** JSON text of the whole definition. */
  readonly definition: string
  readonly pausedAt: number | null
  /** When a pause ends by itself. */
  readonly pausedUntil: number | null
  /** Number of coming times to leave out. Range: >= 0. */
  readonly skips: number
  /** The last time that was dealt with: run, missed or skipped. */
  readonly handledAt: number
  /** Grows by one with each write. */
  readonly revision: number
}

/** A version of a flow that was seen. */
export interface FlowVersionRecord {
  readonly flowId: string
  readonly version: string
  readonly fingerprint: string
  readonly firstSeenAt: number
  readonly lastSeenAt: number
}

export {
  ALERT_KINDS,
  ALERT_STATES,
  type AlertKind,
  type AlertRecord,
  type AlertState,
  type NewAlert,
} from './alert-records.ts'
export {
  STATS_SPANS,
  type EstimateStats,
  type FailureGroupRecord,
  type RunEstimate,
  type RunStatsRecord,
  type StatsSpan,
} from './stats-records.ts'

/** What was learned from past runs of a flow. A cache: it can be made again from the runs themselves. */
export interface EstimateModelRecord {
  readonly flowId: string
  /** Versions of the flow that are alike enough to learn from each other. */
  readonly family: string
  readonly configuration: string
  /** JSON text; storages never look inside. */
  readonly state: string
  readonly updatedAt: number
}

/** An engine that has this storage open. */
export interface EngineRecord {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly startedAt: number
  /** The engine counts as dead after this instant of the storage clock. */
  readonly leaseUntil: number
}
