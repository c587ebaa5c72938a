import type { MiddlewareHandler } from 'hono'
import { validator } from 'hono-openapi'
import type { ZodType } from 'zod'

import type { ApiEnv } from './api-context.ts'
import { invalidRequest } from './problem.ts'

/** Middleware that leaves checked parameters of the URL for the route. */
export type QueryMiddleware<In, Out> = MiddlewareHandler<ApiEnv, string, { in: { query?: In }; out: { query: Out } }>

/** Checks the parameters of the URL; those that the schema does not know are ignored. */
export function query<Out, In>(schema: ZodType<Out, In>): QueryMiddleware<In, Out> {
  return validator('query', schema, (result) => {
    if (result.success) return
    throw invalidRequest(
      result.error.map(({ path = [], message }) => ({
        pointer: `/query/${path.map((step) => String(typeof step === 'object' ? step.key : step)).join('/')}`,
        message,
      })),
    )
  }) as QueryMiddleware<In, Out>
}
