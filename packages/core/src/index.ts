/**
 * Durable workflows inside your own Node process.
 *
 * @packageDocumentation
 */

// What users write.
export { current } from './definition/ambient.ts'
export { approval, waitFor, type Approval, type ApprovalOptions, type WaitForOptions } from './definition/waits.ts'
export { all, scope, sleep, step, type StepOptions } from './definition/flow-calls.ts'
export type { FlowContext } from './definition/flow-context.ts'
export type { MapOptions, SettleOptions } from './definition/flow-scope.ts'
export { map, type SettledMapOptions } from './definition/map-call.ts'
export type { ChildOptions } from './definition/child-options.ts'
export {
  flow,
  type Flow,
  type FlowDefinition,
  type FlowOptions,
  type FlowOptionsWithInput,
  type PlannedTask,
  type PlannedTaskOptions,
} from './definition/flow.ts'
export { toFlowId } from './definition/names.ts'
export type { FlowRegistration, RemoteConcurrencyOptions } from './definition/remote-flow.ts'
export { workerFlow } from './definition/worker-flow.ts'
export type { FailureEvent, FlowHooks, HookEvent, HookedRun, SuccessEvent } from './definition/flow-hooks.ts'
export type { Middleware, RunMiddlewareContext, StretchEnd, TaskMiddlewareContext } from './definition/middleware.ts'
export type {
  FlowConcurrencyOptions,
  FlowLimits,
  KeyLimit,
  RateOptions,
  TaskConcurrencyOptions,
  TaskLimit,
  TaskRateOptions,
} from './definition/limits.ts'
export type { Retention, RetentionOptions } from './definition/retention.ts'
export type { RetryOptions, RetryPolicy } from './definition/retry.ts'
export {
  MISSED_POLICIES,
  OVERLAP_POLICIES,
  type CronSchedule,
  type IntervalSchedule,
  type MissedPolicy,
  type OnceSchedule,
  type OverlapPolicy,
  type ScheduleOptions,
  type ScheduleRules,
  type TimesSchedule,
} from './definition/schedules/schedule-options.ts'
export type { FlowSchedules, Schedule, Timing } from './definition/schedules/schedule.ts'
export type { SchemaInput, SchemaIssue, SchemaOutput, StandardSchema } from './definition/standard-schema.ts'
export type { LogFields, RunLog, TaskContext } from './definition/task-context.ts'
export type { CacheOptions, Task, TaskCache, TaskDefinition, TaskOptions } from './definition/task.ts'
export type { Configuration, ConfigurationChanges, ConfigurationOptions } from './definition/configuration.ts'

export { task, type ProcessTaskMaker, type TaskMaker } from './processes/task.ts'

