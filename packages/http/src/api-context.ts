import type { FlowEngine } from '@perfect/core'
import type { Env, MiddlewareHandler } from 'hono'
import type { ZodType } from 'zod'

import type { AuditInputs } from './audit/hidden-values.ts'
import type { Authenticator, Principal } from './auth/authenticator.ts'
import type { RateLimitOptions } from './auth/rate-limit.ts'
import type { SourceOptions } from './auth/request-source.ts'
import type { EventHub } from './live/event-hub.ts'
import type { Permit } from './permit/permit.ts'
import type { RouteName } from './route-table.ts'

/** How a router behaves. Everything has a default that is safe on the own machine. */
export interface RouterOptions extends SourceOptions {
  /** Who calls. Default: nobody is asked, every caller may do everything. */
  readonly authenticate?: Authenticator
  /** What each caller may do with each flow. Default: everything that its scopes allow. */
  readonly permit?: Permit
  /**
   * How what callers do is written down, or that it is not. `inputs`: of inputs and payloads the SHA-256 and the size (`hash`), or all of them
   * (`whole`). Default: `{ inputs: 'hash' }`.
   */
  readonly audit?: false | { readonly inputs?: AuditInputs }
  /** How much one caller may ask. Default: as much as it likes. */
  readonly rateLimit?: RateLimitOptions
  /** Largest request body. Unit: bytes. Range: >= 1. Default: 1,048,576. */
  readonly maxBodyBytes?: number
  /** Silence after which a live stream says that it is alive. Unit: ms. Range: >= 1. Default: 15,000. */
  readonly heartbeatMs?: number
  /**
   * Hears every error that is not the caller's, with the request it belongs to; the caller gets only the request's identifier.
   * Default: a warning of the process.
   */
  readonly onError?: (error: unknown, request: FailedRequest) => void
}

/** A request that failed through no fault of its caller. */
export interface FailedRequest {
  /** What the caller was told: the end of `instance` and the header `Request-Id`. */
  readonly id: string
  readonly method: string
  readonly path: string
}

/** What a route knows of its request. */
export interface RequestFacts {
  readonly id: string
  /** null when nobody is asked who they are. */
  readonly principal: Principal | null
}

/** Variables of our routes; one name, so that they meet none of the host's. */
export interface ApiEnv extends Env {
  Variables: { readonly perfect: RequestFacts }
}

/** Middleware that leaves a checked JSON body for the route. */
export type BodyMiddleware<In, Out> = MiddlewareHandler<ApiEnv, string, { in: { json: In }; out: { json: Out } }>

/** The same for a body that may be left out; an empty one is `{}`. */
export type OptionalBodyMiddleware<In, Out> = MiddlewareHandler<
  ApiEnv,
  string,
  { in: { json?: In }; out: { json: Out } }
>

/** What route groups are made with. */
export interface ApiContext {
  readonly engine: FlowEngine
  /**
   * First middleware of every route: checks host, origin, caller and scope as the route table says, and describes the route.
   *
   * @param answer Schema of the success body.
   */
  readonly access: (route: RouteName, answer?: ZodType) => MiddlewareHandler<ApiEnv>
  readonly body: <Out, In>(schema: ZodType<Out, In>) => BodyMiddleware<In, Out>
  readonly optionalBody: <Out, In>(schema: ZodType<Out, In>) => OptionalBodyMiddleware<In, Out>
  /** Makes the middleware that answers a request sent again as the first one. It comes after the body. */
  readonly idempotent: () => MiddlewareHandler<ApiEnv>
  /** Brings live events to those who follow them. */
  readonly hub: EventHub
  readonly report: (error: unknown, request: FailedRequest) => void
}
