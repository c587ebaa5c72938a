import type { FlowEngine } from '@perfect/core'

import type { ApiContext, RouterOptions } from './api-context.ts'
import { beginningTrail, createAudit } from './audit/audit-requests.ts'
import { createAccess } from './auth/access.ts'
import { createIdempotency } from './idempotency.ts'
import { createBody, createOptionalBody } from './json-body.ts'
import { EventHub } from './live/event-hub.ts'
import { describeRoute } from './openapi/describe-route.ts'
import { createGuardRoute } from './permit/guard-route.ts'

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024
const DEFAULT_HEARTBEAT_MS = 15_000

/** Puts together what the routes are made with. */
export function createContext(engine: FlowEngine, options: RouterOptions): ApiContext {
  const report = options.onError ?? warn
  const access = createAccess(options, {
    guardRoute: createGuardRoute(engine, options, report),
    audit: createAudit(engine, options, report),
  })
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES
  const body = createBody(maxBodyBytes)
  const optionalBody = createOptionalBody(maxBodyBytes)
  return {
    engine,
    access: (name, answer) => describeRoute(access(name), name, answer),
    body: (schema) => beginningTrail(body(schema)),
    optionalBody: (schema) => beginningTrail(optionalBody(schema)),
    idempotent: createIdempotency(),
    hub: new EventHub(engine, options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS),
    report,
  }
}

const warn: ApiContext['report'] = (error, { id, method, path }) => {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.emitWarning(`Perfect: ${method} ${path} (${id}): ${message}`, 'PerfectWarning')
}
