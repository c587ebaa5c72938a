import { PerfectError } from '@perfect/core'
import { anyOf, bearerTokens, createToken, type Authenticator, type TokenGrant } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import { expectProblem, startApi } from '../sample-api.ts'

const asking = (authorization: string): Request =>
  new Request('http://localhost/', authorization === '' ? {} : { headers: { authorization } })

function grantOf(changes: Partial<TokenGrant> = {}): { readonly token: string; readonly grant: TokenGrant } {
  const { token, hash } = createToken()
  return { token, grant: { name: 'ci', scopes: ['run'], hash, ...changes } }
}

describe('createToken()', () => {
  it('makes a token of 256 random bits, another one each time, and a hash that does not tell it', () => {
    const [one, other] = [createToken(), createToken()]
    expect(one.token).toMatch(/^pft_[\w-]{43}$/)
    expect(one.hash).toMatch(/^[\da-f]{64}$/)
    expect(one.token).not.toBe(other.token)
    expect(one.hash).not.toBe(other.hash)
  })
})

describe('bearerTokens()', () => {
  it('knows who has a token, and nobody else', async () => {
    const [ci, ops] = [grantOf(), grantOf({ name: 'ops', scopes: ['read', 'admin'] })]
    const authenticate = bearerTokens([ci.grant, ops.grant])
    expect(await authenticate(asking(`Bearer ${ops.token}`))).toEqual({ name: 'ops', scopes: ['read', 'admin'] })
    expect(await authenticate(asking(`bearer  ${ci.token}`))).toEqual({ name: 'ci', scopes: ['run'] })
    const strangers = [
      '',
      'Bearer',
      `Basic ${ci.token}`,
      ci.token,
      `Bearer ${createToken().token}`,
      `Bearer ${ci.token}x`,
    ]
    for (const header of [
      ...strangers,
      `Bearer ${ci.grant.hash}`,
      `Bearer ${ci.token} x`,
      `Bearer ${'a'.repeat(10_000)}`,
    ])
      expect([header, await authenticate(asking(header))]).toEqual([header, null])
  })

  it('refuses a token from its expiry on', async () => {
    let now = 1000
    const { token, grant } = grantOf({ expiresAt: new Date(2000) })
    const authenticate = bearerTokens([grant], () => now)
    expect(await authenticate(asking(`Bearer ${token}`))).not.toBeNull()
    now = 2000
    expect(await authenticate(asking(`Bearer ${token}`))).toBeNull()
  })

  it.each([
    [{ name: '' }, 'tokens[0].name'],
    [{ hash: 'pft_secret' }, 'tokens[0].hash'],
    [{ hash: '' }, 'tokens[0].hash'],
    [{ scopes: [] }, 'tokens[0].scopes'],
    [{ scopes: ['root' as 'admin'] }, 'tokens[0].scopes'],
    [{ expiresAt: new Date('never') }, 'tokens[0].expiresAt'],
  ] as const)('refuses %j', (changes, field) => {
    let thrown: unknown
    try {
      bearerTokens([grantOf(changes).grant])
    } catch (error) {
      thrown = error
    }
    expect(PerfectError.is(thrown, 'REQUEST_INVALID') && thrown.details['field']).toBe(field)
    expect(String(thrown)).not.toContain('pft_secret')
  })

  it('lets its callers do what their scopes say, and names them', async () => {
    const { token, grant } = grantOf({ name: 'nightly' })
    const { app, engine } = await startApi({ authenticate: bearerTokens([grant]) })
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    await expectProblem(await app.request('/engine/flows', { headers }), 'FORBIDDEN', 403)
    await expectProblem(await app.request('/engine/flows'), 'UNAUTHORIZED', 401)
    const response = await app.request('/engine/trigger/note', { method: 'POST', headers, body: '{}' })
    expect(response.status).toBe(202)
    expect((await engine.getRuns()).items[0]?.trigger).toMatchObject({ by: 'nightly' })
  })
})

describe('anyOf()', () => {
  it('asks in turn until somebody knows the caller', async () => {
    const asked: string[] = []
    const way =
      (name: string, knows: boolean): Authenticator =>
      () => {
        asked.push(name)
        return knows ? { name, scopes: ['read'] } : null
      }
    expect(await anyOf(way('one', false), way('two', true), way('three', true))(asking(''))).toMatchObject({
      name: 'two',
    })
    expect(asked).toEqual(['one', 'two'])
    expect(await anyOf(way('one', false))(asking(''))).toBeNull()
    expect(await anyOf()(asking(''))).toBeNull()
  })
})
