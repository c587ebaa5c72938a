import { PerfectError, type FlowEngine, type RunStatsQuery } from '@perfect/core'
import { parseRunFilter } from '@perfect/core/filter'
import { Hono } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { answerTagged } from '../conditional.ts'
import { readableFlows, shownOf } from '../permit/flow-guard.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { declared } from '../route-types.ts'
import type { ListAnswer } from '../schema/page-schema.ts'
import {
  flowStatsQuerySchema,
  statsListSchema,
  statsQuerySchema,
  toVersionView,
  versionListSchema,
  versionReportSchema,
  type FlowVersionView,
  type StatsUrlQuery,
} from '../schema/stats-schemas.ts'
import type { StatsRoutes } from './schedule-route-types.ts'

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Figures about runs, by the hour, and the versions of flows. */
export function statsRoutes({ engine, access }: ApiContext): Hono<ApiEnv, StatsRoutes> {
  return declared<StatsRoutes>()(
    new Hono<ApiEnv>()
      .get(ROUTES.getStats.path, access('getStats', statsListSchema), query(statsQuerySchema), async (c) =>
        answerTagged(c, {
          items: await shownOf(c, await engine.getRunStats(toStatsQuery(c.req.valid('query')))),
        }),
      )
      .get(
        ROUTES.getFlowStats.path,
        access('getFlowStats', statsListSchema),
        query(flowStatsQuerySchema),
        async (c) => {
          const flow = flowIdOf(engine, c.req.param('flowId'))
          return answerTagged(c, { items: await engine.getRunStats(toStatsQuery({ ...c.req.valid('query'), flow })) })
        },
      )
      .get(ROUTES.listFlowVersions.path, access('listFlowVersions', versionListSchema), async (c) => {
        const versions = await engine.getFlowVersions(c.req.param('flowId'))
        const list: ListAnswer<FlowVersionView> = { items: versions.map(toVersionView) }
        return answerTagged(c, list)
      })
      .get(ROUTES.checkVersions.path, access('checkVersions', versionReportSchema), async (c) =>
        answerTagged(c, await engine.checkVersions(await readableFlows(c))),
      ),
  )
}

/** What the engine has counted, for Prometheus. */
export function metricsRoute({ engine, access }: ApiContext): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get(ROUTES.getMetrics.path, access('getMetrics'), async (c) =>
    c.body(await engine.metrics(), 200, { 'content-type': METRICS_TYPE }),
  )
}

function flowIdOf(engine: FlowEngine, idOrName: string): string {
  return engine.getFlow(idOrName).id
}

function toStatsQuery({ flow, since, until, bucketHours }: StatsUrlQuery): RunStatsQuery {
  const from = since === undefined ? undefined : instantOf('since', since)
  const before = until === undefined ? undefined : instantOf('until', until)
  return {
    bucketHours,
    ...(flow !== undefined && { flow }),
    ...(from !== undefined && { from }),
    ...(before !== undefined && { before }),
  }
}

/** An instant as filters write it. @throws {PerfectError} FILTER_INVALID */
export function instantOf(field: string, text: string): number {
  const { createdFrom } = parseRunFilter(`since:"${text.replaceAll(/["\\]/g, '\\$&')}"`)
  if (typeof createdFrom === 'number') return createdFrom
  throw new PerfectError('FILTER_INVALID', `"${field}" is no time. Write 2026-11-22T08:00:00Z or 24h.`)
}
