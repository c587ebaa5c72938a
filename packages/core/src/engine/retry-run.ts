import { PerfectError } from '../errors/perfect-error.ts'
import { decodeValue } from '../primitives/value.ts'
import type { RunRecord, TaskRecord } from '../storage/records.ts'
import type { CreateRun } from '../storage/run-changes.ts'
import { isFinalTask } from '../storage/run-rules.ts'
import type { EngineParts } from './engine-parts.ts'
import { checkValues, notFinished } from './replay-run.ts'
import { hasEnded } from './run-outcomes.ts'
import { triggerRun } from './trigger-run.ts'

/** How a run is tried again. */
export interface RetryRunOptions {
  /**
   * Where: `failed`: every task that succeeded keeps its result; `start`: nothing does; or the key of a task: what succeeded before it
   * does. A result is only taken for the same arguments, so changed code or input runs what depends on it. Default: `failed`.
   */
  readonly from?: 'failed' | 'start' | (string & {})
  /** Another input. Default: that of the run. */
  readonly input?: unknown
  /** Another configuration. Default: that of the run. */
  readonly configuration?: string
  /** Who asks for it. */
  readonly by?: string
  /** A flow has at most one run per key: asking again gives the run that was made. At most 200 characters. */
  readonly idempotencyKey?: string
}

/** Tries an ended run again, as a new one. */
export async function retryRun(parts: EngineParts, runId: string, options: RetryRunOptions): Promise<RunRecord> {
  const { queries, registry, storage } = parts
  const { from = 'failed', by = null } = options
  const run = await queries.record(runId)
  if (!hasEnded(run)) throw notFinished(run)
  // New code is the point of many retries, so it is not the version of the old run that is taken.
  const definition = registry.get(run.flowId)
  const stored = 'input' in options ? null : await storage.runs.input(runId)
  const input = 'input' in options ? options.input : stored === null ? undefined : decodeValue(stored)
  const copyTasks = from === 'start' ? undefined : await tasksToCopy(parts, run, from)
  const trigger = { kind: 'retry', by } as const
  const configuration = options.configuration ?? run.configuration
  const { idempotencyKey } = options
  const asked = { configuration, input, trigger, ...(idempotencyKey !== undefined && { idempotencyKey }) }
  const made = await triggerRun(parts, definition, asked, { retryOf: runId, copyTasks })
  if (made.retryOf === runId) return made
  throw new PerfectError(
    'IDEMPOTENCY_MISMATCH',
    `The idempotency key ${JSON.stringify(idempotencyKey)} belongs to run ${made.id}, which does not try ${runId} again. Use another key.`,
    { details: { idempotencyKey, runId: made.id } },
  )
}

async function tasksToCopy(
  { storage }: EngineParts,
  run: RunRecord,
  from: string,
): Promise<NonNullable<CreateRun['copyTasks']>> {
  const records = await storage.tasks.list(run.id)
  checkValues(run, records)
  return { runId: run.id, throughPosition: from === 'failed' ? null : positionBefore(run, records, from) }
}

function positionBefore(run: RunRecord, records: readonly TaskRecord[], key: string): number | null {
  const record = records.find((candidate) => candidate.key === key)
  if (record !== undefined) return record.position === null ? null : record.position - 1
  const known = records.filter(({ status }) => isFinalTask(status)).map((candidate) => candidate.key)
  throw new PerfectError(
    'TASK_NOT_FOUND',
    `Run ${run.id} has no task with the key ${JSON.stringify(key.slice(0, 200))}. Give "failed", "start" or one of ${known.slice(0, 10).join(', ')}.`,
    { details: { field: 'from', value: key.slice(0, 200), runId: run.id } },
  )
}
