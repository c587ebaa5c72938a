import { describe, expect, test } from 'vitest'

import { ApiError } from './api-error.ts'
import { createHttpClient } from './http-client.ts'

interface Seen {
  readonly url: string
  readonly init: RequestInit
}

/** A client whose requests are answered by a function. */
function clientOf(answer: (seen: Seen) => Response, token: string | null = null) {
  const seen: Seen[] = []
  const client = createHttpClient({
    src: '/ops/api/',
    getToken: () => token,
    fetch: async (url, init = {}) => {
      const one = { url: url as string, init }
      seen.push(one)
      await Promise.resolve()
      return answer(one)
    },
  })
  return { client, seen }
}

const empty = { items: [], nextCursor: null }

describe('createHttpClient()', () => {
  test('asks below the path where the API is mounted', async () => {
    const { client, seen } = clientOf(() => Response.json(empty))
    await client.getRuns({ flowId: 'etl', statuses: ['failed', 'running'], limit: 5 })
    expect(seen[0]?.url).toBe('/ops/api/engine/runs?flow=etl&status=failed&status=running&limit=5')
  })

  test('sends the bearer token with every request, the live stream included', async () => {
    const { client, seen } = clientOf(() => Response.json(empty), 'secret')
    await client.getFlows()
    await Array.fromAsync(
      client.stream({ topics: ['runs'], lastEventId: 'eng:7', signal: new AbortController().signal }),
    )
    expect(seen.map(({ init }) => new Headers(init.headers).get('authorization'))).toEqual([
      'Bearer secret',
      'Bearer secret',
    ])
    expect(new Headers(seen[1]?.init.headers).get('last-event-id')).toBe('eng:7')
  })

  test('reads every page of a list', async () => {
    const { client } = clientOf(({ url }) =>
      Response.json(url.includes('cursor=2') ? { items: ['b'], nextCursor: null } : { items: ['a'], nextCursor: '2' }),
    )
    expect(await client.getFlows()).toEqual(['a', 'b'])
  })

  test('sends the idempotency key as a header and not in the body', async () => {
    const { client, seen } = clientOf(() => Response.json({ run: {} }, { status: 202 }))
    await client.triggerFlow('a/b', { configuration: 'debug', input: { n: 1 }, idempotencyKey: 'k' })
    expect(seen[0]?.url).toBe('/ops/api/engine/trigger/a%2Fb')
    expect(seen[0]?.init.body).toBe('{"configuration":"debug","input":{"n":1}}')
    expect(new Headers(seen[0]?.init.headers).get('idempotency-key')).toBe('k')
  })

  test('throws the problem that the engine answered, with its fields', async () => {
    const problem = {
      title: 'The input does not fit the flow',
      detail: 'chunkSize is too large.',
      code: 'INPUT_INVALID',
      errors: [{ pointer: '/chunkSize', message: 'Must be 100 or less.' }, 'not a field'],
    }
    const { client } = clientOf(() => Response.json(problem, { status: 422 }))
    const error = await client.getRun('run_1').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({
      status: 422,
      code: 'INPUT_INVALID',
      message: 'chunkSize is too large.',
      fields: [{ pointer: '/chunkSize', message: 'Must be 100 or less.' }],
    })
  })

  test('makes a message of an answer that is not a problem document', async () => {
    const { client } = clientOf(() => new Response('<h1>Bad gateway</h1>', { status: 502 }))
    await expect(client.getInfo()).rejects.toMatchObject({ code: 'HTTP_502', message: 'The server answered 502.' })
  })

  test('says that the server cannot be reached', async () => {
    const { client } = clientOf(() => {
      throw new TypeError('Failed to fetch')
    })
    await expect(client.getInfo()).rejects.toMatchObject({ status: 0, code: 'NETWORK' })
  })

  test('turns the blocks of the stream into messages', async () => {
    const text = [
      'event: hello\ndata: {"serverTime":"2026-11-22T10:00:00.000Z","lastId":"eng:3"}',
      ': alive',
      'event: reset\ndata: {}',
      'id: eng:4\nevent: flow.removed\ndata: {"id":"etl"}',
    ]
    const { client } = clientOf(() => new Response(`${text.join('\n\n')}\n\n`))
    const signal = new AbortController().signal
    expect(await Array.fromAsync(client.stream({ topics: ['flows'], lastEventId: null, signal }))).toEqual([
      { type: 'hello', serverTime: '2026-11-22T10:00:00.000Z', lastId: 'eng:3' },
      { type: 'alive' },
      { type: 'reset' },
      { type: 'event', id: 'eng:4', name: 'flow.removed', data: { id: 'etl' } },
    ])
  })
})
