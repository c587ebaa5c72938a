/*
 * Which column holds which field. Statements and the reading of rows are made from these lists, so that a field is named once.
 */
import type { SerializedError } from '../../errors/serialized-error.ts'
import type { EngineRecord, FlowRecord, LogRecord, RunRecord, RunTrigger, TaskRecord } from '../records.ts'
import type { Cell, Row } from './database.ts'

/** Pairs of column and field. */
type Columns<Field extends string> = readonly (readonly [column: string, field: Field])[]

type RunField = Exclude<keyof RunRecord, 'trigger' | 'error'>

const RUN_COLUMNS: Columns<RunField> = [
  ['id', 'id'],
  ['flow_id', 'flowId'],
  ['flow_version', 'flowVersion'],
  ['configuration', 'configuration'],
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
  ['attempt', 'attempt'],
  ['epoch', 'epoch'],
  ['position', 'position'],
  ['weight', 'weight'],
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

/** What SELECT and RETURNING name, so that {@link readRun} can make a record of the row. */
export const RUN_FIELDS: string = `${aliases(RUN_COLUMNS)}, trigger_kind AS triggerKind, trigger_by AS triggerBy, error`
/** Column names in the order of {@link runCells}. */
export const RUN_NAMES: string = `${names(RUN_COLUMNS)}, trigger_kind, trigger_by, error`
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
/** What SELECT names for an engine record. */
export const ENGINE_FIELDS: string = aliases(ENGINE_COLUMNS)
/** Column names of an engine record. */
export const ENGINE_NAMES: string = names(ENGINE_COLUMNS)

/** The cells of a run, in the order of {@link RUN_NAMES}. */
export function runCells(run: RunRecord): Cell[] {
  const cells: Cell[] = RUN_COLUMNS.map(([, field]) => run[field])
  cells.push(run.trigger.kind, run.trigger.by, errorCell(run.error))
  return cells
}

/** The cells of a task, in the order of {@link TASK_NAMES}. */
export function taskCells(task: TaskRecord): Cell[] {
  const cells: Cell[] = TASK_COLUMNS.map(([, field]) => task[field])
  cells.push(errorCell(task.error))
  return cells
}

/** A stored error. */
export function errorCell(error: SerializedError | null): Cell {
  return error === null ? null : JSON.stringify(error)
}

/** The run of a row with {@link RUN_FIELDS}. */
export function readRun(row: Row): RunRecord {
  const { triggerKind, triggerBy, error, ...rest } = row
  const trigger = { kind: triggerKind, by: triggerBy } as RunTrigger
  // The columns are those of RUN_COLUMNS, whose fields are checked against the record.
  return { ...(rest as unknown as Omit<RunRecord, 'trigger' | 'error'>), trigger, error: readError(error) }
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
