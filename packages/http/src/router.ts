/*
 * The HTTP API: every group of routes in one expression, so that typed clients see all of them. What each route is and needs stands in
 * `route-table.ts`.
 */
import type { FlowEngine } from '@perfect/core'
import { Hono } from 'hono'
import { routePath } from 'hono/route'
import type { ExtractSchema } from 'hono/types'

import type { ApiEnv, RouterOptions } from './api-context.ts'
import type { AppType } from './app-type.ts'
import { createCors } from './auth/cors.ts'
import { noteRouter } from './auth/open-routers.ts'
import { BulkActions } from './bulk-actions.ts'
import { clientLogDownloadRoute, clientRoutes } from './client/client-routes.ts'
import { createContext } from './create-context.ts'
import { alertRoutes } from './engine/alert-routes.ts'
import { analyticsRoutes } from './engine/analytics-routes.ts'
import { auditRoutes } from './engine/audit-routes.ts'
import { bulkRoutes, selectionRoutes } from './engine/bulk-routes.ts'
import { flowAliasRoutes, flowRemovalRoute, flowRoutes } from './engine/flow-routes.ts'
import { forecastRoutes } from './engine/forecast-routes.ts'
import { historyRoutes } from './engine/history-routes.ts'
import { logAliasRoute, logDownloadRoute, logRoutes } from './engine/log-routes.ts'
import { overviewRoutes } from './engine/overview-routes.ts'
import { runActionRoutes, runRemovalRoute } from './engine/run-action-routes.ts'
import { runRoutes } from './engine/run-routes.ts'
import {
  scheduleActionRoutes,
  scheduleRemovalRoute,
  scheduleRoutes,
  scheduleTimeRoutes,
} from './engine/schedule-routes.ts'
import { seenRoutes } from './engine/seen-routes.ts'
import { signalRoutes } from './engine/signal-routes.ts'
import { metricsRoute, statsRoutes } from './engine/stats-routes.ts'
import { viewRemovalRoute, viewRoutes } from './engine/view-routes.ts'
import { workerConnectRoute, workerListRoutes } from './engine/worker-list-routes.ts'
import { answerError, answerNotFound } from './error-answers.ts'
import { eventConnectRoute, eventRoutes } from './live/event-routes.ts'
import { openApiRoutes } from './openapi/openapi-routes.ts'
import { declared } from './route-types.ts'
import { systemRoutes } from './system/system-routes.ts'
import { workerSessionRoutes } from './workers/session-routes.ts'

/**
 * Makes the HTTP API of an engine, to mount in any Hono app under any prefix, or to serve as it is.
 *
 * Without options it is for the own machine: it answers only when it is called by a loopback name, and asks nobody who they are. Give
 * `authenticate` and `allowedHosts` for anything else.
 *
 * @example
 * ```ts
 * const app = new Hono()
 * app.route('/api', createPerfectRouter(engine))
 * ```
 */
export function createPerfectRouter(engine: FlowEngine, options: RouterOptions = {}): AppType {
  noteRouter(engine, options.authenticate !== undefined)
  const context = createContext(engine, options)
  const bulks = new BulkActions()
  const app = new Hono<ApiEnv>()
  app.onError((error, c) => answerError(c, error, context.report))
  app.use(createCors(options))
  app.notFound((c) => answerNotFound(c, context.report))
  const api = declared<ExtractSchema<AppType>>()(
    app
      .route('/', flowRoutes(context))
      // Before the routes of one run, whose id could be "histogram".
      .route('/', analyticsRoutes(context))
      .route('/', runRoutes(context))
      .route('/', runActionRoutes(context))
      .route('/', historyRoutes(context))
      .route('/', signalRoutes(context))
      .route('/', selectionRoutes(context, bulks))
      .route('/', bulkRoutes(context, bulks))
      .route('/', scheduleRoutes(context))
      .route('/', scheduleTimeRoutes(context))
      .route('/', scheduleActionRoutes(context))
      .route('/', statsRoutes(context))
      .route('/', alertRoutes(context))
      .route('/', auditRoutes(context))
      .route('/', viewRoutes(context))
      .route('/', seenRoutes(context))
      .route('/', forecastRoutes(context))
      .route('/', overviewRoutes(context))
      .route('/', runRemovalRoute(context))
      .route('/', flowRemovalRoute(context))
      .route('/', scheduleRemovalRoute(context))
      .route('/', viewRemovalRoute(context))
      .route('/', metricsRoute(context))
      .route('/', logRoutes(context))
      .route('/', logDownloadRoute(context))
      .route('/', clientLogDownloadRoute(context))
      .route('/', flowAliasRoutes(context))
      .route('/', logAliasRoute(context))
      .route('/', eventRoutes(context))
      .route('/', eventConnectRoute(context))
      // Before the routes of one worker, whose id could be "connect".
      .route('/', workerConnectRoute(context))
      .route('/', workerListRoutes(context))
      .route('/', workerSessionRoutes(context))
      .route('/', clientRoutes(context))
      .route('/', systemRoutes(context))
      .route(
        '/',
        openApiRoutes(context, () => app),
      ),
  )
  // Mounted at the root of a host, what is not ours may be the host's.
  app.all('*', (c, next) => (routePath(c) === '/*' ? next() : answerNotFound(c, context.report)))
  return api
}
