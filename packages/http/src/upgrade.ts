/*
 * How a WebSocket gets its permission: the upgrade request goes through the host's whole app like any other request, so that host, origin,
 * caller, scope and what the host itself checks hold for it too. The route at its end grants the upgrade instead of answering.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import type { Context } from 'hono'
import type { WebSocket } from 'ws'

/** Answers a request, for example `app.fetch`. */
export type FetchHandler = (request: Request, env?: object) => Response | Promise<Response>

/** Takes over a WebSocket that is open. `connection` is what carries it. */
export type ConnectSocket = (socket: WebSocket, connection: Duplex) => void

/** Asks whether a connection may become a WebSocket: who takes it over when it may, else the refusal to write to it. */
export type CheckUpgrade = (incoming: IncomingMessage) => Promise<Response | ConnectSocket>

// In the environment of the request, where no caller can put anything.
const GRANT = Symbol('perfect.upgrade')

/** Makes the check of an app. What the app throws becomes the refusal. */
export function createUpgradeCheck(fetch: FetchHandler): CheckUpgrade {
  return async (incoming) => {
    const granted: { connect?: ConnectSocket } = {}
    const grant = (connect: ConnectSocket): void => void (granted.connect = connect)
    try {
      const response = await fetch(toRequest(incoming), { incoming, [GRANT]: grant })
      return granted.connect ?? response
    } catch {
      // A host header that is none, or an app without an error handler.
      return new Response(null, { status: 400 })
    }
  }
}

/** Lets the server make a WebSocket of the request; gives false when the server of the host cannot. */
export function grantUpgrade(c: Context, connect: ConnectSocket): boolean {
  const env = c.env as { readonly [GRANT]?: (connect: ConnectSocket) => void } | undefined
  const grant = env?.[GRANT]
  grant?.(connect)
  return grant !== undefined
}

function toRequest({ headers: given, url = '' }: IncomingMessage): Request {
  if (!url.startsWith('/')) throw new TypeError('The target of the request is not a path.')
  const headers = new Headers()
  for (const [name, value] of Object.entries(given))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one)
  return new Request(`http://${given.host ?? ''}${url}`, { headers })
}
