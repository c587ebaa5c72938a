import type {
  ClientAction,
  ClientLogView,
  ClientView,
  FlowRegistration,
  FlowView,
  LogView,
  Page,
  WorkerView,
} from '@perfect/core'
import type { Hono } from 'hono'
import type { BlankInput } from 'hono/types'
import type { StatusCode } from 'hono/utils/http-status'

import type { ApiEnv } from './api-context.ts'
import type { AlertRoutes } from './engine/alert-routes.ts'
import type { AnalyticsRoutes } from './engine/analytics-routes.ts'
import type { AuditRoutes } from './engine/audit-routes.ts'
import type { ForecastRoutes } from './engine/forecast-routes.ts'
import type { OverviewRoutes } from './engine/overview-routes.ts'
import type {
  FlowParam,
  HistoryRoutes,
  RunActionRoutes,
  RunParam,
  RunRoutes,
  SignalRoutes,
} from './engine/run-route-types.ts'
import type {
  BulkRoutes,
  ScheduleActionRoutes,
  ScheduleRoutes,
  ScheduleTimeRoutes,
  SelectionRoutes,
  StatsRoutes,
} from './engine/schedule-route-types.ts'
import type { SeenRoutes } from './engine/seen-routes.ts'
import type { ViewRoutes } from './engine/view-routes.ts'
import type { Endpoint } from './route-types.ts'
import type { Can, FlowAction, WorkerAction } from './schema/action-schemas.ts'
import type { ClientBody, ClientLogsUrlQueryInput, DrainBody, WorkerAnswer } from './schema/client-schemas.ts'
import type { FlowAnswer, RegisterAnswer } from './schema/flow-schemas.ts'
import type { AddLogsAnswer, AddLogsBody, LogsUrlQueryInput } from './schema/log-schemas.ts'
import type { PageQueryInput } from './schema/page-schema.ts'
import type { EngineInfo, Health, Ready } from './schema/system-schemas.ts'

/** Which events to follow. */
export interface EventsUrlQueryInput {
  /** `runs`, `flows`, `clients`, `workers`, `schedules`, `run:<id>`, `logs:<id>`, separated by commas. Default: all. */
  readonly topics?: string
  /** Go on after this event; the header `Last-Event-ID` says the same. */
  readonly lastEventId?: string
}

/** A route that answers with a stream, as `hc` knows it. */
export type StreamEndpoint<In> = {
  input: In
  output: object
  outputFormat: string
  status: StatusCode
}

/** Routes of flows. */
export type FlowRoutes = {
  '/engine/flows': { $get: Endpoint<{ query?: PageQueryInput }, Page<FlowView & Can<FlowAction>>> }
  '/engine/flows/:flowId': { $get: Endpoint<FlowParam, FlowAnswer> }
  '/engine/register': { $post: Endpoint<{ json: FlowRegistration }, RegisterAnswer> }
}

/** Routes of logs. */
export type LogRoutes = {
  '/engine/runs/:runId/logs': {
    $get: Endpoint<RunParam & { query?: LogsUrlQueryInput }, Page<LogView>>
    $post: Endpoint<RunParam & { json: AddLogsBody }, AddLogsAnswer, 202>
  }
}

/** The live stream. */
export type EventRoutes = {
  '/engine/events': { $get: StreamEndpoint<{ query?: EventsUrlQueryInput }> }
}

/** What stands in the path of the routes of one worker. */
export interface WorkerParam {
  param: { workerId: string }
}

/** Routes of remote workers, without those that only the SDKs speak. */
export type WorkerRoutes = {
  '/engine/workers': { $get: Endpoint<{ query?: PageQueryInput }, Page<WorkerView & Can<WorkerAction>>> }
  '/engine/workers/:workerId': { $get: Endpoint<WorkerParam, WorkerAnswer> }
  '/engine/workers/:workerId/drain': { $post: Endpoint<WorkerParam & { json?: DrainBody }, WorkerAnswer> }
}

/** Routes of client processes. */
export type ClientRoutes = {
  '/client/start': { $post: Endpoint<{ json?: ClientBody }, Page<ClientView & Can<ClientAction>>> }
  '/client/stop': { $post: Endpoint<{ json?: ClientBody }, Page<ClientView & Can<ClientAction>>> }
  '/client/restart': { $post: Endpoint<{ json?: ClientBody }, Page<ClientView & Can<ClientAction>>> }
  '/client/:id/logs': {
    $get: Endpoint<{ param: { id: string }; query?: ClientLogsUrlQueryInput }, Page<ClientLogView>>
  }
  '/client/status': { $get: Endpoint<BlankInput, Page<ClientView & Can<ClientAction>>> }
}

/** Routes about the engine itself. */
export type SystemRoutes = {
  '/engine/info': { $get: Endpoint<BlankInput, EngineInfo> }
  '/health': { $get: Endpoint<BlankInput, Health> }
  '/ready': { $get: Endpoint<BlankInput, Ready> }
}

/** Every route that typed clients see. */
export type ApiRoutes = FlowRoutes &
  RunRoutes &
  RunActionRoutes &
  HistoryRoutes &
  SignalRoutes &
  SelectionRoutes &
  BulkRoutes &
  ScheduleRoutes &
  ScheduleTimeRoutes &
  ScheduleActionRoutes &
  StatsRoutes &
  AnalyticsRoutes &
  AlertRoutes &
  AuditRoutes &
  ViewRoutes &
  SeenRoutes &
  ForecastRoutes &
  OverviewRoutes &
  LogRoutes &
  EventRoutes &
  WorkerRoutes &
  ClientRoutes &
  SystemRoutes

/**
 * Type of the whole API, for typed clients.
 *
 * @example
 * ```ts
 * import { hc } from 'hono/client'
 * const client = hc<AppType>('http://127.0.0.1:3000/api')
 * ```
 */
export type AppType = Hono<ApiEnv, ApiRoutes>
