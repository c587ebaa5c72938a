/*
 * How routes keep the types that `hc` needs. Exported types are written down (see `app-type.ts`), so that they read well and do not hang
 * on what a compiler infers; `declared` fails to compile when the code of a route group is anything else than its declared type.
 */
import type { Context, Hono } from 'hono'
import type { ExtractSchema, Schema, TypedResponse } from 'hono/types'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

import type { ApiEnv } from './api-context.ts'

/** A route that answers with JSON, as `hc` knows it. Not an interface: `hc` needs the index signature that only aliases have. */
export type Endpoint<In, Out, Status extends ContentfulStatusCode = 200> = {
  input: In
  output: Out
  outputFormat: 'json'
  status: Status
}

/** Answers with JSON of exactly this type. Only for values that are JSON already, as all views are. */
export function answer<T extends object, S extends ContentfulStatusCode>(
  c: Context<ApiEnv>,
  value: T,
  status: S,
): Response & TypedResponse<T, S, 'json'> {
  return c.json(value, status) as unknown as Response & TypedResponse<T, S, 'json'>
}

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

/** Gives an app its declared type, when that is what it is. */
export function declared<S extends Schema>(): <App extends Hono<ApiEnv, Schema>>(
  app: App,
  ...differs: Same<ExtractSchema<App>, S> extends true ? [] : [ExtractSchema<App>]
) => Hono<ApiEnv, S> {
  return (app, ..._differs) => app
}
