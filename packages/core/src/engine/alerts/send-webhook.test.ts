import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import { afterEach, describe, expect, it } from 'vitest'

import { systemClock } from '../../primitives/clock.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import { sendWebhook, type WebhookParts, type WebhookRequest } from './send-webhook.ts'

const servers: Server[] = []

// Made for this test with openssl, for the name hooks.test and a hundred years; nobody has reason to trust it.
const UNKNOWN = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgb8ITz8KtFT0Dezi+
HKBb6k6glzvOrp0jpb2XDoSbTYChRANCAASfal7fLJHNSTUZHiMbF2YcqR9uyIL0
t+Nj8kZGvOh37l7TX8JR584APbFk932+w7GH/U8gJp1blf/SwAwhEtsa
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBljCCAT2gAwIBAgITbdOIGo+0NHH8gScS8KDatDS6SjAKBggqhkjOPQQDAjAV
MRMwEQYDVQQDDApob29rcy50ZXN0MCAXDTI2MTEyMzE2MTkwM1oYDzIxMjYxMDMw
MTYxOTAzWjAVMRMwEQYDVQQDDApob29rcy50ZXN0MFkwEwYHKoZIzj0CAQYIKoZI
zj0DAQcDQgAEn2pe3yyRzUk1GR4jGxdmHKkfbsiC9LfjY/JGRrzod+5e01/CUefO
AD2xZPd9vsOxh/1PICadW5X/0sAMIRLbGqNqMGgwHQYDVR0OBBYEFO9zObrRvnFg
jiJOridVwX/+kTxpMB8GA1UdIwQYMBaAFO9zObrRvnFgjiJOridVwX/+kTxpMA8G
A1UdEwEB/wQFMAMBAf8wFQYDVR0RBA4wDIIKaG9va3MudGVzdDAKBggqhkjOPQQD
AgNHADBEAiAHq6p4yUrX1CTBOShURTO0zdrWonRVOMnnE+RZSN/KpQIgZ5j1M/MR
R6m8EejjEY4NCPzYaioaG9n6xJ7FbJJH5xU=
-----END CERTIFICATE-----`,
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function listen(listener: RequestListener): Promise<{ readonly port: number; readonly requests: string[] }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.headers.host ?? ''}${request.url ?? ''}`)
    listener(request, response)
  })
  servers.push(server)
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  return { port: (server.address() as AddressInfo).port, requests }
}

const fine: RequestListener = (_request, response) => response.end('ok')
const to =
  (...addresses: string[]) =>
  () =>
    Promise.resolve(addresses)

function send(url: string, parts: Partial<WebhookParts> = {}, webhook: Partial<WebhookRequest> = {}) {
  const { signal } = new AbortController()
  return sendWebhook(
    { clock: systemClock, ...parts },
    { url: new URL(url), headers: {}, body: '{}', allowPrivateHosts: ['127.0.0.1', 'hooks.test'], signal, ...webhook },
  )
}

