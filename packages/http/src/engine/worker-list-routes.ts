import { PerfectError, type WorkerView } from '@perfect/core'
import { Hono, type Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import type { WorkerRoutes } from '../app-type.ts'
import { answerTagged } from '../conditional.ts'
import { linkNext } from '../links.ts'
import { shownTo } from '../permit/flow-guard.ts'
import { permitWork } from '../permit/permit-work.ts'
import { workerFor } from '../permit/with-actions.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import { drainBodySchema, workerAnswerSchema, workerPageSchema, type WorkerAnswer } from '../schema/client-schemas.ts'
import { pageQuerySchema } from '../schema/page-schema.ts'
import { grantUpgrade } from '../upgrade.ts'
import { connectWorker } from '../workers/websocket.ts'
import { listPage, mapPage } from './list-page.ts'

const WORKERS_LIMIT = 200

/** The remote workers that the engine knows. */
export function workerListRoutes({ engine, access, optionalBody }: ApiContext): Hono<ApiEnv, WorkerRoutes> {
  return declared<WorkerRoutes>()(
    new Hono<ApiEnv>()
      .get(
        ROUTES.listWorkers.path,
        access('listWorkers', workerPageSchema),
        query(pageQuerySchema(WORKERS_LIMIT)),
        async (c) => {
          const show = await showerOf(c)
          const page = listPage(engine.workers.status(), c.req.valid('query'), ({ id }) => id)
          linkNext(c, 'cursor', page.nextCursor)
          return answerTagged(c, await mapPage(page, show))
        },
      )
      .get(ROUTES.getWorker.path, access('getWorker', workerAnswerSchema), async (c) => {
        const show = await showerOf(c)
        const found: WorkerAnswer = { worker: await show(engine.workers.get(c.req.param('workerId'))) }
        return answerTagged(c, found)
      })
      .post(
        ROUTES.drainWorker.path,
        access('drainWorker', workerAnswerSchema),
        optionalBody(drainBodySchema),
        async (c) => {
          const show = await showerOf(c)
          const { drain = true } = c.req.valid('json')
          const drained: WorkerAnswer = { worker: await show(engine.workers.drain(c.req.param('workerId'), drain)) }
          return answer(c, drained, 200)
        },
      ),
  )
}

/** The end of the way of a WebSocket upgrade, see `upgrade.ts`; for any other request there is nothing here but the advice. */
export function workerConnectRoute({ access, engine }: ApiContext): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get(ROUTES.connectWorker.path, access('connectWorker'), (c) => {
    const caller = { permit: permitWork(c), owner: c.get('perfect').principal?.name ?? null }
    if (grantUpgrade(c, (socket) => connectWorker(engine, socket, caller))) return c.body(null, 204)
    throw new PerfectError(
      'PROTOCOL_UNSUPPORTED',
      'Workers connect here by WebSocket with the protocol "perfect.worker.v1". Where that is not possible, open a session at "sessions" beside this.',
    )
  })
}

/** Makes what a caller is shown of a worker: of its flows only those that it may read. */
async function showerOf(c: Context<ApiEnv>): Promise<(worker: WorkerView) => Promise<WorkerAnswer['worker']>> {
  const isShown = await shownTo(c)
  return (worker) => workerFor(c, { ...worker, flows: worker.flows.filter((flowId) => isShown({ flowId })) })
}
