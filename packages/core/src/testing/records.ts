/*
 * Records and changes for tests: everything has a value, and a test names only what it is about.
 */
import type { AppendLog, AwaitSignal, PutEngine, PutTask, SendSignal, TakeSlots } from '../storage/changes.ts'
import type {
  EngineRecord,
  FlowRecord,
  LogLine,
  RunRecord,
  ScheduleRecord,
  SignalRecord,
  TaskRecord,
} from '../storage/records.ts'
import type { CancelRun, ClaimRun, CreateRun, Fence, FinishRun, Limit, UpdateRun } from '../storage/run-changes.ts'

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
    tags: [],
    attributes: {},
    priority: 0,
    queueAt: AT,
    limitKey: null,
    gate: null,
    dedupeKey: null,
    parentRunId: null,
    parentKey: null,
    retryOf: null,
    attempt: 1,
    nextRunId: null,
    scheduleId: null,
    fingerprint: null,
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
    undoTasks: 0,
    epochsWithoutProgress: 0,
    pausedAt: null,
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
    origin: 'run',
    seq: 1,
    attempt: 1,
    epoch: 1,
    args: null,
    childRunId: null,
    position: 1,
    weight: 1,
    progress: 0,
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

/** A schedule of `etl` in its first revision. */
export function aSchedule(fields: Partial<ScheduleRecord> = {}): ScheduleRecord {
  return {
    id: 'sch_1',
    flowId: 'etl',
    origin: 'code',
    definition: '{"every":"1h"}',
    pausedAt: null,
    pausedUntil: null,
    skips: 0,
    handledAt: AT,
    revision: 1,
    ...fields,
  }
}

/** A signal `ready` to `run_1` that nobody has taken. */
export function aSignal(fields: Partial<SignalRecord> = {}): SignalRecord {
  return {
    id: 'sig_1',
    name: 'ready',
    runId: 'run_1',
    match: null,
    value: '{"ok":true}',
    sentAt: AT,
    by: null,
    takenBy: null,
    ...fields,
  }
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
export function create(
  run: RunRecord,
  input: string | null = null,
  fields: Pick<CreateRun, 'collapse' | 'copyTasks'> = {},
): CreateRun {
  return { type: 'run.create', run, input, ...fields }
}

/** Changes fields of {@link aHeldRun}. */
export function update(patch: UpdateRun['patch'], fields: Partial<Omit<UpdateRun, 'type' | 'patch'>> = {}): UpdateRun {
  return { type: 'run.update', ...aFence(), patch, ...fields }
}

/** Gives {@link aHeldRun} back as waiting for something. */
export function park(
  patch: UpdateRun['patch'] = {},
  fields: Partial<Omit<UpdateRun, 'type' | 'patch'>> = {},
): UpdateRun {
  return update({ status: 'waiting', reason: 'signal', engineId: null, workerId: null, ...patch }, fields)
}

/** Asks for the end of `run_1`. */
export function cancel(fields: Partial<Omit<CancelRun, 'type'>> = {}): CancelRun {
  return { type: 'run.cancel', runId: 'run_1', at: AT + 50, reason: null, ...fields }
}

/** Takes slots for a task of {@link aHeldRun}. */
export function take(limits: readonly Limit[], fields: Partial<Omit<TakeSlots, 'type' | 'limits'>> = {}): TakeSlots {
  return { type: 'slots.take', ...aFence(), task: 'extract#1', limits, ...fields }
}

/** Sends a signal. */
export function send(fields: Partial<SignalRecord> = {}): SendSignal {
  return { type: 'signal.send', signal: aSignal(fields) }
}

/** Waits for the signal `ready` on behalf of a task of {@link aHeldRun}. */
export function wait(fields: Partial<Omit<AwaitSignal, 'type'>> = {}): AwaitSignal {
  return { type: 'signal.await', ...aFence(), task: 'wait#1', name: 'ready', match: null, ...fields }
}

/** Puts a task under the fence of {@link aHeldRun}. */
export function put(task: TaskRecord, fields: Partial<Omit<PutTask, 'type' | 'task'>> = {}): PutTask {
  return { type: 'task.put', ...aFence({ runId: task.runId }), task, ...fields }
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
export function claim(fields: Partial<Omit<ClaimRun, 'type'>> = {}): ClaimRun {
  return { type: 'run.claim', runId: 'run_1', expectedEpoch: 0, engineId: 'eng_2', workerId: null, ...fields }
}
