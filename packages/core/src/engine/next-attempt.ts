/* The `retry` option of flows: a run that failed goes on as a new one, which keeps what succeeded. */
import type { FlowDefinition } from '../definition/flow.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { deserializeError, type SerializedError } from '../errors/serialized-error.ts'
import { backoffMs } from '../primitives/backoff.ts'
import type { Clock } from '../primitives/clock.ts'
import type { IdSource } from '../primitives/id.ts'
import type { RunRecord } from '../storage/records.ts'

interface Ports {
  readonly ids: IdSource
  readonly clock: Clock
  readonly random: () => number
}

// Another attempt would end in the same way, or make it worse.
const FINAL: ReadonlySet<string> = new Set<ErrorCode>(['CRASH_LOOP', 'REPLAY_MISMATCH', 'COMPENSATION_FAILED'])

/** The next attempt of a run that fails; null when its flow wants none. */
export function nextAttempt(
  { ids, clock, random }: Ports,
  { retry, run: code }: FlowDefinition,
  run: RunRecord,
  error: SerializedError | null,
): RunRecord | null {
  const isFinal = error !== null && error.code !== null && FINAL.has(error.code)
  if (run.attempt >= retry.attempts || isFinal || run.cancelRequestedAt !== null || !isWorthIt(retry, run, error))
    return null
  const now = clock.now()
  const waitMs = backoffMs(retry.backoff, run.attempt, random)
  return {
    ...run,
    id: ids.next('run'),
    trigger: { kind: 'retry', by: run.id },
    retryOf: run.id,
    attempt: run.attempt + 1,
    // Its priority has moved it in line by so much.
    queueAt: now + waitMs - (run.createdAt - run.queueAt),
    status: waitMs === 0 ? 'queued' : 'scheduled',
    reason: waitMs > 0 ? null : code === null ? 'worker' : 'slot',
    wakeAt: waitMs === 0 ? null : now + waitMs,
    createdAt: now,
    startedAt: null,
    engineId: null,
    workerId: null,
    epoch: 0,
    progress: 0,
    tasksDone: 0,
    undoTasks: 0,
    epochsWithoutProgress: 0,
    pausedAt: null,
    idempotencyKey: null,
    workerEventSeq: 0,
    workerLogSeq: 0,
  }
}

function isWorthIt({ isRetryable }: FlowDefinition['retry'], run: RunRecord, error: SerializedError | null): boolean {
  try {
    return isRetryable(error === null ? undefined : deserializeError(error), run.attempt)
  } catch {
    return false
  }
}
