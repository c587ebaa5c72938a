import { Hono, type Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { auditEach } from '../audit/audit-each.ts'
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
export function bulkRoutes(context: ApiContext, bulks: BulkActions): Hono<ApiEnv, BulkRoutes> {
  const { engine, access, optionalBody, idempotent } = context
  const parts = { context, bulks }
  return declared<BulkRoutes>()(
    new Hono<ApiEnv>()
      .post(
        ROUTES.cancelSelection.path,
        access('cancelSelection', bulkAnswerSchema),
        optionalBody(cancelReasonBodySchema),
        idempotent(),
        (c) => {
          const { reason } = c.req.valid('json')
          return begin(c, parts, 'cancel', (runs) => engine.cancelRuns(runs, reason))
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
          return begin(c, parts, 'retry', (runs) => engine.retryRuns(runs, options))
        },
      )
      .post(
        ROUTES.removeSelection.path,
        access('removeSelection', bulkAnswerSchema),
        optionalBody(emptyBodySchema),
        idempotent(),
        (c) => begin(c, parts, 'remove', (runs) => engine.removeRuns(runs)),
      ),
  )
}

function ownerOf(c: Context<ApiEnv>): string | null {
  return c.get('perfect').principal?.name ?? null
}

interface BulkParts {
  readonly context: ApiContext
  readonly bulks: BulkActions
}

/** Begins to do something with each run of the selection, of those with which the caller may do it, and answers. */
function begin(
  c: Context<ApiEnv, '/:selectionId'>,
  { context, bulks }: BulkParts,
  action: BulkView['action'],
  act: Parameters<BulkActions['begin']>[1],
): ReturnType<typeof answer<BulkAnswer, 202>> {
  const subject = { id: c.req.param('selectionId'), owner: ownerOf(c), action }
  const audited = auditEach(c, context, `run.${action}`, act)
  const bulk = bulks.begin(subject, eachPermitted(c, context.engine, action, audited))
  c.header('location', siblingPath(c, '/engine/selections/', `/engine/bulk/${bulk.id}`))
  return answer<BulkAnswer, 202>(c, { bulk }, 202)
}
