import { memoryStorage } from '@perfect/core'
import { faultyStorage, ManualClock } from '@perfect/core/testing'
import { API_VERSION } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import { expectProblem, jsonOf, startApi } from './sample-api.ts'

// The engine tries again for some seconds before it gives up.
async function soon<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  await clock.advance(60_000)
  return promise
}

describe('GET /engine/info', () => {
  it('tells what the engine is', async () => {
    const { engine, get } = await startApi()
    const info = await jsonOf<{ readonly serverTime: string }>(await get('/engine/info'))
    expect(info).toMatchObject({
      name: 'Perfect',
      engineId: engine.id,
      storage: 'memory',
      state: 'running',
      apiVersion: API_VERSION,
      node: process.version,
    })
    expect(Date.parse(info.serverTime)).toBeGreaterThan(0)
  })
})

describe('GET /health', () => {
  it('tells that the process answers, also once the engine has stopped', async () => {
    const { engine, get } = await startApi()
    expect(await jsonOf(await get('/health'))).toEqual({ status: 'ok' })
    await engine.stop()
    expect((await get('/health')).status).toBe(200)
  })

  it('is failing, and the engine not ready, while the storage takes nothing', async () => {
    const storage = faultyStorage(memoryStorage(), { at: 2, kind: 'fail', moment: 'before', times: 1000 })
    const reported: unknown[] = []
    const onError = (error: unknown): void => void reported.push(error)
    const clock = new ManualClock()
    const { engine, get, post } = await startApi({ onError }, { storage, clock, onError: () => undefined })
    const refused = await soon(clock, post('/engine/trigger/note'))
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    const problem = await expectProblem(refused, 'STORAGE_UNAVAILABLE', 503)
    expect(problem.detail).not.toContain('Planned fault')
    expect(reported).toMatchObject([{ message: expect.stringContaining('Planned fault') as string }])
    const health = await get('/health')
    expect([health.status, await jsonOf(health)]).toEqual([200, { status: 'failing' }])
    await expectProblem(await get('/ready'), 'STORAGE_UNAVAILABLE', 503)
    await soon(clock, engine.stop())
  })
})

describe('GET /ready', () => {
  it('tells whether the engine takes runs', async () => {
    const { engine, get } = await startApi()
    expect(await jsonOf(await get('/ready'))).toEqual({ status: 'ready' })
    await engine.stop()
    await expectProblem(await get('/ready'), 'ENGINE_STOPPED', 503)
  })
})

describe('GET /engine/workers', () => {
  it('lists the workers, of which there are none', async () => {
    const { get } = await startApi()
    expect(await jsonOf(await get('/engine/workers'))).toEqual({ items: [], nextCursor: null })
  })
})
