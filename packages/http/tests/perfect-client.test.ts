import type { RunView } from '@perfect/core'
import { PerfectError } from '@perfect/core'
import { createPerfectClient, createPerfectRouter } from '@perfect/http'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'

import { ended, startEngine } from './sample-api.ts'

async function connect(token?: string) {
  const engine = await startEngine()
  const host = new Hono()
  host.route(
    '/api',
    createPerfectRouter(engine, {
      authenticate: ({ headers }) =>
        headers.get('authorization') === 'Bearer secret' ? { name: 'me', scopes: ['read', 'run'] } : null,
    }),
  )
  const fetch: typeof globalThis.fetch = async (input, init) => host.request(input, init)
  const options = { fetch, ...(token !== undefined && { token }) }
  return { engine, client: createPerfectClient('http://localhost/api', options) }
}

describe('createPerfectClient()', () => {
  it('triggers and reads a run', async () => {
    const { engine, client } = await connect('secret')
    const answer = await client.engine.trigger[':flowId'].$post({
      param: { flowId: 'add' },
      json: { configuration: 'debug', input: { a: 20, b: 22 } },
    })
    const { run } = await answer.json()
    expect(run.trigger).toEqual({ kind: 'api', by: 'me' })
    await ended(engine, run.id)
    const detail = await (await client.engine.runs[':runId'].$get({ param: { runId: run.id } })).json()
    expect(detail).toMatchObject({ run: { status: 'succeeded' }, result: 42 })
    const page = await (await client.engine.runs.$get({ query: { status: ['succeeded', 'failed'] } })).json()
    expect(page.items.map(({ id }: RunView) => id)).toEqual([run.id])
  })

  it('throws what the API refuses as the error of the engine', async () => {
    const { client } = await connect('secret')
    const call = client.engine.flows[':flowId'].$get({ param: { flowId: 'nope' } })
    const error: unknown = await call.catch((thrown: unknown) => thrown)
    expect(PerfectError.is(error, 'FLOW_NOT_FOUND')).toBe(true)
    expect(error).toMatchObject({ message: expect.stringContaining('"nope"') as string, details: { flow: 'nope' } })
  })

  it('sends no token that it was not given', async () => {
    const { client } = await connect()
    await expect(client.client.status.$get()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  })

  it('makes an error of an answer that is not of the API', async () => {
    const fetch: typeof globalThis.fetch = () => Promise.resolve(new Response('<h1>Bad gateway</h1>', { status: 502 }))
    const client = createPerfectClient('http://localhost/api', { fetch })
    await expect(client.health.$get()).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('502') as string,
    })
  })
})
