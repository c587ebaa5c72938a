/**
 * HTTP API of the Perfect workflow engine: a router to mount in any Hono app, and a typed client.
 *
 * @packageDocumentation
 */

// The API.
export { createPerfectRouter } from './router.ts'
export type { ApiEnv, FailedRequest, RequestFacts, RouterOptions } from './api-context.ts'
export type { SourceOptions } from './auth/request-source.ts'
export { SCOPES, type Authenticator, type Principal, type Scope } from './auth/authenticator.ts'
export { API_VERSION } from './auth/access.ts'

// Its clients.
export { createPerfectClient, type PerfectClient, type PerfectClientOptions } from './perfect-client.ts'
export type * from './app-type.ts'
export type { Endpoint } from './route-types.ts'

// What goes over the wire.
export type { FieldProblem, Problem } from './problem.ts'
export type { ClientBody } from './schema/client-schemas.ts'
export type { FlowAnswer, RegisterAnswer } from './schema/flow-schemas.ts'
export type { AddLogsAnswer, AddLogsBody, LogsUrlQueryInput } from './schema/log-schemas.ts'
export type { PageQueryInput } from './schema/page-schema.ts'
export type { CancelBody, RunAnswer, RunsUrlQueryInput, TriggerBody } from './schema/run-schemas.ts'
export type { EngineInfo, Health, Ready } from './schema/system-schemas.ts'
