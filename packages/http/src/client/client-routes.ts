import type { ClientView, Page } from '@perfect/core'
import { Hono } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import type { ClientRoutes } from '../app-type.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import { clientBodySchema, clientPageSchema } from '../schema/client-schemas.ts'

/** Starting, stopping and watching the client processes that the host has declared. A request names one; it cannot say what is run. */
export function clientRoutes({ engine, access, optionalBody }: ApiContext): Hono<ApiEnv, ClientRoutes> {
  return declared<ClientRoutes>()(
    new Hono<ApiEnv>()
      .post(
        ROUTES.startClient.path,
        access('startClient', clientPageSchema),
        optionalBody(clientBodySchema),
        async (c) => answer(c, onePage(await engine.processes.start(c.req.valid('json').id)), 200),
      )
      .post(ROUTES.stopClient.path, access('stopClient', clientPageSchema), optionalBody(clientBodySchema), async (c) =>
        answer(c, onePage(await engine.processes.stop(c.req.valid('json').id)), 200),
      )
      .post(
        ROUTES.restartClient.path,
        access('restartClient', clientPageSchema),
        optionalBody(clientBodySchema),
        async (c) => answer(c, onePage(await engine.processes.restart(c.req.valid('json').id)), 200),
      )
      .get(ROUTES.listClients.path, access('listClients', clientPageSchema), (c) =>
        answer(c, onePage(engine.processes.status()), 200),
      ),
  )
}

function onePage(items: readonly ClientView[]): Page<ClientView> {
  return { items, nextCursor: null }
}
