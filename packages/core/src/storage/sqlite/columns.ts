/*
 * Which column holds which field. Statements and the reading of rows are made from these lists, so that a field is named once.
 */
import type { SerializedError } from '../../errors/serialized-error.ts'
import type {
  EngineRecord,
  FlowRecord,
  FlowVersionRecord,
  LogRecord,
  RunRecord,
  RunTrigger,
  ScheduleRecord,
  TaskRecord,
} from '../records.ts'
import type { Cell, Row } from './database.ts'
import { UsualRow } from './usual-row.ts'

/** Pairs of column and field. */
type Columns<Field extends string> = readonly (readonly [column: string, field: Field])[]

type RunField = Exclude<keyof RunRecord, 'trigger' | 'tags' | 'attributes' | 'error'>

const RUN_COLUMNS: Columns<RunField> = [
  ['id', 'id'],
  ['flow_id', 'flowId'],
  ['flow_version', 'flowVersion'],
  ['configuration', 'configuration'],
  ['priority', 'priority'],
  ['queue_at', 'queueAt'],
  ['limit_key', 'limitKey'],
  ['gate', 'gate'],
  ['dedupe_key', 'dedupeKey'],
  ['parent_run_id', 'parentRunId'],
  ['parent_key', 'parentKey'],
  ['retry_of', 'retryOf'],
  ['attempt', 'attempt'],
  ['next_run_id', 'nextRunId'],
  ['schedule_id', 'scheduleId'],
  ['fingerprint', 'fingerprint'],
  ['status', 'status'],
  ['reason', 'reason'],
  ['created_at', 'createdAt'],
  ['started_at', 'startedAt'],
  ['finished_at', 'finishedAt'],
  ['wake_at', 'wakeAt'],
  ['epoch', 'epoch'],
  ['engine_id', 'engineId'],
  ['worker_id', 'workerId'],
  ['progress', 'progress'],
  ['tasks_done', 'tasksDone'],
  ['epochs_without_progress', 'epochsWithoutProgress'],
  ['paused_at', 'pausedAt'],
  ['undo_tasks', 'undoTasks'],
  ['cancel_requested_at', 'cancelRequestedAt'],
  ['cancel_reason', 'cancelReason'],
  ['idempotency_key', 'idempotencyKey'],
  ['worker_event_seq', 'workerEventSeq'],
  ['worker_log_seq', 'workerLogSeq'],
]

const TASK_COLUMNS: Columns<Exclude<keyof TaskRecord, 'error'>> = [
  ['run_id', 'runId'],
  ['key', 'key'],
  ['name', 'name'],
  ['kind', 'kind'],
  ['status', 'status'],
  ['origin', 'origin'],
  ['seq', 'seq'],
  ['attempt', 'attempt'],
  ['epoch', 'epoch'],
  ['args', 'args'],
  ['child_run_id', 'childRunId'],
  ['position', 'position'],
  ['weight', 'weight'],
  ['progress', 'progress'],
  ['estimated_ms', 'estimatedMs'],
  ['started_at', 'startedAt'],
  ['finished_at', 'finishedAt'],
  ['wake_at', 'wakeAt'],
  ['value', 'value'],
]

const LOG_COLUMNS: Columns<keyof LogRecord> = [
  ['run_id', 'runId'],
  ['seq', 'seq'],
  ['at', 'at'],
  ['level', 'level'],
  ['task', 'task'],
  ['message', 'message'],
  ['fields', 'fields'],
]

const FLOW_COLUMNS: Columns<keyof FlowRecord> = [
  ['id', 'id'],
  ['name', 'name'],
  ['version', 'version'],
  ['definition', 'definition'],
  ['registered_at', 'registeredAt'],
]

const VERSION_COLUMNS: Columns<keyof FlowVersionRecord> = [
  ['flow_id', 'flowId'],
  ['version', 'version'],
  ['fingerprint', 'fingerprint'],
  ['first_seen_at', 'firstSeenAt'],
  ['last_seen_at', 'lastSeenAt'],
]

const SCHEDULE_COLUMNS: Columns<keyof ScheduleRecord> = [
  ['id', 'id'],
  ['flow_id', 'flowId'],
  ['origin', 'origin'],
  ['definition', 'definition'],
  ['paused_at', 'pausedAt'],
  ['paused_until', 'pausedUntil'],
  ['skips', 'skips'],
  ['handled_at', 'handledAt'],
  ['revision', 'revision'],
]

const ENGINE_COLUMNS: Columns<keyof EngineRecord> = [
  ['id', 'id'],
  ['host', 'host'],
  ['pid', 'pid'],
  ['started_at', 'startedAt'],
  ['lease_until', 'leaseUntil'],
]

const names = (columns: Columns<string>): string => columns.map(([column]) => column).join(', ')
const aliases = (columns: Columns<string>): string =>
  columns.map(([column, field]) => `${column} AS ${field}`).join(', ')

const fields = <Field extends string>(columns: Columns<Field>): readonly Field[] => columns.map(([, field]) => field)
const RUN_KEYS = fields(RUN_COLUMNS)
const TASK_KEYS = fields(TASK_COLUMNS)

