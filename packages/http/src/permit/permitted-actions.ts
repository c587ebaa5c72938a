/*
 * What can be done, for the one who asks: what the engine says, less what the scopes of the caller and the rules of the host do not allow.
 * Both are asked as for the routes that do it, and first, as they are there.
 */
import type { ActionView, PerfectError, RunAction } from '@perfect/core'
import type { Context } from 'hono'

import type { ApiEnv } from '../api-context.ts'
import { scopeRefusal } from '../auth/access.ts'
import { ROUTES, type RouteName } from '../route-table.ts'
import { guardOf, isGuarded, notPermitted } from './flow-guard.ts'
import { ROUTE_FLOWS } from './route-flows.ts'
import { unlistedFlow } from './unlisted-flow.ts'

/** Whose actions they are. */
export interface ActionTarget {
  readonly flowId: string
  readonly runId?: string
}

/** The routes of what can be done with a run. */
export const RUN_ACTION_ROUTES: Readonly<Record<RunAction, RouteName>> = {
  cancel: 'cancelRun',
  pause: 'pauseRun',
  resume: 'resumeRun',
  retry: 'retryRun',
  retryFromStart: 'retryRun',
  signal: 'signalRun',
  verify: 'verifyReplay',
  remove: 'removeRun',
}

/** What of it the sender of a request may do. */
export async function permittedActions<A extends string>(
  c: Context<ApiEnv>,
  can: Readonly<Record<A, ActionView>>,
  routes: Readonly<Record<A, RouteName>>,
  target: ActionTarget,
): Promise<Readonly<Record<A, ActionView>>> {
  const all = Object.entries<RouteName>(routes) as [A, RouteName][]
  const permitted = await Promise.all(
    all.map(async ([name, route]) => {
      const refusal = await routeRefusal(c, route, target)
      return [name, refusal === null ? withoutFlows(c, can[name], target) : toView(refusal)] as const
    }),
  )
  return Object.fromEntries(permitted) as Record<A, ActionView>
}

/** Why a route would not let the sender of a request pass; null: it would. */
async function routeRefusal(
  c: Context<ApiEnv>,
  route: RouteName,
  { flowId, runId }: ActionTarget,
): Promise<PerfectError | null> {
  const { principal } = c.get('perfect')
  const { needs } = ROUTES[route]
  const refusal = principal === null || needs === 'public' ? null : scopeRefusal(principal, needs)
  if (refusal !== null) return refusal
  const use = ROUTE_FLOWS[route]
  if (!('action' in use) || (await guardOf(c).may(use.action, flowId, runId))) return null
  return notPermitted(use.action, flowId, runId)
}

// Which flows there are is not told to everybody; `error-answers.ts` keeps it back in the same way.
function withoutFlows(c: Context<ApiEnv>, action: ActionView, { flowId }: ActionTarget): ActionView {
  return !action.ok && action.code === 'FLOW_NOT_FOUND' && isGuarded(c) ? toView(unlistedFlow(flowId)) : action
}

function toView({ code, message }: PerfectError): ActionView {
  return { ok: false, code, why: message }
}
