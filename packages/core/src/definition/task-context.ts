import type { LogLevel } from '../primitives/log-level.ts'

/** Additional values of a log line; must be JSON. */
export type LogFields = Readonly<Record<string, unknown>>

/** Writes lines to the log of the run. */
export type RunLog = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>

/** What a task knows about the attempt that is running; from {@link current}. */
export interface TaskContext {
  readonly runId: string
  /** Key of the checkpoint: unique in the run, the same on every attempt and after a crash. */
  readonly key: string
  /** Range: >= 1. */
  readonly attempt: number
  /** Name of the configuration of the run. */
  readonly configuration: string
  /** Aborted when the run is cancelled, the task times out or the run is held by another process now. Pass it on to what takes long. */
  readonly signal: AbortSignal
  /** The same text on every attempt, for services that accept an idempotency key. */
  readonly idempotencyKey: string
  readonly log: RunLog
  /**
   * Tells how much of the task is done. Never lowers what was told before.
   *
   * @param fraction Share of the task. Range: 0..1; others are clamped, NaN is ignored.
   * @param note What is being done, for people.
   */
  readonly progress: (fraction: number, note?: string) => void
}
