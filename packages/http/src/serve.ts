/*
 * A ready HTTP server for Node: the API of an engine under a prefix, or an app of the host that has it mounted, with the WebSockets of
 * remote workers and live events. On the own machine by default.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { getRequestListener, RequestError } from '@hono/node-server'
import { ERROR_CODES, PerfectError, type FlowEngine } from '@perfect/core'
import { Hono } from 'hono'

import type { RouterOptions } from './api-context.ts'
import { isGuarded } from './auth/open-routers.ts'
import { endOpenStreams } from './live/open-streams.ts'
import { PROBLEM_TYPE, toProblem } from './problem.ts'
import { createPerfectRouter } from './router.ts'
import { isLoopback, openToNetwork, toListenError } from './serve-errors.ts'
import { createUpgradeCheck, type FetchHandler } from './upgrade.ts'
import { attachWebSockets, type WebSockets } from './web-sockets.ts'

/** How to serve an engine. */
export interface ServeOptions extends RouterOptions {
  /** Range: 0..65,535; 0 takes any that is free. Default: 3000. */
  readonly port?: number
  /** Address to listen on. Any but a loopback address needs `authenticate`. Default: `"127.0.0.1"`. */
  readonly hostname?: string
  /** Path that the API is mounted under. Default: `"/api"`. */
  readonly prefix?: string
  /**
   * The host's own app, with a router of the same engine mounted under `prefix`; the options of the router are given there then.
   * Default: an app with nothing but the API.
   */
  readonly fetch?: FetchHandler
  /** Listen on a network and ask nobody who they are. Default: false. */
  readonly allowUnauthenticated?: boolean
}

/** A server that listens. */
export interface PerfectServer {
  /** Where it is reached, without the prefix, for example `http://127.0.0.1:3000`. */
  readonly url: string
  readonly port: number
  /** Node's server, for what else the host wants of it. */
  readonly server: Server
  /** Stops: ends live streams and worker connections, lets other requests end for a moment. The engine goes on. */
  close(): Promise<void>
}

const DEFAULT_PORT = 3000
// Requests that take longer than this to end are cut off when the server closes.
const CLOSE_GRACE_MS = 1000
const SWEEP_MS = 20

/**
 * Serves the API of an engine. Gives the server once it listens; the engine is started by the host.
 *
 * @throws {PerfectError} PORT_IN_USE
 * @throws {PerfectError} UNAUTHORIZED when it would listen on a network without asking who calls.
 * @example
 * ```ts
 * const server = await serve(engine, { port: 3000 })
 * console.log(server.url)
 * ```
 */
export async function serve(engine: FlowEngine, options: ServeOptions = {}): Promise<PerfectServer> {
  const { port = DEFAULT_PORT, hostname = '127.0.0.1', prefix = '/api', allowUnauthenticated = false } = options
  const fetch = options.fetch ?? mountedRouter(engine, prefix, options)
  if (!isLoopback(hostname) && !allowUnauthenticated && !isGuarded(engine)) throw openToNetwork(hostname)
  // The globals of the host stay as they are.
  const listener = getRequestListener(fetch, { hostname, overrideGlobalObjects: false, errorHandler: answerFailure })
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  const sockets = attachWebSockets(server, { engine, check: createUpgradeCheck(fetch) })
  try {
    const address = await listen(server, hostname, port)
    const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address
    const url = `http://${shown}:${String(address.port)}`
    return { url, port: address.port, server, close: () => close(server, engine, sockets) }
  } catch (error) {
    sockets.close()
    throw toListenError(error, hostname, port)
  }
}

function mountedRouter(engine: FlowEngine, prefix: string, options: ServeOptions): FetchHandler {
  const app = new Hono().route(prefix, createPerfectRouter(engine, options))
  return (request, env) => app.fetch(request, env)
}

/** What reaches no app: a request that is none. */
function answerFailure(error: unknown): Response {
  const id = `req_${crypto.randomUUID().replaceAll('-', '')}`
  const malformed = new PerfectError('REQUEST_INVALID', 'The request line or the header "Host" is not valid.')
  const problem = toProblem(error instanceof RequestError ? malformed : error, id)
  return new Response(JSON.stringify(problem), {
    status: ERROR_CODES[problem.code].status,
    headers: { 'content-type': PROBLEM_TYPE, 'request-id': id },
  })
}

async function listen(server: Server, hostname: string, port: number): Promise<AddressInfo> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  server.once('error', reject)
  server.listen(port, hostname, () => resolve(undefined))
  await promise
  server.off('error', reject)
  return server.address() as AddressInfo
}

async function close(server: Server, engine: FlowEngine, sockets: WebSockets): Promise<void> {
  if (!server.listening) return
  const { promise, resolve } = Promise.withResolvers<undefined>()
  server.close(() => resolve(undefined))
  endOpenStreams(engine)
  sockets.close()
  // Node ends idle connections only at the call of close; those of the streams become idle after it.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
  const cutOff = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS)
  await promise
  clearInterval(sweep)
  clearTimeout(cutOff)
}
