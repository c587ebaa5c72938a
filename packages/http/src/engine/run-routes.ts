import { PerfectError, type FlowEngine, type TriggerOptions } from '@perfect/core'
import { Hono, type Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import type { RunRoutes } from '../app-type.ts'
import { linkNext, siblingPath } from '../links.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import {
  cancelBodySchema,
  runAnswerSchema,
  runDetailSchema,
  runPageSchema,
  runsQuerySchema,
  triggerBodySchema,
  type RunAnswer,
  type TriggerBody,
} from '../schema/run-schemas.ts'

/** Starting, listing, reading and cancelling runs. */
export function runRoutes({ engine, access, optionalBody }: ApiContext): Hono<ApiEnv, RunRoutes> {
  return declared<RunRoutes>()(
    new Hono<ApiEnv>()
      .post(
        ROUTES.triggerFlow.path,
        access('triggerFlow', runAnswerSchema),
        optionalBody(triggerBodySchema),
        async (c) => {
          const { run } = await engine.triggerFlow(c.req.param('flowId'), triggerOptions(c, c.req.valid('json')))
          const started: RunAnswer = { run }
          c.header('location', siblingPath(c, '/engine/trigger/', `/engine/runs/${run.id}`))
          return answer(c, started, 202)
        },
      )
      .get(ROUTES.listRuns.path, access('listRuns', runPageSchema), query(runsQuerySchema), async (c) => {
        const { flow, status, cursor, limit } = c.req.valid('query')
        const page = await engine.getRuns({
          ...(flow !== undefined && { flowId: toFlowId(engine, flow) }),
          ...(status.length > 0 && { statuses: status }),
          ...(cursor !== undefined && { cursor }),
          limit,
        })
        linkNext(c, 'cursor', page.nextCursor)
        return answer(c, page, 200)
      })
      .get(ROUTES.getRun.path, access('getRun', runDetailSchema), async (c) =>
        answer(c, await engine.getRunDetail(c.req.param('runId')), 200),
      )
      .post(ROUTES.cancelRun.path, access('cancelRun', runAnswerSchema), optionalBody(cancelBodySchema), async (c) => {
        const cancelled: RunAnswer = {
          run: await engine.cancelRun(c.req.param('runId'), c.req.valid('json').reason),
        }
        return answer(c, cancelled, 202)
      }),
  )
}

function triggerOptions(c: Context<ApiEnv>, { idempotencyKey, ...body }: TriggerBody): TriggerOptions {
  const key = idempotencyKeyOf(c.req.header('idempotency-key'), idempotencyKey)
  const by = c.get('perfect').principal?.name ?? null
  return { ...body, ...(key !== undefined && { idempotencyKey: key }), trigger: { kind: 'api', by } }
}

function idempotencyKeyOf(header: string | undefined, field: string | undefined): string | undefined {
  // The standard writes it as a quoted string; most callers do not.
  const fromHeader = header === undefined ? undefined : (/^"(.*)"$/.exec(header)?.[1] ?? header)
  if (fromHeader === undefined || field === undefined || fromHeader === field) return fromHeader ?? field
  throw new PerfectError(
    'REQUEST_INVALID',
    'The header "Idempotency-Key" and "idempotencyKey" of the body differ. Send one of them.',
    { details: { errors: [{ pointer: '/idempotencyKey', message: 'Differs from the header "Idempotency-Key"' }] } },
  )
}

// Runs of a flow that is not registered any more are still found by its id.
function toFlowId(engine: FlowEngine, idOrName: string): string {
  return engine.getFlows().find(({ id, name }) => id === idOrName || name === idOrName)?.id ?? idOrName
}