describe('sendWebhook()', () => {
  it('sends body and headers, and gives the status', async () => {
    let got = ''
    const { port, requests } = await listen((request, response) => {
      request.on('data', (chunk: Buffer) => (got += chunk.toString()))
      request.on('end', () => response.writeHead(418, { 'retry-after': '7' }).end('x'.repeat(1000)))
    })
    const body = '{"a":"ü"}'
    const answer = await send(`http://127.0.0.1:${String(port)}/x?y=1`, {}, { body, headers: { 'webhook-id': 'a' } })
    expect([answer, got]).toEqual([{ status: 418, meaning: "I'm a Teapot", retryAfter: '7' }, body])
    expect(requests).toEqual([`POST 127.0.0.1:${String(port)}/x?y=1`])
  })

  it('connects to the address that was looked at: asked again, the name may have another one', async () => {
    const { port, requests } = await listen(fine)
    let asked = 0
    const resolve = () => Promise.resolve([asked++ === 0 ? '127.0.0.1' : '127.0.0.2'])
    expect(await send(`http://hooks.test:${String(port)}/`, { resolve })).toEqual({
      status: 200,
      meaning: 'OK',
      retryAfter: null,
    })
    expect([asked, requests]).toEqual([1, [`POST hooks.test:${String(port)}/`]])
  })

  it.each([
    ['a name of this machine', 'evil.test', ['127.0.0.1']],
    ['a name with a private address among others', 'evil.test', ['93.184.215.14', '10.0.0.1']],
    ['a name of the sixth version that is one of the fourth', 'evil.test', ['::ffff:127.0.0.1']],
    ['a name that tells the keys of a machine, allowed or not', 'hooks.test', ['169.254.169.254']],
    ['an allowed name with a link address', 'hooks.test', ['127.0.0.1', 'fe80::1']],
    ['an address that is not allowed', '127.0.0.2', []],
    ['an address that is written in one number', '2130706434', []],
  ])('does not send to %s', async (_what, host, addresses) => {
    const { port, requests } = await listen(fine)
    const sent = send(`http://${host}:${String(port)}/`, { resolve: to(...addresses) })
    await expect(sent).rejects.toThrow('where webhooks may not be sent')
    expect(requests).toEqual([])
  })

  it('checks who it is that answers', async () => {
    const server = createTlsServer(UNKNOWN, (_request, response) => response.end())
    servers.push(server)
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
    const url = `https://hooks.test:${String((server.address() as AddressInfo).port)}/`
    await expect(send(url, { resolve: to('127.0.0.1') })).rejects.toThrow('self-signed certificate')
  })

  it('follows no redirect', async () => {
    const other = await listen(fine)
    const { port } = await listen((_request, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${String(other.port)}/` }).end(),
    )
    expect((await send(`http://127.0.0.1:${String(port)}/`)).status).toBe(307)
    expect(other.requests).toEqual([])
  })

  it('asks no proxy of the environment', async () => {
    const proxy = await listen(fine)
    const { port } = await listen(fine)
    process.env['HTTP_PROXY'] = `http://127.0.0.1:${String(proxy.port)}`
    try {
      expect((await send(`http://127.0.0.1:${String(port)}/`)).status).toBe(200)
    } finally {
      delete process.env['HTTP_PROXY']
    }
    expect(proxy.requests).toEqual([])
  })

  it.each<[string, RequestListener]>([
    ['nothing', () => undefined],
    ['a body that does not end', (_request, response) => response.write('x')],
  ])('waits 15 seconds for a server that answers with %s', async (_what, listener) => {
    const clock = new ManualClock(0)
    const { port, requests } = await listen(listener)
    const sent = send(`http://127.0.0.1:${String(port)}/`, { clock })
    await expect.poll(() => requests.length).toBe(1)
    await Promise.all([expect(sent).rejects.toThrow('no answer in 15 s'), clock.advance(15_000)])
  })

  it('waits 15 seconds for a name that is not found', async () => {
    const clock = new ManualClock(0)
    const sent = send('http://hooks.test/', { clock, resolve: () => new Promise(() => undefined) })
    await Promise.all([expect(sent).rejects.toThrow('no answer in 15 s'), clock.advance(15_000)])
  })

  it('reads no more than it wants of an endless answer', async () => {
    let written = 0
    const { port } = await listen((_request, response) => {
      const write = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) written += 65_536
        response.once('drain', write)
      }
      write()
    })
    expect((await send(`http://127.0.0.1:${String(port)}/`)).status).toBe(200)
    expect(written).toBeLessThan(32 * 1024 * 1024)
  })

  it('takes no headers without end', async () => {
    const { port } = await listen((_request, response) => response.writeHead(200, { x: 'y'.repeat(100_000) }).end())
    await expect(send(`http://127.0.0.1:${String(port)}/`)).rejects.toThrow('Header overflow')
  })

  it('stops when it is told to', async () => {
    const { port, requests } = await listen(() => undefined)
    const stop = new AbortController()
    const sent = send(`http://127.0.0.1:${String(port)}/`, {}, { signal: stop.signal })
    await expect.poll(() => requests.length).toBe(1)
    stop.abort(new Error('no more'))
    await expect(sent).rejects.toThrow('no more')
  })
})
