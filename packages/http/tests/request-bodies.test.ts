import { PerfectError } from '@perfect/core'
import { createPerfectRouter } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import { expectProblem, startApi, startEngine } from './sample-api.ts'

const TRIGGER = '/engine/trigger/note'

function nested(depth: number): string {
  return `{"input":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
}

describe('request bodies', () => {
  it.each(['{', '{"input":', "{'a':1}", '{"input":NaN}', '{} {}', '\u{FEFF}x'])('must be JSON: %j', async (body) => {
    const { engine, post } = await startApi()
    await expectProblem(await post(TRIGGER, body), 'REQUEST_MALFORMED', 400)
    expect((await engine.getRuns()).items).toEqual([])
  })

  it('must be UTF-8', async () => {
    const { app } = await startApi()
    const body = Buffer.from([0x22, 0xff, 0x22])
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
    await expectProblem(await app.request(TRIGGER, init), 'REQUEST_MALFORMED', 400)
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '',
  ])('must say that they are JSON, not %j', async (type) => {
    const { post } = await startApi()
    await expectProblem(await post(TRIGGER, '{}', { 'content-type': type }), 'CONTENT_TYPE_UNSUPPORTED', 415)
  })

  it.each(['application/json', 'APPLICATION/JSON; charset=utf-8', 'application/merge-patch+json'])(
    'may say it as %s',
    async (type) => {
      const { post } = await startApi()
      expect((await post(TRIGGER, '{}', { 'content-type': type })).status).toBe(202)
    },
  )

  it('may be 1 MiB and no larger by default', async () => {
    const { post } = await startApi()
    const sized = (bytes: number) => JSON.stringify({ input: 'x'.repeat(bytes - '{"input":""}'.length) })
    expect((await post(TRIGGER, sized(1024 * 1024))).status).toBe(202)
    const problem = await expectProblem(await post(TRIGGER, sized(1024 * 1024 + 1)), 'BODY_TOO_LARGE', 413)
    expect(problem.details).toEqual({ maxBytes: 1024 * 1024 })
  })

  it('are read no further than the limit when they do not say their size', async () => {
    const { app } = await startApi({ maxBodyBytes: 100 })
    let chunks = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        chunks++
        controller.enqueue(new Uint8Array(60))
      },
    })
    const headers = { 'content-type': 'application/json' }
    const response = await app.request(TRIGGER, { method: 'POST', body, headers, duplex: 'half' })
    await expectProblem(response, 'BODY_TOO_LARGE', 413)
    expect(chunks).toBeLessThan(5)
  })

  it('may be 64 levels deep', async () => {
    const { post } = await startApi()
    expect((await post(TRIGGER, nested(64))).status).toBe(202)
    const problem = await expectProblem(await post(TRIGGER, nested(65)), 'REQUEST_INVALID', 400)
    expect(problem.errors?.[0]?.message).toContain('64')
    await expectProblem(await post(TRIGGER, nested(200_000)), 'REQUEST_INVALID', 400)
  })

  it('have no key that changes prototypes', async () => {
    const { post } = await startApi()
    const body = '{"input":{"deep":[{"__proto__":{"isAdmin":true}}]}}'
    const problem = await expectProblem(await post(TRIGGER, body), 'REQUEST_INVALID', 400)
    expect(problem.errors).toEqual([
      { pointer: '/input/deep/0/__proto__', message: 'The key "__proto__" is not allowed' },
    ])
    expect('isAdmin' in {}).toBe(false)
    expect((await post(TRIGGER, '{"input":{"constructor":{"prototype":1}}}')).status).toBe(202)
  })

  it('may have been read by the host before', async () => {
    const engine = await startEngine()
    const { Hono } = await import('hono')
    const host = new Hono()
    host.use(async (c, next) => {
      await c.req.json()
      await next()
    })
    host.route('/', createPerfectRouter(engine))
    const init = { method: 'POST', body: '{"configuration":"debug"}', headers: { 'content-type': 'application/json' } }
    expect((await host.request(TRIGGER, init)).status).toBe(202)
    expect((await engine.getRuns()).items).toMatchObject([{ configuration: 'debug' }])
  })
})

describe('problems', () => {
  it('tell nothing of an unexpected error but an identifier, under which the host hears of it', async () => {
    const reported: unknown[] = []
    const { get } = await startApi({
      authenticate: () => {
        throw new Error('password is hunter2')
      },
      onError: (error, request) => reported.push([error, request]),
    })
    const response = await get('/engine/flows')
    const problem = await expectProblem(response, 'INTERNAL', 500)
    expect(JSON.stringify(problem)).not.toContain('hunter2')
    const id = response.headers.get('request-id') ?? ''
    expect(problem.detail).toContain(id)
    expect(reported).toEqual([[new Error('password is hunter2'), { id, method: 'GET', path: '/engine/flows' }]])
  })

  it('tell what an error of Perfect says', async () => {
    const { get } = await startApi({
      authenticate: () => Promise.reject(new PerfectError('UNAUTHORIZED', 'The token is out of date. Sign in again.')),
    })
    const response = await get('/engine/flows')
    expect(response.headers.get('www-authenticate')).toContain('Bearer')
    expect(await expectProblem(response, 'UNAUTHORIZED', 401)).toMatchObject({
      detail: 'The token is out of date. Sign in again.',
    })
  })

  it('answer requests for which there is no route', async () => {
    const { app, get } = await startApi()
    for (const path of ['/', '/nope', '/engine', '/engine/runs/x/y/z', '/client'])
      await expectProblem(await get(path), 'NOT_FOUND', 404)
    for (const method of ['DELETE', 'PUT', 'PATCH', 'OPTIONS'])
      await expectProblem(await app.request('/engine/flows', { method }), 'NOT_FOUND', 404)
  })
})

describe('paths', () => {
  it.each(['%E0%A4%A', '%00', '%2e%2e', '..%2f..', "'--", '🦆', 'x'.repeat(5000), '__proto__', 'constructor'])(
    'may name anything, and find nothing: %j',
    async (part) => {
      const { get } = await startApi()
      for (const path of [`/engine/flows/${part}`, `/engine/runs/${part}`, `/engine/runs/${part}/logs`])
        expect((await get(path)).status).toBe(404)
    },
  )
})

describe('headers of every answer', () => {
  it('carry the identifier of the request, made here or by the caller', async () => {
    const { get } = await startApi()
    expect((await get('/health')).headers.get('request-id')).toMatch(/^req_[0-9a-f]{32}$/)
    expect((await get('/health', { 'request-id': 'abc-1' })).headers.get('request-id')).toBe('abc-1')
    const hostile = (await get('/health', { 'request-id': '<script>' })).headers.get('request-id')
    expect(hostile).toMatch(/^req_/)
  })

  it.each(['/engine/flows', '/health', '/engine/flows/nope', '/nope'])('carry version and safety: %s', async (path) => {
    const { get } = await startApi()
    const { headers } = await get(path)
    expect(Object.fromEntries(headers)).toMatchObject({
      'perfect-api-version': '2026-12-01',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    })
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})
