import type { ChildOptions } from '../definition/child-options.ts'
import type { FlowDefinition } from '../definition/flow.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError } from '../errors/serialized-error.ts'
import type { TaskOutcome } from '../journal/run-writes.ts'
import { encodeValue } from '../primitives/value.ts'
import type { RunRecord } from '../storage/records.ts'
import { isFinalRun } from '../storage/run-rules.ts'
import type { ScopeCall } from './run-scope.ts'
import type { CallEnd, TaskHost } from './run-task.ts'

/** A flow that a flow calls. */
export interface ChildCall extends ScopeCall {
  readonly definition: FlowDefinition
  readonly input: unknown
  readonly options: ChildOptions
}

/** A run that was started, as it is now, with its result as text. */
export interface ChildRun {
  readonly run: RunRecord
  readonly result: string | null
}

/** Runs that flows start and wait for. While the storage is away these wait until it is back. */
export interface Children {
  /**
   * Starts the run of a call, or gives the one that it has started before.
   *
   * @throws {PerfectError} FLOW_NOT_FOUND, INPUT_INVALID and what else is wrong with the call; ENGINE_STOPPED and STORAGE_UNAVAILABLE
   * once the engine has stopped.
   */
  start(parent: RunRecord, call: ChildCall): Promise<RunRecord>
  /** A run that was started; undefined when it was removed. */
  find(runId: string): Promise<ChildRun | undefined>
  /** Asks the runs to end that a run has started and that have not ended. */
  cancelAll(parent: RunRecord): Promise<void>
}

/** What a call of a flow needs of the run around it. */
export interface ChildHost extends Pick<TaskHost, 'journal' | 'clock' | 'dormant'> {
  readonly children: Children
}

type Ending = Pick<TaskOutcome, 'status' | 'value' | 'error'>

/** Runs a flow as a run of its own, and waits for its end. */
export async function callChild(host: ChildHost, call: ChildCall): Promise<CallEnd> {
  const { journal, clock, children } = host
  const known = journal.records.get(call.key)
  const before = known?.origin === 'copied' ? undefined : known
  const startedAt = before?.startedAt ?? clock.now()
  const { key, name, weight, argsText: args } = call
  const outcome = { key, name, kind: 'child', attempt: 1, weight, args, estimatedMs: null, startedAt } as const
  const end = (runId: string | null, ending: Ending): Promise<CallEnd> =>
    journal.record({ ...outcome, ...ending, childRunId: runId, wakeAt: null, finishedAt: clock.now() })
  journal.begin(call, { kind: 'child', attempt: 1, estimatedMs: null })
  // Started before it is noted: a crash between the two finds the same run again by its idempotency key.
  const started = before?.childRunId ? { id: before.childRunId } : await startChild(host, call)
  if (started === 'stopped') return 'stopped'
  if ('value' in started) return end(null, started)
  const { id: childRunId } = started
  const waiting = { status: 'waiting', value: null, error: null, wakeAt: null, finishedAt: null } as const
  if (!before && (await journal.record({ ...outcome, ...waiting, childRunId })) === 'lost') return 'stopped'
  for (let runId = childRunId; ;) {
    const child = await unlessStopped(children.find(runId))
    if (child === 'stopped') return 'stopped'
    if (child?.run.nextRunId) {
      // It failed, and another attempt goes on in its place.
      runId = child.run.nextRunId
      continue
    }
    if (child === undefined || isFinalRun(child.run.status)) return end(childRunId, toEnding(runId, child))
    if ((await host.dormant({ wakeAt: null, kind: 'child', key })) === 'stopped') return 'stopped'
  }
}

/** Gives the run; or, when the call is wrong, how it ends: recorded, so that a replay sees the same. */
async function startChild({ journal, children }: ChildHost, call: ChildCall): Promise<RunRecord | Ending | 'stopped'> {
  try {
    return await unlessStopped(children.start(journal.run, call))
  } catch (error) {
    return { status: 'failed', value: null, error: serializeError(error) }
  }
}

// An engine that has stopped reads nothing more; the run goes on elsewhere.
async function unlessStopped<T>(operation: Promise<T>): Promise<T | 'stopped'> {
  try {
    return await operation
  } catch (error) {
    if (PerfectError.is(error, 'ENGINE_STOPPED') || PerfectError.is(error, 'STORAGE_UNAVAILABLE')) return 'stopped'
    throw error
  }
}

function toEnding(runId: string, child: ChildRun | undefined): Ending {
  if (child?.run.status === 'succeeded')
    return { status: 'succeeded', value: child.result ?? encodeValue(undefined, 'no result'), error: null }
  const what = child ? 'was cancelled' : 'was removed before its end was seen'
  const cancelled = new PerfectError('RUN_CANCELLED', `Run ${runId} ${what}.`, { details: { runId } })
  return { status: 'failed', value: null, error: child?.run.error ?? serializeError(cancelled) }
}
