import type { FlowEngine } from '@perfect/core'
import type { Context, MiddlewareHandler } from 'hono'

import type { ApiContext, ApiEnv, RouterOptions } from '../api-context.ts'
import type { RouteName } from '../route-table.ts'
import { AuditTrail, beginTrail, setTrail } from './audit-trail.ts'
import { AuditRefusals } from './refusals.ts'
import { ROUTE_AUDIT } from './route-audit.ts'

/** Runs the rest of a route, and writes down what it does. */
export type AuditRequest = (c: Context<ApiEnv>, name: RouteName, run: () => Promise<void>) => Promise<void>

/** What a router writes down. */
export interface AuditRequests {
  readonly run: AuditRequest
  /** Writes down that a request was refused. */
  readonly refused: (c: Context<ApiEnv>, error: unknown) => void
}

// Routes without a body: what is asked for is known at once.
const BODILESS: ReadonlySet<RouteName> = new Set([
  'removeFlow',
  'removeRun',
  'removeSchedule',
  'removeView',
  'retryAlert',
])

/** Makes what writes down what the callers of a router do. */
export function createAudit(
  engine: FlowEngine,
  { audit = {} }: RouterOptions,
  report: ApiContext['report'],
): AuditRequests {
  if (audit === false) return { run: (_c, _name, run) => run(), refused: () => undefined }
  const { inputs = 'hash' } = audit
  const refusals = new AuditRefusals(engine, report)
  return {
    async run(c, name, run) {
      const route = ROUTE_AUDIT[name]
      if (route === null) return run()
      const trail = new AuditTrail({ engine, inputs, report }, route)
      setTrail(c.get('perfect'), trail)
      if (BODILESS.has(name)) await trail.begin(c)
      await run()
      await trail.end(c)
    },
    refused: (c, error) => refusals.note(c, error),
  }
}

/** Lets the trail of a request begin when its body has been checked. */
export function beginningTrail<M extends MiddlewareHandler<ApiEnv>>(readBody: M): M {
  const middleware: MiddlewareHandler<ApiEnv> = (c, next) =>
    readBody(c, async () => {
      await beginTrail(c)
      await next()
    })
  // With what the OpenAPI document says of the body.
  return Object.assign<MiddlewareHandler<ApiEnv>, M>(middleware, readBody)
}
