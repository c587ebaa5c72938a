import { createPerfectRouter, type RouterOptions } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import { startEngine } from '../sample-api.ts'

const OPS = 'https://ops.example.com'
const question = (origin: string): RequestInit => ({
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
})
const routerOf = async (options: RouterOptions = {}) => createPerfectRouter(await startEngine(), options)
const corsOf = (response: Response): string | null => response.headers.get('access-control-allow-origin')

describe('CORS', () => {
  it('is closed: no page of another origin may read anything, or is told that it may send', async () => {
    const app = await routerOf()
    expect(corsOf(await app.request('/engine/flows', { headers: { origin: OPS } }))).toBeNull()
    const answer = await app.request('/engine/trigger/note', question(OPS))
    expect([corsOf(answer), answer.status]).toEqual([null, 404])
  })

  it('is open to the origins that the host names, and to no other, without cookies', async () => {
    const app = await routerOf({ allowedOrigins: [OPS] })
    const read = await app.request('/engine/flows', { headers: { origin: OPS } })
    expect([corsOf(read), read.headers.get('access-control-allow-credentials')]).toEqual([OPS, null])
    expect(read.headers.get('access-control-expose-headers')).toContain('etag')
    expect(read.headers.get('vary')?.toLowerCase()).toContain('origin')
    const answer = await app.request('/engine/trigger/note', question(OPS))
    expect([corsOf(answer), answer.status]).toEqual([OPS, 204])
    expect(answer.headers.get('access-control-allow-headers')).toContain('idempotency-key')
    for (const origin of ['https://ops.example.com.evil.example', 'http://ops.example.com', 'null', 'x']) {
      expect([origin, corsOf(await app.request('/engine/flows', { headers: { origin } }))]).toEqual([origin, null])
      expect([origin, corsOf(await app.request('/engine/trigger/note', question(origin)))]).toEqual([origin, null])
    }
  })

  it('lets such a page read why something was refused, too', async () => {
    const app = await routerOf({ allowedOrigins: [OPS], authenticate: () => null })
    const refused = await app.request('/engine/flows', { headers: { origin: OPS } })
    expect([refused.status, corsOf(refused)]).toEqual([401, OPS])
  })
})
