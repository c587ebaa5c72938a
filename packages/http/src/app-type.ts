import type {
  ClientView,
  FlowRegistration,
  FlowView,
  LogView,
  Page,
  RunDetailView,
  RunView,
  WorkerView,
} from '@perfect/core'
import type { Hono } from 'hono'
import type { BlankInput } from 'hono/types'
import type { StatusCode } from 'hono/utils/http-status'

import type { ApiEnv } from './api-context.ts'
import type { Endpoint } from './route-types.ts'
import type { ClientBody } from './schema/client-schemas.ts'
import type { FlowAnswer, RegisterAnswer } from './schema/flow-schemas.ts'
import type { AddLogsAnswer, AddLogsBody, LogsUrlQueryInput } from './schema/log-schemas.ts'
import type { PageQueryInput } from './schema/page-schema.ts'
import type { CancelBody, RunAnswer, RunsUrlQueryInput, TriggerBody } from './schema/run-schemas.ts'
import type { EngineInfo, Health, Ready } from './schema/system-schemas.ts'

/** Which events to follow. */
export interface EventsUrlQueryInput {
  /** `runs`, `flows`, `clients`, `workers`, `run:<id>`, `logs:<id>`, separated by commas. Default: all. */
  readonly topics?: string
  /** Go on after this event; the header `Last-Event-ID` says the same. */
  readonly lastEventId?: string
}

/** What stands in the path of the routes of one flow. */
export interface FlowParam {
  param: { flowId: string }
}

/** What stands in the path of the routes of one run. */
export interface RunParam {
  param: { runId: string }
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
  '/engine/flows': { $get: Endpoint<{ query?: PageQueryInput }, Page<FlowView>> }
  '/engine/flows/:flowId': { $get: Endpoint<FlowParam, FlowAnswer> }
  '/engine/register': { $post: Endpoint<{ json: FlowRegistration }, RegisterAnswer> }
}

/** Routes of runs. */
export type RunRoutes = {
  '/engine/trigger/:flowId': { $post: Endpoint<FlowParam & { json?: TriggerBody }, RunAnswer, 202> }
  '/engine/runs': { $get: Endpoint<{ query?: RunsUrlQueryInput }, Page<RunView>> }
  '/engine/runs/:runId': { $get: Endpoint<RunParam, RunDetailView> }
  '/engine/runs/:runId/cancel': { $post: Endpoint<RunParam & { json?: CancelBody }, RunAnswer, 202> }
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

/** Routes of remote workers, without those that only the SDKs speak. */
export type WorkerRoutes = {
  '/engine/workers': { $get: Endpoint<{ query?: PageQueryInput }, Page<WorkerView>> }
}

/** Routes of client processes. */
export type ClientRoutes = {
  '/client/start': { $post: Endpoint<{ json?: ClientBody }, Page<ClientView>> }
  '/client/stop': { $post: Endpoint<{ json?: ClientBody }, Page<ClientView>> }
  '/client/status': { $get: Endpoint<BlankInput, Page<ClientView>> }
}

/** Routes about the engine itself. */
export type SystemRoutes = {
  '/engine/info': { $get: Endpoint<BlankInput, EngineInfo> }
  '/health': { $get: Endpoint<BlankInput, Health> }
  '/ready': { $get: Endpoint<BlankInput, Ready> }
}

/** Every route that typed clients see. */
export type ApiRoutes = FlowRoutes & RunRoutes & LogRoutes & EventRoutes & WorkerRoutes & ClientRoutes & SystemRoutes

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
