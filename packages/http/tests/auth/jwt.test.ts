import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { jwt, type JwtOptions } from '@perfect/http'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'

const ISSUER = 'https://id.example.com'
const AUDIENCE = 'perfect'
const SECRET = new TextEncoder().encode('a secret that is long enough for it')

let keys: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }
let others: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }
const servers: Server[] = []

beforeAll(async () => {
  keys = await generateKeyPair('ES256', { extractable: true })
  others = await generateKeyPair('ES256', { extractable: true })
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const asking = (token: string): Request =>
  new Request('http://localhost/', { headers: { authorization: `Bearer ${token}` } })
const options = (changes: Partial<JwtOptions> = {}): JwtOptions => ({
  issuer: ISSUER,
  audience: AUDIENCE,
  keys: keys.publicKey,
  ...changes,
})
const unsigned = (
  claims: Record<string, unknown> = {},
  expires: string | number = '5m',
  header: { alg: string; kid?: string } = { alg: 'ES256', kid: 'one' },
): SignJWT =>
  new SignJWT({ sub: 'ann', scope: 'openid perfect:read run', ...claims })
    .setProtectedHeader(header)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(expires)

/** Serves public keys. */
async function serveKeys(body: () => unknown): Promise<URL> {
  const server = createServer((_request, response) => {
    const content = body()
    response.writeHead(content === null ? 500 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(content))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/jwks.json`)
}

describe('jwt()', () => {
  it('knows the owner of a token and the scopes in it', async () => {
    const authenticate = jwt(options())
    expect(await authenticate(asking(await unsigned().sign(keys.privateKey)))).toEqual({
      name: 'ann',
      scopes: ['read', 'run'],
    })
    const asList = await unsigned({ scope: undefined, scp: ['perfect:admin', 'mail'] }).sign(keys.privateKey)
    expect(await authenticate(asking(asList))).toEqual({ name: 'ann', scopes: ['admin'] })
    expect(await authenticate(asking(await unsigned({ scope: 'mail' }).sign(keys.privateKey)))).toEqual({
      name: 'ann',
      scopes: [],
    })
  })

  it('takes what the host reads in the claims, as far as there are such scopes', async () => {
    const authenticate = jwt(
      options({
        scopesOf: ({ role }) => (role === 'boss' ? ['admin', 'root' as 'run'] : []),
        nameOf: ({ email }) => String(email),
      }),
    )
    const token = await unsigned({ role: 'boss', email: 'ann@example.com' }).sign(keys.privateKey)
    expect(await authenticate(asking(token))).toEqual({ name: 'ann@example.com', scopes: ['admin'] })
  })

  it('refuses every token that is not whole, not meant for us, not from there, or too old', async () => {
    const authenticate = jwt(options())
    const good = await unsigned().sign(keys.privateKey)
    const [head, body, signature] = good.split('.')
    const wrong = {
      'signed by somebody else': await unsigned().sign(others.privateKey),
      'not signed': new UnsecuredJWT({ sub: 'ann', scope: 'admin' }).setIssuer(ISSUER).setAudience(AUDIENCE).encode(),
      'of another issuer': await unsigned().setIssuer('https://evil.example').sign(keys.privateKey),
      'for another audience': await unsigned().setAudience('mail').sign(keys.privateKey),
      'too old': await unsigned({}, Math.floor(Date.now() / 1000) - 60).sign(keys.privateKey),
      'without an expiry': await new SignJWT({ sub: 'ann' })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .sign(keys.privateKey),
      'not valid yet': await unsigned().setNotBefore('10m').sign(keys.privateKey),
      'of nobody': await unsigned({ sub: undefined }).sign(keys.privateKey),
      changed: `${String(head)}.${Buffer.from('{"sub":"root"}').toString('base64url')}.${String(signature)}`,
      'cut off': `${String(head)}.${String(body)}`,
      'no token at all': 'hello',
      'signed with the public key as a secret': await new SignJWT({ sub: 'ann', scope: 'admin' })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setExpirationTime('5m')
        .sign(new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)))),
    }
    for (const [what, token] of Object.entries(wrong))
      expect([what, await authenticate(asking(token))]).toEqual([what, null])
    expect(await authenticate(new Request('http://localhost/'))).toBeNull()
  })

  it('reads public keys from their address, and takes new ones', async () => {
    const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256' }] }
    const authenticate = jwt(options({ keys: await serveKeys(() => jwks) }))
    expect(await authenticate(asking(await unsigned().sign(keys.privateKey)))).toMatchObject({ name: 'ann' })
    const unknown = await unsigned({}, '5m', { alg: 'ES256', kid: 'other' }).sign(others.privateKey)
    expect(await authenticate(asking(unknown))).toBeNull()
  })

  it('knows nobody while the keys cannot be read', async () => {
    const authenticate = jwt(options({ keys: await serveKeys(() => null) }))
    const principal = await Promise.resolve(authenticate(asking(await unsigned().sign(keys.privateKey)))).catch(
      () => 'failed',
    )
    expect([null, 'failed']).toContain(principal)
  })

  it('takes a shared secret', async () => {
    const token = await unsigned({}, '5m', { alg: 'HS256' }).sign(SECRET)
    expect(await jwt(options({ keys: SECRET }))(asking(token))).toMatchObject({ name: 'ann' })
  })

  it.each([
    [{ issuer: '' }, 'issuer'],
    [{ audience: '' }, 'audience'],
    [{ keys: new Uint8Array(8) }, 'keys'],
    [{ algorithms: [] }, 'algorithms'],
    [{ algorithms: ['none'] }, 'algorithms'],
    [{ algorithms: ['HS256'] }, 'algorithms'],
    [{ keys: SECRET, algorithms: ['RS256'] }, 'algorithms'],
    [{ clockToleranceSeconds: -1 }, 'clockToleranceSeconds'],
    [{ clockToleranceSeconds: 301 }, 'clockToleranceSeconds'],
  ] as const)('refuses %j', (changes, field) => {
    expect(() => jwt(options(changes))).toThrow(`"${field}" of jwt()`)
  })
})
