import { describe, expect, it } from 'vitest'

import { RateLimit } from '../../src/auth/rate-limit.ts'
import { expectProblem, startApi } from '../sample-api.ts'

describe('RateLimit', () => {
  const limited = (limit: RateLimit, caller: string): boolean => {
    try {
      limit.take(caller)
      return false
    } catch {
      return true
    }
  }

  it('lets a burst through, then as many as come in that time', () => {
    let now = 0
    const limit = new RateLimit({ perMinute: 60, burst: 3 }, () => now)
    const asks = (times: number): boolean[] => Array.from({ length: times }, () => limited(limit, 'ann'))
    expect(asks(4)).toEqual([false, false, false, true])
    now += 1000
    expect(asks(2)).toEqual([false, true])
    now += 3_600_000
    expect(asks(4)).toEqual([false, false, false, true])
  })

  it('counts each caller apart, and is not misled by a clock that goes back', () => {
    let now = 1000
    const limit = new RateLimit({ perMinute: 1, burst: 1 }, () => now)
    expect(['ann', 'ben', 'ann'].map((caller) => limited(limit, caller))).toEqual([false, false, true])
    now = 0
    expect(limited(limit, 'ann')).toBe(true)
  })

  it('keeps at most 10,000 callers', () => {
    const limit = new RateLimit({ perMinute: 1, burst: 1 }, () => 0)
    for (let index = 0; index <= 10_000; index++) limit.take(`caller ${String(index)}`)
    expect(limited(limit, 'caller 0')).toBe(false)
    expect(limited(limit, 'caller 10000')).toBe(true)
  })
})

describe('rateLimit of the router', () => {
  it('answers 429 and says when to come again', async () => {
    const { app } = await startApi({ rateLimit: { perMinute: 6, burst: 2 } })
    const statuses = []
    for (let times = 0; times < 2; times++) statuses.push((await app.request('/engine/flows')).status)
    expect(statuses).toEqual([200, 200])
    const response = await app.request('/engine/flows')
    expect(response.headers.get('retry-after')).toMatch(/^(9|10)$/)
    await expectProblem(response, 'RATE_LIMITED', 429)
  })

  it('counts names apart, and those who guess together', async () => {
    const authenticate = ({ headers }: Request) => {
      const name = headers.get('authorization')
      return name === null || name === 'wrong' ? null : { name, scopes: ['read'] as const }
    }
    const { app } = await startApi({ authenticate, rateLimit: { perMinute: 6, burst: 1 } })
    const ask = async (authorization: string): Promise<number> =>
      (await app.request('/engine/flows', { headers: { authorization } })).status
    expect([await ask('ann'), await ask('ann'), await ask('ben')]).toEqual([200, 429, 200])
    expect([await ask('wrong'), await ask('wrong')]).toEqual([401, 429])
  })

  it('leaves health and readiness alone', async () => {
    const { app } = await startApi({ rateLimit: { perMinute: 1, burst: 1 } })
    for (let times = 0; times < 5; times++) expect((await app.request('/health')).status).toBe(200)
  })

  it.each([{ perMinute: 0 }, { perMinute: Number.NaN }, { perMinute: 10, burst: 0.5 }])(
    'refuses %j',
    async (rateLimit) => {
      await expect(startApi({ rateLimit })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    },
  )
})
