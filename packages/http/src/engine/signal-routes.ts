import type { ApprovalAction, PendingApproval } from '@perfect/core'
import { Hono, type Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { answerTagged } from '../conditional.ts'
import { shownOf } from '../permit/flow-guard.ts'
import { approvalFor } from '../permit/with-actions.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import type { Can } from '../schema/action-schemas.ts'
import { runSignalsSchema } from '../schema/history-schemas.ts'
import type { ListAnswer } from '../schema/page-schema.ts'
import {
  approvalBodySchema,
  approvalListSchema,
  matchedSignalBodySchema,
  sentSignalSchema,
  signalBodySchema,
} from '../schema/run-action-schemas.ts'
import type { SignalRoutes } from './run-route-types.ts'

/** What runs wait for from outside, and sending it. */
export function signalRoutes({ engine, access, body, idempotent }: ApiContext): Hono<ApiEnv, SignalRoutes> {
  return declared<SignalRoutes>()(
    new Hono<ApiEnv>()
      .get(ROUTES.listSignals.path, access('listSignals', runSignalsSchema), async (c) =>
        answerTagged(c, await engine.getRunSignals(c.req.param('runId'))),
      )
      .post(
        ROUTES.signalRun.path,
        access('signalRun', sentSignalSchema),
        body(signalBodySchema),
        idempotent(),
        async (c) => {
          const { name, payload, id } = c.req.valid('json')
          const options = { ...(id !== undefined && { id }), ...byOf(c) }
          return answer(c, await engine.signalRun(c.req.param('runId'), name, payload, options), 202)
        },
      )
      .post(
        ROUTES.sendSignal.path,
        access('sendSignal', sentSignalSchema),
        body(matchedSignalBodySchema),
        idempotent(),
        async (c) => {
          const { name, payload, id, match } = c.req.valid('json')
          const options = { match, ...(id !== undefined && { id }), ...byOf(c) }
          return answer(c, await engine.sendSignal(name, payload, options), 202)
        },
      )
      .get(ROUTES.listApprovals.path, access('listApprovals', approvalListSchema), async (c) => {
        const shown = await shownOf(c, await engine.pendingApprovals())
        const items = await Promise.all(shown.map((one) => approvalFor(c, engine, one)))
        const list: ListAnswer<PendingApproval & Can<ApprovalAction>> = { items }
        return answerTagged(c, list)
      })
      .post(
        ROUTES.answerApproval.path,
        access('answerApproval', sentSignalSchema),
        body(approvalBodySchema),
        idempotent(),
        async (c) => {
          const { runId, name } = c.req.param()
          return answer(c, await engine.approve(runId, name, { ...c.req.valid('json'), ...byOf(c) }), 202)
        },
      ),
  )
}

function byOf(c: Context<ApiEnv>): { readonly by?: string } {
  const by = c.get('perfect').principal?.name
  return by === undefined ? {} : { by }
}
