import { hc } from 'hono/client'

import type { AppType } from './app-type.ts'
import { problemError } from './problem-error.ts'

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
 * Makes a typed client. What the API refuses is thrown as the same `PerfectError` that the engine throws, so the answers are
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
      throw await problemError.of(response)
    },
  })
}
