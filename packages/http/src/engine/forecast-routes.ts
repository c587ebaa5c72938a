import type { FlowSimulation, SchedulePrediction } from '@perfect/core'
import { Hono, type Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { shownTo } from '../permit/flow-guard.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared, type Endpoint } from '../route-types.ts'
import {
  forecastQuerySchema,
  forecastSchema,
  simulateBodySchema,
  simulationSchema,
  type ForecastUrlQueryInput,
  type SimulateBody,
} from '../schema/forecast-schemas.ts'
import type { FlowParam } from './run-route-types.ts'

/** Routes of what is to come. */
export type ForecastRoutes = {
  '/engine/flows/:flowId/simulate': { $post: Endpoint<FlowParam & { json?: SimulateBody }, FlowSimulation> }
  '/engine/forecast': { $get: Endpoint<{ query?: ForecastUrlQueryInput }, SchedulePrediction> }
}

/** What is to come: nothing is run, and nothing is stored. */
export function forecastRoutes({ engine, access, optionalBody }: ApiContext): Hono<ApiEnv, ForecastRoutes> {
  return declared<ForecastRoutes>()(
    new Hono<ApiEnv>()
      .post(
        ROUTES.simulateFlow.path,
        access('simulateFlow', simulationSchema),
        optionalBody(simulateBodySchema),
        async (c) => answer(c, await engine.simulate(c.req.param('flowId'), c.req.valid('json')), 200),
      )
      .get(ROUTES.getForecast.path, access('getForecast', forecastSchema), query(forecastQuerySchema), async (c) => {
        const { from, to } = c.req.valid('query')
        const range = {
          ...(from !== undefined && { from: new Date(from) }),
          ...(to !== undefined && { to: new Date(to) }),
        }
        return answer(c, await shownOf(c, await engine.predictSchedule(range)), 200)
      }),
  )
}

async function shownOf(c: Context<ApiEnv>, { runs, collisions }: SchedulePrediction): Promise<SchedulePrediction> {
  const isShown = await shownTo(c)
  const schedules = new Map(runs.map(({ scheduleId, flowId }) => [scheduleId, flowId]))
  return {
    runs: runs.filter(isShown),
    // That the engine is full is nobody's secret.
    collisions: collisions.filter(
      ({ kind, id }) => id === null || isShown({ flowId: kind === 'schedule' ? (schedules.get(id) ?? '') : id }),
    ),
  }
}
