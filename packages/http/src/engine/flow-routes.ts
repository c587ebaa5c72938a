import { Hono } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import type { FlowRoutes } from '../app-type.ts'
import { answerTagged } from '../conditional.ts'
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
export function flowRoutes({ engine, access, body, idempotent }: ApiContext): Hono<ApiEnv, FlowRoutes> {
  return declared<FlowRoutes>()(
    new Hono<ApiEnv>()
      .get(ROUTES.listFlows.path, access('listFlows', flowPageSchema), query(pageQuerySchema(FLOWS_LIMIT)), (c) => {
        const page = listPage(engine.getFlows(), c.req.valid('query'), ({ id }) => id)
        linkNext(c, 'cursor', page.nextCursor)
        return answerTagged(c, page)
      })
      .get(ROUTES.getFlow.path, access('getFlow', flowAnswerSchema), (c) => {
        const found: FlowAnswer = { flow: engine.getFlow(c.req.param('flowId')) }
        return answerTagged(c, found)
      })
      .post(
        ROUTES.registerFlow.path,
        access('registerFlow', registerAnswerSchema),
        body(registrationSchema),
        idempotent(),
        async (c) => answer(c, await engine.registerRemoteFlow(c.req.valid('json')), 200),
      ),
  )
}

/** Forgetting a flow; its runs stay. */
export function flowRemovalRoute({ engine, access }: ApiContext): Hono<ApiEnv> {
  return new Hono<ApiEnv>().delete(ROUTES.removeFlow.path, access('removeFlow'), (c) => {
    engine.unregisterFlow(engine.getFlow(c.req.param('flowId')).id)
    return c.body(null, 204)
  })
}

/** The spellings of the first SDK: `/flows` for the list and for registering. */
export function flowAliasRoutes({ engine, access, body, idempotent }: ApiContext): Hono<ApiEnv> {
  return new Hono<ApiEnv>()
    .get(
      ROUTES.listFlowsAlias.path,
      access('listFlowsAlias', flowPageSchema),
      query(pageQuerySchema(FLOWS_LIMIT)),
      (c) =>
        answerTagged(
          c,
          listPage(engine.getFlows(), c.req.valid('query'), ({ id }) => id),
        ),
    )
    .post(
      ROUTES.registerFlowAlias.path,
      access('registerFlowAlias', registerAnswerSchema),
      body(registrationSchema),
      idempotent(),
      async (c) => answer(c, await engine.registerRemoteFlow(c.req.valid('json')), 200),
    )
}
