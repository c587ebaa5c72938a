import type { ClientLogView, ClientView, Page } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { expectProblem, jsonOf, startApi } from './sample-api.ts'

const idle = { command: process.execPath, args: ['-e', 'console.log("up"); setInterval(() => {}, 1e6)'], graceMs: 500 }
const clients = { one: { ...idle, name: 'Client One' }, two: idle, broken: { command: '/does/not/exist' } }

async function statuses(response: Response): Promise<Record<string, string>> {
  expect(response.status).toBe(200)
  const { items } = await jsonOf<Page<ClientView>>(response)
  return Object.fromEntries(items.map(({ id, status }) => [id, status]))
}

describe('/client', () => {
  it('starts, shows and stops a declared client', async () => {
    const { get, post } = await startApi({}, { clients })
    expect(await statuses(await post('/client/start', { id: 'one' }))).toEqual({ one: 'running' })
    const { items } = await jsonOf<Page<ClientView>>(await get('/client/status'))
    expect(items).toMatchObject([
      { id: 'one', name: 'Client One', status: 'running', starts: 1 },
      { id: 'two', status: 'stopped', pid: null },
      { id: 'broken', status: 'stopped' },
    ])
    expect(items[0]?.pid).toBeGreaterThan(0)
    await expectProblem(await post('/client/start', { id: 'one' }), 'CLIENT_ALREADY_RUNNING', 409)
    expect(await statuses(await post('/client/stop', { id: 'one' }))).toEqual({ one: 'stopped' })
  })

  it('restarts a client: another process of the same declaration', async () => {
    const { get, post } = await startApi({}, { clients })
    await post('/client/start', { id: 'one' })
    const pidOf = async (): Promise<number | null | undefined> =>
      (await jsonOf<Page<ClientView>>(await get('/client/status'))).items[0]?.pid
    const before = await pidOf()
    expect(await statuses(await post('/client/restart', { id: 'one' }))).toEqual({ one: 'running' })
    expect(await pidOf()).not.toBe(before)
    await expectProblem(await post('/client/restart', { id: 'sh' }), 'CLIENT_NOT_FOUND', 404)
  })

  it('lists and downloads what a client has written', async () => {
    const { get, post } = await startApi({}, { clients })
    await post('/client/start', { id: 'one' })
    const linesOf = async (search: string): Promise<readonly ClientLogView[]> =>
      (await jsonOf<Page<ClientLogView>>(await get(`/client/one/logs${search}`))).items
    await expect.poll(() => linesOf('?stream=stdout')).toMatchObject([{ seq: 2, stream: 'stdout', text: 'up' }])
    expect(await linesOf('?q=STARTED')).toMatchObject([{ seq: 1, stream: 'system' }])
    expect((await get('/client/one/logs?limit=1')).headers.get('link')).toContain('after=1')
    const text = await (await get('/client/one/logs/download?format=text')).text()
    expect(text.split('\n')[1]).toMatch(/^\d{4}-.*Z stdout up$/)
    const file = await get('/client/one/logs/download')
    expect(file.headers.get('content-disposition')).toContain('one.ndjson')
    expect(JSON.parse((await file.text()).split('\n')[1] ?? '')).toMatchObject({ text: 'up' })
  })

  it('refuses lines of a client that is not declared, and numbers out of range', async () => {
    const { get } = await startApi({}, { clients })
    await expectProblem(await get('/client/sh/logs'), 'CLIENT_NOT_FOUND', 404)
    await expectProblem(await get('/client/sh/logs/download'), 'CLIENT_NOT_FOUND', 404)
    for (const search of ['limit=0', 'limit=1001', 'after=-1', 'stream=all'])
      await expectProblem(await get(`/client/one/logs?${search}`), 'REQUEST_INVALID', 400)
  })

  it('starts and stops all without an id', async () => {
    const { post } = await startApi({}, { clients: { one: idle, two: idle } })
    expect(await statuses(await post('/client/start'))).toEqual({ one: 'running', two: 'running' })
    expect(await statuses(await post('/client/stop', {}))).toEqual({ one: 'stopped', two: 'stopped' })
  })

  it('refuses a client that is not declared, or cannot be started', async () => {
    const { post } = await startApi({ onError: () => undefined }, { clients })
    await expectProblem(await post('/client/start', { id: 'sh' }), 'CLIENT_NOT_FOUND', 404)
    await expectProblem(await post('/client/stop', { id: 'sh' }), 'CLIENT_NOT_FOUND', 404)
    const problem = await expectProblem(await post('/client/start', { id: 'broken' }), 'CLIENT_START_FAILED', 500)
    expect(problem.details).toBeUndefined()
  })

  it.each([
    { id: 'one', command: 'sh' },
    { id: 'one', args: ['-c', 'id'] },
    { id: 'one', env: { LD_PRELOAD: 'x' } },
    { id: 'one', cwd: '/' },
    { command: 'sh' },
    { id: ['one'] },
    { id: { command: 'sh' } },
    { id: null },
    ['one'],
    'one',
  ])('refuses anything but the id of a client: %j', async (body) => {
    const { engine, post } = await startApi({}, { clients })
    for (const path of ['/client/start', '/client/stop', '/client/restart'])
      await expectProblem(await post(path, JSON.stringify(body)), 'REQUEST_INVALID', 400)
    expect(engine.processes.status().map(({ status }) => status)).toEqual(['stopped', 'stopped', 'stopped'])
  })
})
