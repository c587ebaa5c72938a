import type { RunRecord, TaskRecord } from '../storage/records.ts'
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

/** What task records say about their run as a whole. */
export interface RecordSums {
  /** Whether slots or waits may have to be given back at the end. */
  hasPlaces: boolean
  /** Characters of all values. */
  valueChars: number
  /** The last position and the last sequence number. */
  position: number
  seq: number
}

/**
 * What the records of a run so far say about it as a whole.
 *
 * @param hasLimits Whether places of limits were taken with its claim.
 */
export function summarize(
  run: RunRecord,
  records: readonly TaskRecord[],
  hasLimits: boolean,
): RecordSums & Pick<RunRecord, 'progress' | 'tasksDone'> {
  let [final, progress, valueChars, lastPosition, lastSeq, hasPlaces] = [
    0,
    run.progress,
    0,
    0,
    0,
    hasLimits || run.gate !== null,
  ]
  for (const { position, value, kind, seq, progress: then } of records) {
    if (position !== null) final++
    progress = Math.max(progress, then)
    valueChars += value?.length ?? 0
    lastPosition = Math.max(lastPosition, position ?? 0)
    lastSeq = Math.max(lastSeq, seq)
    hasPlaces ||= kind === 'signal' || kind === 'approval'
  }
  const tasksDone = Math.max(run.tasksDone, final)
  return { progress, tasksDone, hasPlaces, valueChars, position: lastPosition, seq: lastSeq }
}

/** How many records a flow is given when it is driven anew. */
export function countReplays(records: Iterable<TaskRecord>): number {
  let count = 0
  for (const { position, kind } of records) if (position !== null && kind !== 'undo') count++
  return count
}

/** What came of a run. */
export interface RunOutcome {
  /** Stored text of what the flow returned; null unless it succeeded. */
  readonly result: string | null
  /** The run that goes on in place of one that failed. */
  readonly next: RunRecord | null
}
