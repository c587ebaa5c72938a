import type { LogsQuery } from '@perfect/core'
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
  logPageSchema,
  logsQuerySchema,
  type AddLogsAnswer,
  type LogsUrlQuery,
} from '../schema/log-schemas.ts'

/** Reading the log of a run, and adding lines from outside of it. */
export function logRoutes({ engine, access, body }: ApiContext): Hono<ApiEnv, LogRoutes> {
  return declared<LogRoutes>()(
    new Hono<ApiEnv>()
      .get(ROUTES.listLogs.path, access('listLogs', logPageSchema), query(logsQuerySchema), async (c) => {
        const asked = c.req.valid('query')
        const page = await engine.getLogs(c.req.param('runId'), toLogsQuery(asked))
        // Who reads backwards goes on backwards.
        linkNext(c, asked.before === undefined ? 'after' : 'before', page.nextCursor)
        return answer(c, page, 200)
      })
      .post(ROUTES.addLogs.path, access('addLogs', addLogsAnswerSchema), body(addLogsBodySchema), async (c) => {
        const { log, lines } = c.req.valid('json')
        const added = await engine.addFlowLog(c.req.param('runId'), log ?? lines ?? [])
        const result: AddLogsAnswer = { accepted: added.length, firstSeq: added[0]?.seq ?? null }
        return answer(c, result, 202)
      }),
  )
}

function toLogsQuery({ after, before, level, task, q, limit }: LogsUrlQuery): LogsQuery {
  return {
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
    ...(level !== undefined && { minLevel: level }),
    ...(task !== undefined && { task }),
    ...(q !== undefined && { text: q }),
    limit,
  }
}
