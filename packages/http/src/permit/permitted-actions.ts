/*
 * What can be done, for the one who asks: what the engine says, less what the scopes of the caller and the rules of the host do not allow.
 * Both are asked as for the routes that do it, and first, as they are there.
 */
import type { ActionsView, ActionView, PerfectError } from '@perfect/core'
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

/** What is known of an object besides the routes of its actions. */
export interface ActionFacts<A extends string> {
  /** Default: nothing of a flow. */
  readonly target?: ActionTarget
  /** What the engine says. Default: that everything can be done. */
  readonly can?: ActionsView<A>
}

/** What the sender of a request may do, of all that these routes do. */
export async function permittedActions<A extends string>(
  c: Context<ApiEnv>,
  routes: Readonly<Record<A, RouteName>>,
  { target, can }: ActionFacts<A> = {},
): Promise<ActionsView<A>> {
  const all = Object.entries<RouteName>(routes) as [A, RouteName][]
  const permitted = await Promise.all(
    all.map(async ([name, route]): Promise<[A, ActionView]> => {
      const refusal = await routeRefusal(c, route, target)
      if (refusal !== null) return [name, toView(refusal)]
      return [name, can === undefined ? { ok: true } : withoutFlows(c, can[name], target)]
    }),
  )
  return Object.fromEntries(permitted) as Record<A, ActionView>
}

/** Why a route would not let the sender of a request pass; null: it would. */
async function routeRefusal(
  c: Context<ApiEnv>,
  route: RouteName,
  target: ActionTarget | undefined,
): Promise<PerfectError | null> {
  const { principal } = c.get('perfect')
  const { needs } = ROUTES[route]
  const refusal = principal === null || needs === 'public' ? null : scopeRefusal(principal, needs)
  if (refusal !== null) return refusal
  const use = ROUTE_FLOWS[route]
  if (target === undefined || !('action' in use)) return null
  const { flowId, runId } = target
  return (await guardOf(c).may(use.action, flowId, runId)) ? null : notPermitted(use.action, flowId, runId)
}

// Which flows there are is not told to everybody; `error-answers.ts` keeps it back in the same way.
function withoutFlows(c: Context<ApiEnv>, action: ActionView, target: ActionTarget | undefined): ActionView {
  if (target === undefined || action.ok || action.code !== 'FLOW_NOT_FOUND' || !isGuarded(c)) return action
  return toView(unlistedFlow(target.flowId))
}

function toView({ code, message }: PerfectError): ActionView {
  return { ok: false, code, why: message }
}
