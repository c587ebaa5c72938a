import { ERROR_CODES, type ErrorCode } from '@perfect/core'
import { resolver, uniqueSymbol, type DescribeRouteOptions } from 'hono-openapi'
import type { ZodType } from 'zod'

import { PROBLEM_TYPE } from '../problem.ts'
import { ROUTES, type RouteName } from '../route-table.ts'
import { problemSchema } from '../schema/problem-schema.ts'
import { ROUTE_DOCS } from './route-docs.ts'
import type { RequestHeader } from './route-facts.ts'

// What any route can refuse with, whatever it does.
const COMMON_CODES: readonly ErrorCode[] = ['REQUEST_INVALID', 'ENGINE_STOPPED', 'STORAGE_UNAVAILABLE', 'INTERNAL']
const GUARDED_CODES: readonly ErrorCode[] = [
  'HOST_NOT_ALLOWED',
  'ORIGIN_NOT_ALLOWED',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'FLOW_NOT_PERMITTED',
  'RATE_LIMITED',
]
const CHANGE_CODES: readonly ErrorCode[] = ['REQUEST_MALFORMED', 'CONTENT_TYPE_UNSUPPORTED', 'BODY_TOO_LARGE']

type Parameter = Exclude<NonNullable<DescribeRouteOptions['parameters']>[number], { readonly $ref: string }>

const headerOf = (name: RequestHeader, description: string, maxLength: number): Parameter => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string', maxLength },
})

const HEADERS: Readonly<Record<RequestHeader, Parameter>> = {
  'Idempotency-Key': headerOf('Idempotency-Key', 'A request with the same key is answered as the first one', 200),
  'If-Match': headerOf('If-Match', 'The "ETag" that was read; "*" for any. Required', 2000),
  'If-None-Match': headerOf('If-None-Match', 'The "ETag" of an earlier answer', 2000),
  Prefer: headerOf('Prefer', '"wait=10" waits for the end of the run, in seconds', 2000),
}

function mediaOf(media: string): Readonly<Record<string, { readonly schema: { readonly type: 'string' } }>> {
  return Object.fromEntries(media.split(', ').map((one) => [one, { schema: { type: 'string' as const } }]))
}

/** Attaches what the OpenAPI document says of a route to its first middleware. */
export function describeRoute<M extends object>(middleware: M, name: RouteName, answer: ZodType | undefined): M {
  const { tag, summary, status, media, also = {}, headers = [] } = ROUTE_DOCS[name]
  const json = answer && { content: { 'application/json': { schema: resolver(answer) } } }
  const { needs } = ROUTES[name]
  const spec: DescribeRouteOptions = {
    operationId: name,
    tags: [tag],
    summary,
    security: needs === 'public' ? [] : [{ bearer: [...needs] }],
    ...(headers.length > 0 && { parameters: headers.map((header) => HEADERS[header]) }),
    responses: {
      [status]: {
        description: summary,
        ...json,
        ...(media !== undefined && { content: mediaOf(media) }),
      },
      ...Object.fromEntries(
        Object.entries(also).map(([other, description]) => [other, { description, ...(other !== '304' && json) }]),
      ),
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
