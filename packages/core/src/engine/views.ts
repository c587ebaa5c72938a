import type { ClientLogView, ClientView } from '../processes/client-view.ts'
import type {
  AttributeValue,
  LogLevel,
  RunStatus,
  RunTrigger,
  TaskKind,
  TaskStatus,
  WaitReason,
} from '../storage/records.ts'
import type { RunActionsView } from './action-views.ts'
import type { EstimateView } from './progress/estimate-view.ts'
import type { FlowScheduleView, ScheduleFired, ScheduleMissed, ScheduleView } from './schedules/views.ts'
/*
 * What users of the engine, the HTTP API and the dashboard see: plain JSON, instants as RFC 3339 text in UTC.
 * Fields are only added.
 */

export type * from './schedules/views.ts'
export type { ActionsView, ActionView } from '../errors/action-view.ts'
export type * from './action-views.ts'
export type { EstimateState, EstimateView } from './progress/estimate-view.ts'
export type {
  ClientAction,
  ClientLogPage,
  ClientLogView,
  ClientUsageView,
  ClientView,
} from '../processes/client-view.ts'

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Opaque place where the next page starts; null on the last page. */
  readonly nextCursor: string | null
}

/** A page of runs, the newest first. */
export interface RunPage extends Page<RunView> {
  /** Opaque place where the page before starts, with newer runs; null on the first page. */
  readonly prevCursor: string | null
}

/** A task that a flow plans. */
export interface PlannedTaskView {
  readonly name: string
  readonly weight: number
  readonly estimatedMs: number | null
}

/** A past run in one bar of a chart. */
export interface RecentRunView {
  readonly id: string
  readonly status: RunStatus
  readonly durationMs: number | null
}

/** A registered flow. */
export interface FlowView {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly version: string
  readonly tags: readonly string[]
  readonly tasks: readonly PlannedTaskView[]
  /** Of its schedules, the one that comes next. */
  readonly schedule: FlowScheduleView | null
  /** JSON Schema of the input, when known. */
  readonly inputSchema: Readonly<Record<string, unknown>> | null
  /** `engine`: its code is in this process; `worker`: remote workers run it. */
  readonly runsOn: 'engine' | 'worker'
  /** Connected workers that can run it; 0 for flows of the engine. */
  readonly workers: number
  /** Names of the configurations it can be triggered with. */
  readonly configurations: readonly string[]
  readonly defaultConfiguration: string
}

/** One part of the progress bar: a planned task, or a group of tasks. */
export interface SegmentView {
  readonly name: string
  /** Its share of the bar is this over the sum of all. Range: > 0. */
  readonly weight: number
  /** Range: 0..1. */
  readonly fraction: number
  readonly status: 'pending' | 'running' | 'retrying' | 'succeeded' | 'failed'
}

/** Weighted progress. */
export interface ProgressView {
  /** Work done. Unit: percent, one decimal. Range: 0..100. Never falls; 100 only on success. */
  readonly percent: number
  /** Tasks that have ended. */
  readonly done: number
  /** Tasks known so far, planned ones included. */
  readonly total: number
  /** What runs now; null when nothing does. */
  readonly current: string | null
  /** Empty for runs that are not held by this engine. At most 64. */
  readonly segments: readonly SegmentView[]
  /** Work that the run found last; null when it has found none, and for runs that are not held by this engine. */
  readonly found: FoundView | null
}

/** Work that a run has found on its way: the bar goes on more slowly from then on, it never goes back. */
export interface FoundView {
  /** Range: >= 2. */
  readonly tasks: number
  readonly at: string
  /** For people: `+12 tasks found`. */
  readonly text: string
}

/** An error for people. */
export interface ErrorView {
  readonly name: string
  readonly code: string | null
  readonly message: string
}

/** A run. */
export interface RunView {
  readonly id: string
  readonly flowId: string
  readonly flowName: string
  readonly flowVersion: string
  readonly status: RunStatus
  readonly reason: WaitReason | null
  readonly configuration: string
  readonly trigger: RunTrigger
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
  readonly wakeAt: string | null
  /** Number of times the run was taken up; 1 for a run without crash or parking. */
  readonly epoch: number
  readonly workerId: string | null
  readonly progress: ProgressView
  /** How long it still takes. null once it has ended, and where it would have to be read: ask for the run itself. */
  readonly estimate: EstimateView | null
  readonly error: ErrorView | null
  readonly cancelRequestedAt: string | null
  readonly cancelReason: string | null
  /** Words it is found by. */
  readonly tags: readonly string[]
  /** Facts it is found by. */
  readonly attributes: Readonly<Record<string, AttributeValue>>
  /** Larger goes first. Range: -10..10. */
  readonly priority: number
  /** Since when it is to pause. */
  readonly pausedAt: string | null
  /** The run whose flow called this one. */
  readonly parentRunId: string | null
  /** The run that this one tries again. */
  readonly retryOf: string | null
  /** Which attempt it is by the `retry` option of its flow. Range: >= 1. */
  readonly attempt: number
  /** The next attempt, which goes on in place of this run. */
  readonly nextRunId: string | null
}

