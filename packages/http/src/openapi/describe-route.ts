import { ERROR_CODES, type ErrorCode } from '@perfect/core'
import { resolver, uniqueSymbol, type DescribeRouteOptions } from 'hono-openapi'
import type { ZodType } from 'zod'

import { PROBLEM_TYPE } from '../problem.ts'
import { ROUTES, type RouteName } from '../route-table.ts'
import { problemSchema } from '../schema/problem-schema.ts'
import { ROUTE_DOCS } from './route-docs.ts'

// What any route can refuse with, whatever it does.
const COMMON_CODES: readonly ErrorCode[] = ['REQUEST_INVALID', 'ENGINE_STOPPED', 'STORAGE_UNAVAILABLE', 'INTERNAL']
const GUARDED_CODES: readonly ErrorCode[] = ['HOST_NOT_ALLOWED', 'UNAUTHORIZED', 'FORBIDDEN']
const CHANGE_CODES: readonly ErrorCode[] = [
  'ORIGIN_NOT_ALLOWED',
  'REQUEST_MALFORMED',
  'CONTENT_TYPE_UNSUPPORTED',
  'BODY_TOO_LARGE',
]

/** Attaches what the OpenAPI document says of a route to its first middleware. */
export function describeRoute<M extends object>(middleware: M, name: RouteName, answer: ZodType | undefined): M {
  const { tag, summary, status, media } = ROUTE_DOCS[name]
  const { needs } = ROUTES[name]
  const spec: DescribeRouteOptions = {
    operationId: name,
    tags: [tag],
    summary,
    ...(needs !== 'public' && { security: [{ bearer: [...needs] }] }),
    responses: {
      [status]: {
        description: summary,
        ...(answer && { content: { 'application/json': { schema: resolver(answer) } } }),
        ...(media !== undefined && { content: { [media]: { schema: { type: 'string' } } } }),
      },
      ...problemResponses(name),
    },
  }
  return Object.assign(middleware, { [uniqueSymbol]: { spec } })
}

function problemResponses(name: RouteName): NonNullable<DescribeRouteOptions['responses']> {
  const codesByStatus = new Map<number, ErrorCode[]>()
  for (const code of codesOf(name)) {
    const { status } = ERROR_CODES[code]
    codesByStatus.set(status, [...(codesByStatus.get(status) ?? []), code])
  }
  const content = { [PROBLEM_TYPE]: { schema: resolver(problemSchema) } }
  return Object.fromEntries(
    [...codesByStatus].map(([status, codes]) => [String(status), { description: codes.join(', '), content }]),
  )
}

function codesOf(name: RouteName): readonly ErrorCode[] {
  const { method, needs } = ROUTES[name]
  return [
    ...ROUTE_DOCS[name].codes,
    ...COMMON_CODES,
    ...(needs === 'public' ? [] : GUARDED_CODES),
    ...(method === 'get' ? [] : CHANGE_CODES),
  ]
}
