/**
 * HTTP API of the Perfect workflow engine: a router to mount in any Hono app, and a typed client.
 *
 * @packageDocumentation
 */

// The API.
export { createPerfectRouter } from './router.ts'
export type { ApiEnv, FailedRequest, RequestFacts, RouterOptions } from './api-context.ts'
export type { SourceOptions } from './auth/request-source.ts'
export { SCOPES, type Authenticator, type Principal, type Scope } from './auth/authenticator.ts'
export { API_VERSION } from './auth/access.ts'

// Its clients.
export { createPerfectClient, type PerfectClient, type PerfectClientOptions } from './perfect-client.ts'
export type * from './app-type.ts'
export type { Endpoint } from './route-types.ts'

// Who calls.
export { jwt, type JwtOptions } from './auth/jwt.ts'
export type { RateLimitOptions } from './auth/rate-limit.ts'
export { anyOf, bearerTokens, createToken, type NewToken, type TokenGrant } from './auth/tokens.ts'

// What they may do.
export { PERMIT_ACTIONS, type Permit, type PermitAction, type PermitQuestion } from './permit/permit.ts'

// What goes over the wire.
export { fromTaskColumns, type SparseColumn, type TaskColumns, type WordColumn } from './task-columns.ts'
export type { TaskListAnswer, TasksUrlQueryInput } from './schema/task-column-schemas.ts'
export type { FieldProblem, Problem } from './problem.ts'
export type { AlertParam, AlertRoutes } from './engine/alert-routes.ts'
export type { AuditInputs } from './audit/hidden-values.ts'
export type { AuditRoutes } from './engine/audit-routes.ts'
export type { HistogramUrlQueryInput } from './schema/histogram-schemas.ts'
export type { SeenParam, SeenRoutes } from './engine/seen-routes.ts'
export type { SeenBody } from './schema/seen-schemas.ts'
export type { ViewParam, ViewRoutes } from './engine/view-routes.ts'
export type { ViewAnswer, ViewBody } from './schema/view-schemas.ts'
export type { AuditUrlQueryInput } from './schema/audit-schemas.ts'
export type { AnalyticsRoutes } from './engine/analytics-routes.ts'
export type { ForecastRoutes } from './engine/forecast-routes.ts'
export type { OverviewRoutes } from './engine/overview-routes.ts'
export type * from './engine/run-route-types.ts'
export type * from './engine/schedule-route-types.ts'
export type { AlertAction, Can, FlowAction, WorkerAction } from './schema/action-schemas.ts'
export type { AlertAnswer, AlertsUrlQueryInput } from './schema/alert-schemas.ts'
export type { FailuresUrlQueryInput, SeriesUrlQueryInput } from './schema/analytics-schemas.ts'
export type { BulkAnswer, BulkView, SelectBody, SelectionAnswer, SelectionView } from './schema/bulk-schemas.ts'
export type { ClientBody, ClientLogsUrlQueryInput, DrainBody, WorkerAnswer } from './schema/client-schemas.ts'
export type { FlowAnswer, RegisterAnswer } from './schema/flow-schemas.ts'
export type { AddLogsAnswer, AddLogsBody, LogsUrlQueryInput } from './schema/log-schemas.ts'
export type { ForecastUrlQueryInput, SimulateBody } from './schema/forecast-schemas.ts'
export type { ListAnswer, PageQueryInput } from './schema/page-schema.ts'
export type { ApprovalBody, MatchedSignalBody, RetryBody, SignalBody } from './schema/run-action-schemas.ts'
export type { RunFilterUrlQueryInput, RunsUrlQueryInput } from './schema/run-query-schemas.ts'
export type {
  CancelBody,
  CancelReasonBody,
  EmptyBody,
  RunAnswer,
  RunListAnswer,
  TriggerAnswer,
  TriggerBody,
} from './schema/run-schemas.ts'
export type {
  FlowParameterInput,
  NewScheduleBody,
  PauseScheduleBody,
  ScheduleAnswer,
  ScheduleBody,
  SkipScheduleBody,
  TimesQueryInput,
} from './schema/schedule-schemas.ts'
export type { FlowVersionView, StatsUrlQueryInput } from './schema/stats-schemas.ts'
export type { Overview } from './schema/overview-schemas.ts'
export type { EngineInfo, Health, Ready } from './schema/system-schemas.ts'
