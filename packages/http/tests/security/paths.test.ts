import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { serveStatic } from '@hono/node-server/serve-static'
import { createPerfectRouter, type Authenticator } from '@perfect/http'
import { serve } from '@perfect/http/node'
import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'

import { ROUTES, type RouteFacts } from '../../src/route-table.ts'
import { startApi, startEngine } from '../sample-api.ts'

const routes: readonly (readonly [string, RouteFacts])[] = Object.entries(ROUTES)
const withParts = routes.filter(([, { path }]) => path.includes(':'))
const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

// Source: the traversal corpus of the OWASP testing guide, in the forms that a router may decode.
const TRAVERSALS = [
  '..',
  '../../../../etc/passwd',
  '..%2f..%2f..%2fetc%2fpasswd',
  '..%252f..%252fetc%252fpasswd',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '..%5c..%5cwindows%5cwin.ini',
  '..%c0%af..%c0%afetc%c0%afpasswd',
  '..%00/etc/passwd',
  'file:%2f%2f%2fetc%2fpasswd',
  '%2fetc%2fpasswd',
  'C:%5cwindows%5cwin.ini',
  '....%2f%2f....%2f%2fetc%2fpasswd',
]
const FILE = /root:.*:0:0:|\[fonts\]|127\.0\.0\.1\s+localhost/

/** Sends a path as it is: `fetch` would tidy it up. */
async function get(port: number, path: string, headers = ''): Promise<{ status: number; body: string }> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`)
  const answer = await text(socket)
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]), body: answer }
}

describe('paths', () => {
  it.each(withParts)('S-09: no part of the path of %s leads to a file', async (_name, route) => {
    const { app } = await startApi({}, { clients: { one: { command: process.execPath, args: ['-e', ''] } } })
    for (const traversal of TRAVERSALS) {
      const path = route.path.replaceAll(/:\w+/g, traversal)
      const response = await app.request(path, {
        method: route.method.toUpperCase(),
        signal: AbortSignal.timeout(2000),
      })
      const body = await response.text()
      expect([path, response.status < 500, FILE.test(body)]).toEqual([path, true, false])
    }
  })

  it.each(['ndjson', 'text', '../../etc/passwd', 'text%00', '/etc/passwd'])(
    'S-09: the name of a download is not from the request: format %s',
    async (format) => {
      const api = await startApi()
      const { id } = await api.engine.triggerFlow('note')
      const response = await api.get(`/engine/runs/${id}/logs/download?format=${format}`)
      const name = response.headers.get('content-disposition') ?? `attachment; filename="${id}.log"`
      expect(name).toMatch(/^attachment; filename="[\w.-]+"$/)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      await response.body?.cancel()
    },
  )

  it('S-03: what a host serves beside the API opens none of its routes, and the API none of its files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perfect-static-'))
    cleanups.push(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'page.html'), 'a page')
    await writeFile(join(folder, 'engine'), 'a file')
    const engine = await startEngine()
    const authenticate: Authenticator = () => null
    const app = new Hono()
      .route('/api', createPerfectRouter(engine, { authenticate }))
      .use('*', serveStatic({ root: folder }))
    const server = await serve(engine, { port: 0, fetch: app.fetch })
    cleanups.push(() => server.close())
    expect((await get(server.port, '/page.html')).body).toContain('a page')
    for (const [, { path, method, needs }] of routes) {
      if (method !== 'get' || needs === 'public') continue
      const own = path.replaceAll(/:\w+/g, 'x')
      for (const spelling of [
        `/api${own}`,
        `/page.html/../api${own}`,
        `/%2e%2e/api${own}`,
        `/api/..//api${own}`,
        `//api${own}`,
        `/api%2f${own.slice(1)}`,
        `/api${own}/../../page.html`,
        `/api${own}%2f..%2f..%2fpage.html`,
        `/./api${own}`,
      ]) {
        const { status, body } = await get(server.port, spelling)
        const isPage = body.includes('a page') && !spelling.includes('%2f')
        expect([spelling, isPage || [400, 401, 404].includes(status)]).toEqual([spelling, true])
      }
    }
    for (const outside of ['/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc%2fpasswd'])
      expect(FILE.test((await get(server.port, outside)).body)).toBe(false)
  })
})
