import type { ClientAction, ClientLogView, ClientView, FlowEngine, Page } from '@perfect/core'
import { Hono, type Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import type { ClientRoutes } from '../app-type.ts'
import { streamLines } from '../engine/log-download.ts'
import { linkNext } from '../links.ts'
import { clientFor } from '../permit/with-actions.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import type { Can } from '../schema/action-schemas.ts'
import {
  clientBodySchema,
  clientLogPageSchema,
  clientLogsQuerySchema,
  clientPageSchema,
} from '../schema/client-schemas.ts'
import { logFormatQuerySchema } from '../schema/log-schemas.ts'

/** Starting, stopping and watching the client processes that the host has declared. A request names one; it cannot say what is run. */
export function clientRoutes({ engine, access, optionalBody }: ApiContext): Hono<ApiEnv, ClientRoutes> {
  return declared<ClientRoutes>()(
    new Hono<ApiEnv>()
      .post(
        ROUTES.startClient.path,
        access('startClient', clientPageSchema),
        optionalBody(clientBodySchema),
        async (c) => answer(c, await onePage(c, engine, await engine.processes.start(c.req.valid('json').id)), 200),
      )
      .post(ROUTES.stopClient.path, access('stopClient', clientPageSchema), optionalBody(clientBodySchema), async (c) =>
        answer(c, await onePage(c, engine, await engine.processes.stop(c.req.valid('json').id)), 200),
      )
      .post(
        ROUTES.restartClient.path,
        access('restartClient', clientPageSchema),
        optionalBody(clientBodySchema),
        async (c) => answer(c, await onePage(c, engine, await engine.processes.restart(c.req.valid('json').id)), 200),
      )
      .get(
        ROUTES.listClientLogs.path,
        access('listClientLogs', clientLogPageSchema),
        query(clientLogsQuerySchema),
        (c) => {
          const { q, ...asked } = c.req.valid('query')
          const page = engine.processes.logs(c.req.param('id'), { ...asked, ...(q !== undefined && { text: q }) })
          linkNext(c, 'after', page.nextCursor)
          return answer(c, page, 200)
        },
      )
      .get(ROUTES.listClients.path, access('listClients', clientPageSchema), async (c) =>
        answer(c, await onePage(c, engine, engine.processes.status()), 200),
      ),
  )
}

/** Everything that is kept of what a client has written, as a file. */
export function clientLogDownloadRoute({ engine, access }: ApiContext): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get(
    ROUTES.downloadClientLogs.path,
    access('downloadClientLogs'),
    query(logFormatQuerySchema),
    (c) => {
      const name = c.req.param('id')
      const lines = engine.processes.allLogs(name)[Symbol.asyncIterator]()
      return streamLines(c, { name, format: c.req.valid('query').format, lines, toText })
    },
  )
}

function toText({ at, stream, text }: ClientLogView): string {
  return `${at} ${stream.padEnd(6)} ${text}`
}

async function onePage(
  c: Context<ApiEnv>,
  engine: FlowEngine,
  clients: readonly ClientView[],
): Promise<Page<ClientView & Can<ClientAction>>> {
  return { items: await Promise.all(clients.map((client) => clientFor(c, engine, client))), nextCursor: null }
}
