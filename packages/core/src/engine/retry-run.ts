import type { FlowDefinition } from '../definition/flow.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { decodeValue } from '../primitives/value.ts'
import type { RunRecord, TaskRecord } from '../storage/records.ts'
import type { CreateRun } from '../storage/run-changes.ts'
import { isFinalTask } from '../storage/run-rules.ts'
import { checkEnded } from './action-rules.ts'
import { checkTrigger } from './check-trigger.ts'
import type { EngineParts } from './engine-parts.ts'
import { checkValues } from './replay-run.ts'
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

/** What a retry needs to know of the run, read when it does. */
export interface RetryFacts {
  readonly input: () => Promise<string | null>
  readonly records: () => Promise<readonly TaskRecord[]>
}

/** Tries an ended run again, as a new one. */
export async function retryRun(parts: EngineParts, runId: string, options: RetryRunOptions): Promise<RunRecord> {
  const { queries, storage } = parts
  const run = await queries.record(runId)
  const facts = { input: () => storage.runs.input(runId), records: () => storage.tasks.list(runId) }
  const { definition, asked, copyTasks } = await planRetry(parts, run, facts, options)
  const { by = null, idempotencyKey } = options
  const trigger = { kind: 'retry', by } as const
  const keyed = { ...asked, trigger, ...(idempotencyKey !== undefined && { idempotencyKey }) }
  const made = await triggerRun(parts, definition, keyed, { retryOf: runId, copyTasks })
  if (made.retryOf === runId) return made
  throw new PerfectError(
    'IDEMPOTENCY_MISMATCH',
    `The idempotency key ${JSON.stringify(idempotencyKey)} belongs to run ${made.id}, which does not try ${runId} again. Use another key.`,
    { details: { idempotencyKey, runId: made.id } },
  )
}

/**
 * Refuses a retry with the input and the configuration of the run as the retry itself would.
 *
 * @throws {PerfectError} RUN_NOT_FINISHED, FLOW_NOT_FOUND, CONFIGURATION_INVALID, INPUT_INVALID, REQUEST_INVALID
 */
export async function checkRetry(
  parts: EngineParts,
  run: RunRecord,
  facts: RetryFacts,
  from: 'failed' | 'start',
): Promise<void> {
  const { definition, asked } = await planRetry(parts, run, facts, { from })
  await checkTrigger(parts, definition, asked)
}

interface RetryPlan {
  readonly definition: FlowDefinition
  readonly asked: { readonly configuration: string; readonly input: unknown }
  readonly copyTasks: CreateRun['copyTasks']
}

/** What a retry starts. */
async function planRetry(
  { registry }: EngineParts,
  run: RunRecord,
  facts: RetryFacts,
  options: RetryRunOptions,
): Promise<RetryPlan> {
  const { from = 'failed', configuration = run.configuration } = options
  checkEnded(run)
  // New code is the point of many retries, so it is not the version of the old run that is taken.
  const definition = registry.get(run.flowId)
  const stored = 'input' in options ? null : await facts.input()
  const input = 'input' in options ? options.input : stored === null ? undefined : decodeValue(stored)
  const copyTasks = from === 'start' ? undefined : tasksToCopy(run, await facts.records(), from)
  return { definition, asked: { configuration, input }, copyTasks }
}

function tasksToCopy(
  run: RunRecord,
  records: readonly TaskRecord[],
  from: string,
): NonNullable<CreateRun['copyTasks']> {
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