/** Where a task waits in line that needs a place of a limit. */
export interface LinePlaceView {
  /** `task:<name>` or, for a rate, `task-rate:<name>`; with a key `task:<name>:<key>`. */
  readonly limit: string
  /** Calls at a time, or starts in any stretch of `perMs`. Range: >= 1. */
  readonly max: number
  /** Unit: ms. null for a limit of calls at a time. */
  readonly perMs: number | null
  /** Its place among the calls of the same engine; 1 is next. Range: >= 1. */
  readonly place: number
}

/** A task of a run. */
export interface TaskView {
  readonly key: string
  readonly name: string
  readonly kind: TaskKind
  /** `cache`: the value was found, the task did not run; `copied`: it was taken over from the run that this one tries again. */
  readonly origin: 'run' | 'cache' | 'copied'
  readonly status: TaskStatus
  readonly attempt: number
  readonly weight: number
  readonly fraction: number
  /** The run that this call started. */
  readonly childRunId: string | null
  /** Last note given with the progress. */
  readonly note: string | null
  readonly estimatedMs: number | null
  /** What it is expected to need yet while it runs, from how far it says it is, or else from how long it usually takes. Unit: ms. null when nothing tells. */
  readonly remainingMs: number | null
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly wakeAt: string | null
  /** What it waits in line for, while its status is `waiting`; null when it needs no place. */
  readonly line: LinePlaceView | null
  readonly error: ErrorView | null
}

/** A run with everything that is known of it. */
export interface RunDetailView {
  readonly run: RunView
  readonly tasks: readonly TaskView[]
  /** Input and result as JSON; structured values carry a `$type`. null when there is none. */
  readonly input: unknown
  readonly result: unknown
  readonly logLines: number
  /** What can be done with it now, and why not. */
  readonly can: RunActionsView
}

/** A log line of a run. */
export interface LogView {
  readonly seq: number
  readonly at: string
  readonly level: LogLevel
  readonly task: string | null
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>> | null
}

/** A remote worker. */
export interface WorkerView {
  readonly id: string
  readonly name: string
  readonly status: 'online' | 'draining' | 'suspect' | 'offline'
  readonly carrier: 'websocket' | 'http'
  readonly flows: readonly string[]
  readonly slots: number
  readonly busy: number
  readonly connectedAt: string
  readonly lastSeenAt: string
  readonly sdk: string
}

/** Every live event with its data. Published after the commit it reports. */
export interface EngineEvents {
  /** A run was triggered. A `run.updated` follows. */
  'run.triggered': RunView
  /** A run was created or changed. */
  'run.updated': RunView
  /** An ended run was forgotten. */
  'run.removed': { readonly id: string; readonly flowId: string }
  /** A task of a run started, progressed, retried or ended. */
  'task.updated': { readonly runId: string; readonly flowId: string; readonly task: TaskView }
  /** Lines were added to the log of a run. */
  'log.appended': { readonly runId: string; readonly flowId: string; readonly lines: readonly LogView[] }
  /** A flow was registered or changed. */
  'flow.updated': FlowView
  /** A flow was unregistered. */
  'flow.removed': { readonly id: string }
  /** A schedule was made or changed, or one of its times was dealt with. */
  'schedule.updated': ScheduleView
  /** A schedule that was made while the engine ran was removed. */
  'schedule.removed': { readonly id: string; readonly flowId: string }
  /** A time of a schedule has got its run. */
  'schedule.fired': ScheduleFired
  /** Times of a schedule got no run. */
  'schedule.missed': ScheduleMissed
  /** A client process changed its state; `logs` is empty here. */
  'client.updated': ClientView
  /** A client process wrote lines. */
  'client.log': { readonly id: string; readonly lines: readonly ClientLogView[] }
  /** A worker came, went or changed. */
  'worker.updated': WorkerView
}

/** Name of a live event. */
export type EngineEventName = keyof EngineEvents

/** A live event in the engine's ring of recent ones. */
export interface EngineEvent<N extends EngineEventName = EngineEventName> {
  /** `<engine id>:<n>`; n grows by one with each event. */
  readonly id: string
  readonly type: N
  readonly data: EngineEvents[N]
}
