import { connect } from 'node:net'

import { serve, type PerfectServer } from '@perfect/http/node'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'

import { startEngine } from './sample-api.ts'

const PATIENCE_MS = 250
const AT_ONCE = 20
let server: PerfectServer | undefined

afterEach(() => server?.close())

const LINES = [
  'GET /api/engine/runs HTTP/1.1',
  'GET /api/engine/runs?limit=%ff HTTP/1.1',
  'GET /api/engine/runs/%00 HTTP/1.1',
  'GET /api/engine/runs/%c0%ae%c0%ae HTTP/1.1',
  'GET /api/../../etc/passwd HTTP/1.1',
  'GET /api/..%2f..%2fengine/runs HTTP/1.1',
  'GET //evil.example/api/engine/runs HTTP/1.1',
  'GET http://evil.example/api/engine/runs HTTP/1.1',
  'GET /api/engine/runs\\..\\x HTTP/1.1',
  'GET * HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'CONNECT 127.0.0.1:1 HTTP/1.1',
  'TRACE /api/engine/runs HTTP/1.1',
  'get /api/engine/runs HTTP/1.1',
  'GET /api/engine/workers/connect HTTP/1.1',
  'GET /api/engine/runs HTTP/9.9',
  'GET /api/engine/runs',
  'POST /api/engine/trigger/note HTTP/1.1',
  'POST /api/engine/trigger/%7Bflow%7D HTTP/1.1',
  'PUT /api/engine/schedules/%F0%9F%98%80 HTTP/1.1',
  `GET /api/${'a/'.repeat(2000)} HTTP/1.1`,
  'PRI * HTTP/2.0',
  '\x16\x03\x01\x02\x00',
] as const

const HEADERS = [
  'Host: 127.0.0.1',
  'Host: 127.0.0.1\r\nHost: evil.example',
  'Host: evil.example',
  'Host:',
  'Host: [',
  'Host: a\tb',
  'X: \x01\x7f\xff',
  ': nothing',
  ' folded: line',
  'Content-Length: 5',
  'Content-Length: -5',
  'Content-Length: 5\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Expect: 100-continue',
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x',
  'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x',
  'Content-Type: application/json',
  'Origin: null',
  'Origin: [',
  'Origin: http://\x80',
  'Upgrade: \x00',
  'Upgrade: websocket, websocket, h2c',
  'Authorization: Bearer',
  `Authorization: Bearer ${'a'.repeat(9000)}`,
  'Authorization: Basic \xff\xfe',
  'Authorization: Bearer a.b.c\r\nAuthorization: Bearer d',
  `Cookie: ${'a=b; '.repeat(4000)}`,
] as const

const BODIES = [
  '',
  '{}',
  '5\r\n{"a":\r\n0\r\n\r\n',
  'zz\r\n',
  'ffffffffffffffff\r\n{}',
  'GET / HTTP/1.1\r\n\r\n',
  '\0',
] as const

describe('serve() under bytes that are no request', () => {
  it('S-07: refuses them or hangs up, never fails, and serves the next caller', { timeout: 60_000 }, async () => {
    const failures: unknown[] = []
    const engine = await startEngine()
    const { url, port } = (server = await serve(engine, { port: 0, onError: (error) => failures.push(error) }))
    const message = fc
      .tuple(fc.constantFrom(...LINES), fc.subarray([...HEADERS], { maxLength: 4 }), fc.constantFrom(...BODIES))
      .map(([line, headers, body]) => `${[line, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n${body}`)
    const batch = fc.array(message, { minLength: AT_ONCE, maxLength: AT_ONCE })
    const all = fc.asyncProperty(batch, async (messages) => {
      const answers = await Promise.all(messages.map((text) => exchange(port, text)))
      for (const [index, answer] of answers.entries())
        expect([messages[index], answer]).toEqual([messages[index], fair(answer)])
      expect(failures).toEqual([])
    })
    await fc.assert(all, { numRuns: 40, endOnFailure: true })
    expect((await fetch(`${url}/api/engine/flows`)).status).toBe(200)
  })
})

/** The answer as it is when it is fair: none at all, or one below 500 that tells nothing of the server. */
function fair(answer: string): string {
  if (answer === '') return answer
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 599)
  const tells = [process.cwd(), 'node_modules', '.ts:', '    at '].filter((leak) => answer.includes(leak))
  return status < 500 && tells.length === 0 ? answer : `a fair answer, not status ${String(status)} ${tells.join()}`
}

/** Sends bytes; gives what comes back until the server hangs up or says no more. */
async function exchange(port: number, text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const socket = connect(port, '127.0.0.1', () => socket.end(text, 'latin1'))
  const chunks: Buffer[] = []
  const timer = setTimeout(() => resolve(undefined), PATIENCE_MS)
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.once('error', () => resolve(undefined))
  socket.once('close', () => resolve(undefined))
  await promise
  clearTimeout(timer)
  socket.destroy()
  return Buffer.concat(chunks).toString('latin1')
}
