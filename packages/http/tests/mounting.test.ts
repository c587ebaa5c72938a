import type { RunAnswer } from '@perfect/http'
import { createPerfectRouter } from '@perfect/http'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'

import { expectProblem, jsonOf, startEngine } from './sample-api.ts'

describe('createPerfectRouter()', () => {
  it('works under any prefix, and says where things are with it', async () => {
    const engine = await startEngine()
    const host = new Hono().get('/', (c) => c.text('host'))
    host.route('/ops/v2/api', createPerfectRouter(engine))
    const response = await host.request('/ops/v2/api/engine/trigger/note', { method: 'POST' })
    const { run } = await jsonOf<RunAnswer>(response)
    expect(response.headers.get('location')).toBe(`/ops/v2/api/engine/runs/${run.id}`)
    const runs = await host.request('/ops/v2/api/engine/runs?limit=1')
    expect(runs.status).toBe(200)
    const spec = await jsonOf(await host.request('/ops/v2/api/openapi.json'))
    expect(spec['servers']).toEqual([{ url: '/ops/v2/api' }])
    expect(await (await host.request('/')).text()).toBe('host')
  })

  it('answers with problems under its prefix, and leaves the rest to the host', async () => {
    const engine = await startEngine()
    const host = new Hono()
    host.route('/api', createPerfectRouter(engine))
    await expectProblem(await host.request('/api/nope'), 'NOT_FOUND', 404)
    await expectProblem(await host.request('/api/engine/flows/nope'), 'FLOW_NOT_FOUND', 404)
    expect(await (await host.request('/nope')).text()).toBe('404 Not Found')
    expect((await host.request('/nope')).headers.get('perfect-api-version')).toBeNull()
  })

  it('leaves routes of the host alone when it is mounted at the root', async () => {
    const engine = await startEngine()
    const host = new Hono()
    host.route('/', createPerfectRouter(engine))
    host.get('/shop', (c) => c.text('open'))
    expect((await host.request('/engine/flows')).status).toBe(200)
    const shop = await host.request('/shop')
    expect([await shop.text(), shop.headers.get('perfect-api-version')]).toEqual(['open', null])
    expect(await (await host.request('/nope')).text()).toBe('404 Not Found')
  })

  it('says whole paths where Express has cut its own off', async () => {
    const engine = await startEngine()
    const env = { incoming: { originalUrl: '/ops/api/engine/trigger/note?x=1' } }
    const app = createPerfectRouter(engine)
    const response = await app.request('/engine/trigger/note?x=1', { method: 'POST' }, env)
    expect(response.headers.get('location')).toMatch(/^\/ops\/api\/engine\/runs\/run_/)
  })

  it('is mounted twice with different rights', async () => {
    const engine = await startEngine()
    const host = new Hono()
    host.route('/open', createPerfectRouter(engine))
    host.route('/closed', createPerfectRouter(engine, { authenticate: () => null }))
    expect((await host.request('/open/engine/flows')).status).toBe(200)
    await expectProblem(await host.request('/closed/engine/flows'), 'UNAUTHORIZED', 401)
  })

  it('gives errors that bring their own answer as they are', async () => {
    const { HTTPException } = await import('hono/http-exception')
    const engine = await startEngine()
    const app = createPerfectRouter(engine, {
      authenticate: () => {
        throw new HTTPException(307, { res: new Response(null, { status: 307, headers: { location: '/login' } }) })
      },
    })
    const response = await app.request('/engine/flows')
    expect([response.status, response.headers.get('location')]).toEqual([307, '/login'])
  })
})
