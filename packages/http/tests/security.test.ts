import { createPerfectRouter, SCOPES, type Authenticator, type Scope } from '@perfect/http'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'

import { ROUTES, type RouteFacts } from '../src/route-table.ts'
import { expectProblem, startApi, startEngine } from './sample-api.ts'

const routes: readonly (readonly [string, RouteFacts])[] = Object.entries(ROUTES)
const guarded = routes.filter(([, { needs }]) => needs !== 'public')

/** Tokens are lists of scopes, as `Bearer read,run`; one that ends with an exclamation mark has expired. */
const byToken: Authenticator = ({ headers }) => {
  const token = /^Bearer (.*)$/.exec(headers.get('authorization') ?? '')?.[1]
  if (token === undefined || token.endsWith('!')) return null
  return { name: 'tester', scopes: SCOPES.filter((scope) => token.split(',').includes(scope)) }
}

function pathOf({ path }: RouteFacts): string {
  return path.replaceAll(/:\w+/g, 'x')
}

function callOf({ method }: RouteFacts, headers: Record<string, string> = {}): RequestInit {
  return { method: method.toUpperCase(), headers, signal: AbortSignal.timeout(5000) }
}

describe('route table', () => {
  it('has every route of the router, and the router every route of it', async () => {
    const engine = await startEngine()
    const { routes: registered } = createPerfectRouter(engine)
    const own = new Set(registered.filter(({ path }) => path !== '/*').map(({ method, path }) => `${method} ${path}`))
    const table = routes.map(([, { method, path }]) => `${method.toUpperCase()} ${path}`)
    expect([...own].toSorted()).toEqual(table.toSorted())
  })

  it('makes nothing public but health and readiness', () => {
    const open = routes.filter(([, { needs }]) => needs === 'public').map(([, { path }]) => path)
    expect(open).toEqual(['/health', '/ready'])
  })
})

describe('authenticate', () => {
  it.each(guarded)('S-01: is asked for %s', async (_name, route) => {
    const { app } = await startApi({ authenticate: byToken })
    for (const authorization of [
      '',
      'Bearer',
      'Basic cmVhZA==',
      'bearer read',
      'Token read',
      'Bearer read,run,admin,worker!',
    ]) {
      const response = await app.request(pathOf(route), callOf(route, authorization === '' ? {} : { authorization }))
      expect(response.headers.get('www-authenticate')).toContain('Bearer')
      await expectProblem(response, 'UNAUTHORIZED', 401)
    }
  })

  it.each(guarded)('S-04: lets only the scopes of %s through', async (_name, route) => {
    const { app } = await startApi({ authenticate: byToken })
    const needs = route.needs as readonly Scope[]
    const others = SCOPES.filter((scope) => !needs.includes(scope))
    for (const token of ['none', 'READ', others.join(','), ...others]) {
      const response = await app.request(pathOf(route), callOf(route, { authorization: `Bearer ${token}` }))
      await expectProblem(response, 'FORBIDDEN', 403)
    }
    for (const scope of needs) {
      const response = await app.request(pathOf(route), callOf(route, { authorization: `Bearer ${scope}` }))
      expect([401, 403]).not.toContain(response.status)
      await response.body?.cancel()
    }
  })

  it.each(guarded)('S-01: is not got around by another spelling of %s', async (_name, route) => {
    const engine = await startEngine()
    const host = new Hono()
    host.route('/api', createPerfectRouter(engine, { authenticate: byToken }))
    const path = pathOf(route)
    const spellings = [
      `/api${path.replaceAll('/', '%2F')}`,
      `/api${path.replaceAll('/', '%2f')}`,
      `/api/${path}`,
      `//api${path}`,
      `/api${path.replaceAll('/', '//')}`,
      `/api/.${path}`,
      `/api/x/..${path}`,
      `/api${path}/`,
      `/api${path}/health`,
      `/api${path}/configs`,
      `/api${path}/./`,
      `/api/;x${path}`,
      `/api${path}/ready`,
      `/api${path}%2Fhealth`,
      `/api${path};health`,
      `/api${path}?/health`,
      `/api/health${path}`,
      `/api/health/..${path}`,
      `/api${path.toUpperCase()}`,
      `/%61pi${path}`,
      `/api${path}%00`,
      `/api${path}.json`,
    ]
    for (const spelling of spellings) {
      const response = await host.request(`http://localhost${spelling}`, callOf(route))
      expect([spelling, response.status]).toEqual([spelling, response.status === 404 ? 404 : 401])
      await response.body?.cancel()
    }
  })

  it('names the caller as the one who triggered a run', async () => {
    const { engine, post } = await startApi({ authenticate: byToken })
    expect((await post('/engine/trigger/note', {}, { authorization: 'Bearer run' })).status).toBe(202)
    expect((await engine.getRuns()).items).toMatchObject([{ trigger: { kind: 'api', by: 'tester' } }])
  })

  it('is not asked for health and readiness, and for nothing that only ends like them', async () => {
    const { get } = await startApi({ authenticate: byToken })
    expect((await get('/health')).status).toBe(200)
    expect((await get('/ready')).status).toBe(200)
    for (const path of ['/HEALTH', '/health/', '//health', '/engine/health', '/health/x'])
      await expectProblem(await get(path), 'NOT_FOUND', 404)
  })
})

