/* The API in the servers that people have, each mounted as its documentation says. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { getRequestListener } from '@hono/node-server'
import type { FlowEngine } from '@perfect/core'
import { createPerfectRouter } from '@perfect/http'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'

/** A host that listens; the API is under `url`. */
export interface Host {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Under which all of them have the API. */
export const PREFIX = '/ops/api'

/** Ways to mount the API by the name of the server. */
export const HOSTS: Readonly<Record<string, (engine: FlowEngine) => Promise<Host>>> = {
  'plain Hono': (engine) => {
    const app = new Hono().get('/', (c) => c.text('host'))
    app.route(PREFIX, createPerfectRouter(engine))
    return listening(createServer(listenerOf(app.fetch)))
  },
  "Node's http": (engine) => {
    const api = listenerOf(mounted(engine).fetch)
    return listening(
      createServer((request, response) => {
        if (request.url?.startsWith(`${PREFIX}/`)) api(request, response)
        else response.end('host')
      }),
    )
  },
  'Express 5': (engine) => {
    const app = express()
    app.use(PREFIX, listenerOf(createPerfectRouter(engine).fetch))
    app.use(express.json())
    app.get('/', (_request, response) => void response.send('host'))
    return listening(createServer(app))
  },
  Fastify: async (engine) => {
    const app = fastify()
    const api = listenerOf(mounted(engine).fetch)
    app.get('/', () => 'host')
    await app.register((scope, _options, done) => {
      // The API reads its bodies itself.
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null))
      scope.all(`${PREFIX}/*`, (request, reply) => {
        reply.hijack()
        api(request.raw, reply.raw)
      })
      done()
    })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return { url, close: () => (app.server.closeAllConnections(), app.close()) }
  },
  'Next.js route handlers': (engine) => {
    // `app/ops/api/[...path]/route.ts` exports one function for each method; Next calls it with a Request.
    const { fetch } = mounted(engine)
    const handle = (request: Request): Response | Promise<Response> => fetch(request)
    const route: Readonly<Record<string, typeof handle>> = { GET: handle, POST: handle, PUT: handle, DELETE: handle }
    const next = (request: Request): Response | Promise<Response> =>
      new URL(request.url).pathname === '/'
        ? new Response('host')
        : (route[request.method]?.(request) ?? new Response(null, { status: 405 }))
    return listening(createServer(listenerOf(next)))
  },
}

function mounted(engine: FlowEngine): Hono {
  return new Hono().route(PREFIX, createPerfectRouter(engine))
}

function listenerOf(
  fetch: (request: Request, env?: object) => Response | Promise<Response>,
): (...args: Parameters<ReturnType<typeof getRequestListener>>) => void {
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false })
  return (request, response) => void listener(request, response)
}

/** A server on any free port. */
async function listening(server: Server): Promise<Host> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  server.listen(0, '127.0.0.1', () => resolve(undefined))
  await promise
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
