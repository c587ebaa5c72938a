import type { TaskRecord } from '../storage/records.ts'
import type { TaskOutcome } from './run-writes.ts'

/** The record of a task. Field by field: this is on the path of every task, and all records get one shape. */
export function toTaskRecord(
  outcome: TaskOutcome,
  place: Pick<TaskRecord, 'runId' | 'epoch' | 'seq' | 'position' | 'progress'>,
): TaskRecord {
  return {
    runId: place.runId,
    key: outcome.key,
    name: outcome.name,
    kind: outcome.kind,
    status: outcome.status,
    origin: outcome.origin ?? 'run',
    seq: place.seq,
    attempt: outcome.attempt,
    epoch: place.epoch,
    args: outcome.args ?? null,
    childRunId: outcome.childRunId ?? null,
    position: place.position,
    weight: outcome.weight,
    progress: place.progress,
    estimatedMs: outcome.estimatedMs,
    startedAt: outcome.startedAt,
    finishedAt: outcome.finishedAt,
    wakeAt: outcome.wakeAt,
    value: outcome.value,
    error: outcome.error,
  }
}
