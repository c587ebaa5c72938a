import { once } from 'node:events'
import { connect } from 'node:net'

import { SCOPES } from '@perfect/http'
import { serve, type PerfectServer } from '@perfect/http/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ROUTES, type RouteFacts } from '../../src/route-table.ts'
import { expectProblem, startEngine } from '../sample-api.ts'
import { refusedUpgrade } from '../workers/carrier-clients.ts'

// Every route that goes on after it has been answered.
const routes: readonly RouteFacts[] = Object.values(ROUTES)
const sockets = routes.filter(({ path }) => path.endsWith('/connect') || path.endsWith('/ws'))
const streams = routes.filter(({ path }) => path.endsWith('/events'))
let server: PerfectServer

beforeEach(async () => {
  server = await serve(await startEngine(), {
    port: 0,
    authenticate: ({ headers }) => {
      const token = headers.get('authorization')?.replace('Bearer ', '')
      return token === undefined || token === 'expired'
        ? null
        : { name: token, scopes: SCOPES.filter((scope) => token.split(',').includes(scope)) }
    },
  })
})
afterEach(() => server.close())

const without = (needs: RouteFacts['needs']): string => SCOPES.filter((scope) => !needs.includes(scope)).join(',')

describe('what goes on after it is answered', () => {
  it('is all of it looked at here', () => {
    expect([sockets.map(({ path }) => path), streams.map(({ path }) => path)]).toEqual([
      ['/engine/ws', '/engine/workers/connect'],
      ['/engine/events'],
    ])
  })

  it.each(sockets)('S-02: no WebSocket of $path without a caller that may', async ({ path, needs }) => {
    const url = `${server.url}/api${path}`
    for (const headers of [{}, { authorization: 'Basic eA==' }, { authorization: 'Bearer expired' }]) {
      const refused = await refusedUpgrade(url, headers)
      const isUnknown = !('authorization' in headers) || headers.authorization === 'Bearer expired'
      expect([refused.status, refused.body['code']]).toEqual(isUnknown ? [401, 'UNAUTHORIZED'] : [403, 'FORBIDDEN'])
    }
    const forbidden = await refusedUpgrade(url, { authorization: `Bearer ${without(needs)}` })
    expect([forbidden.status, forbidden.body['code']]).toEqual([403, 'FORBIDDEN'])
  })

  it.each(sockets)('S-02: no WebSocket of $path by another spelling, or with a token in the URL', async ({ path }) => {
    for (const spelling of [
      `/api${path}?token=read`,
      `/api${path}?access_token=worker`,
      `//api${path}`,
      `/api/${path}`,
      `/api/health/..${path}`,
      `/api${path}/health`,
      `/API${path}`,
    ]) {
      const status = await upgradeStatus(server.port, spelling)
      expect([spelling, [400, 401, 403, 404].includes(status)]).toEqual([spelling, true])
    }
  })

  it.each(streams)('S-02: no stream of $path without a caller that may', async ({ path, needs }) => {
    const url = `${server.url}/api${path}`
    await expectProblem(await fetch(url), 'UNAUTHORIZED', 401)
    await expectProblem(await fetch(`${url}?token=read`), 'UNAUTHORIZED', 401)
    const headers = { authorization: `Bearer ${without(needs)}` }
    await expectProblem(await fetch(url, { headers }), 'FORBIDDEN', 403)
  })
})

/** The status that an upgrade of a path is answered with; 101 when it is granted. */
async function upgradeStatus(port: number, path: string): Promise<number> {
  const socket = connect(port, '127.0.0.1')
  const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}\r\n\r\n`)
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(chunk.toString())?.[1])
}
