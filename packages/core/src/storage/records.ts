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
export const WAIT_REASONS = ['sleep', 'signal', 'approval', 'child', 'paused', 'worker', 'slot'] as const
/** Why a run is not progressing at the moment. */
export type WaitReason = (typeof WAIT_REASONS)[number]

/** What started a run. */
export interface RunTrigger {
  /** `code`: the host called the engine; `api`: an HTTP request; `schedule`: a cron time. */
  readonly kind: 'code' | 'api' | 'schedule'
  /** Who or what exactly: a user, a cron expression; null when not known. */
  readonly by: string | null
}

/** A run as it is stored, without its input and result. */
export interface RunRecord {
  readonly id: string
  readonly flowId: string
  readonly flowVersion: string
  readonly configuration: string
  readonly trigger: RunTrigger
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
  /** Number of tasks with a final record. */
  readonly tasksDone: number
  /** Epochs since the last new checkpoint; a run that only crashes is ended by this. */
  readonly epochsWithoutProgress: number
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
export const TASK_STATUSES = ['running', 'retrying', 'sleeping', 'succeeded', 'failed'] as const
/** Status of a task. */
export type TaskStatus = (typeof TASK_STATUSES)[number]

/** One task of one run: its checkpoint once the status is final. */
export interface TaskRecord {
  readonly runId: string
  /** Scope path, name and item key or count, for example `pages#1[a]/fetch page#1`; unique in the run. */
  readonly key: string
  readonly name: string
  readonly kind: 'task' | 'sleep'
  readonly status: TaskStatus
  /** Range: >= 1. */
  readonly attempt: number
  /** Epoch that wrote the record. */
  readonly epoch: number
  /** Order in which final records were handed to the flow; null until final. Range: >= 1. */
  readonly position: number | null
  readonly weight: number
  readonly estimatedMs: number | null
  readonly startedAt: number
  readonly finishedAt: number | null
  /** When a sleep ends or the next attempt starts. */
  readonly wakeAt: number | null
  /** Result of a succeeded task. */
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

/** An engine that has this storage open. */
export interface EngineRecord {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly startedAt: number
  /** The engine counts as dead after this instant of the storage clock. */
  readonly leaseUntil: number
}
