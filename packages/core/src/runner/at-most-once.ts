/*
 * Tasks that may run once at most: each attempt is recorded before its code runs, so that after a crash it is known to have started.
 * Only a failure that the code itself told is tried again.
 */
import { PerfectError } from '../errors/perfect-error.ts'
import type { TaskCall, TaskHost } from './run-task.ts'

/** An attempt of a task. */
export interface Attempt {
  /** Range: >= 1. */
  readonly attempt: number
  /** Start of the first attempt. Unit: ms since 1970 UTC. */
  readonly startedAt: number
}

/** Records the start of a task that runs at most once; gives false when the run ended before. */
export async function mayStart(host: TaskHost, call: TaskCall, start: Attempt): Promise<boolean> {
  const { key, kind, name, weight, estimatedMs } = call
  const { attempt, startedAt } = start
  const written = await host.journal.record({
    key,
    name,
    kind,
    status: 'running',
    attempt,
    weight,
    estimatedMs,
    startedAt,
    finishedAt: null,
    wakeAt: null,
    value: null,
    error: null,
  })
  return written === 'accepted' && !host.isAborted
}

/** The error of an attempt that has started, and of which nobody knows how it ended. */
export function unknownOutcome({ name, key }: TaskCall, start: Attempt, cause?: unknown): PerfectError {
  const startedAt = new Date(start.startedAt).toISOString()
  const attempt = start.attempt === 1 ? '' : ` (attempt ${String(start.attempt)})`
  return new PerfectError(
    'TASK_OUTCOME_UNKNOWN',
    `"${name}", started at ${startedAt}, was interrupted${attempt} before its result was recorded. It may have had its effect and is not run again, ` +
      'since it is declared with "idempotent: false". Look whether the effect is there.',
    { details: { name, key, startedAt, attempt: start.attempt }, ...(cause !== undefined && { cause }) },
  )
}
