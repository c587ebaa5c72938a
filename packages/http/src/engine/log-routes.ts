import type { FlowEngine, LogsQuery } from '@perfect/core'
import { Hono } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import type { LogRoutes } from '../app-type.ts'
import { linkNext } from '../links.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import {
  addLogsAnswerSchema,
  addLogsBodySchema,
  downloadQuerySchema,
  logPageSchema,
  logsQuerySchema,
  type AddLogsAnswer,
  type AddLogsBody,
  type LogsUrlQuery,
} from '../schema/log-schemas.ts'
import { downloadLogs } from './log-download.ts'

/** Reading the log of a run, and adding lines from outside of it. */
export function logRoutes({ engine, access, body, idempotent }: ApiContext): Hono<ApiEnv, LogRoutes> {
  return declared<LogRoutes>()(
    new Hono<ApiEnv>()
      .get(ROUTES.listLogs.path, access('listLogs', logPageSchema), query(logsQuerySchema), async (c) => {
        const asked = c.req.valid('query')
        const page = await engine.getLogs(c.req.param('runId'), toLogsQuery(asked))
        // Who reads backwards goes on backwards.
        linkNext(c, asked.before === undefined ? 'after' : 'before', page.nextCursor)
        return answer(c, page, 200)
      })
      .post(
        ROUTES.addLogs.path,
        access('addLogs', addLogsAnswerSchema),
        body(addLogsBodySchema),
        idempotent(),
        async (c) => answer(c, await addLogs(engine, c.req.param('runId'), c.req.valid('json')), 202),
      ),
  )
}

/** The log of a run as a file. */
export function logDownloadRoute({ engine, access }: ApiContext): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get(
    ROUTES.downloadLogs.path,
    access('downloadLogs'),
    query(downloadQuerySchema),
    async (c) => {
      const { format, ...asked } = c.req.valid('query')
      return downloadLogs(c, engine, { runId: c.req.param('runId'), format, filter: toLogsQuery(asked) })
    },
  )
}

/** The spelling of the first SDK: `/flows/:runId/logs`. */
export function logAliasRoute({ engine, access, body, idempotent }: ApiContext): Hono<ApiEnv> {
  return new Hono<ApiEnv>().post(
    ROUTES.addLogsAlias.path,
    access('addLogsAlias', addLogsAnswerSchema),
    body(addLogsBodySchema),
    idempotent(),
    async (c) => answer(c, await addLogs(engine, c.req.param('runId'), c.req.valid('json')), 202),
  )
}

async function addLogs(engine: FlowEngine, runId: string, { log, lines }: AddLogsBody): Promise<AddLogsAnswer> {
  const added = await engine.addFlowLog(runId, log ?? lines ?? [])
  return { accepted: added.length, firstSeq: added[0]?.seq ?? null }
}

function toLogsQuery({ after, before, level, task, q, limit }: Partial<LogsUrlQuery>): LogsQuery {
  return {
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
    ...(level !== undefined && { minLevel: level }),
    ...(task !== undefined && { task }),
    ...(q !== undefined && { text: q }),
    ...(limit !== undefined && { limit }),
  }
}
