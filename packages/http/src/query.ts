import type { MiddlewareHandler } from 'hono'
import { validator } from 'hono-openapi'
import type { ZodType } from 'zod'

import type { ApiEnv } from './api-context.ts'
import { invalidRequest } from './problem.ts'

/** Middleware that leaves checked parameters of the URL for the route. */
export type QueryMiddleware<In, Out> = MiddlewareHandler<ApiEnv, string, { in: { query?: In }; out: { query: Out } }>

/** Checks the parameters of the URL; those that the schema does not know are ignored. */
export function query<Out, In>(schema: ZodType<Out, In>): QueryMiddleware<In, Out> {
  const checkQuery = validator('query', schema, (result) => {
    if (result.success) return
    throw invalidRequest(
      result.error.map(({ path = [], message }) => ({
        pointer: `/query/${path.map((step) => String(typeof step === 'object' ? step.key : step)).join('/')}`,
        message,
      })),
    )
  }) as QueryMiddleware<In, Out>
  // Most requests have no parameters: what that means is always the same.
  const none = schema.safeParse({})
  const middleware: MiddlewareHandler<ApiEnv> = (c, next) => {
    if (!none.success || c.req.url.includes('?')) return checkQuery(c, next)
    c.req.addValidatedData('query', { ...(none.data as object) })
    return next()
  }
  // With what the OpenAPI document says of the parameters.
  return Object.assign<MiddlewareHandler<ApiEnv>, QueryMiddleware<In, Out>>(middleware, checkQuery)
}