// What runs it.
export type { BulkResult, RunSelection } from './engine/bulk-runs.ts'
export type { CancelOptions } from './engine/cancel-run.ts'
export { defaultEngine } from './engine/default-engine.ts'
export type { EngineOptions } from './engine/engine-options.ts'
export type { ErrorReporter, EventBus } from './engine/event-bus.ts'
export type { EngineHealth, EngineState, HealthReason } from './engine/engine-health.ts'
export type { RunExplanation } from './engine/explain-run.ts'
export { FlowEngine } from './engine/flow-engine.ts'
export type {
  FlowSimulation,
  PredictedCollision,
  PredictedRun,
  PredictScheduleQuery,
  SchedulePrediction,
} from './engine/forecast.ts'
export type { CheckVersionsQuery, VersionReport, VersionVerdict } from './engine/flow-versions.ts'
export type { LogInput, LogInputs } from './engine/log-input.ts'
export type { EngineLogger } from './engine/observability/engine-log.ts'
export type { EventLoopLag, EventLoopLagReader } from './engine/observability/event-loop-lag.ts'
export {
  HEALTH_CODES,
  HEALTH_STATUSES,
  type HealthCode,
  type HealthLimits,
  type HealthStatus,
} from './engine/observability/health-reasons.ts'
export type { ObservabilityOptions } from './engine/observability/observability.ts'
export type { ExpectedLength, RunTimeline, SimulatedTask } from './engine/progress/simulate-timeline.ts'
export { ESTIMATE_STATES } from './engine/progress/estimate-view.ts'
export type { RunHandle, RunProgress } from './engine/run-handle.ts'
export type { ReplayReport, VerifyReplayOptions } from './engine/replay-run.ts'
export type { RetryRunOptions } from './engine/retry-run.ts'
export type { LogsQuery, RunsQuery } from './engine/run-queries.ts'
export type { CheckSchedule, EngineSchedules, NewScheduleOptions } from './engine/schedules/engine-schedules.ts'
export type { AlertBase, AlertError, AlertEvent, AlertRun } from './engine/alerts/alert-event.ts'
export type { AlertsQuery, AlertView } from './engine/alerts/alert-queries.ts'
export type { EngineViews } from './engine/saved-views/engine-views.ts'
export type { EngineSeen } from './engine/seen/engine-seen.ts'
export type { News, Seen, SeenQuery } from './engine/seen/seen-types.ts'
export type {
  CheckView,
  SavedView,
  SavedViewOptions,
  SavedViewsQuery,
  ViewUser,
} from './engine/saved-views/view-types.ts'
export type { AuditLog, BegunAction } from './engine/audit/audit-log.ts'
export type { AuditChange, AuditEnd, AuditEntry, AuditLogQuery, AuditView } from './engine/audit/audit-view.ts'
export { AUDIT_OUTCOMES, type AuditFilter, type AuditOutcome, type AuditValues } from './storage/audit-records.ts'
export type { AlertHandlerContext, AlertRule, WebhookOptions } from './engine/alerts/alert-rules.ts'
export type { FailureGroupView, FailuresQuery } from './engine/analytics/failure-groups.ts'
export type { RunHistogram, RunHistogramBar, RunHistogramQuery } from './engine/analytics/run-histogram.ts'
export type { EstimateAccuracyView, RunSeries, RunSeriesPoint, RunSeriesQuery } from './engine/analytics/run-series.ts'
export type { DurationView, RunStatsQuery, RunStatsView } from './engine/run-statistics.ts'
export type { RunPlacing } from './engine/new-run.ts'
export type { PendingApproval } from './engine/pending-approvals.ts'
export type { ApprovalAnswer, SentSignal, SignalOptions } from './engine/send-signal.ts'
export type { RunsFilter, RunsValues } from './engine/runs-query.ts'
export type * from './engine/run-history-views.ts'
export type { StopOptions } from './engine/stop-engine.ts'
export type { TriggerOptions } from './engine/trigger-run.ts'
export type * from './engine/views.ts'
export type { WaitForRunOptions } from './engine/wait-for-run.ts'
export { WORKER_LIMITS, WORKER_PROTOCOL, type EngineMessage } from './engine/workers/messages.ts'
export type { PermitFlow } from './engine/workers/flow-announcement.ts'
export type { WorkerCarrier, WorkerSession } from './engine/workers/worker-session.ts'
export type { WorkerSessions } from './engine/workers/worker-sessions.ts'

export type { ReplayDifference } from './runner/replay-proof.ts'

// Errors.
export { ERROR_CODES, type ErrorCode } from './errors/codes.ts'
export { PerfectError, type ErrorDetails } from './errors/perfect-error.ts'
export { deserializeError, serializeError, type SerializedError } from './errors/serialized-error.ts'

// Ports, and what goes through them.
export type { Backoff } from './primitives/backoff.ts'
export { systemClock, type Clock } from './primitives/clock.ts'
export type { Duration } from './primitives/duration.ts'
export type { Settled } from './primitives/run-lanes.ts'
export { childProcessAdapter, type ChildProcessOptions } from './processes/child-process.ts'
export type { ClientLogsQuery, ClientProcesses } from './processes/client-processes.ts'
export type { ProcessLine } from './processes/process-lines.ts'
export type { LineReader } from './processes/process-output.ts'
export type { ProcessTaskOptions } from './processes/process-task.ts'
export type { ProcessResult } from './processes/run-process.ts'
export type * from './processes/process-adapter.ts'
export type * from './storage/alert-changes.ts'
export type * from './storage/audit-records.ts'
export type * from './storage/alert-reads.ts'
export type * from './storage/changes.ts'
export type * from './storage/figure-reads.ts'
export { memoryStorage, type MemoryStorageOptions } from './storage/memory/index.ts'
export * from './storage/records.ts'
export type * from './storage/run-changes.ts'
export * from './storage/seen-records.ts'
export type * from './storage/storage.ts'
export type * from './storage/view-records.ts'
