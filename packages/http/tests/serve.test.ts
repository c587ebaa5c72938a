import { once } from 'node:events'
import { connect } from 'node:net'

import { PerfectError } from '@perfect/core'
import { createPerfectRouter } from '@perfect/http'
import { serve, type PerfectServer, type ServeOptions } from '@perfect/http/node'
import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'

import { countOpenStreams } from '../src/live/open-streams.ts'
import { expectProblem, jsonOf, startEngine, until } from './sample-api.ts'

const servers: PerfectServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function start(options: ServeOptions = {}): Promise<PerfectServer> {
  const server = await serve(await startEngine(), { port: 0, ...options })
  servers.push(server)
  return server
}

async function refusal(promise: Promise<unknown>): Promise<PerfectError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (PerfectError.is(error)) return error
  throw new Error('It was not refused.')
}

/** Sends bytes as they are, and gives what comes back. */
async function raw({ port }: PerfectServer, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(text)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => undefined)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

describe('serve()', () => {
  it('serves the API on a loopback address, under /api', async () => {
    const { url, port } = await start()
    expect(url).toBe(`http://127.0.0.1:${String(port)}`)
    expect((await fetch(`${url}/api/engine/flows`)).status).toBe(200)
    await expectProblem(await fetch(`${url}/api/nope`), 'NOT_FOUND', 404)
  })

  it('serves it under another prefix, and at the root', async () => {
    const nested = await start({ prefix: '/ops/api' })
    expect((await fetch(`${nested.url}/ops/api/engine/flows`)).status).toBe(200)
    const root = await start({ prefix: '/' })
    expect((await fetch(`${root.url}/engine/flows`)).status).toBe(200)
  })

  it('serves an app of the host that has the API mounted', async () => {
    const engine = await startEngine()
    const app = new Hono().get('/', (c) => c.text('page'))
    app.route('/api', createPerfectRouter(engine))
    const server = await serve(engine, { port: 0, fetch: app.fetch })
    servers.push(server)
    expect(await (await fetch(server.url)).text()).toBe('page')
    expect((await fetch(`${server.url}/api/engine/flows`)).status).toBe(200)
  })

  it('leaves the globals of the host alone', async () => {
    const before = [globalThis.Request, globalThis.Response]
    await start()
    expect([globalThis.Request, globalThis.Response]).toEqual(before)
  })

  it('listens on IPv6 loopback, too', async () => {
    const { url } = await start({ hostname: '::1' })
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/)
    expect((await fetch(`${url}/api/engine/flows`)).status).toBe(200)
  })

  it('says what to do when the port is in use', async () => {
    const { port } = await start()
    const error = await refusal(serve(await startEngine(), { port }))
    expect(error.code).toBe('PORT_IN_USE')
    expect(error.message).toContain(`Port ${String(port)} of 127.0.0.1 is in use`)
    expect(error.message).toContain('another port')
  })

  it('refuses to listen on a network without asking who calls', async () => {
    for (const hostname of ['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.0.0.1.example.com']) {
      const error = await refusal(serve(await startEngine(), { port: 0, hostname }))
      expect([error.code, error.message]).toEqual(['UNAUTHORIZED', expect.stringContaining(hostname)])
    }
  })

  it('refuses that also for an app of the host, whose router asks nobody', async () => {
    const engine = await startEngine()
    const open = new Hono().route('/api', createPerfectRouter(engine))
    const error = await refusal(serve(engine, { port: 0, hostname: '0.0.0.0', fetch: open.fetch }))
    expect(error.code).toBe('UNAUTHORIZED')
    const unknown = await refusal(serve(await startEngine(), { port: 0, hostname: '0.0.0.0', fetch: open.fetch }))
    expect(unknown.code).toBe('UNAUTHORIZED')
  })

  it('listens on a network when callers are asked, or when it is told to', async () => {
    const asked = await start({ hostname: '0.0.0.0', authenticate: () => null })
    await expectProblem(await fetch(`http://127.0.0.1:${String(asked.port)}/api/engine/flows`), 'UNAUTHORIZED', 401)
    const told = await start({ hostname: '0.0.0.0', allowUnauthenticated: true })
    expect((await fetch(`http://127.0.0.1:${String(told.port)}/api/engine/flows`)).status).toBe(200)
    const engine = await startEngine()
    const app = new Hono().route('/api', createPerfectRouter(engine, { authenticate: () => null }))
    const mounted = await serve(engine, { port: 0, hostname: '0.0.0.0', fetch: app.fetch })
    servers.push(mounted)
    expect(mounted.port).toBeGreaterThan(0)
  })

  it('refuses names that were pointed at this machine', async () => {
    const server = await start()
    const answer = await raw(
      server,
      'GET /api/engine/flows HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 403 .*HOST_NOT_ALLOWED/s)
  })

  it.each([
    'GET /api/engine/flows HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
    'GET /api/engine/flows HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n',
    'GET /api/engine/flows HTTP/1.1\r\nHost: @\r\nConnection: close\r\n\r\n',
    'GET /api\\engine HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    'GET http://[/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    'POST /api/client/start HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{',
    'GET /api/engine/workers/connect HTTP/1.1\r\nHost: [\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    'GET //evil/api/engine/workers/connect HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    'NONSENSE\r\n\r\n',
  ])('outlives %j', async (text) => {
    const server = await start()
    expect(await raw(server, text)).not.toMatch(/^HTTP\/1\.1 (2|101)/)
    expect((await fetch(`${server.url}/api/health`)).status).toBe(200)
  })

  it('answers a body that is too large, and goes on', async () => {
    const { url } = await start({ maxBodyBytes: 1000 })
    const init = { method: 'POST', body: 'x'.repeat(500_000), headers: { 'content-type': 'application/json' } }
    await expectProblem(await fetch(`${url}/api/engine/trigger/note`, init), 'BODY_TOO_LARGE', 413)
    expect((await fetch(`${url}/api/health`)).status).toBe(200)
  })

  it('sends live events, and notices readers that go', async () => {
    const engine = await startEngine()
    const server = await serve(engine, { port: 0 })
    servers.push(server)
    const abort = new AbortController()
    const response = await fetch(`${server.url}/api/engine/events`, { signal: abort.signal })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toMatch(/^retry: 2000\nid: .*\nevent: hello\n/)
    engine.registerFlow({ name: 'Remote' })
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('event: flow.updated')
    expect(countOpenStreams(engine)).toBe(1)
    abort.abort()
    await until('the stream has ended', () => countOpenStreams(engine) === 0)
  })
})

describe('close()', () => {
  it('ends live streams and frees the port, soon', async () => {
    const engine = await startEngine()
    const server = await serve(engine, { port: 0 })
    const response = await fetch(`${server.url}/api/engine/events`)
    const begin = performance.now()
    await server.close()
    expect(performance.now() - begin).toBeLessThan(900)
    expect(await response.text()).toContain('event: hello')
    expect(countOpenStreams(engine)).toBe(0)
    expect(engine.state).toBe('running')
    const next = await serve(engine, { port: server.port })
    servers.push(next)
    expect(await jsonOf(await fetch(`${next.url}/api/health`))).toEqual({ status: 'ok' })
  })

  it('does not wait for callers that never end', async () => {
    const server = await serve(await startEngine(), { port: 0 })
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('POST /api/client/start HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{')
    await once(socket, 'connect')
    await Promise.all([server.close(), once(socket, 'close')])
    expect(server.server.listening).toBe(false)
  })

  it('does nothing the second time', async () => {
    const server = await serve(await startEngine(), { port: 0 })
    await Promise.all([server.close(), server.close()])
    await server.close()
    expect(server.server.listening).toBe(false)
  })
})