/** What SELECT and RETURNING name, so that {@link readRun} can make a record of the row. */
export const RUN_FIELDS: string = `${aliases(RUN_COLUMNS)}, trigger_kind AS triggerKind, trigger_by AS triggerBy, tags, attributes, error`
/** Column names in the order of {@link runCells}. */
export const RUN_NAMES: string = `${names(RUN_COLUMNS)}, trigger_kind, trigger_by, tags, attributes, error`
/** What SELECT names for {@link readTask}. */
export const TASK_FIELDS: string = `${aliases(TASK_COLUMNS)}, error`
/** Column names in the order of {@link taskCells}. */
export const TASK_NAMES: string = `${names(TASK_COLUMNS)}, error`
/** What SELECT names for a log record. */
export const LOG_FIELDS: string = aliases(LOG_COLUMNS)
/** Column names of a log record. */
export const LOG_NAMES: string = names(LOG_COLUMNS)
/** What SELECT names for a flow record. */
export const FLOW_FIELDS: string = aliases(FLOW_COLUMNS)
/** Column names of a flow record. */
export const FLOW_NAMES: string = names(FLOW_COLUMNS)
/** What SELECT names for a flow version. */
export const VERSION_FIELDS: string = aliases(VERSION_COLUMNS)
/** What SELECT names for a schedule. */
export const SCHEDULE_FIELDS: string = aliases(SCHEDULE_COLUMNS)
/** Column names in the order of {@link scheduleCells}. */
export const SCHEDULE_NAMES: string = names(SCHEDULE_COLUMNS)
/** What SELECT names for an engine record. */
export const ENGINE_FIELDS: string = aliases(ENGINE_COLUMNS)
/** Column names of an engine record. */
export const ENGINE_NAMES: string = names(ENGINE_COLUMNS)

/** A run that its engine holds from its first moment on, without anything special. */
export const USUAL_RUN: UsualRow = new UsualRow(RUN_NAMES.split(', '), {
  priority: 0,
  limit_key: null,
  gate: null,
  dedupe_key: null,
  parent_run_id: null,
  parent_key: null,
  retry_of: null,
  attempt: 1,
  next_run_id: null,
  schedule_id: null,
  status: 'running',
  reason: null,
  finished_at: null,
  wake_at: null,
  epoch: 1,
  worker_id: null,
  progress: 0,
  tasks_done: 0,
  epochs_without_progress: 1,
  paused_at: null,
  undo_tasks: 0,
  cancel_requested_at: null,
  cancel_reason: null,
  idempotency_key: null,
  worker_event_seq: 0,
  worker_log_seq: 0,
  tags: null,
  attributes: null,
  error: null,
})

/** A task that succeeded at its first attempt. */
export const USUAL_TASK: UsualRow = new UsualRow(TASK_NAMES.split(', '), {
  kind: 'task',
  status: 'succeeded',
  origin: 'run',
  attempt: 1,
  epoch: 1,
  child_run_id: null,
  estimated_ms: null,
  wake_at: null,
  error: null,
})

/** The cells of a run, in the order of {@link RUN_NAMES}. */
export function runCells(run: RunRecord): Cell[] {
  const cells: Cell[] = RUN_KEYS.map((field) => run[field])
  const tags = run.tags.length === 0 ? null : JSON.stringify(run.tags)
  const attributes = Object.keys(run.attributes).length === 0 ? null : JSON.stringify(run.attributes)
  cells.push(run.trigger.kind, run.trigger.by, tags, attributes, errorCell(run.error))
  return cells
}

/** The cells of a task, in the order of {@link TASK_NAMES}. */
export function taskCells(task: TaskRecord): Cell[] {
  const cells: Cell[] = TASK_KEYS.map((field) => task[field])
  cells.push(errorCell(task.error))
  return cells
}

/** The cells of a schedule, in the order of {@link SCHEDULE_NAMES}. */
export function scheduleCells(schedule: ScheduleRecord): Cell[] {
  return SCHEDULE_COLUMNS.map(([, field]) => schedule[field])
}

/** A stored error. */
export function errorCell(error: SerializedError | null): Cell {
  return error === null ? null : JSON.stringify(error)
}

/** The run of a row with {@link RUN_FIELDS}. */
export function readRun(row: Row): RunRecord {
  const { triggerKind, triggerBy, tags, attributes, error, ...rest } = row
  return {
    // The columns are those of RUN_COLUMNS, whose fields are checked against the record.
    ...(rest as unknown as Pick<RunRecord, RunField>),
    trigger: { kind: triggerKind, by: triggerBy } as RunTrigger,
    tags: typeof tags === 'string' ? (JSON.parse(tags) as RunRecord['tags']) : [],
    attributes: typeof attributes === 'string' ? (JSON.parse(attributes) as RunRecord['attributes']) : {},
    error: readError(error),
  }
}

/** The task of a row with {@link TASK_FIELDS}. */
export function readTask(row: Row): TaskRecord {
  const { error, ...rest } = row
  return { ...(rest as unknown as Omit<TaskRecord, 'error'>), error: readError(error) }
}

/** Placeholders for so many cells. */
export function placeholders(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ')
}

function readError(cell: Cell | undefined): SerializedError | null {
  return typeof cell === 'string' ? (JSON.parse(cell) as SerializedError) : null
}
