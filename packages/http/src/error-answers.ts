import { PerfectError } from '@perfect/core'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

import type { ApiContext, ApiEnv } from './api-context.ts'
import { beginRequest } from './auth/access.ts'
import { isGuarded } from './permit/flow-guard.ts'
import { unlistedFlow } from './permit/unlisted-flow.ts'
import { PROBLEM_TYPE, toProblem } from './problem.ts'

// Long enough to let an engine restart, short enough that nobody gives up.
const RETRY_AFTER_SECONDS = 2

/** Answers with the problem that an error is; tells the host of those that are not the caller's. */
export function answerError(c: Context<ApiEnv>, error: unknown, report: ApiContext['report']): Response {
  // An error of the host's own middleware may bring its answer along.
  if (isAnswered(error)) return error.getResponse()
  const { id } = beginRequest(c)
  const problem = toProblem(isGuarded(c) ? withoutFlows(error) : error, id)
  // An engine that stops is no surprise to the host.
  if (problem.status >= 500 && problem.code !== 'ENGINE_STOPPED')
    report(error, { id, method: c.req.method, path: c.req.path })
  if (problem.status === 401) c.header('www-authenticate', 'Bearer realm="perfect"')
  if (problem.status === 426) c.header('upgrade', 'websocket')
  if (problem.status === 429) c.header('retry-after', String(retryAfter(error)))
  if (problem.status === 503) c.header('retry-after', String(RETRY_AFTER_SECONDS))
  return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, { 'content-type': PROBLEM_TYPE })
}

/** Answers where there is no route. */
export function answerNotFound(c: Context<ApiEnv>, report: ApiContext['report']): Response {
  const what = `${c.req.method} ${c.req.path.slice(0, 200)}`
  return answerError(
    c,
    new PerfectError('NOT_FOUND', `There is no ${what}. See "openapi.json" for what there is.`),
    report,
  )
}

function withoutFlows(error: unknown): unknown {
  if (!PerfectError.is(error, 'FLOW_NOT_FOUND')) return error
  const { flow } = error.details
  return unlistedFlow(typeof flow === 'string' ? flow : '')
}

function retryAfter(error: unknown): number {
  const seconds = error instanceof PerfectError ? error.details['retryAfterSeconds'] : undefined
  return typeof seconds === 'number' ? seconds : RETRY_AFTER_SECONDS
}

function isAnswered(error: unknown): error is { getResponse(): Response } {
  return error instanceof Error && 'getResponse' in error && typeof error.getResponse === 'function'
}
