/*
 * Records and changes for tests: everything has a value, and a test names only what it is about.
 */
import type { AppendLog, Change, CreateRun, Fence, FinishRun, PutEngine, PutTask } from '../storage/changes.ts'
import type { EngineRecord, FlowRecord, LogLine, RunRecord, TaskRecord } from '../storage/records.ts'

// The start of ManualClock, so that records look as if they had just been made.
const AT = 1_800_000_000_000

/** A queued run that nobody holds. */
export function aRun(fields: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 'run_1',
    flowId: 'etl',
    flowVersion: '1',
    configuration: 'development',
    trigger: { kind: 'code', by: null },
    status: 'queued',
    reason: null,
    createdAt: AT,
    startedAt: null,
    finishedAt: null,
    wakeAt: null,
    epoch: 0,
    engineId: null,
    workerId: null,
    progress: 0,
    tasksDone: 0,
    epochsWithoutProgress: 0,
    cancelRequestedAt: null,
    cancelReason: null,
    idempotencyKey: null,
    error: null,
    workerEventSeq: 0,
    workerLogSeq: 0,
    ...fields,
  }
}

/** A run that `eng_1` holds in epoch 1. */
export function aHeldRun(fields: Partial<RunRecord> = {}): RunRecord {
  return aRun({
    status: 'running',
    epoch: 1,
    engineId: 'eng_1',
    startedAt: AT,
    epochsWithoutProgress: 1,
    ...fields,
  })
}

/** A succeeded task of `run_1`. */
export function aTask(fields: Partial<TaskRecord> = {}): TaskRecord {
  return {
    runId: 'run_1',
    key: 'extract#1',
    name: 'extract',
    kind: 'task',
    status: 'succeeded',
    attempt: 1,
    epoch: 1,
    position: 1,
    weight: 1,
    estimatedMs: null,
    startedAt: AT,
    finishedAt: AT + 10,
    wakeAt: null,
    value: '{"rows":3}',
    error: null,
    ...fields,
  }
}

/** A line of the log. */
export function aLogLine(fields: Partial<LogLine> = {}): LogLine {
  return { at: AT, level: 'info', task: null, message: 'Loaded 3 rows', fields: null, ...fields }
}

/** A stored flow. */
export function aFlow(fields: Partial<FlowRecord> = {}): FlowRecord {
  return { id: 'etl', name: 'ETL', version: '1', definition: '{"name":"ETL"}', registeredAt: AT, ...fields }
}

/** An engine without its lease. */
export function anEngine(fields: Partial<EngineRecord> = {}): Omit<EngineRecord, 'leaseUntil'> {
  const { id = 'eng_1', host = 'box', pid = 4711, startedAt = AT } = fields
  return { id, host, pid, startedAt }
}

/** Proof of {@link aHeldRun}. */
export function aFence(fields: Partial<Fence> = {}): Fence {
  return { runId: 'run_1', epoch: 1, engineId: 'eng_1', ...fields }
}

/** Creates a run. */
export function create(run: RunRecord, input: string | null = null): CreateRun {
  return { type: 'run.create', run, input }
}

/** Puts a task under the fence of {@link aHeldRun}. */
export function put(task: TaskRecord, fields: Partial<Omit<PutTask, 'type' | 'task'>> = {}): PutTask {
  return { type: 'task.put', ...aFence({ runId: task.runId }), task, progress: 0, ...fields }
}

/** Ends {@link aHeldRun} as succeeded. */
export function finish(fields: Partial<Omit<FinishRun, 'type'>> = {}): FinishRun {
  return {
    type: 'run.finish',
    ...aFence(),
    status: 'succeeded',
    finishedAt: AT + 100,
    progress: 1,
    result: null,
    error: null,
    ...fields,
  }
}

/** Appends lines to the log of `run_1` without a fence. */
export function append(lines: readonly LogLine[], fields: Partial<Omit<AppendLog, 'type' | 'lines'>> = {}): AppendLog {
  return { type: 'log.append', runId: 'run_1', fence: null, lines, ...fields }
}

/** Registers an engine for a time. */
export function lease(engineId: string, leaseMs: number): PutEngine {
  return { type: 'engine.put', engine: anEngine({ id: engineId }), leaseMs }
}

/** Claims `run_1` for `eng_2`. */
export function claim(fields: Partial<Omit<Extract<Change, { readonly type: 'run.claim' }>, 'type'>> = {}): Change {
  return { type: 'run.claim', runId: 'run_1', expectedEpoch: 0, engineId: 'eng_2', workerId: null, ...fields }
}
