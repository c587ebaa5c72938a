import { Hono } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import type { FlowRoutes } from '../app-type.ts'
import { linkNext } from '../links.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import {
  flowAnswerSchema,
  flowPageSchema,
  registerAnswerSchema,
  registrationSchema,
  type FlowAnswer,
} from '../schema/flow-schemas.ts'
import { pageQuerySchema } from '../schema/page-schema.ts'
import { listPage } from './list-page.ts'

// Flows are few; most hosts get them all at once.
const FLOWS_LIMIT = 200

/** The flows that the engine knows, and registering those that workers run. */
export function flowRoutes({ engine, access, body }: ApiContext): Hono<ApiEnv, FlowRoutes> {
  return declared<FlowRoutes>()(
    new Hono<ApiEnv>()
      .get(ROUTES.listFlows.path, access('listFlows', flowPageSchema), query(pageQuerySchema(FLOWS_LIMIT)), (c) => {
        const page = listPage(engine.getFlows(), c.req.valid('query'))
        linkNext(c, 'cursor', page.nextCursor)
        return answer(c, page, 200)
      })
      .get(ROUTES.getFlow.path, access('getFlow', flowAnswerSchema), (c) => {
        const found: FlowAnswer = { flow: engine.getFlow(c.req.param('flowId')) }
        return answer(c, found, 200)
      })
      .post(
        ROUTES.registerFlow.path,
        access('registerFlow', registerAnswerSchema),
        body(registrationSchema),
        async (c) => answer(c, await engine.registerRemoteFlow(c.req.valid('json')), 200),
      ),
  )
}
