import type { AlertView, Page } from '@perfect/core'
import { Hono } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { answerTagged } from '../conditional.ts'
import { openCursor, sealCursor } from '../cursors.ts'
import { shownTo } from '../permit/flow-guard.ts'
import { alertFor } from '../permit/with-actions.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared, type Endpoint } from '../route-types.ts'
import type { AlertAction, Can } from '../schema/action-schemas.ts'
import {
  alertAnswerSchema,
  alertPageSchema,
  alertsQuerySchema,
  type AlertAnswer,
  type AlertsUrlQueryInput,
} from '../schema/alert-schemas.ts'
import { mapPage } from './list-page.ts'
import { readShown } from './read-shown.ts'

/** What stands in the path of the routes of one alert. */
export interface AlertParam {
  param: { alertId: string }
}

/** Routes of alerts. */
export type AlertRoutes = {
  '/engine/alerts': { $get: Endpoint<{ query?: AlertsUrlQueryInput }, Page<AlertView & Can<AlertAction>>> }
  '/engine/alerts/:alertId': { $get: Endpoint<AlertParam, AlertAnswer> }
  '/engine/alerts/:alertId/retry': { $post: Endpoint<AlertParam, AlertAnswer, 202> }
}

/** What was told to others, and what became of it. */
export function alertRoutes({ engine, access }: ApiContext): Hono<ApiEnv, AlertRoutes> {
  return declared<AlertRoutes>()(
    new Hono<ApiEnv>()
      .get(ROUTES.listAlerts.path, access('listAlerts', alertPageSchema), query(alertsQuerySchema), async (c) => {
        const { state, flow, limit, cursor } = c.req.valid('query')
        const asked = { state, flow }
        const filter = { ...(state !== undefined && { state }), ...(flow !== undefined && { flow }) }
        const place = cursor === undefined ? null : openCursor(asked, cursor)
        const page = await readShown((at) => engine.getAlerts({ ...filter, ...at }), await shownTo(c), {
          limit,
          cursor: place,
        })
        const sealed = { ...page, nextCursor: sealCursor(asked, page.nextCursor) }
        return answerTagged(c, await mapPage(sealed, (alert) => alertFor(c, alert)))
      })
      .get(ROUTES.getAlert.path, access('getAlert', alertAnswerSchema), async (c) =>
        answerTagged(c, { alert: await alertFor(c, await engine.getAlert(c.req.param('alertId'))) }),
      )
      .post(ROUTES.retryAlert.path, access('retryAlert', alertAnswerSchema), async (c) =>
        answer(c, { alert: await alertFor(c, await engine.retryAlert(c.req.param('alertId'))) }, 202),
      ),
  )
}
