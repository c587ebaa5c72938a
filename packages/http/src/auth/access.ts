/*
 * The first middleware of every route: gives the request its identifier and headers, then lets it pass only when it comes from where it
 * may, from someone who may. It is a part of the route itself, so no spelling of a path gets around it.
 */
import { PerfectError } from '@perfect/core'
import type { Context, MiddlewareHandler } from 'hono'

import type { ApiEnv, RequestFacts, RouterOptions } from '../api-context.ts'
import type { AuditRequests } from '../audit/audit-requests.ts'
import type { GuardRoute } from '../permit/guard-route.ts'
import { ROUTES, type RouteName } from '../route-table.ts'
import { addressOf } from './address.ts'
import type { Principal, Scope } from './authenticator.ts'
import { RateLimit } from './rate-limit.ts'
import { createHostCheck, createOriginCheck } from './request-source.ts'

/** Version of the API, a date; answers carry it in `Perfect-Api-Version`. */
export const API_VERSION = '2026-12-01'

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])
const REQUEST_ID = /^[\w.:-]{1,128}$/

/** Makes the middleware of a route. */
export function createAccess(
  options: RouterOptions,
  { guardRoute, audit }: { readonly guardRoute: GuardRoute | null; readonly audit: AuditRequests },
): (name: RouteName) => MiddlewareHandler<ApiEnv> {
  const checkHost = createHostCheck(options)
  const checkOrigin = createOriginCheck(options)
  const identify = createIdentify(options)
  const limited = createLimit(options)
  const admit = async (c: Context<ApiEnv>, name: RouteName, needs: readonly Scope[]): Promise<void> => {
    const request = c.req.raw
    checkHost(request)
    // A WebSocket is opened with GET, and browsers let any page do that.
    if (!SAFE_METHODS.has(request.method) || request.headers.has('upgrade')) checkOrigin(request)
    const principal = await limited(c, () => identify(request))
    c.set('perfect', { id: c.get('perfect').id, principal })
    const refusal = principal === null ? null : scopeRefusal(principal, needs)
    if (refusal !== null) throw refusal
    await guardRoute?.(c, name)
  }
  return (name) => async (c, next) => {
    beginRequest(c)
    const { needs } = ROUTES[name]
    if (needs === 'public') return next()
    try {
      await admit(c, name, needs)
    } catch (error) {
      audit.refused(c, error)
      throw error
    }
    return audit.run(c, name, next)
  }
}

/** Counts a request for who sends it, and one whose sender is not known for its address: so nobody guesses tokens for long. */
function createLimit({
  rateLimit,
}: RouterOptions): (c: Context<ApiEnv>, identify: () => Promise<Principal | null>) => Promise<Principal | null> {
  if (rateLimit === undefined) return (_c, identify) => identify()
  const limit = new RateLimit(rateLimit, () => performance.now())
  return async (c, identify) => {
    try {
      const principal = await identify()
      limit.take(principal === null ? sourceOf(c) : `name ${principal.name}`)
      return principal
    } catch (error) {
      if (PerfectError.is(error, 'UNAUTHORIZED')) limit.take(sourceOf(c))
      throw error
    }
  }
}

function sourceOf(c: Context<ApiEnv>): string {
  return `address ${addressOf(c) ?? 'unknown'}`
}

/** The identifier and the headers of a request; does nothing the second time. */
export function beginRequest(c: Context<ApiEnv>): RequestFacts {
  // Not set when a request reaches no route of ours.
  const known = c.get('perfect') as RequestFacts | undefined
  if (known) return known
  const asked = c.req.header('request-id')
  const facts = { id: asked !== undefined && REQUEST_ID.test(asked) ? asked : newRequestId(), principal: null }
  c.set('perfect', facts)
  c.header('request-id', facts.id)
  c.header('perfect-api-version', API_VERSION)
  c.header('cache-control', 'no-store')
  c.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  c.header('cross-origin-resource-policy', 'same-origin')
  c.header('referrer-policy', 'no-referrer')
  c.header('x-content-type-options', 'nosniff')
  return facts
}

function newRequestId(): string {
  return `req_${crypto.randomUUID().replaceAll('-', '')}`
}

function createIdentify({ authenticate }: RouterOptions): (request: Request) => Promise<Principal | null> {
  if (authenticate === undefined) return () => Promise.resolve(null)
  return async (request) => {
    const principal = await authenticate(request)
    if (principal !== null) return principal
    throw new PerfectError('UNAUTHORIZED', 'The caller is not known. Send a token: "Authorization: Bearer ...".')
  }
}

/** Why a caller without the scopes is refused; null: it has one of them. */
export function scopeRefusal({ scopes }: Principal, needs: readonly Scope[]): PerfectError<'FORBIDDEN'> | null {
  if (needs.some((scope) => scopes.includes(scope))) return null
  return new PerfectError(
    'FORBIDDEN',
    `This needs the scope ${needs.map((scope) => `"${scope}"`).join(' or ')}. Use a caller that has it.`,
    { details: { needs, scopes } },
  )
}
