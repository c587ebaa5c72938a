/* What pages of other origins may read. Closed by default: browsers keep the answers from every page but our own. */
import type { MiddlewareHandler } from 'hono'

import type { ApiEnv } from '../api-context.ts'
import { parseOrigin, type SourceOptions } from './request-source.ts'

const METHODS = 'GET, POST, PUT, DELETE'
const REQUEST_HEADERS =
  'authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, request-id'
const ANSWER_HEADERS = 'etag, idempotency-replayed, link, location, perfect-api-version, request-id, retry-after'
// How long a browser may remember the answer to its question.
const MAX_AGE_SECONDS = 600

/** Lets pages of the origins in `allowedOrigins` read answers, and answers what browsers ask before they send something. Cookies are left out: a foreign page brings a token. */
export function createCors({ allowedOrigins = [] }: SourceOptions): MiddlewareHandler<ApiEnv> {
  const allowed = new Set(allowedOrigins.flatMap((origin) => parseOrigin(origin) ?? []))
  return async (c, next) => {
    const origin = parseOrigin(c.req.header('origin') ?? '')
    const isAllowed = origin !== undefined && allowed.has(origin)
    const isQuestion = c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined
    if (isAllowed && isQuestion)
      return c.body(null, 204, {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': REQUEST_HEADERS,
        'access-control-max-age': String(MAX_AGE_SECONDS),
        vary: 'origin',
      })
    await next()
    if (allowed.size > 0) c.header('vary', 'origin', { append: true })
    if (isAllowed) {
      c.header('access-control-allow-origin', origin)
      c.header('access-control-expose-headers', ANSWER_HEADERS)
    }
    return undefined
  }
}
