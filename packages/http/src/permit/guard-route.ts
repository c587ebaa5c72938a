import { PerfectError, type FlowEngine } from '@perfect/core'
import type { Context } from 'hono'

import type { ApiContext, ApiEnv, RouterOptions } from '../api-context.ts'
import type { RouteName } from '../route-table.ts'
import { createGuard, setGuard, type FlowGuard } from './flow-guard.ts'
import { ROUTE_FLOWS, type FlowUse } from './route-flows.ts'

/** Lets a request, whose caller is known, pass only when it may do what its route does with a flow. */
export type GuardRoute = (c: Context<ApiEnv>, name: RouteName) => Promise<void>

/** Makes the check of a router. */
export function createGuardRoute(
  engine: FlowEngine,
  { permit }: RouterOptions,
  report: ApiContext['report'],
): GuardRoute | null {
  if (permit === undefined) return null
  return async (c, name) => {
    const facts = c.get('perfect')
    const { principal, id } = facts
    const request = c.req.raw
    const { method, path } = c.req
    const guard = createGuard(
      async (question) => {
        try {
          // Hosts without types may answer anything.
          const verdict: unknown = await permit({ ...question, principal, request })
          return verdict === true
        } catch (error) {
          report(error, { id, method, path })
          return false
        }
      },
      () => engine.getFlowIds(),
    )
    setGuard(facts, guard)
    await checkPath(engine, c, { use: ROUTE_FLOWS[name], guard })
  }
}

// What does not exist is left to the route, which says so.
async function checkPath(
  engine: FlowEngine,
  c: Context<ApiEnv>,
  { use, guard }: { readonly use: FlowUse; readonly guard: FlowGuard },
): Promise<void> {
  const named = (parameter: string): string => c.req.param(parameter) ?? ''
  switch (use.of) {
    case 'flow':
      return guard.check(use.action, flowIdOf(engine, named('flowId')))
    case 'run': {
      const { id, flowId } = await engine.getRun(named('runId'))
      return guard.check(use.action, flowId, id)
    }
    case 'schedule':
      return guard.check(use.action, (await engine.schedules.get(named('scheduleId'))).flowId)
    case 'alert': {
      const { flowId, runId } = await engine.getAlert(named('alertId'))
      return guard.check(use.action, flowId, runId ?? undefined)
    }
    case 'every':
      return guard.checkEvery(use.action)
    case 'asked':
    case 'listed':
    case 'none':
  }
}

/** Id of a flow that is named by its id or its name, also when it is not registered. */
export function flowIdOf(engine: FlowEngine, idOrName: string): string {
  try {
    return engine.getFlow(idOrName).id
  } catch (error) {
    if (PerfectError.is(error, 'FLOW_NOT_FOUND')) return idOrName
    throw error
  }
}
