import { Hono } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { idempotencyKeyOf } from '../idempotency.ts'
import { siblingPath } from '../links.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import { replayReportSchema, retryBodySchema, verifyBodySchema } from '../schema/run-action-schemas.ts'
import { cancelBodySchema, emptyBodySchema, runAnswerSchema, type RunAnswer } from '../schema/run-schemas.ts'
import type { RunActionRoutes } from './run-route-types.ts'

/** What can be done with a run. */
export function runActionRoutes(context: ApiContext): Hono<ApiEnv, RunActionRoutes> {
  const { engine, access, optionalBody, idempotent } = context
  return declared<RunActionRoutes>()(
    new Hono<ApiEnv>()
      .post(
        ROUTES.cancelRun.path,
        access('cancelRun', runAnswerSchema),
        optionalBody(cancelBodySchema),
        idempotent(),
        async (c) => {
          const cancelled: RunAnswer = { run: await engine.cancelRun(c.req.param('runId'), c.req.valid('json')) }
          return answer(c, cancelled, 202)
        },
      )
      .post(
        ROUTES.pauseRun.path,
        access('pauseRun', runAnswerSchema),
        optionalBody(emptyBodySchema),
        idempotent(),
        async (c) => {
          const paused: RunAnswer = { run: await engine.pauseRun(c.req.param('runId')) }
          return answer(c, paused, 202)
        },
      )
      .post(
        ROUTES.resumeRun.path,
        access('resumeRun', runAnswerSchema),
        optionalBody(emptyBodySchema),
        idempotent(),
        async (c) => {
          const resumed: RunAnswer = { run: await engine.resumeRun(c.req.param('runId')) }
          return answer(c, resumed, 202)
        },
      )
      .post(ROUTES.retryRun.path, access('retryRun', runAnswerSchema), optionalBody(retryBodySchema), async (c) => {
        const runId = c.req.param('runId')
        const by = c.get('perfect').principal?.name
        const idempotencyKey = idempotencyKeyOf(c)
        const { run } = await engine.retryRun(runId, {
          ...c.req.valid('json'),
          ...(by !== undefined && { by }),
          ...(idempotencyKey !== undefined && { idempotencyKey }),
        })
        const started: RunAnswer = { run }
        c.header('location', siblingPath(c, '/engine/runs/', `/engine/runs/${run.id}`))
        return answer(c, started, 202)
      })
      .post(
        ROUTES.verifyReplay.path,
        access('verifyReplay', replayReportSchema),
        optionalBody(verifyBodySchema),
        async (c) => answer(c, await engine.verifyReplay(c.req.param('runId'), c.req.valid('json')), 200),
      ),
  )
}

/** Forgetting a run. */
export function runRemovalRoute({ engine, access }: ApiContext): Hono<ApiEnv> {
  return new Hono<ApiEnv>().delete(ROUTES.removeRun.path, access('removeRun'), async (c) => {
    await engine.removeRun(c.req.param('runId'))
    return c.body(null, 204)
  })
}
