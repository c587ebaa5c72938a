import { ERROR_CODES, PerfectError, type ErrorCode } from '@perfect/core'
import { hc } from 'hono/client'

import type { AppType } from './app-type.ts'

/** How to reach an API. */
export interface PerfectClientOptions {
  /** Sent as `Authorization: Bearer ...`. */
  readonly token?: string
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
}

/** A typed client of the API; its methods follow the paths. */
export type PerfectClient = ReturnType<typeof hc<AppType>>

/**
 * Makes a typed client. What the API refuses is thrown as the same {@link PerfectError} that the engine throws, so the answers are
 * always those of success.
 *
 * @param baseUrl Where the API is mounted, for example `http://127.0.0.1:3000/api`.
 * @example
 * ```ts
 * const client = createPerfectClient('http://127.0.0.1:3000/api')
 * const answer = await client.engine.trigger[':flowId'].$post({ param: { flowId: 'etl' }, json: { configuration: 'debug' } })
 * const { run } = await answer.json()
 * ```
 */
export function createPerfectClient(baseUrl: string, options: PerfectClientOptions = {}): PerfectClient {
  const { token, fetch = globalThis.fetch } = options
  return hc<AppType>(baseUrl, {
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    fetch: async (...request: Parameters<typeof fetch>) => {
      const response = await fetch(...request)
      if (response.ok) return response
      throw await toError(response)
    },
  })
}

async function toError(response: Response): Promise<PerfectError> {
  const body: unknown = await response.json().catch(() => null)
  const problem = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const { code, detail, details, errors } = problem
  const known = typeof code === 'string' && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'INTERNAL'
  const message = typeof detail === 'string' ? detail : `The server answered with status ${String(response.status)}.`
  return new PerfectError(known, message, {
    details: {
      ...(typeof details === 'object' && details),
      ...(errors !== undefined && { errors }),
      status: response.status,
    },
  })
}
