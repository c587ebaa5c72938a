import { PerfectError, type FlowEngine, type TriggerOptions } from '@perfect/core'
import { Hono, type Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { auditWithRun } from '../audit/audit-trail.ts'
import { answerTagged } from '../conditional.ts'
import { idempotencyKeyOf } from '../idempotency.ts'
import { linkRunPages, siblingPath } from '../links.ts'
import { runFor } from '../permit/with-actions.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import { runsQuerySchema, waitQuerySchema } from '../schema/run-query-schemas.ts'
import {
  runDetailSchema,
  runListSchema,
  triggerAnswerSchema,
  triggerBodySchema,
  type RunListAnswer,
  type TriggerAnswer,
  type TriggerBody,
} from '../schema/run-schemas.ts'
import { waitForEnd, waitOf } from '../wait.ts'
import type { RunRoutes } from './run-route-types.ts'
import { toRunsFilter, withinReadable } from './runs-filter.ts'
import { runsPage } from './runs-page.ts'
import { instantOf } from './stats-routes.ts'

/** Starting, listing and reading runs. */
export function runRoutes({ engine, access, optionalBody }: ApiContext): Hono<ApiEnv, RunRoutes> {
  return declared<RunRoutes>()(
    new Hono<ApiEnv>()
      .post(
        ROUTES.triggerFlow.path,
        access('triggerFlow', triggerAnswerSchema),
        query(waitQuerySchema),
        optionalBody(triggerBodySchema),
        async (c) => {
          const waitMs = waitOf(c)
          const { run } = await engine.triggerFlow(c.req.param('flowId'), triggerOptions(c, c.req.valid('json')))
          c.header('location', siblingPath(c, '/engine/trigger/', `/engine/runs/${run.id}`))
          const started = waitMs === null ? { run } : await endOf(c, engine, run.id, waitMs)
          return answer<TriggerAnswer, 200 | 202>(c, started, waitMs === null || !hasEnded(started) ? 202 : 200)
        },
      )
      .get(ROUTES.listRuns.path, access('listRuns', runListSchema), query(runsQuerySchema), async (c) => {
        const { cursor, limit, count, at, around = limit, ...asked } = c.req.valid('query')
        const filter = await withinReadable(c, toRunsFilter(engine, asked))
        const place = at === undefined ? { cursor, limit } : { cursor, limit: around, at: instantOf('at', at) }
        const page = await runsPage(engine, filter, place, asked)
        linkRunPages(c, page)
        const counted = count === 'true' ? await engine.selectRuns(filter) : undefined
        const list: RunListAnswer = {
          ...page,
          ...(counted && { count: { value: counted.runIds.length, isMore: counted.isPartial } }),
        }
        return answerTagged(c, list)
      })
      .get(ROUTES.getRun.path, access('getRun', runDetailSchema), query(waitQuerySchema), async (c) => {
        const waitMs = waitOf(c)
        const runId = c.req.param('runId')
        if (waitMs !== null) await waitForEnd(c, engine, runId, waitMs)
        return answerTagged(c, await runFor(c, await engine.getRunDetail(runId)))
      }),
  )
}

async function endOf(c: Context<ApiEnv>, engine: FlowEngine, runId: string, waitMs: number): Promise<TriggerAnswer> {
  const run = await waitForEnd(c, engine, runId, waitMs)
  if (run.status !== 'succeeded') return { run }
  return { run, result: await engine.getRunResult(runId) }
}

function hasEnded({ run }: TriggerAnswer): boolean {
  return run.finishedAt !== null
}

function triggerOptions(c: Context<ApiEnv>, { idempotencyKey, startAt, ...body }: TriggerBody): TriggerOptions {
  const key = oneKey(idempotencyKeyOf(c), idempotencyKey)
  const by = c.get('perfect').principal?.name ?? null
  return {
    ...body,
    ...(startAt !== undefined && { startAt: new Date(startAt) }),
    ...(key !== undefined && { idempotencyKey: key }),
    trigger: { kind: 'api', by },
    ...auditWithRun(c),
  }
}

function oneKey(header: string | undefined, field: string | undefined): string | undefined {
  if (header === undefined || field === undefined || header === field) return header ?? field
  throw new PerfectError(
    'REQUEST_INVALID',
    'The header "Idempotency-Key" and "idempotencyKey" of the body differ. Send one of them.',
    { details: { errors: [{ pointer: '/idempotencyKey', message: 'Differs from the header "Idempotency-Key"' }] } },
  )
}
