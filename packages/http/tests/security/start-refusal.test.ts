import { createPerfectRouter } from '@perfect/http'
import { serve, type ServeOptions } from '@perfect/http/node'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'

import { startEngine } from '../sample-api.ts'

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'] as const
const NETWORK = ['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.0.0.1.example.com', 'localhost.example.com'] as const
const AUTH: readonly (readonly [who: string, options: ServeOptions])[] = [
  ['nobody is asked', {}],
  ['callers are asked', { authenticate: () => null }],
  ['it is told to ask nobody', { allowUnauthenticated: true }],
]
const APPS = ['the API alone', 'an app of the host'] as const

const matrix = [...LOOPBACK, ...NETWORK].flatMap((hostname) =>
  AUTH.flatMap(([who, options]) =>
    APPS.map((what) => ({
      hostname,
      who,
      what,
      options,
      isRefused: NETWORK.some((one) => one === hostname) && who === 'nobody is asked',
    })),
  ),
)

/** How a start ends: it listens, or the code of why it does not. */
async function outcomeOf({ hostname, what, options }: (typeof matrix)[number]): Promise<string> {
  const engine = await startEngine()
  const app = new Hono().route('/api', createPerfectRouter(engine, options))
  const fetch = what === 'the API alone' ? {} : { fetch: app.fetch }
  try {
    const server = await serve(engine, { port: 0, hostname, ...options, ...fetch })
    await server.close()
    return 'listens'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('serve()', () => {
  it.each(matrix)('S-10: on $hostname with $what, when $who', async (one) => {
    const outcome = await outcomeOf(one)
    // A name or an address that is not of this machine is refused by the system, later.
    expect([one.isRefused, outcome === 'UNAUTHORIZED']).toEqual([one.isRefused, one.isRefused])
    const isOwn = LOOPBACK.some((own) => own === one.hostname) || ['0.0.0.0', '::'].includes(one.hostname)
    expect(one.isRefused || !isOwn || outcome === 'listens').toBe(true)
  })
})