describe('allowedHosts', () => {
  const hostile = [
    'evil.example',
    'evil.example:3000',
    'localhost.evil.example',
    'localhost.',
    '127.0.0.1.nip.io',
    'localhost@evil.example',
    'evil.example#localhost',
    'evil.example/localhost',
    '[::2]',
    '0.0.0.0',
    '',
    ' ',
    '[',
    'a b',
    'localhost:port',
  ]

  it.each(guarded)('S-05: refuse %s under a name that is not ours', async (_name, route) => {
    const { app } = await startApi()
    for (const host of hostile)
      await expectProblem(await app.request(pathOf(route), callOf(route, { host })), 'HOST_NOT_ALLOWED', 403)
  })

  it.each(hostile)('S-05: refuses %j by default', async (host) => {
    const { engine, get, post } = await startApi()
    for (const response of [
      await get('/engine/flows', { host }),
      await get('/engine/events', { host }),
      await get('/openapi.json', { host }),
      await post('/engine/trigger/note', undefined, { host }),
    ])
      await expectProblem(response, 'HOST_NOT_ALLOWED', 403)
    expect((await engine.getRuns()).items).toEqual([])
  })

  it.each(['localhost', 'LOCALHOST:3000', '127.0.0.1:8080', '127.1', '[::1]', '[::1]:3000', '[0:0:0:0:0:0:0:1]'])(
    'takes %s by default',
    async (host) => {
      const { get } = await startApi()
      expect((await get('/engine/flows', { host })).status).toBe(200)
    },
  )

  it('takes the names it is given, with their port when they have one', async () => {
    const { get } = await startApi({ allowedHosts: ['ops.example', 'Shop.example:8443', '[::1:0]'] })
    const status = async (host: string) => (await get('/engine/flows', { host })).status
    expect(await status('ops.example')).toBe(200)
    expect(await status('OPS.example:99')).toBe(200)
    expect(await status('shop.example:8443')).toBe(200)
    expect(await status('shop.example')).toBe(403)
    expect(await status('[0::1:0]:3000')).toBe(200)
    expect(await status('localhost')).toBe(403)
  })

  it('takes any name when it is told to', async () => {
    const { get } = await startApi({ allowedHosts: 'any' })
    expect((await get('/engine/flows', { host: 'whatever.example' })).status).toBe(200)
  })
})

describe('allowedOrigins', () => {
  const host = '127.0.0.1:3000'
  const changing = guarded.filter(([, { method }]) => method !== 'get')

  it.each(changing)('S-06: refuse %s that a foreign page asks for', async (_name, route) => {
    const { app } = await startApi()
    for (const foreign of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const response = await app.request(pathOf(route), callOf(route, { host, ...foreign }))
      await expectProblem(response, 'ORIGIN_NOT_ALLOWED', 403)
    }
  })

  it.each(guarded)('S-06: refuse to upgrade %s for a foreign page', async (_name, route) => {
    const { app } = await startApi()
    const upgrade = { upgrade: 'websocket', connection: 'upgrade', origin: 'https://evil.example' }
    const response = await app.request(pathOf(route), callOf(route, { host, ...upgrade }))
    await expectProblem(response, 'ORIGIN_NOT_ALLOWED', 403)
  })

  it.each([
    { origin: 'https://evil.example' },
    { origin: 'http://127.0.0.1:4000' },
    { origin: 'http://localhost:3000' },
    { origin: 'null' },
    { origin: '' },
    { origin: '[' },
    { origin: 'http://127.0.0.1:3000.evil.example' },
    { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'cross-site' },
  ])('refuses changes from %j, also as an upgrade', async (headers) => {
    const { app, engine, get, post } = await startApi({}, { clients: { one: { command: 'does-not-matter' } } })
    const sent = { host, ...headers } as Record<string, string>
    for (const path of ['/engine/trigger/note', '/client/start', '/client/stop', '/engine/register'])
      await expectProblem(await post(path, undefined, sent), 'ORIGIN_NOT_ALLOWED', 403)
    const upgrade = { ...sent, upgrade: 'websocket', connection: 'upgrade' }
    await expectProblem(await get('/engine/workers/connect', upgrade), 'ORIGIN_NOT_ALLOWED', 403)
    const removal = await app.request('/engine/workers/sessions/x', { method: 'DELETE', headers: sent })
    await expectProblem(removal, 'ORIGIN_NOT_ALLOWED', 403)
    expect((await engine.getRuns()).items).toEqual([])
  })

  it.each([
    {},
    { origin: 'http://127.0.0.1:3000' },
    { origin: 'https://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' },
  ])('takes changes from %j', async (headers) => {
    const { post } = await startApi()
    const sent = { host, ...headers } as Record<string, string>
    expect((await post('/engine/trigger/note', undefined, sent)).status).toBe(202)
  })

  it('takes changes from the origins it is given', async () => {
    const { post } = await startApi({ allowedOrigins: ['https://ops.example/', 'http://[::1]:5173'] })
    const status = async (origin: string) =>
      (await post('/engine/trigger/note', undefined, { host, origin, 'sec-fetch-site': 'cross-site' })).status
    expect(await status('https://ops.example')).toBe(202)
    expect(await status('http://[::1]:5173')).toBe(202)
    expect(await status('http://ops.example')).toBe(403)
  })

  it('lets foreign pages send what changes nothing, since they cannot read the answer', async () => {
    const { get } = await startApi()
    const response = await get('/engine/flows', { host, origin: 'https://evil.example' })
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, null])
  })
})
