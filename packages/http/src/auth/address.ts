import type { Context } from 'hono'

import type { ApiEnv } from '../api-context.ts'

/** Network address that a request comes from; null when the server does not tell. Behind a proxy that is the proxy's. */
export function addressOf(c: Context<ApiEnv>): string | null {
  // Servers for Node tell the socket in their environment.
  const { incoming } = (c.env ?? {}) as {
    readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
  }
  return incoming?.socket?.remoteAddress ?? null
}
