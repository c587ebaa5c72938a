import type { FailureGroupView, Page, RunHistogram, RunSeries } from '@perfect/core'
import { Hono } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { answerTagged } from '../conditional.ts'
import { openCursor, sealCursor } from '../cursors.ts'
import { readableFlows } from '../permit/flow-guard.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { declared, type Endpoint } from '../route-types.ts'
import {
  failurePageSchema,
  failuresQuerySchema,
  runSeriesSchema,
  seriesQuerySchema,
  type FailuresUrlQueryInput,
  type SeriesUrlQueryInput,
} from '../schema/analytics-schemas.ts'
import { histogramQuerySchema, histogramSchema, type HistogramUrlQueryInput } from '../schema/histogram-schemas.ts'
import { toRunsFilter, withinReadable } from './runs-filter.ts'
import { instantOf } from './stats-routes.ts'

/** Routes of figures over time and of failures. */
export type AnalyticsRoutes = {
  '/engine/stats/series': { $get: Endpoint<{ query?: SeriesUrlQueryInput }, RunSeries> }
  '/engine/runs/histogram': { $get: Endpoint<{ query?: HistogramUrlQueryInput }, RunHistogram> }
  '/engine/failures': { $get: Endpoint<{ query?: FailuresUrlQueryInput }, Page<FailureGroupView>> }
}

/** Figures over time, and why runs failed: from what is counted when runs end, so no run is read. */
export function analyticsRoutes({ engine, access }: ApiContext): Hono<ApiEnv, AnalyticsRoutes> {
  return declared<AnalyticsRoutes>()(
    new Hono<ApiEnv>()
      .get(
        ROUTES.getStatsSeries.path,
        access('getStatsSeries', runSeriesSchema),
        query(seriesQuerySchema),
        async (c) => {
          const { flow, from, to, bucket } = c.req.valid('query')
          const series = await engine.getRunSeries({
            bucket,
            ...(await readableFlows(c)),
            ...(flow !== undefined && { flow }),
            ...(from !== undefined && { from: instantOf('from', from) }),
            ...(to !== undefined && { to: instantOf('to', to) }),
          })
          return answerTagged(c, series)
        },
      )
      .get(
        ROUTES.getRunHistogram.path,
        access('getRunHistogram', histogramSchema),
        query(histogramQuerySchema),
        async (c) => {
          const { bars, ...asked } = c.req.valid('query')
          const filter = await withinReadable(c, toRunsFilter(engine, asked))
          return answerTagged(c, await engine.getRunHistogram({ ...filter, bars }))
        },
      )
      .get(
        ROUTES.listFailures.path,
        access('listFailures', failurePageSchema),
        query(failuresQuerySchema),
        async (c) => {
          const { flow, since, limit, cursor } = c.req.valid('query')
          const asked = { flow, since }
          const page = await engine.getFailures({
            limit,
            ...(await readableFlows(c)),
            ...(flow !== undefined && { flow }),
            ...(since !== undefined && { since: instantOf('since', since) }),
            ...(cursor !== undefined && { cursor: openCursor(asked, cursor) }),
          })
          return answerTagged(c, { ...page, nextCursor: sealCursor(asked, page.nextCursor) })
        },
      ),
  )
}
