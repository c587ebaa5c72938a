import { Hono, type Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import type { BulkActions } from '../bulk-actions.ts'
import { answerTagged } from '../conditional.ts'
import { siblingPath } from '../links.ts'
import { eachPermitted } from '../permit/each-permitted.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import {
  bulkAnswerSchema,
  selectBodySchema,
  selectionAnswerSchema,
  type BulkAnswer,
  type BulkView,
  type SelectionAnswer,
} from '../schema/bulk-schemas.ts'
import { retryBodySchema } from '../schema/run-action-schemas.ts'
import { cancelReasonBodySchema, emptyBodySchema } from '../schema/run-schemas.ts'
import { toRunsFilter, withinReadable } from './runs-filter.ts'
import type { BulkRoutes, SelectionRoutes } from './schedule-route-types.ts'

/** Selections of runs, and how far what is done with them is. */
export function selectionRoutes(
  { engine, access, body, idempotent }: ApiContext,
  bulks: BulkActions,
): Hono<ApiEnv, SelectionRoutes> {
  return declared<SelectionRoutes>()(
    new Hono<ApiEnv>()
      .post(
        ROUTES.selectRuns.path,
        access('selectRuns', selectionAnswerSchema),
        body(selectBodySchema),
        idempotent(),
        async (c) => {
          const { filter, runIds } = c.req.valid('json')
          const chosen =
            runIds === undefined
              ? await engine.selectRuns(await withinReadable(c, toRunsFilter(engine, { filter })))
              : { runIds: [...new Set(runIds)], isPartial: false }
          const made: SelectionAnswer = { selection: bulks.keep(chosen, ownerOf(c)) }
          c.header('location', siblingPath(c, '/engine/selections', `/engine/selections/${made.selection.id}`))
          return answer(c, made, 201)
        },
      )
      .get(ROUTES.getSelection.path, access('getSelection', selectionAnswerSchema), (c) => {
        const found: SelectionAnswer = { selection: bulks.selection(c.req.param('selectionId'), ownerOf(c)) }
        return answerTagged(c, found)
      })
      .get(ROUTES.getBulk.path, access('getBulk', bulkAnswerSchema), (c) => {
        const found: BulkAnswer = { bulk: bulks.bulk(c.req.param('bulkId'), ownerOf(c)) }
        return answerTagged(c, found)
      }),
  )
}

/** What is done with all runs of a selection. */
export function bulkRoutes(
  { engine, access, optionalBody, idempotent }: ApiContext,
  bulks: BulkActions,
): Hono<ApiEnv, BulkRoutes> {
  return declared<BulkRoutes>()(
    new Hono<ApiEnv>()
      .post(
        ROUTES.cancelSelection.path,
        access('cancelSelection', bulkAnswerSchema),
        optionalBody(cancelReasonBodySchema),
        idempotent(),
        (c) => {
          const { reason } = c.req.valid('json')
          return begun(
            c,
            bulks.begin(
              subject(c, 'cancel'),
              eachPermitted(c, engine, 'cancel', (runs) => engine.cancelRuns(runs, reason)),
            ),
          )
        },
      )
      .post(
        ROUTES.retrySelection.path,
        access('retrySelection', bulkAnswerSchema),
        optionalBody(retryBodySchema),
        idempotent(),
        (c) => {
          const by = ownerOf(c)
          const options = { ...c.req.valid('json'), ...(by !== null && { by }) }
          return begun(
            c,
            bulks.begin(
              subject(c, 'retry'),
              eachPermitted(c, engine, 'retry', (runs) => engine.retryRuns(runs, options)),
            ),
          )
        },
      )
      .post(
        ROUTES.removeSelection.path,
        access('removeSelection', bulkAnswerSchema),
        optionalBody(emptyBodySchema),
        idempotent(),
        (c) =>
          begun(
            c,
            bulks.begin(
              subject(c, 'remove'),
              eachPermitted(c, engine, 'remove', (runs) => engine.removeRuns(runs)),
            ),
          ),
      ),
  )
}

function ownerOf(c: Context<ApiEnv>): string | null {
  return c.get('perfect').principal?.name ?? null
}

function subject<A extends BulkView['action']>(
  c: Context<ApiEnv, '/:selectionId'>,
  action: A,
): { readonly id: string; readonly owner: string | null; readonly action: A } {
  return { id: c.req.param('selectionId'), owner: ownerOf(c), action }
}

function begun(c: Context<ApiEnv>, bulk: BulkView): ReturnType<typeof answer<BulkAnswer, 202>> {
  c.header('location', siblingPath(c, '/engine/selections/', `/engine/bulk/${bulk.id}`))
  return answer<BulkAnswer, 202>(c, { bulk }, 202)
}
