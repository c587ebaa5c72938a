import { toFlowId, type FlowEngine, type FlowRegistration, type FlowView, type Page } from '@perfect/core'
import { Hono, type Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import type { FlowRoutes } from '../app-type.ts'
import { answerTagged } from '../conditional.ts'
import { linkNext } from '../links.ts'
import { guardOf, shownTo } from '../permit/flow-guard.ts'
import { flowFor } from '../permit/with-actions.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import type { Can, FlowAction } from '../schema/action-schemas.ts'
import {
  flowAnswerSchema,
  flowPageSchema,
  registerAnswerSchema,
  registrationSchema,
  type FlowAnswer,
  type RegisterAnswer,
} from '../schema/flow-schemas.ts'
import { pageQuerySchema, type PageQuery } from '../schema/page-schema.ts'
import { listPage, mapPage } from './list-page.ts'

// Flows are few; most hosts get them all at once.
const FLOWS_LIMIT = 200

/** The flows that the engine knows, and registering those that workers run. */
export function flowRoutes({ engine, access, body, idempotent }: ApiContext): Hono<ApiEnv, FlowRoutes> {
  return declared<FlowRoutes>()(
    new Hono<ApiEnv>()
      .get(
        ROUTES.listFlows.path,
        access('listFlows', flowPageSchema),
        query(pageQuerySchema(FLOWS_LIMIT)),
        async (c) => {
          const page = await flowPage(c, engine, c.req.valid('query'))
          linkNext(c, 'cursor', page.nextCursor)
          return answerTagged(c, page)
        },
      )
      .get(ROUTES.getFlow.path, access('getFlow', flowAnswerSchema), async (c) => {
        const found: FlowAnswer = { flow: await flowFor(c, engine.getFlow(c.req.param('flowId'))) }
        return answerTagged(c, found)
      })
      .post(
        ROUTES.registerFlow.path,
        access('registerFlow', registerAnswerSchema),
        body(registrationSchema),
        idempotent(),
        async (c) => answer(c, await register(c, engine, c.req.valid('json')), 200),
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
      async (c) => answerTagged(c, await flowPage(c, engine, c.req.valid('query'))),
    )
    .post(
      ROUTES.registerFlowAlias.path,
      access('registerFlowAlias', registerAnswerSchema),
      body(registrationSchema),
      idempotent(),
      async (c) => answer(c, await register(c, engine, c.req.valid('json')), 200),
    )
}

async function flowPage(
  c: Context<ApiEnv>,
  engine: FlowEngine,
  asked: PageQuery,
): Promise<Page<FlowView & Can<FlowAction>>> {
  const isShown = await shownTo(c)
  const shown = engine.getFlows().filter(({ id }) => isShown({ flowId: id }))
  return mapPage(
    listPage(shown, asked, ({ id }) => id),
    (flow) => flowFor(c, flow),
  )
}

async function register(
  c: Context<ApiEnv>,
  engine: FlowEngine,
  registration: FlowRegistration,
): Promise<RegisterAnswer> {
  await guardOf(c).check('register', registration.id ?? toFlowId(registration.name))
  const { flow, ...registered } = await engine.registerRemoteFlow(registration)
  return { ...registered, flow: await flowFor(c, flow) }
}
