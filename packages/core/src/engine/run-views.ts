/* Records as users see them. */
import type { FlowDefinition } from '../definition/flow.ts'
import type { SerializedError } from '../errors/serialized-error.ts'
import type { FoundWork } from '../journal/found-tasks.ts'
import type { LinePlace, LiveTask } from '../journal/live-tasks.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { LogRecord, RunRecord, TaskRecord } from '../storage/records.ts'
import type { EstimateView } from './progress/estimate-view.ts'
import type {
  ErrorView,
  FlowView,
  FoundView,
  LinePlaceView,
  LogView,
  ProgressView,
  RunView,
  TaskView,
} from './views.ts'

const MAX_SEGMENTS = 64

/** What a view has beside the record of its run. */
export interface RunViewFacts {
  readonly flowName: string
  /** When this engine holds the run. */
  readonly journal: RunJournal | undefined
  readonly estimate: EstimateView | null
}

/** A run as it is shown. */
export function toRunView(run: RunRecord, { flowName, journal, estimate }: RunViewFacts): RunView {
  return {
    id: run.id,
    flowId: run.flowId,
    flowName,
    flowVersion: run.flowVersion,
    status: run.status,
    reason: run.reason,
    configuration: run.configuration,
    trigger: run.trigger,
    createdAt: toText(run.createdAt),
    startedAt: toText(run.startedAt),
    finishedAt: toText(run.finishedAt),
    wakeAt: toText(run.wakeAt),
    epoch: run.epoch,
    workerId: run.workerId,
    progress: toProgressView(run, journal),
    estimate,
    error: toErrorView(run.error),
    cancelRequestedAt: toText(run.cancelRequestedAt),
    cancelReason: run.cancelReason,
    tags: run.tags,
    attributes: run.attributes,
    priority: run.priority,
    pausedAt: toText(run.pausedAt),
    parentRunId: run.parentRunId,
    retryOf: run.retryOf,
    attempt: run.attempt,
    nextRunId: run.nextRunId,
  }
}

function toProgressView(run: RunRecord, journal: RunJournal | undefined): ProgressView {
  // Rounded down, so that 100 is shown only at the end.
  const percent = Math.floor(run.progress * 1000) / 10
  const model = journal?.progress
  return {
    percent,
    done: run.tasksDone,
    total: Math.max(run.tasksDone, model?.total ?? 0),
    current: journal?.isOpen ? (model?.current ?? null) : null,
    segments: model?.segments((key) => journal?.live.fraction(key) ?? 0).slice(0, MAX_SEGMENTS) ?? [],
    found: toFoundView(journal?.foundTasks.newest ?? null),
  }
}

function toFoundView(found: FoundWork | null): FoundView | null {
  return found && { tasks: found.tasks, at: toText(found.at), text: `+${found.tasks.toLocaleString('en')} tasks found` }
}

/** Task records and running tasks of a run, in the order of their start. */
export function toTaskViews(records: Iterable<TaskRecord>, journal: RunJournal | undefined): TaskView[] {
  const live = journal?.liveTasks ?? new Map<string, LiveTask>()
  const recorded = [...records].map((record) => toTaskView(record, live.get(record.key), journal))
  const known = new Set(recorded.map(({ key }) => key))
  const running = [...live.values()].filter(({ key }) => !known.has(key)).map((task) => toLiveView(task, journal))
  return [...recorded, ...running]
}

/** One task as it is now; null when nothing is known of it. */
export function toTaskViewNow(journal: RunJournal, key: string): (() => TaskView) | null {
  const record = journal.records.get(key)
  const live = journal.live.find(key)
  if (record) return () => toTaskView(record, live, journal)
  return live ? () => toLiveView(live, journal) : null
}

function toTaskView(record: TaskRecord, live: LiveTask | undefined, journal: RunJournal | undefined): TaskView {
  // A record that is not final tells of the past; the running attempt tells of now.
  const isOfThisAttempt = record.status !== 'retrying' && record.attempt === live?.attempt
  if (live && record.position === null && (isOfThisAttempt || record.attempt < live.attempt))
    return toLiveView(live, journal)
  return {
    key: record.key,
    name: record.name,
    kind: record.kind,
    origin: record.origin,
    childRunId: record.childRunId,
    status: record.status,
    attempt: record.attempt,
    weight: record.weight,
    fraction: record.status === 'succeeded' ? 1 : 0,
    note: live?.note ?? null,
    estimatedMs: record.estimatedMs,
    remainingMs: null,
    startedAt: toText(record.startedAt),
    finishedAt: toText(record.finishedAt),
    wakeAt: toText(record.wakeAt),
    line: null,
    error: toErrorView(record.error),
  }
}

function toLiveView(task: LiveTask, journal: RunJournal | undefined): TaskView {
  const running = task.kind === 'sleep' ? 'sleeping' : 'running'
  return {
    key: task.key,
    name: task.name,
    kind: task.kind,
    origin: 'run',
    childRunId: null,
    status: task.place === null ? running : 'waiting',
    attempt: task.attempt,
    weight: task.weight,
    fraction: journal?.live.fraction(task.key) ?? 0,
    note: task.note,
    estimatedMs: task.estimatedMs,
    remainingMs: journal?.live.remainingMs(task.key) ?? null,
    startedAt: toText(task.startedAt),
    finishedAt: null,
    wakeAt: task.kind === 'sleep' && task.estimatedMs !== null ? toText(task.startedAt + task.estimatedMs) : null,
    line: toLinePlaceView(task.place?.() ?? null),
    error: null,
  }
}

function toLinePlaceView(at: LinePlace | null): LinePlaceView | null {
  if (at === null) return null
  const { limit, place } = at
  return { limit: limit.key, max: limit.max, perMs: 'perMs' in limit ? limit.perMs : null, place }
}

export function toLogView(line: LogRecord): LogView {
  return {
    seq: line.seq,
    at: toText(line.at),
    level: line.level,
    task: line.task,
    message: line.message,
    fields: line.fields === null ? null : (JSON.parse(line.fields) as LogView['fields']),
  }
}

/** @param facts What the definition does not say: who runs it, and how it can be triggered. */
export function toFlowView(
  definition: FlowDefinition,
  facts: Pick<FlowView, 'schedule' | 'workers' | 'configurations' | 'defaultConfiguration'>,
): FlowView {
  const { id, name, description, version, tags, plan, inputSchema } = definition
  return {
    id,
    name,
    description,
    version,
    tags,
    tasks: plan.map(({ isOpen: _isOpen, ...planned }) => planned),
    inputSchema,
    runsOn: definition.run === null ? 'worker' : 'engine',
    ...facts,
  }
}

function toErrorView(error: SerializedError | null): ErrorView | null {
  return error && { name: error.name, code: error.code, message: error.message }
}

function toText(instant: number): string
function toText(instant: number | null): string | null
function toText(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString()
}
