/*
 * Saved views. Everybody with the scope `read` keeps some: what is saved for oneself changes nothing for others. What others see needs
 * `run`, and only who saved a view, or an administrator, changes it.
 */
import {
  PerfectError,
  type CheckView,
  type FlowEngine,
  type Page,
  type SavedView,
  type ViewAction,
  type ViewUser,
} from '@perfect/core'
import { Hono, type Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { answerTagged, readIfMatch, twoPartTag } from '../conditional.ts'
import { openCursor, sealCursor } from '../cursors.ts'
import { linkNext, siblingPath } from '../links.ts'
import { guardOf } from '../permit/flow-guard.ts'
import { flowIdOf } from '../permit/guard-route.ts'
import { viewFor } from '../permit/with-actions.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared, type Endpoint } from '../route-types.ts'
import type { Can } from '../schema/action-schemas.ts'
import type { PageQueryInput } from '../schema/page-schema.ts'
import {
  viewAnswerSchema,
  viewBodySchema,
  viewPageSchema,
  viewsQuerySchema,
  type ViewAnswer,
  type ViewBody,
} from '../schema/view-schemas.ts'
import { flowsIn } from './flows-in-view.ts'
import { mapPage } from './list-page.ts'
import { readShown } from './read-shown.ts'

/** What stands in the path of the routes of one saved view. */
export interface ViewParam {
  param: { viewId: string }
}

/** Routes of saved views. */
export type ViewRoutes = {
  '/engine/views': {
    $get: Endpoint<{ query?: PageQueryInput }, Page<ViewAnswer['view']>>
    $post: Endpoint<{ json: ViewBody }, ViewAnswer, 201>
  }
  '/engine/views/:viewId': {
    $get: Endpoint<ViewParam, ViewAnswer>
    $put: Endpoint<ViewParam & { json: ViewBody }, ViewAnswer>
  }
}

/** Reading, saving and replacing views. */
export function viewRoutes({ engine, access, body, idempotent }: ApiContext): Hono<ApiEnv, ViewRoutes> {
  return declared<ViewRoutes>()(
    new Hono<ApiEnv>()
      .get(ROUTES.listViews.path, access('listViews', viewPageSchema), query(viewsQuerySchema), async (c) => {
        const { limit, cursor } = c.req.valid('query')
        const user = userOf(c)
        const place = cursor === undefined ? null : openCursor(user.name, cursor)
        const isShown = await shownTo(c, engine)
        const page = await readShown((at) => engine.views.list(user, at), isShown, { limit, cursor: place })
        const sealed: Page<SavedView> = { ...page, nextCursor: sealCursor(user.name, page.nextCursor) }
        linkNext(c, 'cursor', sealed.nextCursor)
        return answerTagged(c, await mapPage(sealed, (view) => withActions(c, engine, view)))
      })
      .post(
        ROUTES.createView.path,
        access('createView', viewAnswerSchema),
        body(viewBodySchema),
        idempotent(),
        async (c) => {
          const options = c.req.valid('json')
          if (options.isShared === true) checkMayShare(c)
          const view = await engine.views.create(options, userOf(c))
          c.header('location', siblingPath(c, '/engine/views', `/engine/views/${view.id}`))
          return answerView(c, await withActions(c, engine, view), 201)
        },
      )
      .get(ROUTES.getView.path, access('getView', viewAnswerSchema), async (c) => {
        const found: ViewAnswer = { view: await withActions(c, engine, await shownView(c, engine)) }
        return answerTagged(c, found, tagOf(found.view))
      })
      .put(ROUTES.replaceView.path, access('replaceView', viewAnswerSchema), body(viewBodySchema), async (c) => {
        const check = checkChange(c)
        const options = c.req.valid('json')
        const { id } = await shownView(c, engine)
        if (options.isShared === true) checkMayShare(c)
        const replaced = await engine.views.replace(id, options, userOf(c), check)
        return answerView(c, await withActions(c, engine, replaced), 200)
      }),
  )
}

/** Forgetting a saved view. */
export function viewRemovalRoute({ engine, access }: ApiContext): Hono<ApiEnv> {
  return new Hono<ApiEnv>().delete(ROUTES.removeView.path, access('removeView'), async (c) => {
    const check = checkChange(c)
    const { id } = await shownView(c, engine)
    await engine.views.remove(id, userOf(c), check)
    return c.body(null, 204)
  })
}

function answerView<S extends 200 | 201>(
  c: Context<ApiEnv>,
  view: ViewAnswer['view'],
  status: S,
): ReturnType<typeof answer<ViewAnswer, S>> {
  c.header('etag', tagOf(view))
  return answer<ViewAnswer, S>(c, { view }, status)
}

function tagOf({ id, revision, can }: SavedView & Partial<Can<ViewAction>>): string {
  return twoPartTag(`${id}-${String(revision)}`, JSON.stringify({ can }))
}

async function withActions(c: Context<ApiEnv>, { views }: FlowEngine, view: SavedView): Promise<ViewAnswer['view']> {
  return viewFor(c, view, await views.actions(view, userOf(c), shareCheck(c)))
}

/** What a change looks at just before it is made: that it is one of what was read, and that the caller may change what others see. */
function checkChange(c: Context<ApiEnv>): CheckView {
  const check = readIfMatch(c)
  const checkShare = shareCheck(c)
  return (current) => {
    checkShare(current)
    check(tagOf(current))
  }
}

function shareCheck(c: Context<ApiEnv>): CheckView {
  return (current) => {
    if (current.isShared) checkMayShare(c)
  }
}

function checkMayShare(c: Context<ApiEnv>): void {
  const { principal } = c.get('perfect')
  if (principal === null || principal.scopes.includes('run') || principal.scopes.includes('admin')) return
  throw new PerfectError(
    'FORBIDDEN',
    'What others see needs the scope "run" or "admin". Save the view with "isShared": false, or use a caller that has it.',
    { details: { needs: ['run', 'admin'], scopes: principal.scopes } },
  )
}

function userOf(c: Context<ApiEnv>): ViewUser {
  const { principal } = c.get('perfect')
  return principal === null
    ? { name: null, isAdmin: true }
    : { name: principal.name, isAdmin: principal.scopes.includes('admin') }
}

/** The view that the path names. @throws {PerfectError} VIEW_NOT_FOUND also when the caller is not shown it. */
async function shownView(c: Context<ApiEnv>, engine: ApiContext['engine']): Promise<SavedView> {
  const viewId = c.req.param('viewId') ?? ''
  const view = await engine.views.get(viewId, userOf(c))
  if ((await shownTo(c, engine))(view)) return view
  throw new PerfectError(
    'VIEW_NOT_FOUND',
    `Saved view ${JSON.stringify(viewId)} does not exist, or is not for this user. Look for it in the list of saved views.`,
    { details: { viewId } },
  )
}

/** Which views a request is shown: its caller's own, and of others those whose filter names no flow that the caller may not read. */
async function shownTo(c: Context<ApiEnv>, engine: ApiContext['engine']): Promise<(view: SavedView) => boolean> {
  const flows = await guardOf(c).readable()
  const { name } = userOf(c)
  return (view) =>
    flows === null || view.owner === name || flowsIn(view).every((flow) => flows.has(flowIdOf(engine, flow)))
}
